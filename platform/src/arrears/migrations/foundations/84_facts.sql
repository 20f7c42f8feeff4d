-- What rules of law turn on: facts about debtors, debts, endpoints and places, notices that were given, and the agency's own
-- licences. What each kind of fact is stands in the SDK's catalogue, which grows with every release: the database keeps the
-- shape, the command checks the kind.

create table fact (
    id uuid not null,
    kind text not null,
    -- From which client it is known; null is the agency's own knowledge.
    client_id uuid,
    -- Null for a fact of a place, which holds for everybody there.
    debtor_id uuid,
    account_id uuid,
    contact_point_id uuid,
    source text not null,
    received_at timestamptz not null,
    starts_at timestamptz not null,
    ends_at timestamptz,
    word text,
    on_day date,
    number integer,
    amount_minor bigint,
    currency text,
    place text,
    earliest_time time,
    latest_time time,
    weekdays integer[] not null default '{}',
    channel text,
    evidence text,
    end_reason text,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    recorded_by_id uuid not null,
    recorded_by_name text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_fact primary key (id),
    constraint fk_fact_client_id_client foreign key (client_id) references client (id),
    constraint fk_fact_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_fact_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_fact_client_id_account_id_account foreign key (client_id, account_id)
        references account (client_id, id),
    constraint fk_fact_debtor_id_contact_point_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint ck_fact_kind check (kind ~ '^[A-Z][A-Z0-9_]*$'),
    constraint ck_fact_word check (word ~ '^[A-Z][A-Z0-9_]*$'),
    constraint ck_fact_place check (place ~ '^[A-Z]{2}(-[^-].*)?$'),
    constraint ck_fact_source check (source in (
        'DEBTOR', 'REPRESENTATIVE', 'CLIENT', 'EARLIER_COLLECTOR', 'COURT', 'REGISTER', 'BUREAU', 'PROVIDER', 'AGENCY')),
    constraint ck_fact_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_fact_span check (ends_at > starts_at),
    constraint ck_fact_amount check ((amount_minor is null) = (currency is null)),
    constraint ck_fact_weekdays check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
    constraint ck_fact_withdrawn check ((withdrawn_at is null) = (withdrawn_reason is null)),
    -- Only a place goes without a debtor, and then nobody's account, endpoint or client is meant.
    constraint ck_fact_of check (
        debtor_id is not null
        or (place is not null and num_nonnulls(client_id, account_id, contact_point_id) = 0)),
    constraint ck_fact_account check (account_id is null or client_id is not null)
);
create index ix_fact_debtor_id_starts_at_id on fact (debtor_id, starts_at, id);
create index ix_fact_account_id_starts_at_id on fact (account_id, starts_at, id);
create index ix_fact_client_id_starts_at_id on fact (client_id, starts_at, id);
create index ix_fact_contact_point_id_starts_at_id on fact (contact_point_id, starts_at, id);
create index ix_fact_kind_starts_at_id on fact (kind, starts_at, id);
create index ix_fact_starts_at_id on fact (starts_at, id);
create index ix_fact_place on fact (place, id) where debtor_id is null;

create table notice (
    id uuid not null,
    kind text not null,
    medium text not null,
    -- Null when it is about debts of several clients, or of none.
    client_id uuid,
    debtor_id uuid not null,
    sent_at timestamptz not null,
    received_on date,
    receipt_assumed boolean not null,
    returned_at timestamptz,
    ends_on date,
    contact_point_id uuid,
    content_hash text,
    template text,
    template_version text,
    language text,
    interaction_id uuid,
    recorded_by_id uuid not null,
    recorded_by_name text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_notice primary key (id),
    constraint fk_notice_client_id_client foreign key (client_id) references client (id),
    constraint fk_notice_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_notice_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_notice_debtor_id_contact_point_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint fk_notice_client_id_interaction_id_interaction foreign key (client_id, interaction_id)
        references interaction (client_id, id),
    constraint ck_notice_kind check (kind ~ '^[A-Z][A-Z0-9_]*$'),
    constraint ck_notice_medium check (medium in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_notice_receipt check (not receipt_assumed or received_on is not null),
    constraint ck_notice_ends_on check (ends_on >= received_on),
    constraint ck_notice_content_hash check (content_hash ~ '^[0-9a-f]{64}$'),
    constraint ck_notice_interaction check (interaction_id is null or client_id is not null)
);
create index ix_notice_debtor_id_sent_at_id on notice (debtor_id, sent_at, id);
create index ix_notice_client_id_sent_at_id on notice (client_id, sent_at, id);
create index ix_notice_kind_sent_at_id on notice (kind, sent_at, id);
create index ix_notice_sent_at_id on notice (sent_at, id);

-- The debts that a notice was about; without any it was about all of them.
create table notice_account (
    id uuid not null default uuid_v7(),
    client_id uuid not null,
    notice_id uuid not null,
    account_id uuid not null,
    debtor_id uuid not null,
    sent_at timestamptz not null,
    constraint pk_notice_account primary key (id),
    constraint uq_notice_account_notice_id_account_id unique (notice_id, account_id),
    constraint fk_notice_account_notice_id_notice foreign key (notice_id) references notice (id),
    constraint fk_notice_account_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_notice_account_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id)
);
create index ix_notice_account_notice_id_sent_at_id on notice_account (notice_id, sent_at, id);
create index ix_notice_account_account_id_sent_at_id on notice_account (account_id, sent_at, id);

-- Of the agency itself, and no secret: it has to be shown to whoever asks.
create table licence (
    id uuid not null,
    place text not null,
    kind text not null,
    number text,
    from_on date not null,
    until_on date,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_licence primary key (id),
    constraint uq_licence_place_kind_from_on unique (place, kind, from_on),
    constraint ck_licence_place check (place ~ '^[A-Z]{2}(-[^-].*)?$'),
    constraint ck_licence_kind check (kind in ('LICENCE', 'REGISTRATION', 'AUTHORISATION', 'EXEMPTION', 'BOND')),
    constraint ck_licence_span check (until_on >= from_on)
);
create index ix_licence_from_on_id on licence (from_on, id);

call protect('fact', 'debtor_child_or_agency', 'select, insert, update');
call protect('notice', 'debtor_child', 'select, insert, update');
call protect('notice_account', 'debtor_child', 'select, insert');
call append_only('notice_account');
call protect('licence', 'agency', 'select, insert, update');
