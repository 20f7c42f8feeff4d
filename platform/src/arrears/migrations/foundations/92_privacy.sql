-- A person's requests about their own data, and how a person is erased.

create table data_request (
    id uuid not null,
    debtor_id uuid not null,
    kind text not null,
    ground text,
    status text not null,
    opened_by_id uuid not null,
    opened_at timestamptz not null,
    due_on date not null,
    tries integer not null default 0,
    next_try_at timestamptz,
    -- plugins whose part somebody has seen to by hand
    without_plugins text[] not null default '{}',
    blocked_by text,
    fulfilled_at timestamptz,
    available_until timestamptz,
    export bytea,
    closed_at timestamptz,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_data_request primary key (id),
    constraint fk_data_request_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint ck_data_request_kind check (kind in ('EXPORT', 'ERASURE')),
    constraint ck_data_request_ground check (
        ground is null or kind = 'ERASURE' and ground in ('COURT_ORDER', 'REGULATOR_ORDER', 'UNLAWFUL_PROCESSING')),
    constraint ck_data_request_status check (status in ('OPEN', 'NEEDS_ATTENTION', 'FULFILLED', 'CLOSED')),
    constraint ck_data_request_blocked_by check (blocked_by in ('LITIGATION', 'OPEN_ACCOUNT', 'PAYMENT_UNDER_WAY')),
    constraint ck_data_request_fulfilled check ((status = 'FULFILLED') = (fulfilled_at is not null)),
    constraint ck_data_request_export check (export is null or kind = 'EXPORT' and available_until is not null),
    constraint ck_data_request_closed check ((status = 'CLOSED') = (closed_at is not null))
);
create unique index uq_data_request_open on data_request (debtor_id, kind) where status in ('OPEN', 'NEEDS_ATTENTION');
create index ix_data_request_debtor_id_opened_at_id on data_request (debtor_id, opened_at, id);
create index ix_data_request_opened_at_id on data_request (opened_at, id);
create index ix_data_request_status_id on data_request (status, id);
create index ix_data_request_kind_id on data_request (kind, id);

-- What stood in the way at the last try.
create table data_request_failure (
    id uuid not null,
    request_id uuid not null,
    client_id uuid,
    plugin text not null,
    reason text not null,
    failed_at timestamptz not null,
    constraint pk_data_request_failure primary key (id),
    constraint fk_data_request_failure_request_id_data_request foreign key (request_id) references data_request (id)
);
create index ix_data_request_failure_request_id on data_request_failure (request_id, id);

-- A person's data lies with every client of the agency: such a request is the business of whoever sees everything.
call protect('data_request', 'staff', 'select, insert, update');
call protect('data_request_failure', 'staff', 'select, insert, delete');

-- ---------------------------------------------------------------------------------------------------------------------
-- Nothing is written about somebody who was erased
-- ---------------------------------------------------------------------------------------------------------------------

create index ix_person_key_destroyed on person_key (person_id) where destroyed_at is not null;

-- Runs as the owner: whoever writes need not see the keys. The statement behind the foreign key's lock on the debtor
-- sees what an erasure has committed that the lock waited for.
create function refuse_erased_person() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select 1 from public.person_key where destroyed_at is not null) and exists (
        select 1 from added join public.person_key key on key.person_id = added.debtor_id
        where key.destroyed_at is not null
    ) then
        raise exception using errcode = 'AR003', table = tg_table_name, message = 'the person''s data was erased';
    end if;
    return null;
end
$$;
create function refuse_erased_debtor() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select 1 from public.person_key where destroyed_at is not null) and exists (
        select 1 from added join public.person_key key on key.person_id = added.id where key.destroyed_at is not null
    ) then
        raise exception using errcode = 'AR003', table = tg_table_name, message = 'the person''s data was erased';
    end if;
    return null;
end
$$;
revoke execute on function refuse_erased_person(), refuse_erased_debtor() from public;

do $$
declare
    written text;
begin
    foreach written in array array[
        'debtor_client', 'debtor_name', 'residence', 'national_id', 'contact_point', 'consent', 'time_zone_candidate',
        'search_token', 'account', 'party', 'hold', 'interaction', 'payment_intent', 'fact', 'notice'
    ] loop
        execute format('create trigger refuse_erased_person after insert on %I referencing new table as added'
                       ' for each statement execute function refuse_erased_person()', written);
    end loop;
    -- Accounts, parties and holds of an erased person still change: balances, ends and expiries are no personal data.
    foreach written in array array['debtor_client', 'contact_point'] loop
        execute format('create trigger refuse_erased_update after update on %I referencing new table as added'
                       ' for each statement execute function refuse_erased_person()', written);
    end loop;
end
$$;
create trigger refuse_erased_update after update on debtor referencing new table as added
    for each statement execute function refuse_erased_debtor();

-- ---------------------------------------------------------------------------------------------------------------------
-- Erasing a person
-- ---------------------------------------------------------------------------------------------------------------------

-- In place of append_only(): still nothing is deleted, and an update may only put nothing, or the one word, into the
-- named columns while erase_person() runs.
create function refuse_all_but_erasure() returns trigger language plpgsql as $$
declare
    before_it constant jsonb := to_jsonb(old);
    after_it constant jsonb := to_jsonb(new);
begin
    if coalesce(current_setting('app.erasing', true), '') = 'on' and before_it - tg_argv = after_it - tg_argv
        and not exists (
            select 1 from unnest(tg_argv) as named
            where after_it -> named not in ('null', '"Erased"') and after_it -> named <> before_it -> named)
    then
        return new;
    end if;
    raise exception using errcode = 'AR001', table = tg_table_name,
        message = format('%s is append-only: its rows are never updated, deleted or truncated', tg_table_name);
end
$$;

create procedure erasable(table_name text, variadic columns text[]) language plpgsql as $$
begin
    execute format('drop trigger append_only on %I', table_name);
    execute format('create trigger append_only before delete or truncate on %I'
                   ' for each statement execute function refuse_change()', table_name);
    execute format('create trigger append_only_update before update on %I for each row'
                   ' execute function refuse_all_but_erasure(%s)', table_name,
                   (select string_agg(quote_literal(named), ', ' order by position)
                    from unnest(columns) with ordinality as given (named, position)));
    execute format('alter table %I enable always trigger append_only', table_name);
    execute format('alter table %I enable always trigger append_only_update', table_name);
end
$$;
call erasable('consent', 'evidence', 'source', 'revocation_medium');
call erasable('interaction', 'endpoint', 'content', 'note', 'recording_reference', 'bounce_notice', 'correction_reason',
              'template_version', 'recorded_by_name');
call erasable('ledger_entry', 'reason');
call erasable('judgment', 'case_reference');
call erasable('receipt', 'reference');
call erasable('instalment_schedule', 'reason');
call erasable('delinquency_pause', 'reason');
call erasable('fee_claim_step', 'reason');

create function erase_person(erased uuid, instant timestamptz) returns void language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
declare
    accounts constant uuid[] := array(select id from account where debtor_id = erased);
    intents constant uuid[] := array(select id from payment_intent where debtor_id = erased);
    logins constant uuid[] := array(select id from principal where debtor_id = erased);
    told text[];
begin
    perform set_config('app.erasing', 'on', true);
    -- By what the person may stand in a row of a file that was refused, and so belongs to nobody.
    told := array(
        select distinct value from (
            select full_name as value from debtor_name where debtor_id = erased
            union all select value from contact_point where debtor_id = erased
            union all select address_lines from residence where debtor_id = erased
            union all select reference from debtor_client where debtor_id = erased
            union all select reference from account where debtor_id = erased
        ) known where length(value) >= 4);
    update import_row_error set original = null, reason = 'Erased'
    where exists (select 1 from unnest(told) as value where strpos(original, value) > 0 or strpos(reason, value) > 0);

    delete from search_token where debtor_id = erased;
    delete from time_zone_candidate where debtor_id = erased;
    delete from debtor_name where debtor_id = erased;
    delete from residence where debtor_id = erased;
    delete from national_id where debtor_id = erased;
    -- Contacts and consents name their contact point: it stays as an empty one.
    update contact_point set value = 'erased:' || id, extension = null, network = null, source = null, area_zones = '{}',
        validity = 'INVALID', invalid_on = coalesce(invalid_on, (instant at time zone 'UTC')::date),
        invalid_reason = 'Erased', preferred = false, version = version + 1, updated_at = instant
    where debtor_id = erased;
    update consent set evidence = null, source = 'Erased',
        revocation_medium = case when revocation_medium is not null then 'Erased' end
    where debtor_id = erased;
    update debtor_client set reference = null where debtor_id = erased;
    update debtor set display_name = 'Erased', sort_name = 'erased', date_of_birth = null, preferred_language = null,
        languages = '{}', legal_form = null, registration_number = null, version = version + 1, updated_at = instant
    where id = erased;

    update party set name = 'Erased', version = version + 1, updated_at = instant where debtor_id = erased;
    -- The references of a debt stay: without them the ledger could not be matched with the client's books.
    update account set secured_property = null, version = version + 1, updated_at = instant
    where id = any (accounts) and secured_property is not null;
    update hold set reason = 'Erased', evidence = null,
        release_reason = case when release_reason is not null then 'Erased' end, version = version + 1, updated_at = instant
    where debtor_id = erased;
    -- What is known of a debt stays with the debt; what is known of the person goes with the person.
    delete from fact where debtor_id = erased and account_id is null;
    update fact set evidence = null, end_reason = null,
        withdrawn_reason = case when withdrawn_reason is not null then 'Erased' end,
        version = version + 1, updated_at = instant
    where debtor_id = erased;
    update notice set content_hash = null, template_version = null, version = version + 1, updated_at = instant
    where debtor_id = erased;
    update interaction set endpoint = null, content = null, note = null, recording_reference = null, bounce_notice = null,
        template_version = null,
        correction_reason = case when correction_reason is not null then 'Erased' end,
        recorded_by_name = case when recorded_by_id = any (logins) then 'Erased' else recorded_by_name end
    where debtor_id = erased;

    update payment set reference = null where account_id = any (accounts);
    update receipt set reference = null where debtor_id = erased;
    update judgment set case_reference = null where account_id = any (accounts);
    update ledger_entry set reason = 'Erased' where account_id = any (accounts) and reason is not null;
    update instalment_schedule set reason = 'Erased' where account_id = any (accounts);
    update delinquency_pause set reason = 'Erased' where account_id = any (accounts);
    update fee_claim_step set reason = 'Erased' where account_id = any (accounts);
    update payment_intent set description = null, action_url = null, problem = null where id = any (intents);
    update payment_refund set reason = 'Erased', problem = null where intent_id = any (intents);
    update payment_attempt set problem = null where intent_id = any (intents);
    update webhook_notice set problem = null where intent_id = any (intents);
    update dead_letter set error = 'Erased', reason = case when reason is not null then 'Erased' end
    where subject_id = erased or subject_id = any (accounts);
    update principal set name = 'Erased', issuer = null, subject = null, status = 'DISABLED', version = version + 1,
        updated_at = instant
    where id = any (logins);

    delete from data_request_failure where request_id in (select id from data_request where debtor_id = erased);
    update data_request set export = null where debtor_id = erased;
    perform set_config('app.erasing', '', true);
end
$$;
revoke execute on function erase_person(uuid, timestamptz) from public;
grant execute on function erase_person(uuid, timestamptz) to arrears_worker;
