-- Interactions: the log of every contact, as the rules of contact count it. Rows are never changed: a mistake is put right by
-- a further row that names the one it supersedes.

create table interaction (
    id uuid not null,
    client_id uuid not null,
    account_id uuid,
    debtor_id uuid not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    channel text not null,
    direction text not null,
    contact_point_id uuid,
    endpoint text,
    endpoint_type text not null,
    party_reached text not null,
    result text not null,
    debt_discussed boolean not null,
    initiated_by text not null,
    at_debtor_request boolean not null,
    required_by_law boolean not null,
    debtor_local_date date not null,
    debtor_zone text not null,
    language text,
    content text,
    disclosures text[] not null default '{}',
    template text,
    template_version text,
    opt_out_line boolean not null,
    bounce_notice text,
    recording_reference text,
    note text,
    recorded_by_id uuid not null,
    recorded_by_name text not null,
    recorded_at timestamptz not null,
    corrects_id uuid,
    correction_reason text,
    -- By which permit it was made, and what was decided: before it, or afterwards about one that went round the gate.
    permit_id uuid,
    decision_id uuid,
    outside_gate boolean not null default false,
    constraint pk_interaction primary key (id),
    constraint uq_interaction_client_id_id unique (client_id, id),
    constraint fk_interaction_client_id_client foreign key (client_id) references client (id),
    constraint fk_interaction_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_interaction_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_interaction_debtor_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint fk_interaction_client_id_corrects_id_interaction
        foreign key (client_id, corrects_id) references interaction (client_id, id),
    constraint ck_interaction_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_interaction_direction check (direction in ('OUTBOUND', 'INBOUND')),
    constraint ck_interaction_endpoint_type check (endpoint_type in ('HOME', 'MOBILE', 'WORK', 'THIRD_PARTY', 'UNKNOWN')),
    constraint ck_interaction_party_reached check (party_reached in (
        'DEBTOR', 'SPOUSE', 'ATTORNEY', 'REPRESENTATIVE', 'THIRD_PARTY', 'NONE', 'UNKNOWN')),
    constraint ck_interaction_result check (result in (
        'NO_ANSWER', 'BUSY', 'OUT_OF_SERVICE', 'WRONG_NUMBER', 'VOICEMAIL_LEFT', 'VOICEMAIL_NO_MESSAGE',
        'MESSAGE_WITH_PERSON', 'LIMITED_CONTENT_MESSAGE', 'HUNG_UP', 'THIRD_PARTY_REACHED', 'TALKED', 'PROMISE',
        'PAYMENT_TAKEN', 'REFUSES', 'DISPUTES', 'CLAIMS_PAID', 'HARDSHIP', 'REQUESTS_VALIDATION', 'CEASE', 'ATTORNEY',
        'BANKRUPT', 'DECEASED', 'CALL_BACK', 'LANGUAGE', 'COMPLAINT', 'THREAT', 'SELF_HARM',
        'SENT', 'DELIVERED', 'BOUNCED', 'RETURNED', 'OPENED', 'REPLIED', 'OPTED_OUT', 'RECEIVED')),
    constraint ck_interaction_initiated_by check (initiated_by in (
        'DEBTOR', 'AGENCY', 'CLIENT', 'REPRESENTATIVE', 'THIRD_PARTY')),
    constraint ck_interaction_ended_at check (ended_at >= started_at),
    constraint ck_interaction_correction_reason check ((corrects_id is null) = (correction_reason is null))
);
create index ix_interaction_started_at_id on interaction (started_at, id);
create index ix_interaction_client_id_started_at_id on interaction (client_id, started_at, id);
create index ix_interaction_account_id_started_at_id on interaction (account_id, started_at, id);
create index ix_interaction_debtor_id_started_at_id on interaction (debtor_id, started_at, id);
create index ix_interaction_channel_started_at_id on interaction (channel, started_at, id);
create index ix_interaction_result_started_at_id on interaction (result, started_at, id);
create index ix_interaction_contact_point_id on interaction (contact_point_id) where contact_point_id is not null;
create unique index uq_interaction_corrects_id on interaction (corrects_id) where corrects_id is not null;
create unique index uq_interaction_permit_id on interaction (permit_id) where corrects_id is null;
create index ix_interaction_decision_id on interaction (decision_id) where decision_id is not null;
create index ix_interaction_outside_gate_started_at_id on interaction (outside_gate, started_at, id);

-- The debts that were discussed or referred to.
create table interaction_account (
    id uuid not null default uuid_v7(),
    client_id uuid not null,
    interaction_id uuid not null,
    account_id uuid not null,
    debtor_id uuid not null,
    constraint pk_interaction_account primary key (id),
    constraint uq_interaction_account_interaction_id_account_id unique (interaction_id, account_id),
    constraint fk_interaction_account_client_id_interaction_id_interaction
        foreign key (client_id, interaction_id) references interaction (client_id, id),
    constraint fk_interaction_account_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_interaction_account_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id)
);
create index ix_interaction_account_account_id on interaction_account (account_id);

call append_only('interaction');
call append_only('interaction_account');
call protect('interaction', 'debtor_child');
call protect('interaction_account', 'debtor_child');
