"""Single calls: time budgets, ports, pages, duties, and what is logged, measured and traced."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import structlog

from arrears.plugins.breaker import Breaker
from arrears.plugins.failures import FailureKind, PluginFailedError, PluginStartError
from arrears.plugins.measurements import Durations
from arrears.plugins.settings import DEPLOYMENT
from arrears.plugins.status import PluginState
from arrears_sdk import ContactAttempt, DataSubject, Plugin, Ruling
from arrears_sdk.events import Event, JsonValue
from arrears_sdk.ports.importer import ImportedRow, ImportLayout
from arrears_sdk.ports.subscriber import Subscriber
from tests.plugin_hosts import TestHost
from tests.product.plugins.attempts import contact

Open = Callable[..., Awaitable[TestHost]]
SUBJECT = DataSubject(request_id="dreq_1", debtor_id="dbtr_1")


class Lines:
    """An importer of as many rows as the mapping says."""

    key = "lines"

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Any, ...]:
        return ()

    def layout(self, source: Any) -> ImportLayout:
        return ImportLayout(meaning="lines")

    def rows(self, source: Any) -> Iterator[ImportedRow]:
        for line in range(source):
            yield ImportedRow(line=line, raw=str(line), values={})
        if source == 7:
            raise ValueError("torn file")


class Linear(Plugin):
    name = "linear"

    def register_importers(self) -> Sequence[Any]:
        return [Lines()]


async def test_what_iterates_is_read_in_pages(opened: Open) -> None:
    one = await opened(Linear)
    bound = (await one.host.importers())["lines"]
    assert [len(page) async for page in bound.pages("rows", 1_100)] == [500, 500, 100]
    assert [len(page) async for page in bound.pages("rows", 4, rows=2)] == [2, 2]
    assert [len(page) async for page in bound.pages("rows", 0)] == []
    with pytest.raises(PluginFailedError, match="torn file"):
        [page async for page in bound.pages("rows", 7, rows=3)]


class Listener(Plugin):
    name = "listener"

    def register_subscribers(self) -> Sequence[Subscriber]:
        return [Subscriber(key="all", events=("PaymentRecorded", "HoldPlaced"), handle=self._take)]

    async def _take(self, event: Event) -> None:
        raise ConnectionError("nobody listens")


async def test_subscribers_are_found_by_event_and_no_poison_opens_their_breaker(opened: Open) -> None:
    one = await opened(Listener)
    assert await one.host.subscribers("AccountOpened", DEPLOYMENT) == []
    (bound,) = await one.host.subscribers("HoldPlaced", DEPLOYMENT)
    kinds = []
    for _ in range(7):
        with pytest.raises(PluginFailedError) as failed:
            await bound.call("handle", None)
        kinds.append(failed.value.kind)
    assert kinds == [FailureKind.RAISED] * 7
    assert [status.state for status in one.host.plugins()] == [PluginState.ENABLED]


class Keeper(Plugin):
    name = "keeper"
    personal_data = True

    def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        return {"notes": [subject.debtor_id]}

    async def erase_personal_data(self, subject: DataSubject) -> None:
        raise TimeoutError("the provider is away")


async def test_duties_are_answered_one_by_one(opened: Open) -> None:
    one = await opened(Keeper, Linear)
    (exported,) = await one.host.duty("export_personal_data", SUBJECT, DEPLOYMENT)
    (erased,) = await one.host.duty("erase_personal_data", SUBJECT, DEPLOYMENT)
    assert (exported.plugin, exported.answer, exported.failure) == ("keeper", {"notes": ["dbtr_1"]}, None)
    assert (erased.plugin, erased.answer) == ("keeper", None)
    assert erased.failure == "raised TimeoutError: the provider is away"


class Slowly(Plugin):
    name = "slowly"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        threading.Event().wait(0.15)
        return [Ruling()] * len(attempts)


async def test_a_call_that_waits_for_another_gets_its_whole_budget(opened: Open) -> None:
    one = await opened(Slowly, settings={"slowly": {"budget_seconds": {"rule_on_contacts": 0.25}}})
    asked = (one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT]) for _ in range(2))
    rulings = await asyncio.gather(*asked)
    assert rulings == [[Ruling()], [Ruling()]]


async def test_a_caller_that_goes_away_is_no_failure_of_the_plugin(opened: Open) -> None:
    one = await opened(Slowly)
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT]) == [Ruling()]
    assert [(status.failures, status.state) for status in one.host.plugins()] == [(0, PluginState.ENABLED)]


async def test_calls_are_counted_and_timed(opened: Open) -> None:
    one = await opened(Slowly)
    for _ in range(3):
        await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    (told,) = one.host.plugins()
    assert (told.calls, told.failures, told.last_failure) == (3, 0, None)
    assert told.p50_seconds is not None
    assert told.p99_seconds is not None
    assert 0.14 < told.p50_seconds <= told.p99_seconds < 2


async def test_a_trace_shows_calls_and_no_personal_data(opened: Open) -> None:
    class Leaky(Plugin):
        name = "leaky"

        def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
            return {"email": "jane@example.org", "seen": "jane@example.org called from +1 212 555 0123"}

    one = await opened(Leaky, trace=True)
    with structlog.testing.capture_logs() as lines:
        await one.host.duty("export_personal_data", SUBJECT, DEPLOYMENT)
    (line,) = [line for line in lines if line["event"] == "plugin.called"]
    assert (line["plugin"], line["call"]) == ("leaky", "export_personal_data")
    assert line["answered"] == {"email": "****", "seen": "**** called from ****"}
    assert line["given"][0]["debtor_id"] == "dbtr_1"
    assert "jane" not in json.dumps(line, default=str)


async def test_a_log_is_in_the_plugins_name(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    class Chatty(Plugin):
        name = "chatty"

        def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
            self.host.log.warning("looked at %d", len(attempts))
            return [Ruling()] * len(attempts)

    one = await opened(Chatty)
    with caplog.at_level(logging.WARNING):
        await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert [(r.name, r.getMessage()) for r in caplog.records if r.name.startswith("arrears.plugin.")] == [
        ("arrears.plugin.chatty", "looked at 1")
    ]


async def test_a_key_of_two_plugins_stops_the_start_with_both(opened: Open) -> None:
    class Copy(Linear):
        name = "copy"

    with pytest.raises(PluginStartError, match="copy and linear both have the importer 'lines'"):
        await opened(Linear, Copy)


async def test_registering_something_else_disables_the_plugin(opened: Open) -> None:
    class Wrong(Plugin):
        name = "wrong"

        def register_gateways(self) -> Any:
            return [object()]

    one = await opened(Wrong)
    (told,) = one.host.plugins()
    assert told.state is PluginState.FAILED
    assert "register_gateways gave object, which is no Gateway" in str(told.reason)


def test_a_breaker_lets_one_trial_through() -> None:
    now = [0.0]
    breaker = Breaker(failures_allowed=2, cool_down_seconds=10, now=lambda: now[0])
    assert [breaker.failed(), breaker.failed()] == [False, True]
    assert not breaker.admits()
    now[0] = 10
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.undecided()
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    now[0] = 20
    assert breaker.admits()
    assert breaker.succeeded()
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_durations_take_bounded_room_and_are_right_within_a_tenth() -> None:
    durations = Durations()
    for milliseconds in range(1, 1_001):
        durations.add(milliseconds / 1_000)
    size = len(durations.counts)
    durations.add(1e9)
    durations.add(0)
    assert len(durations.counts) == size
    median, slowest = durations.quantile(0.5), durations.quantile(0.99)
    assert median is not None
    assert slowest is not None
    assert 0.5 <= median < 0.56
    assert 0.99 <= slowest < 1.1
    assert Durations().quantile(0.5) is None
