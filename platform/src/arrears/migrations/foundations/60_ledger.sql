-- The ledger: two books in double entry that the database keeps balanced and append-only (design: principle 3).

create table payment (
    id uuid not null default uuid_v7() constraint pk_payment primary key,
    client_id uuid not null,
    account_id uuid not null,
    amount_minor bigint not null constraint ck_payment_amount check (amount_minor > 0),
    currency text not null constraint ck_payment_currency check (currency ~ '^[A-Z]{3}$'),
    method text not null,
    paid_to text not null constraint ck_payment_paid_to check (paid_to in ('AGENCY', 'CLIENT')),
    received_on date not null,
    effective_on date not null,
    reference text collate "C",
    -- what the debtor said the money is for, first things first; empty when the creditor's order holds
    direction text[] not null default '{}',
    in_settlement boolean not null default false,
    -- taken by a provider, which alone can give it back
    through_gateway boolean not null default false,
    receipt_id uuid,
    -- the account's last payment before this one, which counts again when this one is reversed
    previous_payment_on date,
    state text not null default 'RECORDED' constraint ck_payment_state check (state in ('RECORDED', 'REVERSED')),
    recorded_at timestamptz not null,
    constraint uq_payment_client_id unique (client_id, id),
    constraint fk_payment_account foreign key (client_id, account_id) references account (client_id, id)
);
create index ix_payment_account_id on payment (account_id, received_on, id);
create index ix_payment_received_on on payment (received_on, id);
create index ix_payment_reference on payment (reference);

create table ledger_entry (
    id uuid not null default uuid_v7() constraint pk_ledger_entry primary key,
    client_id uuid not null,
    account_id uuid,
    kind text not null,
    effective_on date not null,
    recorded_at timestamptz not null,
    currency text not null constraint ck_ledger_entry_currency check (currency ~ '^[A-Z]{3}$'),
    -- the change of what the debtor owes; the lowest 64-bit number has no opposite and could not be reversed
    amount_minor bigint not null constraint ck_ledger_entry_amount check (amount_minor > -9223372036854775808),
    reason text,
    reverses_id uuid,
    -- the entry whose effect a replay found to be another; both count from the same day
    corrects_id uuid,
    -- the two entries of one transfer carry the same
    transfer_id uuid,
    -- a write-off of whatever was owed then, however much later knowledge makes of it
    is_whole boolean not null default false,
    payment_id uuid,
    command text not null,
    principal_id uuid not null,
    -- the transaction that made the entry: its postings must be made by the same one
    recorded_in xid8 not null default pg_current_xact_id(),
    constraint uq_ledger_entry_client_id unique (client_id, id),
    constraint fk_ledger_entry_account foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_ledger_entry_payment foreign key (client_id, payment_id) references payment (client_id, id),
    constraint ck_ledger_entry_reversal check ((kind = 'REVERSAL') = (reverses_id is not null)),
    constraint ck_ledger_entry_correction check ((kind = 'CORRECTION') = (corrects_id is not null)),
    constraint ck_ledger_entry_reason check (kind <> 'REVERSAL' or length(reason) > 0),
    constraint ck_ledger_entry_payment check (
        kind not in ('PAYMENT', 'RECOVERY') or payment_id is not null)
);
create index ix_ledger_entry_account_id on ledger_entry (account_id, effective_on, id);
create index ix_ledger_entry_effective_on on ledger_entry (effective_on, id);
create unique index uq_ledger_entry_reverses_id on ledger_entry (reverses_id) where reverses_id is not null;
create index ix_ledger_entry_corrects_id on ledger_entry (corrects_id) where corrects_id is not null;
-- No day's interest is booked twice; what a replay changes of it is a correction.
create unique index uq_ledger_entry_interest_day on ledger_entry (account_id, effective_on) where kind = 'INTEREST';
create index ix_ledger_entry_payment_id on ledger_entry (payment_id) where payment_id is not null;

-- No foreign keys here: the trigger below compares every posting with its entry, whose own keys are checked and
-- which can never be deleted. Row-by-row key checks would cost more than the whole statement check.
create table posting (
    id uuid not null default uuid_v7() constraint pk_posting primary key,
    entry_id uuid not null,
    position integer not null,
    client_id uuid not null,
    account_id uuid,
    book text not null,
    ledger_account text not null,
    component text,
    amount_minor bigint not null constraint ck_posting_amount check (
        amount_minor <> 0 and amount_minor > -9223372036854775808
    ),
    currency text not null,
    effective_on date not null,
    -- the entry's, so that what was known at an instant is read from the index too
    recorded_at timestamptz not null,
    -- the entry's as well: which postings a snapshot of balances counts is told by transactions, not by instants
    recorded_in xid8 not null default pg_current_xact_id(),
    constraint uq_posting_entry_id unique (entry_id, position),
    constraint ck_posting_debt_book check (
        case book
            when 'DEBT' then ledger_account in ('RECEIVABLE', 'PLACED', 'WRITTEN_OFF', 'RECOVERED', 'FORGIVEN', 'TRANSFERRED')
                and account_id is not null and component in ('PRINCIPAL', 'INTEREST', 'FEES', 'COSTS')
            when 'AGENCY' then ledger_account in (
                'TRUST_BANK', 'UNCLEARED', 'SUSPENSE', 'CLIENT_PAYABLE', 'CLIENT_RECEIVABLE', 'COMMISSION_INCOME',
                'TAX_PAYABLE', 'COSTS_ADVANCED', 'REFUNDS_PAYABLE')
            else false
        end
    )
);
-- Balances as of a day are read from this index alone; the row-level policy asks for the client.
create index ix_posting_receivable on posting (account_id, effective_on)
    include (amount_minor, component, client_id, recorded_at) where ledger_account = 'RECEIVABLE';
-- What came after a snapshot of a client's balances, by the day that it counts from and by when it was recorded.
create index ix_posting_client_id_effective_on on posting (client_id, effective_on)
    where ledger_account in ('RECEIVABLE', 'WRITTEN_OFF');
create index ix_posting_client_id_recorded_in on posting (client_id, recorded_in)
    where ledger_account in ('RECEIVABLE', 'WRITTEN_OFF');

-- The checks run as the owner, so that no scope can hide a row from them, and by index whatever the statistics say:
-- their plans are kept while the tables grow from nothing to millions within one session.
create function check_new_ledger_entries() returns trigger language plpgsql security definer
    set search_path from current
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    fault uuid;
begin
    select new_entry.id into fault from new_entries new_entry
        where new_entry.recorded_in <> pg_current_xact_id() limit 1;
    if found then
        raise exception 'ledger entry % does not name the transaction that makes it', fault using errcode = 'AR002';
    end if;
    select new_entry.id into fault
        from new_entries new_entry
        left join ledger_entry original on original.id = new_entry.reverses_id
        where new_entry.reverses_id is not null and (
            original.id is null
            or original.kind = 'REVERSAL'
            or original.client_id <> new_entry.client_id
            or original.account_id is distinct from new_entry.account_id
            or original.payment_id is distinct from new_entry.payment_id
            or original.currency <> new_entry.currency
            or original.amount_minor <> -new_entry.amount_minor
            or original.effective_on > new_entry.effective_on)
        limit 1;
    if found then
        raise exception 'ledger entry % does not mirror the entry that it reverses', fault using errcode = 'AR002';
    end if;
    select new_entry.id into fault
        from new_entries new_entry
        left join ledger_entry original on original.id = new_entry.corrects_id
        where new_entry.corrects_id is not null and (
            original.id is null
            or original.kind = 'CORRECTION'
            or original.client_id <> new_entry.client_id
            or original.account_id is distinct from new_entry.account_id
            or original.payment_id is distinct from new_entry.payment_id
            or original.currency <> new_entry.currency
            or original.effective_on <> new_entry.effective_on)
        limit 1;
    if found then
        raise exception 'ledger entry % does not belong to the entry that it corrects', fault using errcode = 'AR002';
    end if;
    return null;
end $$;

create function check_new_postings() returns trigger language plpgsql security definer
    set search_path from current
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    fault record;
begin
    -- Positions 1 to n, unique per entry, mean that all postings of an entry came with this very statement.
    select * into fault from (
        select new_posting.entry_id,
               coalesce(bool_and(entry.recorded_in = pg_current_xact_id()), false) as is_new,
               min(new_posting.position) = 1 and max(new_posting.position) = count(*) as is_whole,
               bool_and(entry.client_id = new_posting.client_id
                        and entry.currency = new_posting.currency
                        and entry.effective_on = new_posting.effective_on
                        and entry.recorded_at = new_posting.recorded_at
                        and entry.recorded_in = new_posting.recorded_in
                        and (new_posting.account_id is null or entry.account_id = new_posting.account_id)) as agrees,
               coalesce(sum(new_posting.amount_minor) filter (where new_posting.book = 'DEBT'), 0) = 0
               and coalesce(sum(new_posting.amount_minor) filter (where new_posting.book = 'AGENCY'), 0) = 0
                   as is_balanced,
               coalesce(sum(new_posting.amount_minor) filter (where new_posting.ledger_account = 'RECEIVABLE'), 0)
                   = min(entry.amount_minor) as has_amount
        from new_postings new_posting
        left join ledger_entry entry on entry.id = new_posting.entry_id
        group by new_posting.entry_id
    ) checked
    where (is_new and is_whole and agrees and is_balanced and has_amount) is not true limit 1;
    if found then
        raise exception 'the postings of ledger entry % are refused: %', fault.entry_id, case
            when not fault.is_new then 'the entry was not made in this transaction'
            when fault.is_whole is not true then 'they did not all arrive in one statement'
            when fault.agrees is not true then 'client, account, currency, effective date or instant differ from the entry'
            when not fault.is_balanced then 'a book does not balance'
            else 'the amount of the entry is not the change of the receivable' end
            using errcode = 'AR002';
    end if;
    return null;
end $$;

create trigger check_new_ledger_entries after insert on ledger_entry
    referencing new table as new_entries for each statement execute function check_new_ledger_entries();
create trigger check_new_postings after insert on posting
    referencing new table as new_postings for each statement execute function check_new_postings();

-- How the money of a payment was spread, once for each time that it was: the one with the highest number holds, the
-- earlier ones stay as what was known before.
create table allocation (
    id uuid not null default uuid_v7() constraint pk_allocation primary key,
    client_id uuid not null,
    account_id uuid not null,
    payment_id uuid not null,
    -- the payment's entry, or the correction by which the money came to be spread otherwise
    entry_id uuid not null,
    sequence integer not null constraint ck_allocation_sequence check (sequence >= 1),
    waterfall text not null,
    stage text not null,
    recorded_at timestamptz not null,
    constraint uq_allocation_client_id unique (client_id, id),
    constraint uq_allocation_payment_id unique (payment_id, sequence),
    constraint fk_allocation_payment foreign key (client_id, payment_id) references payment (client_id, id)
);
create table allocation_line (
    id uuid not null default uuid_v7() constraint pk_allocation_line primary key,
    client_id uuid not null,
    account_id uuid not null,
    allocation_id uuid not null,
    position integer not null,
    instalment integer,
    -- none for what was more than was owed
    component text constraint ck_allocation_line_component check (
        component in ('PRINCIPAL', 'INTEREST', 'FEES', 'COSTS')),
    owed_minor bigint not null,
    paid_minor bigint not null,
    currency text not null,
    reason text not null,
    constraint uq_allocation_line_allocation_id unique (allocation_id, position),
    constraint fk_allocation_line_allocation foreign key (client_id, allocation_id) references allocation (client_id, id)
);

-- How far interest has been counted on an account, exactly: `exact` counts the parts of a minor unit that
-- arrears.ledger.interest divides it into.
create table accrual (
    account_id uuid not null constraint pk_accrual primary key,
    client_id uuid not null,
    through_on date not null,
    exact numeric(60, 0) not null,
    accrued_minor bigint not null,
    capitalised_minor bigint not null,
    began_on date not null,
    principal_at_start_minor bigint not null,
    rule text not null,
    constraint fk_accrual_account foreign key (client_id, account_id) references account (client_id, id)
);
create index ix_accrual_client_id on accrual (client_id, through_on, account_id);

-- When a debt is due in parts: the schedule with the highest number that begins by a day is the one of that day.
create table instalment_schedule (
    id uuid not null default uuid_v7() constraint pk_instalment_schedule primary key,
    client_id uuid not null,
    account_id uuid not null,
    sequence integer not null constraint ck_instalment_schedule_sequence check (sequence >= 1),
    from_on date not null,
    reason text not null,
    recorded_at timestamptz not null,
    constraint uq_instalment_schedule_client_id unique (client_id, id),
    constraint uq_instalment_schedule_account_id unique (account_id, sequence),
    constraint fk_instalment_schedule_account foreign key (client_id, account_id) references account (client_id, id)
);
create table instalment (
    id uuid not null default uuid_v7() constraint pk_instalment primary key,
    client_id uuid not null,
    account_id uuid not null,
    schedule_id uuid not null,
    number integer not null constraint ck_instalment_number check (number >= 1),
    due_on date not null,
    currency text not null,
    principal_minor bigint not null default 0,
    interest_minor bigint not null default 0,
    fees_minor bigint not null default 0,
    costs_minor bigint not null default 0,
    constraint uq_instalment_schedule_id unique (schedule_id, number),
    constraint ck_instalment_amounts check (
        principal_minor >= 0 and interest_minor >= 0 and fees_minor >= 0 and costs_minor >= 0),
    constraint fk_instalment_schedule foreign key (client_id, schedule_id)
        references instalment_schedule (client_id, id)
);
create index ix_instalment_account_id on instalment (account_id, due_on, id);

-- For accounts with instalments: from that day until the next row's, the due day of the oldest instalment that is not
-- paid in whole; none when nothing is owed. It follows from the course, which writes it anew whenever it changes.
create table unpaid_since (
    account_id uuid not null,
    from_on date not null,
    client_id uuid not null,
    due_on date,
    constraint pk_unpaid_since primary key (account_id, from_on),
    constraint fk_unpaid_since_account foreign key (client_id, account_id) references account (client_id, id)
);

-- What a court awarded: from its day on the award is the debt, and its own rate the interest.
create table judgment (
    id uuid not null default uuid_v7() constraint pk_judgment primary key,
    client_id uuid not null,
    account_id uuid not null,
    entry_id uuid not null constraint uq_judgment_entry_id unique,
    entered_on date not null,
    court text,
    case_reference text,
    -- per cent a year; none when the client's rate for judgments holds
    rate_percent numeric(9, 6) constraint ck_judgment_rate check (rate_percent between 0 and 999),
    currency text not null,
    -- the award; its entry has the difference from what was owed
    principal_minor bigint not null,
    interest_minor bigint not null,
    fees_minor bigint not null,
    costs_minor bigint not null,
    recorded_at timestamptz not null,
    constraint uq_judgment_client_id unique (client_id, id),
    constraint fk_judgment_account foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_judgment_entry foreign key (client_id, entry_id) references ledger_entry (client_id, id)
);
create index ix_judgment_account_id on judgment (account_id, entered_on, id);
create index ix_judgment_client_id on judgment (client_id, entered_on, id);
create index ix_judgment_entered_on on judgment (entered_on, id);

-- A principal limited to teams or accounts sees no client, and yet posts by the client's terms.
create function posting_terms(client_ids uuid[]) returns table (client_id uuid, time_zone text, collector_role text)
    language sql stable security definer set search_path from current as $$
    select client.id, client.time_zone, client.collector_role from client where client.id = any (client_ids)
$$;
revoke execute on function posting_terms(uuid[]) from public;
grant execute on function posting_terms(uuid[]) to arrears_api, arrears_worker;

-- Lines of the agency's own book stay out of sight of whoever is limited to teams or accounts; what a payment of theirs
-- comes to, and what a reversal mirrors, depends on them. The caller asks for entries that it sees.
create function entry_lines(entry_ids uuid[])
    returns table (entry_id uuid, "position" integer, ledger_account text, component text, amount_minor bigint)
    language sql stable security definer set search_path from current as $$
    select posting.entry_id, posting.position, posting.ledger_account, posting.component, posting.amount_minor
    from posting where posting.entry_id = any (entry_ids) order by posting.entry_id, posting.position
$$;
revoke execute on function entry_lines(uuid[]) from public;
grant execute on function entry_lines(uuid[]) to arrears_api, arrears_worker;
-- When interest stood still, whoever recorded it: what a debt comes to is the same for everybody who may ask.
create function interest_holds(account_ids uuid[])
    returns table (account_id uuid, starts_at timestamptz, ends_at timestamptz)
    language sql stable security definer set search_path from current as $$
    select account.id, hold.starts_at, least(hold.ends_at, hold.released_at)
    from account join hold on hold.account_id = account.id
        or hold.account_id is null and hold.debtor_id = account.debtor_id
           and (hold.client_id is null or hold.client_id = account.client_id)
    where account.id = any (account_ids) and hold.channel is null and 'INTEREST' = any (hold.blocks)
$$;
revoke execute on function interest_holds(uuid[]) from public;
grant execute on function interest_holds(uuid[]) to arrears_api, arrears_worker;

call protect('payment', 'account_child', 'select, insert, update');
call protect('ledger_entry', 'account_child', 'select, insert');
call protect('posting', 'account_child', 'select, insert');
-- Lines of the agency's own book name no account, so that whoever is limited to teams or accounts does not see them;
-- a payment that such a person records makes them nonetheless.
create policy agency_lines on posting for insert to arrears_api with check (
    account_id is null and exists (select 1 from ledger_entry entry where entry.id = posting.entry_id));
call append_only('ledger_entry');
call append_only('posting');
call protect('allocation', 'account_child', 'select, insert');
call protect('allocation_line', 'account_child', 'select, insert');
call protect('accrual', 'account_child', 'select, insert, update, delete');
call protect('instalment_schedule', 'account_child', 'select, insert');
call protect('instalment', 'account_child', 'select, insert');
call protect('unpaid_since', 'account_child', 'select, insert, delete');
call protect('judgment', 'account_child', 'select, insert');
call append_only('allocation');
call append_only('allocation_line');
call append_only('instalment_schedule');
call append_only('instalment');
call append_only('judgment');
