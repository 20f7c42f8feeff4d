-- Keys of persons, and the audit trail with its seals.

-- ---------------------------------------------------------------------------------------------------------------------
-- One data key per person, wrapped by a deployment key that the database never sees
-- ---------------------------------------------------------------------------------------------------------------------

create table person_key (
    person_id uuid not null,
    wrapped bytea,
    deployment_key_id text collate "C",
    created_at timestamptz not null default clock_timestamp(),
    destroyed_at timestamptz,
    constraint pk_person_key primary key (person_id),
    -- A destroyed key stays as a tombstone, so that no new key is made for an erased person.
    constraint ck_person_key_destroyed check (
        (destroyed_at is null) = (wrapped is not null) and (wrapped is null) = (deployment_key_id is null)
    )
);
create index ix_person_key_deployment_key_id on person_key (deployment_key_id, person_id);

-- Late bound, since the debtor's table comes in a later file. Invoker's rights: the debtor's own policies decide.
create function debtor_is_visible(sought uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select 1 from debtor where debtor.id = sought);
end
$$;

call protect('person_key', 'debtor', 'select, insert, update');
-- Read: everything, or the keys of the debtors that the scope sees.
create policy api_reads on person_key for select to arrears_api using (
    (select current_setting('app.scope', true) = 'all') or debtor_is_visible(person_id)
);
-- Insert: any scope, since a new debtor is not visible yet to the limited principal that is making it. Whoever inserts
-- a key cannot choose one: it must open under the deployment's key with the person's id, or nothing can be sealed.
create policy api_inserts on person_key for insert to arrears_api with check (
    (select current_setting('app.scope', true) = 'all')
    or ((select nullif(current_setting('app.scope', true), '') is not null) and destroyed_at is null)
);
-- Destroy: the agency only.
create policy api_updates on person_key for update to arrears_api
    using ((select current_setting('app.scope', true) = 'all'))
    with check ((select current_setting('app.scope', true) = 'all') and destroyed_at is not null);

-- ---------------------------------------------------------------------------------------------------------------------
-- What was done, by whom, why, and what it changed
-- ---------------------------------------------------------------------------------------------------------------------

create table audit_entry (
    id uuid not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    request_id text not null,
    principal_id uuid not null,
    principal_kind text not null,
    principal_name text,
    command text not null,
    subject text not null,
    subject_id uuid not null,
    client_id uuid,
    person_id uuid,
    reason text,
    -- json and not jsonb: the code is made over the very characters.
    before json,
    after json,
    key_id text not null,
    code bytea not null,
    constraint pk_audit_entry primary key (id)
);
create index ix_audit_entry_subject_id on audit_entry (subject_id, id);
create index ix_audit_entry_client_id on audit_entry (client_id, id);
create index ix_audit_entry_principal_id on audit_entry (principal_id, id);
create index ix_audit_entry_recorded_at on audit_entry (recorded_at, id);

-- The sealer's numbers and chain. A seal without its entry tells that the entry was deleted.
create table audit_seal (
    sequence bigint not null,
    entry_id uuid not null,
    chain bytea not null,
    key_id text not null,
    sealed_at timestamptz not null default clock_timestamp(),
    constraint pk_audit_seal primary key (sequence),
    constraint uq_audit_seal_entry_id unique (entry_id)
);

-- Entries that wait for their number, with their codes: an entry that vanishes before it is sealed is missed here.
create table audit_pending (
    entry_id uuid not null,
    code bytea not null,
    constraint pk_audit_pending primary key (entry_id)
);

-- The writer of an entry needs no right to the queue; with definer's rights and a pinned path nothing else can be done.
create function audit_entry_waits() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into public.audit_pending (entry_id, code) select id, code from added;
    return null;
end
$$;
revoke execute on function audit_entry_waits() from public;
create trigger audit_entry_waits after insert on audit_entry
    referencing new table as added for each statement execute function audit_entry_waits();
alter table audit_entry enable always trigger audit_entry_waits;

call protect('audit_entry', 'recorded', 'select, insert');
call append_only('audit_entry');
call protect('audit_seal', 'staff', 'select');
grant insert on audit_seal to arrears_worker;
call append_only('audit_seal');
call protect('audit_pending', 'staff', 'select');
grant delete on audit_pending to arrears_worker;
