-- Events on their way to the subscribers of plugins, and those that were given up.

create table delivery (
    id uuid not null,
    event_id uuid not null,
    position bigint not null,
    plugin text collate "C" not null,
    subscriber text collate "C" not null,
    client_id uuid,
    subject_id uuid not null,
    attempts integer not null default 0,
    -- Real time: how long a broken receiver is left alone does not hang on a clock that a sandbox moves.
    due_at timestamptz not null default clock_timestamp(),
    constraint pk_delivery primary key (id),
    -- An event that is relayed twice is delivered once.
    constraint uq_delivery_event_id_plugin_subscriber unique (event_id, plugin, subscriber),
    constraint fk_delivery_event_id_event foreign key (event_id) references event (id),
    constraint fk_delivery_client_id_client foreign key (client_id) references client (id)
);
create index ix_delivery_lane on delivery (plugin, subscriber, position);
create index ix_delivery_subject on delivery (plugin, subscriber, subject_id, position);

create table dead_letter (
    id uuid not null,
    event_id uuid not null,
    event_name text not null,
    subject text not null,
    subject_id uuid not null,
    client_id uuid,
    plugin text collate "C" not null,
    subscriber text collate "C" not null,
    attempts integer not null,
    error text not null,
    state text not null constraint ck_dead_letter_state check (state in ('DEAD', 'REPLAYED', 'DISCARDED')),
    occurred_at timestamptz not null,
    died_at timestamptz not null,
    settled_at timestamptz,
    settled_by_name text,
    reason text,
    constraint pk_dead_letter primary key (id),
    constraint fk_dead_letter_event_id_event foreign key (event_id) references event (id),
    constraint fk_dead_letter_client_id_client foreign key (client_id) references client (id),
    constraint ck_dead_letter_settled check (
        (state = 'DEAD') = (settled_at is null) and (settled_at is null) = (settled_by_name is null)
    ),
    constraint ck_dead_letter_reason check (state <> 'DISCARDED' or reason <> '')
);
create index ix_dead_letter_died_at_id on dead_letter (died_at, id);
create index ix_dead_letter_state_died_at_id on dead_letter (state, died_at, id);
create index ix_dead_letter_plugin_died_at_id on dead_letter (plugin, died_at, id);
create index ix_dead_letter_event_name_died_at_id on dead_letter (event_name, died_at, id);
create index ix_dead_letter_client_id_died_at_id on dead_letter (client_id, died_at, id);
create index ix_dead_letter_event_id on dead_letter (event_id, plugin, subscriber);

call protect('delivery', 'client');
call protect('dead_letter', 'client', 'select, insert, update');
