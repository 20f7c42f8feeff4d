-- Debtors, how they are named, found and reached, and what they agreed to.

create table debtor (
    id uuid not null,
    kind text not null,
    display_name text not null,
    sort_name text collate "C" not null,
    date_of_birth date,
    country text,
    preferred_language text,
    languages text[] not null,
    legal_form text,
    registration_number text,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_debtor primary key (id),
    constraint ck_debtor_kind check (kind in ('PERSON', 'COMPANY')),
    constraint ck_debtor_country check (country ~ '^[A-Z]{2}$'),
    -- A company is not born and a person is not registered: each kind has its own facts.
    constraint ck_debtor_person check (kind = 'PERSON' or date_of_birth is null),
    constraint ck_debtor_company check (kind = 'COMPANY' or (legal_form is null and registration_number is null))
);
create index ix_debtor_sort_name on debtor (sort_name, id);
create index ix_debtor_kind on debtor (kind, id);
create index ix_debtor_country on debtor (country, id);

create table debtor_client (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid not null,
    reference text collate "C",
    created_at timestamptz not null,
    constraint pk_debtor_client primary key (id),
    constraint uq_debtor_client_debtor_id_client_id unique (debtor_id, client_id),
    constraint uq_debtor_client_client_id_reference unique (client_id, reference),
    constraint fk_debtor_client_client_id_client foreign key (client_id) references client (id),
    -- Deferred because the link is written before the debtor: a principal limited to some clients
    -- may only write a debtor that one of its clients already sees.
    constraint fk_debtor_client_debtor_id_debtor foreign key (debtor_id) references debtor (id)
        deferrable initially deferred
);
create index ix_debtor_client_client_id_debtor_id on debtor_client (client_id, debtor_id);

create table debtor_name (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    kind text not null,
    full_name text not null,
    given_name text,
    family_name text,
    from_on date,
    until_on date,
    created_at timestamptz not null,
    constraint pk_debtor_name primary key (id),
    constraint fk_debtor_name_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    -- Whoever supplies a fact about a debtor must be a client that sees the debtor.
    constraint fk_debtor_name_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_debtor_name_kind check (kind in ('LEGAL', 'ALIAS', 'FORMER', 'TRADING')),
    constraint ck_debtor_name_full_name check (full_name <> ''),
    constraint ck_debtor_name_span check (until_on >= from_on)
);
create index ix_debtor_name_debtor_id on debtor_name (debtor_id, id);

create table residence (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    kind text not null,
    address_lines text,
    city text,
    region text,
    postal_code text,
    country text not null,
    from_on date,
    until_on date,
    source text,
    obtained_on date,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_residence primary key (id),
    constraint fk_residence_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_residence_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_residence_kind check (kind in ('RESIDENCE', 'MAILING', 'WORK', 'CURRENT_LOCATION', 'STATED_LOCATION')),
    constraint ck_residence_country check (country ~ '^[A-Z]{2}$'),
    constraint ck_residence_span check (until_on >= from_on)
);
create index ix_residence_debtor_id on residence (debtor_id, id);

create table national_id (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    kind text not null,
    country text not null,
    sealed bytea not null,
    blind text collate "C" not null,
    hint text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_national_id primary key (id),
    constraint uq_national_id_debtor_id_kind_country unique (debtor_id, kind, country),
    constraint fk_national_id_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_national_id_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_national_id_kind check (kind in (
        'SOCIAL_SECURITY', 'TAX', 'NATIONAL_IDENTITY', 'PASSPORT', 'DRIVING_LICENCE', 'COMPANY_TAX', 'OTHER'
    )),
    constraint ck_national_id_country check (country ~ '^[A-Z]{2}$'),
    constraint ck_national_id_hint check (length(hint) <= 4)
);

create table contact_point (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    channel text not null,
    value text collate "C" not null,
    extension text,
    network text,
    line_type text,
    owner text not null,
    used_for text not null,
    source text,
    obtained_on date,
    area_zones text[] not null,
    reassignment_checked_on date,
    validity text not null,
    invalid_reason text,
    invalid_on date,
    preferred boolean not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_contact_point primary key (id),
    constraint uq_contact_point_debtor_id_id unique (debtor_id, id),
    constraint uq_contact_point_value unique nulls not distinct (debtor_id, client_id, channel, value),
    constraint fk_contact_point_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_contact_point_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_contact_point_channel check (channel in ('PHONE', 'EMAIL', 'FAX', 'SOCIAL', 'PORTAL')),
    constraint ck_contact_point_line_type check (
        line_type in ('MOBILE', 'LANDLINE', 'MOBILE_OR_LANDLINE', 'VOIP', 'TOLL_FREE', 'UNKNOWN')
    ),
    constraint ck_contact_point_line check ((channel in ('PHONE', 'FAX')) = (line_type is not null)),
    constraint ck_contact_point_owner check (owner in ('DEBTOR', 'THIRD_PARTY', 'EMPLOYER', 'UNKNOWN')),
    constraint ck_contact_point_used_for check (used_for in ('HOME', 'WORK', 'UNKNOWN')),
    constraint ck_contact_point_validity check (validity in ('UNVERIFIED', 'VALID', 'INVALID')),
    constraint ck_contact_point_invalid check (
        (validity = 'INVALID') = (invalid_on is not null) and (validity = 'INVALID') = (invalid_reason is not null)
    )
);

create table consent (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    contact_point_id uuid,
    channel text not null,
    state text not null,
    scope text not null,
    method text not null,
    source text not null,
    given_directly boolean not null,
    given_at timestamptz not null,
    expires_at timestamptz,
    evidence text,
    revocation_medium text,
    recorded_at timestamptz not null,
    constraint pk_consent primary key (id),
    constraint fk_consent_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_consent_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint fk_consent_debtor_id_contact_point foreign key (debtor_id, contact_point_id)
        references contact_point (debtor_id, id),
    constraint ck_consent_channel check (channel in (
        'PHONE_CALL', 'PHONE_AUTODIALED', 'PHONE_PRERECORDED', 'RINGLESS_VOICEMAIL', 'SMS', 'EMAIL', 'LETTER', 'POSTCARD',
        'SOCIAL_PRIVATE', 'SOCIAL_PUBLIC', 'IN_PERSON_HOME', 'IN_PERSON_WORK', 'IN_PERSON_PUBLIC', 'PUSH_OR_PORTAL', 'FAX'
    )),
    constraint ck_consent_state check (state in ('GRANTED', 'REVOKED')),
    constraint ck_consent_scope check (scope in ('ALL_MESSAGES', 'CLIENT_MESSAGES', 'THIS_KIND_OF_MESSAGE')),
    constraint ck_consent_method check (method in ('WRITTEN', 'ELECTRONIC', 'ORAL', 'CONDUCT')),
    constraint ck_consent_expiry check (expires_at is null or (state = 'GRANTED' and expires_at > given_at)),
    constraint ck_consent_revocation check ((state = 'REVOKED') = (revocation_medium is not null)),
    constraint ck_consent_client_scope check (scope <> 'CLIENT_MESSAGES' or client_id is not null)
);
create index ix_consent_debtor_id on consent (debtor_id, given_at, id);
create index ix_consent_contact_point_id on consent (contact_point_id, given_at, id);

create table time_zone_candidate (
    id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    zone text not null,
    source text not null,
    residence_id uuid,
    contact_point_id uuid,
    constraint pk_time_zone_candidate primary key (id),
    constraint fk_time_zone_candidate_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_time_zone_candidate_residence_id_residence foreign key (residence_id) references residence (id),
    constraint fk_time_zone_candidate_contact_point_id_contact_point foreign key (contact_point_id)
        references contact_point (id),
    constraint ck_time_zone_candidate_source check (source in (
        'CURRENT_LOCATION', 'RESIDENCE', 'MAILING_ADDRESS', 'AREA_CODE', 'NUMBER_COUNTRY', 'STATED_LOCATION'
    )),
    constraint ck_time_zone_candidate_origin check (num_nonnulls(residence_id, contact_point_id) = 1)
);
create index ix_time_zone_candidate_debtor_id on time_zone_candidate (debtor_id, id);
create index ix_time_zone_candidate_residence_id on time_zone_candidate (residence_id);
create index ix_time_zone_candidate_contact_point_id on time_zone_candidate (contact_point_id);

-- Derived from the rows above and from accounts, rewritten with them; foreign keys would only slow an import down.
-- `client_id` is the client that supplied the value; null is what the agency found out by itself.
create table search_token (
    kind text collate "C" not null,
    token text collate "C" not null,
    subject_id uuid not null,
    debtor_id uuid not null,
    client_id uuid,
    constraint pk_search_token primary key (kind, token, subject_id),
    constraint ck_search_token_kind check (kind in ('NAME', 'REFERENCE', 'PHONE', 'EMAIL', 'NATIONAL_ID')),
    constraint ck_search_token_token check (token <> '' and length(token) <= 128)
);
create index ix_search_token_subject_id on search_token (subject_id);
create index ix_search_token_debtor_id on search_token (debtor_id);

call protect('debtor', 'debtor');
call protect('debtor_client', 'client');
call protect('debtor_name', 'debtor_child');
call protect('residence', 'debtor_child');
call protect('national_id', 'debtor_child');
call protect('contact_point', 'debtor_child');
call protect('consent', 'debtor_child');
call append_only('consent');
call protect('time_zone_candidate', 'debtor_child');
call protect('search_token', 'debtor_child');

-- What each consent is worth now, before expiry: the latest word of one debtor on one channel of one endpoint.
create view consent_standing with (security_invoker = true) as
select distinct on (debtor_id, client_id, contact_point_id, channel)
    id, debtor_id, client_id, contact_point_id, channel, state, scope, given_directly, given_at, expires_at
from consent
order by debtor_id, client_id, contact_point_id, channel, given_at desc, recorded_at desc, id desc;
grant select on consent_standing to arrears_api, arrears_worker;
