-- Decisions: what was asked before a contact, what every rule said to it, on which facts, and what followed. Never changed.

create table decision (
    id uuid not null,
    -- Null when the contact is about debts of several clients, or of none.
    client_id uuid,
    debtor_id uuid not null,
    decided_at timestamptz not null,
    channel text not null,
    contact_point_id uuid,
    at_debtor_request boolean not null,
    required_by_law boolean not null,
    verdict text not null,
    until timestamptz,
    rounds integer not null,
    requirements text[] not null,
    findings jsonb not null,
    plugins jsonb not null,
    facts_digest text not null,
    settings_version integer not null,
    decided_by_id uuid not null,
    decided_by_name text not null,
    constraint pk_decision primary key (id),
    constraint fk_decision_client_id_client foreign key (client_id) references client (id),
    constraint fk_decision_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_decision_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_decision_debtor_id_contact_point_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint ck_decision_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_decision_verdict check (verdict in ('ALLOW', 'WARN', 'REQUIRE', 'DEFER', 'DENY')),
    constraint ck_decision_until check (
        case verdict when 'DENY' then until is null when 'DEFER' then until is not null else true end),
    constraint ck_decision_rounds check (rounds >= 0),
    constraint ck_decision_facts_digest check (facts_digest ~ '^[0-9a-f]{64}$')
);
create index ix_decision_decided_at_id on decision (decided_at, id);
create index ix_decision_client_id_decided_at_id on decision (client_id, decided_at, id);
create index ix_decision_debtor_id_decided_at_id on decision (debtor_id, decided_at, id);
create index ix_decision_verdict_decided_at_id on decision (verdict, decided_at, id);
create index ix_decision_channel_decided_at_id on decision (channel, decided_at, id);

-- The debts that a decision was about, each with what its own client's rules said of it alone.
create table decision_account (
    id uuid not null default uuid_v7(),
    client_id uuid not null,
    decision_id uuid not null,
    account_id uuid not null,
    debtor_id uuid not null,
    decided_at timestamptz not null,
    verdict text not null,
    until timestamptz,
    constraint pk_decision_account primary key (id),
    constraint uq_decision_account_decision_id_account_id unique (decision_id, account_id),
    constraint fk_decision_account_decision_id_decision foreign key (decision_id) references decision (id),
    constraint fk_decision_account_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_decision_account_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_decision_account_verdict check (verdict in ('ALLOW', 'WARN', 'REQUIRE', 'DEFER', 'DENY'))
);
create index ix_decision_account_account_id_decided_at_id on decision_account (account_id, decided_at, id);

call append_only('decision');
call append_only('decision_account');
call protect('decision', 'debtor_child', 'select, insert');
call protect('decision_account', 'debtor_child', 'select, insert');

-- What stands in the decision's own row, as rows.
create view decision_finding with (security_invoker = true) as
select decision.id as decision_id, found.*
from decision cross join lateral jsonb_to_recordset(decision.findings) as found (
    position integer, client_id text, verdict text, reason text, rule text, citation text, until timestamptz,
    requirement text, missing_fact text, plugin text, plugin_version text, settings_version integer);
create view decision_plugin with (security_invoker = true) as
select decision.id as decision_id, asked.*
from decision cross join lateral jsonb_to_recordset(decision.plugins) as asked (
    name text, version text, settings_version integer);
grant select on decision_finding, decision_plugin to arrears_api, arrears_worker;
