-- The kernel's own functions and tables. Every later file uses protect() and append_only() from here.

-- ---------------------------------------------------------------------------------------------------------------------
-- Ids, money, public forms
-- ---------------------------------------------------------------------------------------------------------------------

do $$
begin
    if current_setting('server_version_num')::integer >= 180000 then
        create function uuid_v7() returns uuid language sql volatile parallel safe as 'select uuidv7()';
    else
        -- 48 bits of milliseconds, version 7, 12 bits of the rest of the millisecond, variant, 62 random bits.
        create function uuid_v7() returns uuid language sql volatile parallel safe as $body$
            with instant as (
                select (extract(epoch from clock_timestamp()) * 1000000)::bigint as microsecond
            ), parts as (
                select microsecond / 1000 as millisecond, (microsecond % 1000) * 4096 / 1000 as fraction,
                       encode(uuid_send(gen_random_uuid()), 'hex') as random
                from instant
            )
            -- The random UUID carries the variant in its 17th digit already.
            select (lpad(to_hex(millisecond), 12, '0') || '7' || lpad(to_hex(fraction), 3, '0') || substr(random, 17))::uuid
            from parts
        $body$;
    end if;
end
$$;

create function money_exponent(currency text) returns integer language sql immutable parallel safe as $$
    select case
        when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV',
                          'XAF', 'XOF', 'XPF') then 0
        when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
        when currency in ('CLF', 'UYW') then 4
        else 2
    end
$$;

-- The product of a whole number and 0.01 has exactly two decimals: no rounding takes place.
create function money_text(minor bigint, currency text) returns text language sql immutable parallel safe as $$
    select case money_exponent(currency)
        when 2 then (minor * 0.01)::text
        when 0 then minor::text
        when 3 then (minor * 0.001)::text
        else (minor * 0.0001)::text
    end
$$;

create function public_id(prefix text, id uuid) returns text language sql immutable parallel safe as $$
    select prefix || '_' || replace(id::text, '-', '')
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Row-level security
-- ---------------------------------------------------------------------------------------------------------------------

-- Which tables protect() was called for; the policies are made by apply_policies() once all tables exist, since the
-- policy of a debtor asks for the accounts that come in a later file.
create table protected_table (
    table_name text not null,
    kind text not null,
    operations text not null,
    constraint pk_protected_table primary key (table_name)
);

create procedure protect(
    table_name text, kind text, operations text default 'select, insert, update, delete'
) language plpgsql as $$
begin
    if kind not in ('client', 'client_self', 'account', 'account_child', 'debtor', 'debtor_child',
                    'debtor_child_or_agency', 'agency', 'agency_staff', 'staff', 'recorded', 'principal', 'anyone') then
        raise exception 'protect(%): there is no kind %', table_name, kind;
    end if;
    execute format('alter table %I enable row level security, force row level security', table_name);
    execute format('grant %s on %I to arrears_api, arrears_worker', operations, table_name);
    -- Under FORCE even the owner sees nothing without a policy, and its updates change 0 rows in silence.
    execute format('create policy owner_rows on %I to %I using (true) with check (true)', table_name, current_user);
    execute format('create policy worker_rows on %I to arrears_worker using (true) with check (true)', table_name);
    insert into protected_table values (table_name, kind, operations);
end
$$;

-- What a policy asks about other tables. Written as sub-selects these would carry the other tables' policies with them,
-- and those the next ones: planning a worklist took 9 ms instead of 1. They run as the owner, who sees every row, look
-- only at the scope of the transaction, and are called only for staff limited to some accounts.
create function is_account_of_own_team(account_id uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from account a where a.id = $1
        and a.team_id = any (nullif(current_setting('app.teams', true), '')::uuid[])
    );
end
$$;

create function is_debtor_of_own_account(debtor_id uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    clients constant uuid[] := nullif(current_setting('app.clients', true), '')::uuid[];
    teams constant uuid[] := nullif(current_setting('app.teams', true), '')::uuid[];
    accounts constant uuid[] := nullif(current_setting('app.accounts', true), '')::uuid[];
begin
    if exists (select 1 from debtor_client l where l.debtor_id = $1 and l.client_id = any (clients)) then
        return true;
    end if;
    -- A debtor on an account is linked to the account's client, so clients are dealt with.
    if teams is null and accounts is null then
        return false;
    end if;
    return exists (
            select 1 from account a where a.debtor_id = $1 and (a.team_id = any (teams) or a.id = any (accounts)))
        or exists (
            select 1 from party p join account a on a.id = p.account_id where p.debtor_id = $1
            and (a.team_id = any (teams) or a.id = any (accounts)));
end
$$;

create function is_client_of_own_account(client_id uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from account a where a.client_id = $1
        and (a.team_id = any (nullif(current_setting('app.teams', true), '')::uuid[])
             or a.id = any (nullif(current_setting('app.accounts', true), '')::uuid[]))
    );
end
$$;

revoke execute on function is_account_of_own_team(uuid), is_debtor_of_own_account(uuid), is_client_of_own_account(uuid)
from public;
grant execute on function is_account_of_own_team(uuid), is_debtor_of_own_account(uuid), is_client_of_own_account(uuid)
to arrears_api, arrears_worker;

-- The condition under which the API sees a row. Every setting is read inside a scalar sub-select, so that it is
-- evaluated once a statement and not once a row; a setting that was never made is null, and one whose transaction
-- has ended is ''.
create function visible_rows(table_name text, kind text) returns text language plpgsql stable as $$
declare
    everything constant text := $q$(select current_setting('app.scope', true) = 'all')$q$;
    limited_or_more constant text := $q$(select nullif(current_setting('app.scope', true), '') is not null)$q$;
    staff constant text := $q$(select current_setting('app.staff', true) = 'on')$q$;
    clients constant text := $q$(select nullif(current_setting('app.clients', true), '')::uuid[])$q$;
    teams constant text := $q$(select nullif(current_setting('app.teams', true), '')::uuid[])$q$;
    accounts constant text := $q$(select nullif(current_setting('app.accounts', true), '')::uuid[])$q$;
    debtor constant text := $q$(select nullif(current_setting('app.debtor', true), '')::uuid)$q$;
    principal constant text := $q$(select nullif(current_setting('app.principal', true), '')::uuid)$q$;
    client_in_scope constant text := format('%I.client_id = any (%s::uuid[])', table_name, clients);
begin
    return case kind
        when 'client' then everything || ' or ' || client_in_scope
        when 'client_self' then everything || format(' or %I.id = any (%s::uuid[])', table_name, clients)
            || format(' or ((%s is not null or %s is not null) and is_client_of_own_account(%I.id))', teams, accounts, table_name)
        when 'account' then everything || ' or ' || client_in_scope
            || format(' or %I.team_id = any (%s::uuid[])', table_name, teams)
            || format(' or %I.id = any (%s::uuid[])', table_name, accounts)
        when 'account_child' then everything || ' or ' || client_in_scope
            || format(' or %I.account_id = any (%s::uuid[])', table_name, accounts)
            || format(' or (%s is not null and is_account_of_own_team(%I.account_id))', teams, table_name)
        when 'debtor' then everything
            || format(' or exists (select 1 from debtor_client link where link.debtor_id = %I.id'
                      ' and link.client_id = any (%s::uuid[]))', table_name, clients)
            || format(' or %I.id = %s', table_name, debtor)
            || format(' or (%s and is_debtor_of_own_account(%I.id))', staff, table_name)
        when 'debtor_child' then everything || ' or ' || client_in_scope
            || format(' or %I.debtor_id = %s', table_name, debtor)
            || format(' or (%s and is_debtor_of_own_account(%I.debtor_id))', staff, table_name)
        -- Also rows about nobody, which hold for everybody: whoever sees any row sees those.
        when 'debtor_child_or_agency' then visible_rows(table_name, 'debtor_child')
            || format(' or (%I.debtor_id is null and %s)', table_name, limited_or_more)
        when 'agency' then limited_or_more
        when 'agency_staff' then everything || ' or ' || staff
        when 'staff' then everything
        when 'recorded' then everything || ' or ' || client_in_scope
        when 'principal' then format('%I.principal_id = %s', table_name, principal)
        when 'anyone' then limited_or_more
    end;
end
$$;

create procedure apply_policies() language plpgsql as $$
declare
    protected record;
    visible text;
    everything constant text := $q$(select current_setting('app.scope', true) = 'all')$q$;
    limited_or_more constant text := $q$(select nullif(current_setting('app.scope', true), '') is not null)$q$;
begin
    for protected in
        select * from protected_table p
        where not exists (select 1 from pg_policies made where made.schemaname = 'public'
                          and made.tablename = p.table_name and made.policyname like 'api\_%')
    loop
        visible := visible_rows(protected.table_name, protected.kind);
        if protected.kind in ('agency', 'agency_staff') then
            execute format('create policy api_reads on %I for select to arrears_api using (%s)', protected.table_name, visible);
            execute format('create policy api_writes on %I for all to arrears_api using (%s) with check (%2$s)',
                           protected.table_name, everything);
        elsif protected.kind = 'debtor_child_or_agency' then
            execute format('create policy api_reads on %I for select to arrears_api using (%s)', protected.table_name, visible);
            execute format('create policy api_writes on %I for all to arrears_api using (%s) with check (%2$s)',
                           protected.table_name, visible_rows(protected.table_name, 'debtor_child'));
        elsif protected.kind = 'recorded' then
            -- What happened is written by whoever did it, and read by those who may see its client.
            execute format('create policy api_reads on %I for select to arrears_api using (%s)', protected.table_name, visible);
            execute format('create policy api_writes on %I for insert to arrears_api with check (%s)',
                           protected.table_name, limited_or_more);
        else
            execute format('create policy api_rows on %I to arrears_api using (%s) with check (%2$s)',
                           protected.table_name, visible);
        end if;
    end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Rows that are never changed
-- ---------------------------------------------------------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'AR001', table = tg_table_name,
        message = format('%s is append-only: its rows are never updated, deleted or truncated', tg_table_name);
end
$$;

create procedure append_only(table_name text) language plpgsql as $$
begin
    execute format('create trigger append_only before update or delete or truncate on %I'
                   ' for each statement execute function refuse_change()', table_name);
    -- ALWAYS: also for a session that plays a replica.
    execute format('alter table %I enable always trigger append_only', table_name);
    execute format('revoke update, delete, truncate on %I from arrears_api, arrears_worker', table_name);
end
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- The kernel's tables
-- ---------------------------------------------------------------------------------------------------------------------

-- One row: what this database is. A sandbox is one from its first migration on and never becomes one later.
create table deployment (
    id uuid not null default uuid_v7(),
    only_row boolean not null default true,
    sandbox boolean not null,
    clock_offset_microseconds bigint not null default 0,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint pk_deployment primary key (id),
    constraint uq_deployment_only_row unique (only_row),
    constraint ck_deployment_only_row check (only_row),
    constraint ck_deployment_clock check (sandbox or clock_offset_microseconds = 0)
);

-- The outbox: what happened, written in the transaction in which it happened.
-- Positions are handed out before commits, so a reader that follows them must stop at the oldest transaction that is
-- still open: `transaction_id < pg_snapshot_xmin(pg_current_snapshot())`.
create table event (
    id uuid not null default uuid_v7(),
    position bigint generated always as identity,
    transaction_id xid8 not null default pg_current_xact_id(),
    name text not null,
    subject text not null,
    subject_id uuid not null,
    client_id uuid,
    principal_id uuid not null,
    request_id text not null,
    payload jsonb not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    dispatched_at timestamptz,
    constraint pk_event primary key (id),
    constraint uq_event_position unique (position)
);
create index ix_event_undispatched on event (position) where dispatched_at is null;
create index ix_event_subject_id on event (subject_id, position);
create index ix_event_client_id on event (client_id, position);

-- What is to happen at an instant of the platform's clock; the dispatcher turns due rows into jobs.
create table schedule (
    id uuid not null default uuid_v7(),
    kind text not null,
    subject_id uuid not null,
    client_id uuid,
    due_at timestamptz not null,
    payload jsonb not null,
    created_at timestamptz not null,
    dispatched_at timestamptz,
    constraint pk_schedule primary key (id)
);
create index ix_schedule_due on schedule (due_at, id) where dispatched_at is null;
create index ix_schedule_subject_id on schedule (subject_id, kind);

-- The keys that callers sent and what came of each; times are the database's own, so that no machine's clock matters.
create table idempotency (
    principal_id uuid not null,
    client_id uuid not null,
    command text collate "C" not null,
    key text collate "C" not null,
    input_hash bytea not null,
    result jsonb,
    created_at timestamptz not null default clock_timestamp(),
    constraint pk_idempotency primary key (principal_id, client_id, command, key),
    constraint ck_idempotency_key check (length(key) between 1 and 255)
);
create index ix_idempotency_created_at on idempotency (created_at);

call protect('protected_table', 'staff', 'select');
call protect('deployment', 'agency', 'select, update');
call protect('event', 'recorded');
call protect('schedule', 'recorded');
call protect('idempotency', 'principal');
