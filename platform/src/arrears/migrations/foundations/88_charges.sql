-- Late and dunning fees: quoted, claimed, waived or paid. The key of account, rule and period is what keeps anything from
-- being charged twice, whoever tries.

create table fee_claim (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    debtor_id uuid not null,
    rule text collate "C" not null,
    period text collate "C" not null,
    kind text not null,
    amount_minor bigint not null,
    currency text not null,
    -- how the amount came to be: what the rule alone comes to, on how much principal, and what lowered it
    computed_minor bigint not null,
    base_minor bigint not null,
    days_past_due integer not null,
    cap text,
    settings_version bigint not null,
    state text not null,
    quoted_on date not null,
    claim_on date not null,
    -- from when on the daily run tries to claim it: later than claim_on after the gate refused it
    ask_on date not null,
    claimed_on date,
    forgiven_minor bigint not null default 0,
    entry_id uuid,
    decision_id uuid,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_fee_claim primary key (id),
    constraint uq_fee_claim_account_id_rule_period unique (account_id, rule, period),
    constraint uq_fee_claim_client_id_account_id_id unique (client_id, account_id, id),
    constraint uq_fee_claim_entry_id unique (entry_id),
    constraint fk_fee_claim_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_fee_claim_client_id_entry_id_ledger_entry
        foreign key (client_id, entry_id) references ledger_entry (client_id, id),
    constraint fk_fee_claim_decision_id_decision foreign key (decision_id) references decision (id),
    constraint ck_fee_claim_kind check (kind in ('LATE', 'DUNNING')),
    constraint ck_fee_claim_state check (state in ('QUOTED', 'CLAIMED', 'WAIVED', 'PAID')),
    constraint ck_fee_claim_currency check (currency ~ '^[A-Z]{3}$'),
    constraint ck_fee_claim_amount check (amount_minor > 0 and amount_minor <= computed_minor),
    constraint ck_fee_claim_forgiven check (forgiven_minor between 0 and amount_minor),
    constraint ck_fee_claim_days check (claim_on >= quoted_on and ask_on >= claim_on),
    -- What is owed is in the ledger, and what was only told is not.
    constraint ck_fee_claim_booked check (
        (entry_id is null) = (claimed_on is null)
        and (state not in ('CLAIMED', 'PAID') or entry_id is not null)
        and (state <> 'QUOTED' or entry_id is null))
);
create index ix_fee_claim_quoted_on_id on fee_claim (quoted_on, id);
create index ix_fee_claim_client_id_quoted_on_id on fee_claim (client_id, quoted_on, id);
create index ix_fee_claim_account_id_quoted_on_id on fee_claim (account_id, quoted_on, id);
create index ix_fee_claim_state_id on fee_claim (state, id);
create index ix_fee_claim_client_id_state_id on fee_claim (client_id, state, id);
create index ix_fee_claim_rule_id on fee_claim (rule, id);
create index ix_fee_claim_quoted on fee_claim (client_id, account_id) where state = 'QUOTED';

create table fee_claim_step (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    fee_claim_id uuid not null,
    position integer not null,
    step text not null,
    state text not null,
    effective_on date not null,
    recorded_at timestamptz not null,
    recorded_by_id uuid not null,
    recorded_by_name text not null,
    reason text not null,
    entry_id uuid,
    decision_id uuid,
    constraint pk_fee_claim_step primary key (id),
    constraint uq_fee_claim_step_fee_claim_id_position unique (fee_claim_id, position),
    constraint fk_fee_claim_step_client_id_account_id_fee_claim_id_fee_claim
        foreign key (client_id, account_id, fee_claim_id) references fee_claim (client_id, account_id, id),
    constraint fk_fee_claim_step_client_id_entry_id_ledger_entry
        foreign key (client_id, entry_id) references ledger_entry (client_id, id),
    constraint fk_fee_claim_step_decision_id_decision foreign key (decision_id) references decision (id),
    constraint ck_fee_claim_step_step check (step in ('QUOTED', 'REFUSED', 'CLAIMED', 'WAIVED', 'PAID', 'UNPAID')),
    constraint ck_fee_claim_step_state check (state in ('QUOTED', 'CLAIMED', 'WAIVED', 'PAID')),
    constraint ck_fee_claim_step_reason check (reason <> '')
);

-- What a fee is for and how much it is stays as it came about, and it is booked by one entry for ever.
create function keep_fee_claim() returns trigger language plpgsql as $$
begin
    if (new.client_id, new.account_id, new.rule, new.period, new.amount_minor, new.currency)
        is distinct from (old.client_id, old.account_id, old.rule, old.period, old.amount_minor, old.currency)
        or (old.entry_id is not null and new.entry_id is distinct from old.entry_id) then
        raise exception using errcode = 'AR001', table = tg_table_name,
            message = format('fee %s stays as it came about, with the entry by which it was booked', old.id);
    end if;
    return new;
end
$$;
create trigger keep_fee_claim before update on fee_claim for each row execute function keep_fee_claim();

-- The last day that every account of a part was gone through for, and where the run that is under way stands.
create table charge_run (
    client_id uuid not null,
    part integer not null,
    through_on date,
    running_from date,
    running_through date,
    running_after uuid,
    constraint pk_charge_run primary key (client_id, part),
    constraint fk_charge_run_client_id_client foreign key (client_id) references client (id),
    constraint ck_charge_run_running check (
        (running_from is null) = (running_through is null) and (running_after is null or running_from is not null))
);

call protect('fee_claim', 'account_child', 'select, insert, update');
call protect('fee_claim_step', 'account_child', 'select, insert');
call append_only('fee_claim_step');
call protect('charge_run', 'client', 'select, insert, update');
