-- How long debts are past due: what stops the count, in which bucket each debt is, and since when.

-- A pause is never changed: a RESUME ends it earlier, by a row of its own. Whoever writes takes the account's next number,
-- so that of two who write at once one is refused whatever each of them has seen.
create table delinquency_pause (
    id uuid not null default uuid_v7() constraint pk_delinquency_pause primary key,
    client_id uuid not null,
    account_id uuid not null,
    sequence integer not null,
    kind text not null constraint ck_delinquency_pause_kind check (kind in ('PAUSE', 'RESUME')),
    -- of a RESUME the first day that counts again
    from_on date not null,
    until_on date,
    pause_id uuid constraint uq_delinquency_pause_pause_id unique,
    reason text not null,
    recorded_at timestamptz not null,
    constraint uq_delinquency_pause_client_id unique (client_id, id),
    constraint uq_delinquency_pause_account_id unique (account_id, sequence),
    constraint fk_delinquency_pause_account foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_delinquency_pause_pause foreign key (client_id, pause_id) references delinquency_pause (client_id, id),
    constraint ck_delinquency_pause_days check (
        case kind when 'PAUSE' then until_on > from_on and pause_id is null else until_on is null and pause_id is not null end
        is true),
    constraint ck_delinquency_pause_reason check (reason <> '')
);
create index ix_delinquency_pause_account_id_from_on_id on delinquency_pause (account_id, from_on, id);

-- Runs as the owner, so that no scope hides a pause from it.
create function check_new_pause() returns trigger language plpgsql security definer set search_path from current as $$
declare
    other record;
begin
    perform 1 from account where account.id = new.account_id for no key update;
    if new.sequence <> (select coalesce(max(known.sequence), 0) + 1 from delinquency_pause known
                        where known.account_id = new.account_id) then
        raise exception using errcode = 'unique_violation', constraint = 'uq_delinquency_pause_account_id',
            message = format('account %s has a pause of number %s already', new.account_id, new.sequence);
    end if;
    if new.kind = 'RESUME' then
        perform 1 from delinquency_pause paused
            where paused.id = new.pause_id and paused.account_id = new.account_id and paused.kind = 'PAUSE'
              and new.from_on >= paused.from_on and new.from_on < paused.until_on;
        if not found then
            raise exception 'pause % does not run on the day of its end', new.pause_id using errcode = 'AR002';
        end if;
        return new;
    end if;
    select paused.from_on, coalesce(resumed.from_on, paused.until_on) as until_on into other
        from delinquency_pause paused left join delinquency_pause resumed on resumed.pause_id = paused.id
        where paused.account_id = new.account_id and paused.kind = 'PAUSE'
          and paused.from_on < new.until_on and coalesce(resumed.from_on, paused.until_on) > new.from_on
          and coalesce(resumed.from_on, paused.until_on) > paused.from_on
        limit 1;
    if found then
        raise exception 'the pause overlaps the one from % until %', other.from_on, other.until_on
            using errcode = 'exclusion_violation', constraint = 'ex_delinquency_pause_days';
    end if;
    return new;
end $$;
create trigger check_new_pause before insert on delinquency_pause for each row execute function check_new_pause();

-- In which bucket a debt was, and on which days it came in and left. A row is never changed: what turns out otherwise, the
-- day on which it leaves too, is a new row, and the old one stays with the instant until which it was believed.
create table delinquency_bucket (
    id uuid not null default uuid_v7() constraint pk_delinquency_bucket primary key,
    client_id uuid not null,
    account_id uuid not null,
    bucket text not null,
    from_days integer not null,
    until_days integer,
    added_on date not null,
    lifted_on date,
    recorded_at timestamptz not null,
    superseded_at timestamptz,
    constraint fk_delinquency_bucket_account foreign key (client_id, account_id) references account (client_id, id),
    constraint ck_delinquency_bucket_days check (lifted_on > added_on),
    constraint ck_delinquency_bucket_superseded_at check (superseded_at >= recorded_at)
);
create unique index uq_delinquency_bucket_account_id on delinquency_bucket (account_id, added_on) where superseded_at is null;
create unique index uq_delinquency_bucket_open on delinquency_bucket (account_id)
    where superseded_at is null and lifted_on is null;
create index ix_delinquency_bucket_account_id_added_on_id on delinquency_bucket (account_id, added_on, id);

create function keep_bucket() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.superseded_at is null and new.superseded_at is not null
           and (to_jsonb(new) - 'superseded_at') = (to_jsonb(old) - 'superseded_at') then
            return new;
        end if;
    end if;
    raise exception using errcode = 'AR001', table = tg_table_name,
        message = format('%s is never changed: its rows are superseded by others', tg_table_name);
end $$;
create trigger keep_bucket before update or delete on delinquency_bucket for each row execute function keep_bucket();
create trigger keep_buckets before truncate on delinquency_bucket for each statement execute function keep_bucket();

-- How far each account was evaluated, by which rule, what came out, and when that changes by itself.
create table delinquency (
    account_id uuid not null constraint pk_delinquency primary key,
    client_id uuid not null,
    evaluated_on date,
    bucket text,
    next_on date,
    rule text,
    constraint fk_delinquency_account foreign key (client_id, account_id) references account (client_id, id)
);
create index ix_delinquency_client_id_next_on on delinquency (client_id, next_on, account_id);

call protect('delinquency_pause', 'account_child', 'select, insert');
call append_only('delinquency_pause');
call protect('delinquency_bucket', 'account_child', 'select, insert, update');
call protect('delinquency', 'account_child', 'select, insert, update');
