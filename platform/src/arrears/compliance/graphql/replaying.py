"""Replays in the schema: which past decisions would now be others, under these rules or under others to try."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from arrears.access.model import Permission
from arrears.compliance.graphql.decisions import MOST_FINDINGS, MOST_PLUGINS, AskedPlugin, Finding
from arrears.compliance.model import Verdict
from arrears.compliance.replaying import Replay, ReplayQuestion, replay
from arrears.compliance.trying import check_groups, host_to_try, with_groups
from arrears.graphql.declare import Info, argument, computed, loaded, output, plain, queries
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import Json
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import AccessError, ErrorCode, InputError
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import decode_id

if TYPE_CHECKING:
    from arrears.compliance.graphql.decisions import Decision

USUAL_PAGE = 50
MOST_FIRST = 100
MOST_SHOWN = 20


@output(description="A decision that would now be another.", permission=Permission.DECISIONS_READ)
class ReplayDifference:
    decision: Decision | None = loaded("decision_id", description="The decision as it was made.")
    decided_at: datetime.datetime = plain(description="The instant that it was decided for.")
    before: Verdict = plain(description="What was decided.")
    after: Verdict = plain(description="What would be decided now, on the same facts.")
    gone: list[Finding] = plain(description="What rules said then and would not say now.", most=MOST_SHOWN)
    new: list[Finding] = plain(description="What rules would say now and did not say then.", most=MOST_SHOWN)


@output(description="How often one rule is behind a difference.", permission=Permission.DECISIONS_READ)
class ReplayedRule:
    plugin: str = plain(description="The plugin whose rule it is.")
    rule: str = plain(description="The rule's id.")
    gone: int = plain(description="How often something that it said would not be said now.")
    new: int = plain(description="How often it would say something new.")


@output(description="A page of past decisions put to the rules again.", permission=Permission.DECISIONS_READ)
class DecisionsReplay:
    replayed: int = plain(description="How many decisions of this page were asked again.")
    erased: int = plain(description="How many were not, because the facts of their persons were erased.")
    differences: list[ReplayDifference] = plain(
        description="Those that would be others, in the order in which they were decided.", most=MOST_FIRST
    )
    by_rule: list[ReplayedRule] = plain(description="The differences by rule.", most=MOST_FINDINGS)
    plugins: list[AskedPlugin] = plain(description="The plugins that were asked, as they are now.", most=MOST_PLUGINS)
    settings_version: int = plain(description="The version of the settings that they were asked under.")
    end_cursor: str | None = plain(description="The last decision of this page: give it as `after` for the next one.")
    has_next_page: bool = plain(description="Whether more decisions follow.")


@queries
class ReplayQueries:
    @computed(
        permission=Permission.DECISIONS_READ,
        description="Past decisions put to the rules again, on the facts that they were made on: which would now be"
        " others, and why. What the platform itself found stays. Nothing is stored. To try a plugin or settings needs"
        " the permission settings.write.",
        cost=FieldCost(once=20_000, each=300, usual=USUAL_PAGE),
    )
    async def decisions_replay(
        self,
        info: Info,
        since: Annotated[datetime.datetime, argument(description="From this instant on.")],
        until: Annotated[
            datetime.datetime, argument(description="Up to this instant, which is not within; at most 31 days later.")
        ],
        plugin: Annotated[
            str | None, argument(description="A plugin to try: it is asked as if it were enabled everywhere.")
        ] = None,
        settings: Annotated[
            Json | None,
            argument(description="Settings to try, by plugin or group, as the deployment would have them."),
        ] = None,
        rule: Annotated[str | None, argument(description="Show only differences that this rule is behind.")] = None,
        first: Annotated[int, argument(description="How many decisions to look at, at most 100.")] = USUAL_PAGE,
        after: Annotated[ID | None, argument(description="The decision after which to go on.")] = None,
    ) -> DecisionsReplay:
        operation: RunningOperation = info.context
        if not 1 <= first <= MOST_FIRST:
            raise InputError(f"A page has 1 to {MOST_FIRST} decisions.", field=("first",))
        question = ReplayQuestion(
            since=since,
            until=until,
            rule=rule,
            after=None if after is None else decode_id("deci", after),
            first=first,
        )
        return await _replayed(operation.context, question, plugin, settings)  # type: ignore[return-value]


async def _replayed(context: Context, question: ReplayQuestion, plugin: str | None, settings: object) -> Replay:
    host = context.service(PluginHost)
    if plugin is None and settings is None:
        return await replay(context, host, question)
    if not context.principal.may(Permission.SETTINGS_WRITE):
        raise AccessError(f"This needs the permission {Permission.SETTINGS_WRITE}.", code=ErrorCode.FORBIDDEN)
    snapshot, groups = await host.snapshot(), _groups(settings)
    changed = with_groups(snapshot, groups, plugin)
    await check_groups(context, snapshot, changed, groups)
    async with host_to_try(host, changed, wanted=[] if plugin is None else [plugin]) as beside:
        return await replay(context, beside, question)


def _groups(settings: object) -> Mapping[str, Mapping[str, JsonValue]]:
    if settings is None:
        return {}
    if not isinstance(settings, dict) or not all(isinstance(values, dict) for values in settings.values()):
        message = 'Settings are given by plugin or group: {"quiet-hours": {"earliest": "09:00"}}.'
        raise InputError(message, field=("settings",))
    return settings
