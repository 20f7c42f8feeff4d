-- Decisions: what was asked before a contact, an act or a payment, what every rule said to it, on which facts, and what
-- followed. Never changed. Permits: what a decision lets be done, once and soon.

-- The rules that were asked, also those that had nothing to say: the same ones stand behind many decisions. The digest is
-- that of the very characters, so that no other rules can stand under it.
create table rule_set (
    digest text collate "C" not null,
    rules json not null,
    constraint pk_rule_set primary key (digest),
    constraint ck_rule_set_digest check (digest = encode(sha256(convert_to(rules::text, 'UTF8')), 'hex'))
);

create table decision (
    id uuid not null,
    kind text not null,
    -- Null when it is about debts of several clients, or of none.
    client_id uuid,
    debtor_id uuid not null,
    decided_at timestamptz not null,
    -- Of a contact that was recorded without a permit: decided when it was recorded, for the instant at which it was made.
    retrospective boolean not null,
    channel text,
    contact_point_id uuid,
    purpose text,
    party text,
    reply_to timestamptz,
    languages text[] not null,
    at_debtor_request boolean not null,
    required_by_law boolean not null,
    action text,
    method text,
    gateway text,
    initiated_by text not null,
    content text[] not null,
    planned_on date,
    amount_minor bigint,
    currency text,
    rate numeric,
    place text,
    verdict text not null,
    until timestamptz,
    rounds integer not null,
    requirements jsonb not null,
    plugins jsonb not null,
    facts_digest text not null,
    rules_digest text collate "C" not null,
    settings_version integer not null,
    decided_by_id uuid not null,
    decided_by_name text not null,
    constraint pk_decision primary key (id),
    constraint fk_decision_client_id_client foreign key (client_id) references client (id),
    constraint fk_decision_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_decision_rules_digest_rule_set foreign key (rules_digest) references rule_set (digest),
    constraint fk_decision_debtor_id_client_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_decision_debtor_id_contact_point_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint ck_decision_kind check (case kind
        when 'CONTACT' then channel is not null and purpose is not null and party is not null
                            and action is null and method is null
        when 'ACTION' then action is not null and channel is null and method is null and contact_point_id is null
        when 'PAYMENT' then method is not null and gateway is not null and amount_minor is not null
                            and channel is null and action is null and contact_point_id is null
        else false end),
    constraint ck_decision_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX')),
    constraint ck_decision_currency check ((amount_minor is null) = (currency is null)),
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
create index ix_decision_kind_decided_at_id on decision (kind, decided_at, id);
create index ix_decision_channel_decided_at_id on decision (channel, decided_at, id);
create index ix_decision_action_decided_at_id on decision (action, decided_at, id);

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

-- What each rule said. `client_id` is the decision's, so that whoever sees the one sees the other; `said_for_id` is the
-- client for whose debts it was said.
create table decision_finding (
    id uuid not null default uuid_v7(),
    client_id uuid,
    decision_id uuid not null,
    debtor_id uuid not null,
    decided_at timestamptz not null,
    position integer not null,
    said_for_id uuid,
    verdict text not null,
    reason text not null,
    rule text collate "C" not null,
    citation text not null,
    confidence text not null,
    until timestamptz,
    requirement text,
    missing_fact text,
    facts jsonb not null,
    plugin text not null,
    plugin_version text not null,
    settings_version integer,
    constraint pk_decision_finding primary key (id),
    constraint uq_decision_finding_decision_id_position unique (decision_id, position),
    constraint fk_decision_finding_decision_id_decision foreign key (decision_id) references decision (id),
    constraint ck_decision_finding_verdict check (verdict in ('ALLOW', 'WARN', 'REQUIRE', 'DEFER', 'DENY'))
);
create index ix_decision_finding_decided_at_id on decision_finding (decided_at, id);
create index ix_decision_finding_rule_decided_at_id on decision_finding (rule, decided_at, id);
create index ix_decision_finding_verdict_decided_at_id on decision_finding (verdict, decided_at, id);
create index ix_decision_finding_plugin_decided_at_id on decision_finding (plugin, decided_at, id);

-- What the plugins were shown, sealed under the person's key: erasing the person makes it unreadable, and nothing else.
create table decision_facts (
    id uuid not null,
    client_id uuid,
    debtor_id uuid not null,
    sealed bytea not null,
    constraint pk_decision_facts primary key (id),
    constraint fk_decision_facts_id_decision foreign key (id) references decision (id)
);

-- A permit counts as an attempt of a contact while it is open: until it is returned, or what was done is recorded, or it
-- expires unused. One that was used stays open until the contact is recorded, since the contact was made.
create table permit (
    id uuid not null,
    client_id uuid,
    debtor_id uuid not null,
    decision_id uuid not null,
    kind text not null,
    channel text,
    contact_point_id uuid,
    purpose text,
    party text,
    initiated_by text not null,
    at_debtor_request boolean not null,
    required_by_law boolean not null,
    action text,
    account_ids uuid[] not null,
    principal_id uuid not null,
    granted_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    returned_at timestamptz,
    recorded_at timestamptz,
    -- One digest for each part of what the decision stood on: holds, consents, facts and so on.
    standing jsonb not null,
    constraint pk_permit primary key (id),
    constraint uq_permit_decision_id unique (decision_id),
    constraint fk_permit_decision_id_decision foreign key (decision_id) references decision (id),
    constraint ck_permit_kind check (kind in ('CONTACT', 'ACTION', 'PAYMENT')),
    constraint ck_permit_expires_at check (expires_at > granted_at),
    constraint ck_permit_end check (returned_at is null or used_at is null),
    constraint ck_permit_recorded_at check (recorded_at is null or used_at is not null)
);
create index ix_permit_debtor_id_open on permit (debtor_id, granted_at)
    where returned_at is null and recorded_at is null;

call append_only('rule_set');
call append_only('decision');
call append_only('decision_account');
call append_only('decision_finding');
call append_only('decision_facts');
call protect('rule_set', 'anyone', 'select, insert');
call protect('decision', 'debtor_child', 'select, insert');
call protect('decision_account', 'debtor_child', 'select, insert');
call protect('decision_finding', 'debtor_child', 'select, insert');
call protect('decision_facts', 'debtor_child', 'select, insert');
call protect('permit', 'debtor_child', 'select, insert, update');
-- What a permit is good for never changes.
revoke update on permit from arrears_api, arrears_worker;
grant update (used_at, returned_at, recorded_at) on permit to arrears_api, arrears_worker;

-- How a contact stands to the gate: by which permit it was made, or what was decided about it afterwards.
alter table interaction add constraint fk_interaction_permit_id_permit foreign key (permit_id) references permit (id);
alter table interaction
    add constraint fk_interaction_decision_id_decision foreign key (decision_id) references decision (id);

-- What stands in the decision's own row, as rows.
create view decision_requirement with (security_invoker = true) as
select decision.id as decision_id, found.*
from decision cross join lateral jsonb_to_recordset(decision.requirements) as found (
    position integer, name text, kind text, word text, mutation text, meaning text);
create view decision_plugin with (security_invoker = true) as
select decision.id as decision_id, asked.*
from decision cross join lateral jsonb_to_recordset(decision.plugins) as asked (
    name text, version text, settings_version integer);
create view decision_rule with (security_invoker = true) as
select decision.id as decision_id, asked.*
from decision join rule_set on rule_set.digest = decision.rules_digest
    cross join lateral json_to_recordset(rule_set.rules) as asked (
    position integer, rule text, version integer, citation text, confidence text, plugin text, plugin_version text);
create view decision_used_fact with (security_invoker = true) as
select decision_finding.id as finding_id, used.*
from decision_finding cross join lateral jsonb_to_recordset(decision_finding.facts) as used (
    position integer, name text, value text);
grant select on decision_requirement, decision_plugin, decision_rule, decision_used_fact to arrears_api, arrears_worker;
