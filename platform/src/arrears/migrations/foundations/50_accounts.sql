-- Accounts: one debt of one debtor to one client, who stands on it, whose it was, and what stops work on it.
-- Enumerations are text with a check: an enum's comparison is not leakproof, so its index is lost under row-level security.

create table account (
    id uuid not null,
    client_id uuid not null,
    portfolio_id uuid,
    placement_id uuid,
    debtor_id uuid not null,
    team_id uuid,
    reference text collate "C" not null,
    original_reference text,
    servicing_reference text,
    product text not null,
    purpose text not null,
    currency text not null,
    status text not null,
    close_reason text,
    closed_at timestamptz,
    opened_on date not null,
    due_on date not null,
    placed_on date not null,
    itemization_on date,
    charge_off_on date,
    first_delinquency_on date,
    last_payment_on date,
    judgment_on date,
    default_on date,
    accrues_from_on date,
    acknowledged_on date,
    acknowledgment text,
    in_default_when_acquired boolean,
    secured_property text,
    instrument text,
    contract_place text,
    governing_law text,
    interest_clause text,
    interest_rate_percent numeric(9, 6),
    fee_clause text,
    principal_at_default_minor bigint,
    hospital_non_profit boolean,
    first_billed_on date,
    assistance_applied_on date,
    placed_minor bigint not null default 0,
    principal_minor bigint not null default 0,
    interest_minor bigint not null default 0,
    fees_minor bigint not null default 0,
    costs_minor bigint not null default 0,
    balance_minor bigint not null default 0,
    written_off_minor bigint not null default 0,
    -- the latest day on which one of its entries takes effect; what comes before it is backdated
    last_entry_on date,
    -- whether a schedule of instalments was ever set; which of them is the oldest unpaid one, `unpaid_since` tells
    in_instalments boolean not null default false,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_account primary key (id),
    constraint uq_account_client_id_id unique (client_id, id),
    constraint uq_account_client_id_reference unique (client_id, reference),
    constraint fk_account_client_id_client foreign key (client_id) references client (id),
    constraint fk_account_client_id_portfolio_id_portfolio
        foreign key (client_id, portfolio_id) references portfolio (client_id, id),
    constraint fk_account_client_id_placement_id_placement
        foreign key (client_id, placement_id) references placement (client_id, id),
    constraint fk_account_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_account_team_id_team foreign key (team_id) references team (id),
    constraint ck_account_reference check (reference <> ''),
    constraint ck_account_product check (product in (
        'CARD', 'LOAN', 'OVERDRAFT', 'MORTGAGE', 'VEHICLE', 'LEASE', 'RENT', 'MEDICAL', 'STUDENT', 'UTILITY', 'TELECOM',
        'INSURANCE', 'TAX', 'FINE', 'INVOICE', 'TORT', 'OTHER')),
    constraint ck_account_purpose check (purpose in ('CONSUMER', 'COMMERCIAL')),
    constraint ck_account_currency check (currency ~ '^[A-Z]{3}$'),
    constraint ck_account_status check (status in (
        'IMPORTED', 'PRE_COLLECT', 'ACTIVE', 'SKIP', 'PLACED_OUT', 'RECALL_PENDING', 'RECALL_OBJECTED', 'RECALLED',
        'LEGAL', 'CLOSED', 'RETURNED', 'REOPENED')),
    constraint ck_account_close_reason check (close_reason in (
        'PAID_IN_FULL', 'SETTLED', 'SOLD', 'RECALLED', 'UNCOLLECTABLE', 'STATUTE_BARRED', 'BANKRUPT', 'DECEASED', 'FRAUD',
        'DISPUTE_UPHELD', 'SMALL_BALANCE', 'DUPLICATE', 'EXHAUSTED', 'UNTRACEABLE', 'WITHDRAWN', 'VULNERABLE',
        'OUT_OF_JURISDICTION')),
    constraint ck_account_closed check (
        (status in ('CLOSED', 'RETURNED')) = (closed_at is not null) and (closed_at is null) = (close_reason is null)),
    constraint ck_account_instrument check (instrument in ('WRITTEN', 'ORAL', 'NOTE', 'SEALED', 'OPEN_ACCOUNT')),
    constraint ck_account_acknowledgment check (acknowledgment in ('SIGNED', 'WRITTEN', 'ORAL', 'PART_PAYMENT')),
    constraint ck_account_balance check (
        balance_minor = principal_minor + interest_minor + fees_minor + costs_minor)
);
create index ix_account_reference_id on account (reference, id);
create index ix_account_due_on_id on account (due_on, id);
create index ix_account_client_id_due_on_id on account (client_id, due_on, id);
create index ix_account_placed_on_id on account (placed_on, id);
create index ix_account_client_id_placed_on_id on account (client_id, placed_on, id);
create index ix_account_balance_minor_id on account (balance_minor, id);
create index ix_account_client_id_balance_minor_id on account (client_id, balance_minor, id);
create index ix_account_status_id on account (status, id);
create index ix_account_client_id_status_id on account (client_id, status, id);
create index ix_account_debtor_id_id on account (debtor_id, id);
create index ix_account_portfolio_id_id on account (portfolio_id, id);
create index ix_account_placement_id_id on account (placement_id, id);
create index ix_account_team_id_id on account (team_id, id);

-- The chain of title: original creditor, assignees, current creditor, in order.
create table account_creditor (
    id uuid not null default uuid_v7(),
    client_id uuid not null,
    account_id uuid not null,
    position integer not null,
    name text not null,
    role text not null,
    from_on date,
    document_reference text,
    constraint pk_account_creditor primary key (id),
    constraint uq_account_creditor_account_id_position unique (account_id, position),
    constraint fk_account_creditor_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint ck_account_creditor_role check (role in ('ORIGINAL', 'ASSIGNEE', 'CURRENT')),
    constraint ck_account_creditor_position check (position >= 1)
);

-- Who stands on the account. The name is kept here so that a co-debtor, who may not see the debtor's row, sees it.
create table party (
    id uuid not null default uuid_v7(),
    client_id uuid not null,
    account_id uuid not null,
    debtor_id uuid not null,
    role text not null,
    liability text not null,
    position integer not null,
    name text not null,
    from_on date not null,
    until_on date,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_party primary key (id),
    constraint uq_party_account_id_position unique (account_id, position),
    constraint fk_party_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_party_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_party_role check (role in (
        'PRIMARY', 'CO_DEBTOR', 'GUARANTOR', 'AUTHORISED_USER', 'SUCCESSOR', 'EXECUTOR', 'GUARDIAN')),
    constraint ck_party_liability check (liability in ('WHOLE', 'JOINT_AND_SEVERAL', 'SHARE', 'SECONDARY', 'NONE')),
    constraint ck_party_position check (position >= 1),
    constraint ck_party_until_on check (until_on >= from_on)
);
create unique index uq_party_account_id_primary on party (account_id) where role = 'PRIMARY' and until_on is null;
create unique index uq_party_account_id_debtor_id on party (account_id, debtor_id) where until_on is null;
create index ix_party_debtor_id_id on party (debtor_id, id);

-- What stops work: on one debt, on everything of a debtor, or on one channel. client_id is null when the hold is the agency's
-- own knowledge of the debtor; then no client user sees it.
create table hold (
    id uuid not null,
    client_id uuid,
    account_id uuid,
    debtor_id uuid not null,
    kind text not null,
    bankruptcy_chapter text,
    scope text not null,
    channel text,
    blocks text[] not null,
    reason text not null,
    source text not null,
    evidence text,
    starts_at timestamptz not null,
    ends_at timestamptz,
    released_at timestamptz,
    release_reason text,
    expired_at timestamptz,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_hold primary key (id),
    constraint fk_hold_client_id_client foreign key (client_id) references client (id),
    constraint fk_hold_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_hold_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_hold_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_hold_kind check (kind in (
        'DISPUTE', 'VALIDATION', 'CEASE_COMMUNICATION', 'ATTORNEY', 'DEBT_MANAGEMENT', 'BANKRUPTCY', 'DECEASED', 'MILITARY',
        'HARDSHIP', 'VULNERABILITY', 'COMPLAINT', 'FRAUD', 'LITIGATION', 'CLIENT', 'SYSTEM_ERROR', 'MINOR', 'INCARCERATED')),
    constraint ck_hold_bankruptcy_chapter check (bankruptcy_chapter is null or kind = 'BANKRUPTCY' and bankruptcy_chapter in (
        'CHAPTER_7', 'CHAPTER_9', 'CHAPTER_11', 'CHAPTER_12', 'CHAPTER_13', 'CHAPTER_15', 'FOREIGN')),
    constraint ck_hold_scope check (
        scope = 'DEBT' and account_id is not null and client_id is not null and channel is null
        or scope = 'DEBTOR' and account_id is null and channel is null
        or scope = 'CHANNEL' and channel is not null and (account_id is null or client_id is not null)),
    constraint ck_hold_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_hold_blocks check (
        cardinality(blocks) > 0
        and blocks <@ array['CONTACT', 'PAYMENT_RUN', 'CREDIT_REPORT', 'LEGAL', 'INTEREST']),
    constraint ck_hold_source check (source in (
        'DEBTOR', 'REPRESENTATIVE', 'CLIENT', 'AGENCY', 'COURT', 'REGULATOR', 'SCRUB', 'THIRD_PARTY')),
    constraint ck_hold_ends_at check (ends_at > starts_at),
    constraint ck_hold_expired_at check (expired_at >= ends_at),
    constraint ck_hold_release_reason check ((released_at is null) = (release_reason is null))
);
create index ix_hold_account_id_starts_at_id on hold (account_id, starts_at, id);
create index ix_hold_debtor_id_starts_at_id on hold (debtor_id, starts_at, id);
create index ix_hold_client_id_starts_at_id on hold (client_id, starts_at, id);
create index ix_hold_starts_at_id on hold (starts_at, id);
create index ix_hold_kind_id on hold (kind, id);
create index ix_hold_ends_at_id on hold (ends_at, id);
create index ix_hold_released_at_id on hold (released_at, id);

call protect('account', 'account');
call protect('account_creditor', 'account_child');
call protect('party', 'account_child');
call protect('hold', 'debtor_child');

-- The business day at an instant where a client is. Runs as the owner: a debtor does not see the client's row, and is told
-- the same days as everybody else.
create function client_day(client_id uuid, instant timestamptz) returns date language sql stable security definer
    set search_path from current as $$
    select (instant at time zone client.time_zone)::date from client where client.id = client_day.client_id
$$;
revoke execute on function client_day(uuid, timestamptz) from public;
grant execute on function client_day(uuid, timestamptz) to arrears_api, arrears_worker;
