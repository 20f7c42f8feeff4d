-- Settings by scope: what the deployment, a client or a portfolio says about a group of settings, in every version.

-- One row says what one place says about one group from its number on; `before` is what it said until then. What holds
-- now is the latest row of each place and group, what held at version n the latest of those with a number up to n.
-- The form is json and not jsonb, so that a number comes back as it was written.
create table settings_version (
    id uuid not null,
    number bigint not null,
    client_id uuid,
    portfolio_id uuid,
    group_name text collate "C" not null,
    before json,
    after json,
    principal_id uuid not null,
    principal_name text,
    reason text,
    changed_at timestamptz not null,
    constraint pk_settings_version primary key (id),
    constraint uq_settings_version_number unique (number),
    constraint fk_settings_version_client_id_client foreign key (client_id) references client (id),
    constraint fk_settings_version_client_id_portfolio foreign key (client_id, portfolio_id)
        references portfolio (client_id, id),
    constraint ck_settings_version_number check (number > 0),
    constraint ck_settings_version_portfolio check (portfolio_id is null or client_id is not null)
);
create index ix_settings_version_client_id on settings_version (client_id, number, id);
create index ix_settings_version_portfolio_id on settings_version (portfolio_id, number, id);
create index ix_settings_version_group_name on settings_version (group_name, number, id);
create index ix_settings_version_number_id on settings_version (number, id);

call protect('settings_version', 'client', 'select, insert');
call append_only('settings_version');
