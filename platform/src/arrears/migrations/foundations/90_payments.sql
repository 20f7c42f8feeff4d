-- Payments through gateways: what was to be taken or given back, what providers were asked and said, and what they told.
-- Every row is written before the provider is asked, so that nothing that was begun is ever forgotten.

create table payment_intent (
    id uuid not null,
    client_id uuid not null,
    portfolio_id uuid,
    account_id uuid not null,
    debtor_id uuid not null,
    gateway text collate "C" not null,
    plugin text not null,
    plugin_version text not null,
    settings_version bigint,
    amount_minor bigint not null,
    currency text not null,
    method text not null,
    initiated_by text not null,
    description text,
    status text not null,
    -- what is known of the provider's side, which only ever grows; status follows from it
    outcome text,
    provider_reference text collate "C",
    action_url text,
    problem_code text,
    problem text,
    captured_minor bigint not null default 0,
    fee_minor bigint,
    refunded_minor bigint not null default 0,
    charged_back_minor bigint not null default 0,
    payment_id uuid,
    -- What the gate decided; nobody is charged without.
    decision_id uuid,
    times_asked integer not null default 0,
    attention_at timestamptz,
    settled_at timestamptz,
    principal_id uuid not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_payment_intent primary key (id),
    constraint fk_payment_intent_decision_id_decision foreign key (decision_id) references decision (id),
    constraint uq_payment_intent_client_id_account_id_id unique (client_id, account_id, id),
    constraint uq_payment_intent_payment_id unique (payment_id),
    constraint fk_payment_intent_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_payment_intent_client_id_payment_id_payment
        foreign key (client_id, payment_id) references payment (client_id, id),
    constraint ck_payment_intent_amount check (amount_minor > 0),
    constraint ck_payment_intent_currency check (currency ~ '^[A-Z]{3}$'),
    constraint ck_payment_intent_method check (method in ('CARD', 'BANK_DEBIT', 'WALLET', 'OTHER')),
    constraint ck_payment_intent_status check (status in (
        'CREATED', 'REFUSED', 'PENDING', 'UNKNOWN', 'NEEDS_ATTENTION', 'NOT_SENT', 'DECLINED', 'SETTLED', 'REFUNDED',
        'CHARGED_BACK')),
    constraint ck_payment_intent_outcome check (outcome in ('UNKNOWN', 'NOT_SENT', 'PENDING', 'DECLINED', 'DONE')),
    -- Money is in the ledger exactly when the provider has it.
    constraint ck_payment_intent_booked check ((outcome = 'DONE') is true = (payment_id is not null)),
    constraint ck_payment_intent_captured check ((outcome = 'DONE') is true = (captured_minor > 0))
);
create index ix_payment_intent_created_at_id on payment_intent (created_at, id);
create index ix_payment_intent_client_id_created_at_id on payment_intent (client_id, created_at, id);
create index ix_payment_intent_account_id_created_at_id on payment_intent (account_id, created_at, id);
create index ix_payment_intent_status_id on payment_intent (status, id);
create index ix_payment_intent_client_id_status_id on payment_intent (client_id, status, id);
create index ix_payment_intent_provider_reference on payment_intent (provider_reference, id);

create table payment_refund (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    intent_id uuid not null,
    amount_minor bigint not null,
    currency text not null,
    reason text not null,
    status text not null,
    outcome text,
    provider_reference text collate "C",
    problem_code text,
    problem text,
    times_asked integer not null default 0,
    attention_at timestamptz,
    settled_at timestamptz,
    principal_id uuid not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_payment_refund primary key (id),
    constraint fk_payment_refund_client_id_account_id_intent_id_payment_intent
        foreign key (client_id, account_id, intent_id) references payment_intent (client_id, account_id, id),
    constraint ck_payment_refund_amount check (amount_minor > 0),
    constraint ck_payment_refund_status check (status in (
        'CREATED', 'PENDING', 'UNKNOWN', 'NEEDS_ATTENTION', 'NOT_SENT', 'DECLINED', 'SETTLED')),
    constraint ck_payment_refund_outcome check (outcome in ('UNKNOWN', 'NOT_SENT', 'PENDING', 'DECLINED', 'DONE'))
);
create index ix_payment_refund_intent_id_created_at_id on payment_refund (intent_id, created_at, id);
create index ix_payment_refund_created_at_id on payment_refund (created_at, id);
create index ix_payment_refund_client_id_created_at_id on payment_refund (client_id, created_at, id);
create index ix_payment_refund_account_id on payment_refund (account_id);
create index ix_payment_refund_status_id on payment_refund (status, id);
create index ix_payment_refund_provider_reference on payment_refund (provider_reference);

-- What a bank took back of a charge; won means that it had to give it again.
create table payment_chargeback (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    intent_id uuid not null,
    reference text collate "C" not null,
    -- null as long as only its end is known
    amount_minor bigint,
    currency text not null,
    won boolean not null,
    opened_at timestamptz,
    won_at timestamptz,
    constraint pk_payment_chargeback primary key (id),
    constraint uq_payment_chargeback_intent_id_reference unique (intent_id, reference),
    constraint fk_payment_chargeback_client_id_account_id_intent_id_payment_intent
        foreign key (client_id, account_id, intent_id) references payment_intent (client_id, account_id, id),
    constraint ck_payment_chargeback_amount check (amount_minor > 0)
);

-- Every call of a provider: begun in the transaction before it, ended in the one after it.
create table payment_attempt (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    intent_id uuid not null,
    refund_id uuid,
    kind text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome text,
    problem text,
    constraint pk_payment_attempt primary key (id),
    constraint fk_payment_attempt_client_id_account_id_intent_id_payment_intent
        foreign key (client_id, account_id, intent_id) references payment_intent (client_id, account_id, id),
    constraint fk_payment_attempt_refund_id_payment_refund foreign key (refund_id) references payment_refund (id),
    constraint ck_payment_attempt_kind check (kind in ('CHARGE', 'REFUND', 'FETCH')),
    constraint ck_payment_attempt_refund check (kind <> 'REFUND' or refund_id is not null)
);
create index ix_payment_attempt_intent_id_started_at_id on payment_attempt (intent_id, started_at, id);
create index ix_payment_attempt_refund_id on payment_attempt (refund_id) where refund_id is not null;
-- A charge or a refund is sent once in its life, whatever happens.
create unique index uq_payment_attempt_charge on payment_attempt (intent_id) where kind = 'CHARGE';
create unique index uq_payment_attempt_refund on payment_attempt (refund_id) where kind = 'REFUND';

-- What the rules said about an intent before it was made.
create table payment_finding (
    id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    intent_id uuid not null,
    position integer not null,
    verdict text not null,
    rule text not null,
    reason text not null,
    citation text not null,
    requirement text,
    missing_fact text,
    until timestamptz,
    plugin text not null,
    plugin_version text not null,
    settings_version bigint,
    constraint pk_payment_finding primary key (id),
    constraint uq_payment_finding_intent_id_position unique (intent_id, position),
    constraint fk_payment_finding_client_id_account_id_intent_id_payment_intent
        foreign key (client_id, account_id, intent_id) references payment_intent (client_id, account_id, id),
    constraint ck_payment_finding_verdict check (verdict in ('ALLOW', 'WARN', 'REQUIRE', 'DEFER', 'DENY'))
);

-- What providers told, once each: the inbox of the webhooks.
create table webhook_notice (
    id uuid not null,
    client_id uuid not null,
    gateway text collate "C" not null,
    notice_id text collate "C" not null,
    kind text not null,
    order_key text collate "C",
    provider_reference text collate "C",
    outcome text not null,
    amount_minor bigint,
    currency text,
    fee_minor bigint,
    problem_code text,
    problem text,
    chargeback text collate "C" not null default '',
    intent_id uuid,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    constraint pk_webhook_notice primary key (id),
    constraint uq_webhook_notice_client_id_gateway_notice_id unique (client_id, gateway, notice_id),
    constraint fk_webhook_notice_client_id_client foreign key (client_id) references client (id),
    constraint fk_webhook_notice_intent_id_payment_intent foreign key (intent_id) references payment_intent (id),
    constraint ck_webhook_notice_kind check (kind in ('CHARGE', 'REFUND', 'CHARGEBACK', 'CHARGEBACK_WON')),
    constraint ck_webhook_notice_outcome check (outcome in ('UNKNOWN', 'NOT_SENT', 'PENDING', 'DECLINED', 'DONE'))
);
create index ix_webhook_notice_received_at_id on webhook_notice (received_at, id);
create index ix_webhook_notice_client_id_received_at_id on webhook_notice (client_id, received_at, id);
create index ix_webhook_notice_intent_id on webhook_notice (intent_id, received_at, id);
-- Notices that came before the order's reference was known wait here.
create index ix_webhook_notice_waiting on webhook_notice (client_id, gateway, provider_reference) where intent_id is null;

call protect('payment_intent', 'account_child', 'select, insert, update');
call protect('payment_refund', 'account_child', 'select, insert, update');
call protect('payment_chargeback', 'account_child', 'select, insert, update');
call protect('payment_attempt', 'account_child', 'select, insert, update');
call protect('payment_finding', 'account_child', 'select, insert');
call protect('webhook_notice', 'client', 'select, insert, update');
call append_only('payment_finding');

-- Kinds of the holds that stop money from being taken for an account at an instant. Runs as the owner: whoever takes a
-- payment need not see every hold for it to hold.
create function holds_on_payments(account_id uuid, instant timestamptz) returns setof text
    language sql stable security definer set search_path from current as $$
    select hold.kind from account
    join hold on hold.account_id = account.id or (hold.account_id is null and hold.debtor_id = account.debtor_id)
    where account.id = holds_on_payments.account_id
      and (hold.client_id is null or hold.client_id = account.client_id)
      and 'PAYMENT_RUN' = any (hold.blocks)
      and hold.starts_at <= instant
      and (hold.ends_at is null or hold.ends_at > instant) and (hold.released_at is null or hold.released_at > instant)
    order by hold.starts_at, hold.id
$$;
revoke execute on function holds_on_payments(uuid, timestamptz) from public;
grant execute on function holds_on_payments(uuid, timestamptz) to arrears_api, arrears_worker;
