"""Settings that change while the platform runs: no restart, and nothing that was enabled is left out in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.plugins.status import PluginState, PluginStatus
from arrears_sdk import Config, ContactAttempt, Plugin, Ruling
from arrears_sdk.ports.graphql import GraphQLParts, RootQuery
from arrears_sdk.ruling import Verdict
from tests.plugin_hosts import TestHost, enabled_at
from tests.product.plugins.attempts import contact

Open = Callable[..., Awaitable[TestHost]]


class LimitConfig(Config):
    hour: int


class Limit(Plugin[LimitConfig]):
    """Refuses what comes after an hour, and keeps a diary of its life."""

    name = "limit"
    diary: ClassVar[list[str]] = []

    async def start(self) -> None:
        self.diary.append(f"start {self.config.hour}")

    async def stop(self) -> None:
        self.diary.append(f"stop {self.config.hour}")

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        late = Ruling.deny("late", rule="limit.late")
        return [late if one.at.hour >= self.config.hour else Ruling() for one in attempts]


@pytest.fixture(autouse=True)
def _blank_diary() -> None:
    Limit.diary.clear()


async def verdict(one: TestHost, place: Place = DEPLOYMENT) -> Verdict:
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [place])
    return ruling.verdict


def told(one: TestHost) -> PluginStatus:
    return next(status for status in one.host.plugins() if status.name == "limit")


async def test_a_plugin_is_enabled_changed_and_disabled_without_a_restart(opened: Open) -> None:
    # given a host where it is enabled nowhere
    one = await opened(Limit, settings={})
    assert (await verdict(one), told(one).state) == (Verdict.ALLOW, PluginState.DISABLED)

    # when it is enabled
    one.change({"limit": {"hour": 10}})
    assert (await verdict(one), told(one).state) == (Verdict.DENY, PluginState.ENABLED)

    # when its settings change, the next question is answered under the new ones
    one.change({"limit": {"hour": 20}})
    assert await verdict(one) is Verdict.ALLOW

    # when it is disabled, its objects are stopped
    one.change({})
    assert (await verdict(one), told(one).state) == (Verdict.ALLOW, PluginState.DISABLED)
    assert Limit.diary == ["start 10", "start 20", "stop 10", "stop 20"]


async def test_equal_settings_share_an_object(opened: Open) -> None:
    places = [Place(uuid4()) for _ in range(5)]
    one = await opened(Limit, settings=enabled_at({place: {"limit": {"hour": 15}} for place in places}))
    for place in places:
        await verdict(one, place)
    assert Limit.diary == ["start 15"]


async def test_objects_are_bounded_and_the_least_used_is_stopped(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arrears.plugins.runner.MOST_OBJECTS", 2)
    places = [Place(uuid4()) for _ in range(3)]
    settings = enabled_at({place: {"limit": {"hour": 13 + number}} for number, place in enumerate(places)})
    one = await opened(Limit, settings=settings)
    for place in places:
        assert await verdict(one, place) is Verdict.ALLOW
    await one.host.close()
    starts = [line for line in Limit.diary if line.startswith("start")]
    assert len(Limit.diary) == 2 * len(starts)
    # One more than allowed is there only while the one that gives way is being stopped.
    living = [0]
    for line in Limit.diary:
        living.append(living[-1] + (1 if line.startswith("start") else -1))
    assert max(living) <= 3
    assert living[-1] == 0


async def test_wrong_settings_of_one_client_fail_closed_there_and_nowhere_else(opened: Open) -> None:
    # given
    good, bad = Place(uuid4()), Place(uuid4())
    wrong: dict[str, Any] = {"hour": "noon"}
    one = await opened(Limit, settings=enabled_at({good: {"limit": {"hour": 20}}, bad: {"limit": wrong}}))

    # when
    rulings = await one.host.rule("rule_on_contacts", [contact(), contact()], [good, bad])

    # then
    assert [ruling.verdict for ruling in rulings] == [Verdict.ALLOW, Verdict.DENY]
    assert "has wrong settings: limit.hour - input should be a valid integer" in rulings[1].deciding[0].reason
    (fault,) = [check for check in told(one).checks if check.status == "FAILED"]
    assert fault.id == "settings"
    assert fault.message.startswith(f"For {bad.shown} it has wrong settings: limit.hour")

    # when it is put right
    one.change(enabled_at({good: {"limit": {"hour": 20}}, bad: {"limit": {"hour": 20}}}))
    assert await verdict(one, bad) is Verdict.ALLOW
    assert [check.status for check in told(one).checks if check.id in ("settings", "start")] == ["OK"]


async def test_what_failed_is_tried_again_when_its_settings_change(opened: Open) -> None:
    one = await opened(Limit, settings={"limit": {}})
    assert told(one).state is PluginState.FAILED
    assert str(told(one).reason) == "It has wrong settings: limit.hour - field required."
    one.change({"limit": {"hour": 1}})
    assert (await verdict(one), told(one).state) == (Verdict.DENY, PluginState.ENABLED)


async def test_a_required_plugin_that_fails_after_the_start_lets_nothing_pass(opened: Open) -> None:
    one = await opened(Limit, settings={})
    one.change(SettingsSnapshot(2, {DEPLOYMENT: {"limit": GroupSettings(enabled=True, required=True)}}))
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert ruling.verdict is Verdict.DENY
    assert ruling.deciding[0].reason.startswith("limit did not answer: it is required and does not run: ")


async def test_findings_carry_the_version_of_the_settings_they_were_made_under(opened: Open) -> None:
    one = await opened(Limit, settings={"limit": {"hour": 1}})
    versions = []
    for _ in range(2):
        (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
        versions.append({finding.settings_version for finding in ruling.findings})
        one.change({"limit": {"hour": 2}})
    assert versions == [{1}, {2}]


async def test_additions_to_the_schema_need_a_restart_and_say_so(opened: Open) -> None:
    class Adding(Plugin):
        name = "adding"

        def register_graphql(self) -> GraphQLParts:
            query = RootQuery(
                name="answer", description="It.", permission="self.read", returns=int, resolve=lambda asked, given: 42
            )
            return GraphQLParts(queries=(query,))

    late = await opened(Adding, settings={})
    late.change({"adding": {}})
    await late.host.snapshot()
    assert late.host.graphql_parts() == []
    (status,) = late.host.plugins()
    assert [check.message for check in status.checks if check.id == "restart"] == [
        "It adds to the schema and was enabled after the start: restart needed."
    ]
    early = await opened(Adding)
    assert [(loaded.name, len(parts.queries)) for loaded, parts in early.host.graphql_parts()] == [("adding", 1)]
    bound = await early.host.field("adding", "Query.answer", DEPLOYMENT)
    assert bound is not None
    assert await bound.call("resolve", None, {}) == 42
