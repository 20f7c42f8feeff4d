-- What plugins keep: small JSON values by key, for one client or for the deployment.

create table plugin_value (
    id uuid not null,
    plugin text collate "C" not null,
    client_id uuid,
    key text collate "C" not null,
    debtor_id uuid,
    -- json and not jsonb: the value comes back as it was given, with any character that JSON can write.
    value json,
    sealed bytea,
    kept_at timestamptz not null,
    constraint pk_plugin_value primary key (id),
    -- The deployment's values have no client, and are no less unique for that.
    constraint uq_plugin_value_plugin_client_id_key unique nulls not distinct (plugin, client_id, key),
    constraint fk_plugin_value_client_id_client foreign key (client_id) references client (id),
    constraint fk_plugin_value_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    -- What is kept for a client is about a debtor of that client.
    constraint fk_plugin_value_debtor_id_debtor_client foreign key (debtor_id, client_id)
        references debtor_client (debtor_id, client_id),
    constraint ck_plugin_value_key check (length(key) between 1 and 200),
    -- A value about a person is there as ciphertext only.
    constraint ck_plugin_value_sealed check (
        (debtor_id is not null) = (sealed is not null) and (value is null) = (sealed is not null)
    )
);
create index ix_plugin_value_debtor_id on plugin_value (debtor_id, plugin, client_id, key) where debtor_id is not null;

call protect('plugin_value', 'client');
