"""R16: a plugin in a process of its own: even a call that never lets go of the interpreter is survived."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.settings import DEPLOYMENT
from arrears.plugins.status import PluginState
from arrears_sdk.clock import FixedClock
from arrears_sdk.ports.gateway import WebhookRefusedError, WebhookRequest
from arrears_sdk.ruling import Ruling, Verdict
from tests.conftest import Deployment
from tests.plugin_hosts import TestHost, host_with, open_host
from tests.product.plugins.attempts import contact

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Open = Callable[..., Awaitable[TestHost]]

PLUGIN = '''
import os
import time
from arrears_sdk import Config, Plugin, Ruling
from pydantic import SecretStr

class TroubleConfig(Config):
    word: SecretStr | None = None

class Trouble(Plugin[TroubleConfig]):
    """Finds trouble by the hour."""

    name = "trouble"
    personal_data = False

    async def start(self):
        self.started_in = os.getpid()

    async def rule_on_contacts(self, attempts):
        hour = attempts[0].at.hour
        if hour == 1:
            sum(range(10**11))  # never lets go of the interpreter
        if hour == 2:
            os._exit(7)
        if hour == 3:
            raise ValueError("no")
        if hour == 4:
            self.host.log.warning("asked at %s", self.host.clock.now().isoformat())
        if hour == 5:
            seen = await self.host.values().get("seen") or 0
            await self.host.values().put("seen", seen + 1)
            return [Ruling.warn(f"seen {seen}") for _ in attempts]
        if hour == 6:
            return [Ruling.warn(self.config.word.get_secret_value()) for _ in attempts]
        if hour == 7:
            time.sleep(0.3)
        return [Ruling.warn(f"process {self.started_in}") for _ in attempts]
'''


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    hosts: list[TestHost] = []
    file = tmp_path / "trouble.py"
    file.write_text(PLUGIN)

    async def open_one(**settings: Any) -> TestHost:
        group = {"isolation": "process", "budget_seconds": {"rule_on_contacts": 0.5}, **settings}
        hosts.append(await open_host([], {"trouble": group}, clock=FixedClock(NOON), files=[file]))
        return hosts[-1]

    yield open_one
    for one in hosts:
        await one.host.close()


async def ask(one: TestHost, hour: int = 12) -> Ruling:
    (ruling,) = await one.host.rule("rule_on_contacts", [contact(hour=hour)], [DEPLOYMENT])
    return ruling


async def test_a_call_that_holds_the_interpreter_is_survived(opened: Open) -> None:
    # given a plugin that works
    one = await opened()
    before = await ask(one)
    assert before.deciding[0].reason.startswith("process ")

    # when it computes for ever, the platform's loop goes on turning
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    turning = asyncio.create_task(turn())
    began = time.monotonic()
    stuck = await ask(one, hour=1)
    taken = time.monotonic() - began
    turning.cancel()

    # then it is refused in time, and asked again in another process
    assert stuck.verdict is Verdict.DENY
    assert "took longer than 0.5 s, and its process was ended" in stuck.deciding[0].reason
    assert taken < 3
    assert turns > 20
    after = await ask(one)
    assert after.verdict is Verdict.WARN
    assert after.deciding[0].reason != before.deciding[0].reason


async def test_a_process_that_dies_fails_its_call_and_comes_back(opened: Open) -> None:
    one = await opened()
    dead = await ask(one, hour=2)
    assert (dead.verdict, "its process ended by itself" in dead.deciding[0].reason) == (Verdict.DENY, True)
    assert (await ask(one)).verdict is Verdict.WARN


async def test_what_it_raises_is_told_as_in_a_thread(opened: Open) -> None:
    one = await opened()
    assert "ValueError: no" in (await ask(one, hour=3)).deciding[0].reason


async def test_one_call_that_blocks_does_not_lose_those_that_wait_for_it(opened: Open) -> None:
    one = await opened()
    await ask(one)
    rulings = await asyncio.gather(*(ask(one, hour=hour) for hour in (7, 12, 12)))
    assert [ruling.verdict for ruling in rulings] == [Verdict.WARN] * 3


async def test_the_clock_and_the_log_are_the_platforms(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    one = await opened()
    with caplog.at_level(logging.WARNING, "arrears.plugin.trouble"):
        await ask(one, hour=4)
    assert [record.getMessage() for record in caplog.records if record.name == "arrears.plugin.trouble"] == [
        "asked at 2026-03-02T12:00:00+00:00"
    ]


async def test_a_secret_is_fetched_in_the_process(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROUBLE_WORD", "sesame")
    one = await opened(word={"env": "TROUBLE_WORD"})
    assert (await ask(one, hour=6)).deciding[0].reason == "sesame"


async def test_values_are_kept_through_the_platform(deployment: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "trouble.py"
    file.write_text(PLUGIN)
    one = await host_with(deployment, [], {"trouble": {"isolation": "process"}}, files=[file])
    assert [(await ask(one, hour=5)).deciding[0].reason for _ in range(3)] == ["seen 0", "seen 1", "seen 2"]


GATEWAY = """
from arrears_sdk import Declined, Done, Plugin
from arrears_sdk.ports.gateway import GatewayCapabilities, WebhookRefusedError
from arrears_sdk.vocabulary import PaymentMethodKind

class Till:
    key = "till"
    capabilities = GatewayCapabilities(methods=frozenset(PaymentMethodKind))

    async def charge(self, request):
        return Done(reference="r")

    async def refund(self, request):
        return "fine"

    async def fetch(self, order):
        raise LookupError("gone")

    def parse_webhook(self, request):
        raise WebhookRefusedError("bad signature")

class TillPlugin(Plugin):
    name = "till"

    def register_gateways(self):
        return [Till()]
"""


@pytest.mark.parametrize("isolation", ["thread", "process"])
async def test_a_port_answers_alike_in_a_thread_and_in_a_process(tmp_path: Path, isolation: str) -> None:
    # given
    file = tmp_path / "till.py"
    file.write_text(GATEWAY)
    one = await open_host([], {"till": {"isolation": isolation}}, clock=FixedClock(NOON), files=[file])
    bound = (await one.host.gateways(DEPLOYMENT))["till"]

    # when, then
    try:
        assert bound.port.key == "till"
        assert type(await bound.call("charge", None)).__name__ == "Done"
        with pytest.raises(PluginFailedError) as wrong:
            await bound.call("refund", None)
        assert (wrong.value.kind, wrong.value.plugin) == (FailureKind.WRONG_ANSWER, "till")
        with pytest.raises(PluginFailedError, match="LookupError"):
            await bound.call("fetch", None)
        for _ in range(7):
            with pytest.raises(WebhookRefusedError, match="bad signature"):
                await bound.call("parse_webhook", WebhookRequest(headers={}, body=b"", received_at=NOON))
        assert {status.name: status.state for status in one.host.plugins()} == {"till": PluginState.ENABLED}
    finally:
        await one.host.close()
