-- Who may do what: teams, principals, their roles and limits, their keys; and the narrow way to look one up.

create table team (
    id uuid not null,
    name text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_team primary key (id),
    constraint uq_team_name unique (name),
    constraint ck_team_name check (name <> '')
);
create index ix_team_name on team (name, id);

create table principal (
    id uuid not null,
    kind text not null,
    name text not null,
    -- Who vouches for the person, and under what name: both or neither.
    issuer text collate "C",
    subject text collate "C",
    debtor_id uuid,
    status text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_principal primary key (id),
    constraint uq_principal_issuer_subject unique (issuer, subject),
    constraint ck_principal_kind check (kind in ('PERSON', 'SERVICE', 'DEBTOR')),
    constraint ck_principal_status check (status in ('ACTIVE', 'DISABLED')),
    constraint ck_principal_name check (name <> ''),
    constraint ck_principal_identity check ((issuer is null) = (subject is null)),
    constraint ck_principal_debtor check ((kind = 'DEBTOR') = (debtor_id is not null))
);
create index ix_principal_name on principal (name, id);
create index ix_principal_kind on principal (kind, id);
create index ix_principal_debtor_id on principal (debtor_id);

-- One role within one limit; without a limit, everywhere. Several rows are a union.
create table role_grant (
    id uuid not null,
    principal_id uuid not null,
    role text not null,
    -- Clients and accounts come in later files and are checked by the command, not by a foreign key: a limit that
    -- names nothing shows nothing.
    client_id uuid,
    team_id uuid,
    account_id uuid,
    granted_by uuid not null,
    granted_at timestamptz not null,
    revoked_by uuid,
    revoked_at timestamptz,
    constraint pk_role_grant primary key (id),
    constraint fk_role_grant_principal_id_principal foreign key (principal_id) references principal (id),
    constraint fk_role_grant_team_id_team foreign key (team_id) references team (id),
    constraint ck_role_grant_role check (
        role in ('ADMIN', 'MANAGER', 'COLLECTOR', 'AUDITOR', 'CLIENT', 'DEBTOR', 'SERVICE')
    ),
    constraint ck_role_grant_limit check (num_nonnulls(client_id, team_id, account_id) <= 1),
    -- A creditor's user without a limit would see every other creditor's debtors.
    constraint ck_role_grant_client check (role <> 'CLIENT' or num_nonnulls(client_id, account_id) = 1),
    constraint ck_role_grant_debtor check (role <> 'DEBTOR' or num_nonnulls(client_id, team_id, account_id) = 0),
    constraint ck_role_grant_revoked check ((revoked_at is null) = (revoked_by is null))
);
create unique index uq_role_grant_active on role_grant (principal_id, role, client_id, team_id, account_id)
    nulls not distinct where revoked_at is null;
create index ix_role_grant_principal_id on role_grant (principal_id, id);
create index ix_role_grant_team_id on role_grant (team_id);

-- Keys are kept as digests: a dump of this table opens nothing.
create table api_key (
    id uuid not null,
    principal_id uuid not null,
    name text not null,
    key_hash bytea not null,
    scopes text[] not null,
    replaces_id uuid,
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    constraint pk_api_key primary key (id),
    constraint uq_api_key_key_hash unique (key_hash),
    constraint fk_api_key_principal_id_principal foreign key (principal_id) references principal (id),
    constraint fk_api_key_replaces_id_api_key foreign key (replaces_id) references api_key (id),
    constraint ck_api_key_name check (name <> ''),
    constraint ck_api_key_hash check (octet_length(key_hash) = 32),
    constraint ck_api_key_revoked check ((revoked_at is null) = (revoked_by is null))
);
create index ix_api_key_principal_id on api_key (principal_id, id);
create index ix_api_key_replaces_id on api_key (replaces_id);
create index ix_api_key_expires_at on api_key (expires_at, id);

-- A team's name may tell of other clients, so that clients and debtors do not see it.
call protect('team', 'agency_staff', 'select, insert, update');
call protect('principal', 'staff', 'select, insert, update');
call protect('role_grant', 'staff', 'select, insert, update');
call protect('api_key', 'staff', 'select, insert, update');

-- ---------------------------------------------------------------------------------------------------------------------
-- Authentication: before it no scope is known, so no policy can show a row. These functions run with their owner's
-- rights and a pinned path, take exactly one digest or one issuer and subject, and answer with that principal or null.
-- They take no pattern, list nothing, and never return the digest.
-- ---------------------------------------------------------------------------------------------------------------------

create function authenticated_principal(sought uuid) returns json language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
    known public.principal;
begin
    select * into known from public.principal p where p.id = sought;
    return json_build_object(
        'id', known.id,
        'kind', known.kind,
        'name', known.name,
        'active', known.status = 'ACTIVE',
        'debtor', known.debtor_id,
        'grants', (
            select coalesce(json_agg(json_build_object(
                'role', g.role, 'client', g.client_id, 'team', g.team_id, 'account', g.account_id
            ) order by g.id), '[]'::json)
            from public.role_grant g where g.principal_id = known.id and g.revoked_at is null
        ),
        -- A party that has left the account no longer sees it. Real time: a moved clock must not give access back.
        'accounts', case when known.debtor_id is null then '[]'::json else (
            select coalesce(json_agg(distinct p.account_id), '[]'::json)
            from public.party p
            where p.debtor_id = known.debtor_id
              and (p.until_on is null or p.until_on >= (clock_timestamp() at time zone 'UTC')::date)
        ) end
    );
end
$$;

create function authenticate_key(digest bytea) returns json language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
    shown public.api_key;
begin
    select * into shown from public.api_key k where k.key_hash = digest;
    if not found then
        return null;
    end if;
    return json_build_object(
        'key', shown.id,
        'scopes', shown.scopes,
        'revoked', shown.revoked_at is not null,
        -- Real time, and the database's, so that it is the same instant for every process.
        'seconds_left', extract(epoch from shown.expires_at - clock_timestamp()),
        'principal', public.authenticated_principal(shown.principal_id)
    );
end
$$;

create function authenticate_subject(issued_by text, known_as text) returns json language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
    sought uuid;
begin
    select p.id into sought from public.principal p where p.issuer = issued_by and p.subject = known_as;
    if not found then
        return null;
    end if;
    return json_build_object('principal', public.authenticated_principal(sought));
end
$$;

-- Last use in real time, to the minute: a busy key costs one write a minute.
create function api_key_used(used uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    update public.api_key k set last_used_at = clock_timestamp()
    where k.id = used and (k.last_used_at is null or k.last_used_at < clock_timestamp() - interval '1 minute');
end
$$;

revoke execute on function authenticated_principal(uuid) from public;
revoke execute on function authenticate_key(bytea) from public;
revoke execute on function authenticate_subject(text, text) from public;
revoke execute on function api_key_used(uuid) from public;
grant execute on function authenticate_key(bytea) to arrears_api, arrears_worker;
grant execute on function authenticate_subject(text, text) to arrears_api, arrears_worker;
grant execute on function api_key_used(uuid) to arrears_api, arrears_worker;
