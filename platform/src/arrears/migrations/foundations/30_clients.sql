-- Clients (creditors), their portfolios and the placements received from them.

create table client (
    id uuid not null,
    name text not null,
    reference text collate "C" not null,
    country text not null,
    currency text not null,
    time_zone text not null,
    collector_role text not null,
    collects_in_client_name boolean not null,
    status text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_client primary key (id),
    constraint uq_client_reference unique (reference),
    constraint ck_client_name check (name <> ''),
    constraint ck_client_country check (country ~ '^[A-Z]{2}$'),
    constraint ck_client_currency check (currency ~ '^[A-Z]{3}$'),
    constraint ck_client_collector_role check (collector_role in (
        'THIRD_PARTY', 'DEBT_BUYER', 'ATTORNEY', 'FIRST_PARTY', 'SERVICER_PREDEFAULT', 'AFFILIATE_OF_CREDITOR', 'GOVERNMENT'
    )),
    constraint ck_client_status check (status in ('ACTIVE', 'SUSPENDED', 'ENDED'))
);
create index ix_client_name on client (name, id);
create index ix_client_reference_id on client (reference, id);
create index ix_client_status on client (status, id);

create table portfolio (
    id uuid not null,
    client_id uuid not null,
    name text not null,
    reference text collate "C" not null,
    product text,
    currency text not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_portfolio primary key (id),
    constraint uq_portfolio_client_id_id unique (client_id, id),
    constraint uq_portfolio_client_id_reference unique (client_id, reference),
    constraint fk_portfolio_client_id_client foreign key (client_id) references client (id),
    constraint ck_portfolio_name check (name <> ''),
    constraint ck_portfolio_currency check (currency ~ '^[A-Z]{3}$')
);
create index ix_portfolio_reference on portfolio (reference, id);
create index ix_portfolio_name on portfolio (name, id);

create table placement (
    id uuid not null,
    client_id uuid not null,
    portfolio_id uuid,
    reference text collate "C" not null,
    received_on date not null,
    note text,
    created_at timestamptz not null,
    constraint pk_placement primary key (id),
    constraint uq_placement_client_id_id unique (client_id, id),
    constraint uq_placement_client_id_reference unique (client_id, reference),
    constraint fk_placement_client_id_client foreign key (client_id) references client (id),
    -- A placement's portfolio is the same client's: the pair is the key.
    constraint fk_placement_client_id_portfolio foreign key (client_id, portfolio_id) references portfolio (client_id, id)
);
create index ix_placement_received_on on placement (received_on, id);
create index ix_placement_client_id_received_on on placement (client_id, received_on, id);
create index ix_placement_portfolio_id on placement (portfolio_id, id);
create index ix_placement_reference on placement (reference, id);

call protect('client', 'client_self');
call protect('portfolio', 'client');
call protect('placement', 'client');
