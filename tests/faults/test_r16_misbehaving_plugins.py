"""R16: a plugin that raises, hangs, blocks or answers nonsense: its operation fails cleanly; it is named."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog

from arrears.plugins.deciding import FAILED_RULE
from arrears.plugins.failures import PluginStartError
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.plugins.status import PluginState, PluginStatus
from arrears_sdk import Account, ContactAttempt, Plugin, Ruling, Score
from arrears_sdk.clock import FixedClock
from arrears_sdk.ruling import ALLOWED, Verdict
from tests.plugin_hosts import TestHost, open_host
from tests.product.plugins.attempts import account, contact

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Open = Callable[..., Awaitable[TestHost]]
QUICK = {"rule_on_contacts": 0.2, "score_accounts": 0.2}


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    hosts: list[TestHost] = []

    async def open_one(*plugins: type[Plugin], **options: Any) -> TestHost:
        options.setdefault("settings", {plugin.name: {"budget_seconds": dict(QUICK)} for plugin in plugins})
        hosts.append(await open_host(plugins, clock=FixedClock(NOON), **options))
        return hosts[-1]

    yield open_one
    for one in hosts:
        await one.host.close()


class Decent(Plugin):
    """Warns about everything, at once."""

    name = "decent"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        return [Ruling.warn("seen", rule="decent.seen")] * len(attempts)

    def score_accounts(self, accounts: Sequence[Account]) -> Sequence[Score]:
        return [Score(value=1.0)] * len(accounts)


class Culprit(Plugin):
    """Does what a test tells it."""

    name = "culprit"
    act: Callable[[Sequence[Any]], Any] = staticmethod(lambda asked: [ALLOWED] * len(asked))

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Any:
        return type(self).act(attempts)

    def score_accounts(self, accounts: Sequence[Account]) -> Any:
        return type(self).act(accounts)


def culprit(act: Callable[[Sequence[Any]], Any]) -> type[Plugin]:
    return type("Told", (Culprit,), {"name": "culprit", "act": staticmethod(act), "__doc__": "Told by a test."})


def status_of(one: TestHost, name: str = "culprit") -> PluginStatus:
    return next(status for status in one.host.plugins() if status.name == name)


async def ask(one: TestHost, count: int = 2) -> list[Ruling]:
    attempts = [contact(number) for number in range(count)]
    return await one.host.rule("rule_on_contacts", attempts, [DEPLOYMENT] * count)


async def reason(one: TestHost) -> str:
    return (await ask(one, 1))[0].deciding[0].reason


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "plugin culprit"]


def _raise(_: object) -> None:
    raise RuntimeError("no database for jane@example.org")


async def _sleep(_: object) -> None:
    await asyncio.sleep(30)


async def _swallow(_: object) -> None:
    for _ in range(100):
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            continue


def _loop(_: object) -> None:
    while True:
        pass


MISDEEDS: dict[str, tuple[Callable[[Sequence[Any]], Any], str]] = {
    "raises": (_raise, "raised RuntimeError: no database for ****"),
    "exits": (lambda _: (_ for _ in ()).throw(SystemExit(3)), "raised SystemExit: 3"),
    "hangs": (_sleep, "took longer than 0.2 s"),
    "sleeps on its loop": (lambda _: time.sleep(1.0), "took longer than 0.2 s and blocks its thread"),
    "loops for ever": (_loop, "took longer than 0.2 s and blocks its thread"),
    "too few answers": (lambda asked: [ALLOWED] * (len(asked) - 1), "gave 1 answers to 2 questions"),
    "too many answers": (lambda asked: [ALLOWED] * (len(asked) + 1), "gave 3 answers to 2 questions"),
    "nonsense": (lambda asked: ["yes"] * len(asked), "answered with a str where a Ruling belongs"),
    "nothing": (lambda _: None, "answered with nothing and not with a list of Ruling"),
    "findings that are none": (lambda asked: [Ruling(frozenset(["no"]))] * len(asked), "something else than findings"),
}


@pytest.mark.parametrize("misdeed", MISDEEDS)
async def test_a_decision_fails_closed_and_names_the_culprit(opened: Open, misdeed: str) -> None:
    # given
    act, why = MISDEEDS[misdeed]
    one = await opened(culprit(act), Decent)

    # when
    with structlog.testing.capture_logs() as logs:
        rulings = await ask(one)

    # then
    for ruling in rulings:
        assert ruling.verdict is Verdict.DENY
        assert {(finding.plugin, finding.rule) for finding in ruling.findings} == {
            ("culprit", FAILED_RULE),
            ("decent", "decent.seen"),
        }
        (refusal,) = ruling.deciding
        assert why in refusal.reason
        assert refusal.reason.startswith("culprit did not answer: it ")
    assert [(line["plugin"], line["log_level"]) for line in logs if line["event"] == "plugin.failed"] == [
        ("culprit", "warning")
    ]
    told = status_of(one)
    assert (told.calls, told.failures) == (1, 1)
    assert why in str(told.last_failure)
    assert status_of(one, "decent").failures == 0


@pytest.mark.parametrize("misdeed", ["raises", "hangs", "too few answers", "nonsense"])
async def test_a_contribution_fails_open_and_is_shown(opened: Open, misdeed: str) -> None:
    act, _ = MISDEEDS[misdeed]
    one = await opened(culprit(act), Decent)
    scores = await one.host.score([account(1), account(2)], [DEPLOYMENT, DEPLOYMENT])
    assert scores == [{"decent": Score(value=1.0)}] * 2
    assert status_of(one).failures == 1


async def test_the_breaker_opens_after_five_failures_and_closes_after_recovery(opened: Open) -> None:
    # given a plugin that fails until it is told otherwise
    sound = threading.Event()
    calls = 0

    def act(asked: Sequence[Any]) -> list[Ruling]:
        nonlocal calls
        calls += 1
        if not sound.is_set():
            raise ValueError("not yet")
        return [ALLOWED] * len(asked)

    one = await opened(culprit(act), cool_down_seconds=0.4)

    # when it fails five times, it is asked no more
    for _ in range(8):
        (ruling,) = await ask(one, 1)
        assert ruling.verdict is Verdict.DENY
    assert calls == 5
    assert "is left alone after 5 failures in a row" in ruling.deciding[0].reason
    assert status_of(one).state is PluginState.BROKEN
    assert str(status_of(one).reason).startswith("rule_on_contacts failed 5 times in a row")

    # when the cool-down is over, one call is a trial: it fails, and the breaker stays open
    await asyncio.sleep(0.45)
    rulings = await asyncio.gather(*(ask(one, 1) for _ in range(4)))
    assert calls == 6
    assert all(ruling.verdict is Verdict.DENY for (ruling,) in rulings)

    # when it recovers, the next trial closes it
    sound.set()
    await asyncio.sleep(0.45)
    assert (await ask(one, 1))[0].verdict is Verdict.ALLOW
    assert (await ask(one, 1))[0].verdict is Verdict.ALLOW
    assert status_of(one).state is PluginState.ENABLED


async def test_what_blocks_its_thread_is_replaced_a_few_times_and_then_switched_off(opened: Open) -> None:
    # given a plugin whose calls hold their threads until they are released
    release = threading.Event()
    one = await opened(culprit(lambda _: release.wait(30)))

    # when
    reasons = [await reason(one) for _ in range(4)]

    # then at most three threads hang, and the plugin gets no other
    assert ["blocks its thread" in reason for reason in reasons] == [True, True, True, False]
    assert "is switched off: 3 of its calls hang" in reasons[3]
    assert len(threads()) == 3
    assert status_of(one).state is PluginState.BROKEN

    # when they come back, so does the plugin
    release.set()
    await asyncio.gather(*(asyncio.to_thread(thread.join, 5) for thread in threads()))
    assert "answered with a bool" in await reason(one)


async def test_a_loop_in_python_is_ended_when_it_is_given_up(opened: Open) -> None:
    one = await opened(culprit(_loop))
    before = threads()
    await ask(one, 1)
    await asyncio.gather(*(asyncio.to_thread(thread.join, 5) for thread in before))
    assert not any(thread.is_alive() for thread in before)
    assert len(before) == 1


async def test_a_call_that_swallows_its_cancellation_does_not_hold_up_others(opened: Open) -> None:
    one = await opened(culprit(_swallow), Decent)
    assert (await ask(one))[0].verdict is Verdict.DENY
    assert any(check.id == "hanging" for check in status_of(one).checks)


async def test_a_plugin_cannot_change_what_the_next_one_is_asked(opened: Open) -> None:
    def mutate(asked: Any) -> list[Ruling]:
        for change in (lambda: asked.append(1), lambda: asked.__setitem__(0, None)):
            with pytest.raises((AttributeError, TypeError)):
                change()
        with pytest.raises(AttributeError):
            asked[0].at = None
        return [ALLOWED] * len(asked)

    one = await opened(culprit(mutate), Decent)
    assert [ruling.verdict for ruling in await ask(one)] == [Verdict.WARN, Verdict.WARN]


async def test_two_that_disagree_are_both_recorded_and_the_strictest_wins(opened: Open) -> None:
    later = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    one = await opened(
        culprit(lambda asked: [Ruling.defer(later, "not today", rule="culprit.day")] * len(asked)), Decent
    )
    (ruling,) = await ask(one, 1)
    assert (ruling.verdict, ruling.until) == (Verdict.DEFER, later)
    assert [(finding.plugin, finding.verdict) for finding in ruling.ordered] == [
        ("culprit", Verdict.DEFER),
        ("decent", Verdict.WARN),
    ]


SLOW = """
import time
time.sleep({seconds})
from arrears_sdk import Plugin, Ruling

class Slow(Plugin):
    name = "slow"
    def rule_on_contacts(self, attempts):
        return [Ruling.warn("slow")] * len(attempts)
"""


async def test_an_import_that_takes_too_long_is_given_up_and_told(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "slow_for_ever.py"
    file.write_text(SLOW.format(seconds=20))
    began = time.monotonic()
    one = await opened(Decent, settings={"decent": {}}, files=[file], import_seconds=0.3)
    assert time.monotonic() - began < 5
    told = status_of(one, "slow")
    assert (told.state, told.reason) == (
        PluginState.FAILED,
        "Its import did not end within 0.3 s: import what is heavy where it is used.",
    )
    # Of a plugin that was never imported nobody knows what it would have ruled on.
    assert [finding.rule for finding in (await ask(one))[0].ordered] == ["arrears.plugin-missing", "decent.seen"]


async def test_a_slow_import_is_told(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "slow_a_little.py"
    file.write_text(SLOW.format(seconds=2.1))
    one = await opened(settings={}, files=[file])
    told = status_of(one, "slow")
    assert told.state is PluginState.ENABLED
    assert any(check.id == "import" and check.status == "WARNING" for check in told.checks)


async def test_a_name_that_is_taken_stops_the_start_with_both(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "usurper.py"
    file.write_text('from arrears_sdk import Plugin\n\nclass Usurper(Plugin):\n    name = "decent"\n')
    with pytest.raises(PluginStartError, match=r"'decent': class Decent and file .*usurper\.py"):
        await opened(Decent, files=[file])


async def test_a_required_plugin_that_fails_stops_the_start(opened: Open) -> None:
    class Unstartable(Plugin):
        name = "unstartable"

        async def start(self) -> None:
            raise OSError("no network")

        def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
            return []

    optional = await opened(Unstartable, Decent)
    assert status_of(optional, "unstartable").state is PluginState.FAILED
    assert [finding.rule for finding in (await ask(optional))[0].ordered] == ["arrears.plugin-missing", "decent.seen"]
    said = {"unstartable": GroupSettings(enabled=True, required=True)}
    required = SettingsSnapshot(1, {DEPLOYMENT: said})
    with pytest.raises(PluginStartError, match="'unstartable' is required and does not run: It did not start: OSError"):
        await opened(Unstartable, settings=required)
    lenient = await opened(Unstartable, settings=required, strict=False)
    (ruling,) = await ask(lenient, 1)
    assert ruling.verdict is Verdict.DENY
    by_a_client = SettingsSnapshot(1, {Place(uuid4()): {"gone": GroupSettings(enabled=True, required=True)}})
    with pytest.raises(PluginStartError, match="'gone' is required and does not run"):
        await opened(Decent, settings=by_a_client)
