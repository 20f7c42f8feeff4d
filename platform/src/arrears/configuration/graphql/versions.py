"""The history of settings, and changing them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from strawberry import Maybe

from arrears.access.model import Permission
from arrears.configuration.commands import settings_change
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    entity,
    loaded,
    mutations,
    one,
    plain,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.inputs import ID, Input, input_field, input_type
from arrears.graphql.mutations import Payload, mutation, payload, run
from arrears.graphql.scalars import Json

if TYPE_CHECKING:
    from arrears.access.graphql import Principal
    from arrears.clients.graphql import Client, Portfolio


@entity(
    "sett",
    table="settings_version",
    description="One change of what one place says about one group of settings. Every one is kept.",
    permission=Permission.SETTINGS_READ,
    scope_column="client_id",
)
class SettingsVersion:
    number: int = column(
        description="The version of all settings that this change made; it counts up by one.", filter=True, order=True
    )
    group: str = column("group_name", description="The plugin or the platform's group.", filter=True)
    client: Client | None = one(
        "client_id", description="The client of the place; null for the deployment.", filter=True
    )
    portfolio: Portfolio | None = one(
        "portfolio_id", description="The portfolio of the place, if it is one.", filter=True
    )
    before: Json | None = column(
        description="What the place said until then: `enabled`, `required`, `values`, `locked`; null for nothing."
    )
    after: Json | None = column(description="What it says from then on, in the same form; null for nothing.")
    principal: Principal | None = one("principal_id", description="Who changed it, unless the platform.")
    principal_name: str | None = column(description="Which part of the platform changed it, such as the command line.")
    reason: str | None = column(description="Why, in the words of whoever changed it.")
    changed_at: datetime.datetime = column(description="When it was changed, by the platform's clock.")


@queries
class SettingsVersionQueries:
    settings_version: SettingsVersion | None = root_one(description="One change of settings.")
    settings_versions: Connection[SettingsVersion] = root_many(
        description="All changes of settings of the clients that you may see, the latest first; of the deployment"
        " itself only for those who may see every client.",
        order="-number",
    )


@input_type(description="What one place is to say about one group of settings; what is left out stays.")
class SettingsChangeInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    client_id: ID | None = input_field("clnt", description="The client; left out for the whole deployment.")
    portfolio_id: ID | None = input_field("port", description="The portfolio, if only one is meant.")
    group: str = input_field(description="The name of a plugin, or of one of `settingGroups`.")
    version: int = input_field(
        description="The settings version that you read; CONFLICT when the place has said otherwise since."
    )
    enabled: Maybe[bool | None] = input_field(
        description="Whether the plugin is on here; null leaves it to wider places."
    )
    required: Maybe[bool | None] = input_field(
        description="Whether the platform may not start without the plugin; null leaves it to wider places."
    )
    settings: Maybe[Json] = input_field(
        description='New values by name, each in place of the whole earlier one. A secret is {"env": "NAME"} or'
        ' {"file": "/path"}.'
    )
    reset: Maybe[list[str]] = input_field(description="Names of settings that this place shall no longer say.")
    locked: Maybe[list[str]] = input_field(
        description="All names that narrower places may not change, `enabled` among them; what they say of these now"
        " is removed."
    )
    reason: Maybe[str | None] = input_field(description="Why; kept with the version and in the audit.")


@payload
class SettingsChangePayload(Payload):
    """The change, and the version of all settings after it."""

    settings_version: SettingsVersion | None = loaded(
        "settings_version_id", description="The change; null when everything was as asked already."
    )
    version: int | None = plain(
        description="The version of all settings now; higher than the change's own when its locks removed others."
    )


@mutations
class SettingsMutations:
    @mutation(
        settings_change,
        description="Change what the deployment, a client or a portfolio says about a plugin or a part of the platform."
        " It holds in every process within a second, without a restart.",
    )
    async def settings_change(self, info: Info, input: SettingsChangeInput) -> SettingsChangePayload:
        return await run(info, SettingsChangePayload, settings_change, input, idempotency_key=input.idempotency_key)
