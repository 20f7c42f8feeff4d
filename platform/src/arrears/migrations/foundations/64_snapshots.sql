-- Snapshots of balances, so that totals over a large book need not add up every posting that ever was.

create table balance_snapshot (
    id uuid not null default uuid_v7() constraint pk_balance_snapshot primary key,
    client_id uuid not null constraint fk_balance_snapshot_client references client (id),
    -- the business day at whose end the balances stand
    day date not null,
    -- Postings of earlier transactions are counted, those of this one and later ones are not. No instant could say
    -- that: what began before it may have ended after it.
    horizon xid8 not null,
    -- the database server whose transactions these are; after a restore elsewhere the snapshot says nothing
    server bigint not null,
    -- the earlier snapshot that this one goes on from, with the same horizon; none when it was made of all postings
    base_id uuid,
    made_at timestamptz not null,
    -- how far the accounts have been gone through, in the order of their ids
    through_account_id uuid,
    completed_at timestamptz,
    -- asked for by somebody, and kept for that whatever day it is of
    is_wanted boolean not null default false,
    constraint uq_balance_snapshot_client_id unique (client_id, day),
    constraint uq_balance_snapshot_client_id_id unique (client_id, id)
);

-- One row for each account of which something was owed or given up; the others are nought. Backdated entries can make the
-- past larger than any balance ever was, hence no 64 bits here.
create table snapshot_balance (
    snapshot_id uuid not null,
    account_id uuid not null,
    client_id uuid not null,
    principal_minor numeric(38, 0) not null,
    interest_minor numeric(38, 0) not null,
    fees_minor numeric(38, 0) not null,
    costs_minor numeric(38, 0) not null,
    written_off_minor numeric(38, 0) not null,
    constraint pk_snapshot_balance primary key (snapshot_id, account_id),
    constraint fk_snapshot_balance_snapshot foreign key (client_id, snapshot_id)
        references balance_snapshot (client_id, id)
);

call protect('balance_snapshot', 'client');
call protect('snapshot_balance', 'account_child');
-- The API reads what the platform's own worker makes.
revoke insert, update, delete on balance_snapshot, snapshot_balance from arrears_api;
