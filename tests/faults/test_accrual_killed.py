"""The process that books interest is killed within and between its transactions; what goes on from there is exact."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arrears.ledger import accruing
from arrears_sdk.events import JsonValue
from tests.conftest import Deployment, Server, fresh_deployment
from tests.faults.conftest import NIGHTLY
from tests.faults.crashing_accrual import STEPS
from tests.product.ledger.bearing import Bearing
from tests.product.ledger.books import Books

ROOT = Path(__file__).parents[2]
ACCOUNTS, DAYS = 5, 40
NUMBERS = (1, 2, 4, 7, 11) if NIGHTLY else (1, 4)
RULE: dict[str, JsonValue] = {
    "method": "COMPOUND",
    "compounding": "MONTHLY",
    "contract": True,
    "day_count": "ACTUAL_ACTUAL",
    "bears": ["PRINCIPAL", "FEES"],
}
Crashing = Callable[[dict[str, Any]], int]


@pytest.fixture(scope="module")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashing]:
    """Has a process book interest that is killed at the step; gives how it ended."""
    output = tmp_path_factory.mktemp("accruing") / "errors"
    with output.open("wb") as errors, subprocess.Popen(
        [sys.executable, "-m", "tests.faults.crashing_accrual"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as process:  # fmt: skip
        told, ended = process.stdin, process.stdout
        assert told is not None
        assert ended is not None

        def order(given: dict[str, Any]) -> int:
            print(json.dumps(given), file=told, flush=True)
            return int(ended.readline())

        yield order


async def a_book(deployment: Deployment) -> Bearing:
    """Two clients with debts of many sizes, rates and ages, none of whose interest is booked."""
    bearing = await Bearing.opened(Books(deployment), RULE)
    clients = [
        (await bearing.books.client(), "USD", 8),
        (await bearing.books.client(zone="Asia/Tokyo", currency="JPY"), "JPY", 4),
    ]
    for client_id, currency, count in clients:
        for number in range(count):
            percent = Decimal(3 + number) / 2
            opened = date(2026, 1, 8 + 3 * number)
            await bearing.debt(client_id, 123_456 * (number + 1), opened, currency=currency, percent=percent)
    return bearing


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """What a run comes to that nobody kills; found by the first test that asks."""
    return {}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_run_goes_on_where_it_stopped(
    server: Server,
    deployment: Deployment,
    crashing: Crashing,
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
) -> None:
    # given
    monkeypatch.setattr(accruing, "ACCOUNTS_PER_PARTITION", ACCOUNTS)
    monkeypatch.setattr(accruing, "DAYS_PER_TRANSACTION", DAYS)
    if not undisturbed:
        async with fresh_deployment(server) as other:
            whole = await a_book(other)
            await whole.accrue()
            undisturbed |= await whole.ledger()
    bearing = await a_book(deployment)
    # when: the second run is killed at the same step as the first
    told = {
        "step": step,
        "number": number,
        "accounts": ACCOUNTS,
        "days": DAYS,
        "at": deployment.clock.now().isoformat(),
        "url": deployment.urls.worker,
        "settings": {"debts": {"interest": [RULE]}},
    }
    ended = [crashing(told), crashing(told)]
    before = await bearing.ledger()
    await bearing.accrue()
    # then
    assert ended[0] == -signal.SIGKILL
    assert len(before["entries"]) < len(undisturbed["entries"])
    assert await bearing.ledger() == undisturbed
    assert (await bearing.accrue()).entries == 0
    assert await bearing.is_sound()
