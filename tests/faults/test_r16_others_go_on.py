"""R16: while one plugin misbehaves, what others are asked and what the platform answers hardly get slower."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from arrears.plugins.settings import DEPLOYMENT
from arrears_sdk import ContactAttempt, PaymentAttempt, Plugin, Ruling
from arrears_sdk.clock import FixedClock
from arrears_sdk.ruling import ALLOWED
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import TestHost, host_with, open_host
from tests.product.plugins.attempts import contact, payment

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALLS = 400
ATTEMPTS = 20
MISBEHAVING_SECONDS = 2.0
Ask = Callable[[], Awaitable[object]]


class Steady(Plugin):
    """Looks at every attempt, as a rule does."""

    name = "steady"

    async def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        # About as long as a dozen rules take.
        return [
            ALLOWED if sum(hash((attempt.at, n)) % 7 for n in range(60)) else Ruling.warn("x") for attempt in attempts
        ]


class Nuisance(Plugin):
    """Is asked about payments while the other is asked about contacts."""

    name = "nuisance"
    act: Callable[[], Any] = staticmethod(lambda: None)

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Any:
        return type(self).act()


async def _sleep() -> list[Ruling]:
    await asyncio.sleep(MISBEHAVING_SECONDS)
    return [ALLOWED]


def _block() -> list[Ruling]:
    time.sleep(MISBEHAVING_SECONDS)
    return [ALLOWED]


def _loop() -> list[Ruling]:
    until = time.monotonic() + MISBEHAVING_SECONDS
    while time.monotonic() < until:
        pass
    return [ALLOWED]


async def p99(ask: Ask, while_running: asyncio.Task[list[Ruling]] | None = None) -> float:
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - began)
        if while_running is not None and while_running.done():
            break
    assert len(taken) > 20
    return sorted(taken)[int(len(taken) * 0.99)]


async def compare(one: TestHost, ask: Ask) -> list[float]:
    """In three rounds, how much slower the slowest hundredth gets while the nuisance is at work."""
    await p99(ask)
    ratios = []
    for _ in range(3):
        quiet = await p99(ask)
        misbehaving = asyncio.create_task(one.host.rule("rule_on_payments", [payment()], [DEPLOYMENT]))
        await asyncio.sleep(0.05)
        noisy = await p99(ask, misbehaving)
        (ruling,) = await misbehaving
        assert ruling == ALLOWED
        ratios.append(noisy / quiet)
    return ratios


def nuisance(act: Callable[[], Any]) -> type[Plugin]:
    return type("Bad", (Nuisance,), {"name": "nuisance", "act": staticmethod(act), "__doc__": "Misbehaves."})


# The best of the rounds counts, since a neighbour on the machine only ever makes it worse.
MISDEEDS = pytest.mark.parametrize(
    ("act", "most"), [(_sleep, 2.0), (_block, 2.0), (_loop, 5.0)], ids=["waits", "blocks its loop", "loops in Python"]
)
BUDGETS: dict[str, Any] = {"budget_seconds": {"rule_on_payments": MISBEHAVING_SECONDS + 2}}


@pytest.mark.alone
@MISDEEDS
async def test_other_plugins_hardly_get_slower(act: Callable[[], Any], most: float) -> None:
    # given two plugins, one of which is about to misbehave
    settings: dict[str, Any] = {"steady": {}, "nuisance": BUDGETS}
    one = await open_host([Steady, nuisance(act)], settings, clock=FixedClock(NOON))
    attempts = [contact(number) for number in range(ATTEMPTS)]

    # when
    try:
        ratios = await compare(one, lambda: one.host.rule("rule_on_contacts", attempts, [DEPLOYMENT] * ATTEMPTS))
    finally:
        await one.host.close()

    # then
    assert min(ratios) <= most, ratios


@pytest.mark.alone
@MISDEEDS
async def test_the_api_hardly_gets_slower(
    deployment: Deployment, api: Api, act: Callable[[], Any], most: float
) -> None:
    one = await host_with(deployment, [nuisance(act)], {"nuisance": BUDGETS})
    ratios = await compare(one, lambda: api("query Worklist { accounts(first: 10) { nodes { id } totalCount } }"))
    assert min(ratios) <= most, ratios
