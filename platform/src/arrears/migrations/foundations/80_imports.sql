-- Imports: which file was taken in, how far it got, what it added up to, and which rows were refused why.

create table import_run (
    id uuid not null default uuid_v7() constraint pk_import_run primary key,
    client_id uuid not null,
    placement_id uuid not null,
    file_name text not null,
    -- the same bytes under the same mapping are the same run: sent again, it goes on or changes nothing
    content_hash text not null,
    mapping_hash text not null,
    state text not null constraint ck_import_run_state check (state in ('RUNNING', 'COMPLETED')),
    rows_read bigint not null default 0,
    rows_accepted bigint not null default 0,
    rows_refused bigint not null default 0,
    debtors_created bigint not null default 0,
    payments_recorded bigint not null default 0,
    errors_kept bigint not null default 0,
    errors_found bigint not null default 0,
    refused_file_bytes bigint not null default 0,
    principal_id uuid not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint uq_import_run_client_id_id unique (client_id, id),
    constraint uq_import_run_content unique (client_id, content_hash, mapping_hash),
    constraint fk_import_run_client_id_client foreign key (client_id) references client (id),
    constraint fk_import_run_placement foreign key (client_id, placement_id) references placement (client_id, id),
    constraint ck_import_run_rows check (rows_read = rows_accepted + rows_refused),
    constraint ck_import_run_finished check ((state = 'COMPLETED') = (finished_at is not null))
);
create index ix_import_run_started_at_id on import_run (started_at, id);
create index ix_import_run_state_id on import_run (state, id);
create index ix_import_run_placement_id on import_run (placement_id, id);

create table import_total (
    id uuid not null default uuid_v7() constraint pk_import_total primary key,
    client_id uuid not null,
    run_id uuid not null,
    currency text not null,
    accepted_minor bigint not null,
    refused_minor bigint not null,
    paid_minor bigint not null,
    constraint uq_import_total_run_id_currency unique (run_id, currency),
    constraint fk_import_total_run foreign key (client_id, run_id) references import_run (client_id, id)
);

create table import_row_error (
    id uuid not null default uuid_v7() constraint pk_import_row_error primary key,
    client_id uuid not null,
    run_id uuid not null,
    line bigint not null,
    column_name text,
    code text not null,
    reason text not null,
    original text,
    constraint fk_import_row_error_run foreign key (client_id, run_id) references import_run (client_id, id)
);
create index ix_import_row_error_run_id_line_id on import_row_error (run_id, line, id);

call protect('import_run', 'client');
call protect('import_total', 'client');
call protect('import_row_error', 'client');
