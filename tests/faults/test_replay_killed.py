"""The process that replays accounts is killed within and between its batches; run again, it comes to the same books."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from arrears.ledger.commands import PaymentRecord, record_payment
from arrears.ledger.model import PaymentMethod
from arrears.ledger.replays import replay_books
from arrears_sdk.events import JsonValue
from arrears_sdk.money import Money
from tests.conftest import Deployment, Server, fresh_deployment
from tests.faults.conftest import NIGHTLY
from tests.faults.crashing_replay import STEPS
from tests.product.ledger.bearing import Bearing
from tests.product.ledger.books import Books

ROOT = Path(__file__).parents[2]
ACCOUNTS, BATCH = 8, 3
NUMBERS = (1, 2, 3) if NIGHTLY else (2,)
OLD: dict[str, JsonValue] = {"percent": "7.5"}
NEW: dict[str, JsonValue] = {"percent": "12.25", "day_count": "ACTUAL_360"}
_ALLOCATIONS = """
select payment.effective_on, payment.amount_minor, allocation.sequence, line.component, line.paid_minor
from payment join allocation on allocation.payment_id = payment.id
join allocation_line line on line.allocation_id = allocation.id order by 1, 2, 3, line.position
"""


async def a_book(deployment: Deployment) -> Bearing:
    """Debts with interest and payments, whose rate is then found to have been another all the time."""
    bearing = await Bearing.opened(Books(deployment), OLD)
    client_id = await bearing.books.client()
    for number in range(ACCOUNTS):
        account_id = await bearing.debt(client_id, 150_000 * (number + 1), date(2026, 1, 5 + number))
        payment = PaymentRecord(
            account_id=account_id,
            amount=Money(20_000 + number, "USD"),
            method=PaymentMethod.CASH,
            received_on=date(2026, 2, 3 + number),
        )
        await record_payment(deployment.context(), payment)
    bearing.change(NEW)
    return bearing


async def killed(told: dict[str, Any]) -> int:
    """Has a process replay all accounts, which is killed at the step; gives how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.crashing_replay", cwd=ROOT, stdin=asyncio.subprocess.PIPE
    )
    await process.communicate(json.dumps(told).encode() + b"\n")
    assert process.returncode is not None
    return process.returncode


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """What a replay comes to that nobody kills; found by the first test that asks."""
    return {}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_replay_is_run_again_and_comes_to_the_same(
    server: Server, deployment: Deployment, undisturbed: dict[str, Any], step: str, number: int
) -> None:
    # given
    if not undisturbed:
        async with fresh_deployment(server) as other:
            whole = await a_book(other)
            await replay_books(other.worker_context(), size=BATCH)
            undisturbed |= await whole.ledger()
            undisturbed["allocations"] = await whole.books.query(_ALLOCATIONS)
    bearing = await a_book(deployment)
    # when
    told = {
        "step": step,
        "number": number,
        "size": BATCH,
        "at": deployment.clock.now().isoformat(),
        "url": deployment.urls.worker,
        "settings": {"debts": {"interest": [NEW]}},
    }
    ended = await killed(told)
    halfway = await replay_books(deployment.worker_context(), size=BATCH, check=True)
    again = await replay_books(deployment.worker_context(), size=BATCH)
    # then
    done = BATCH * (number if step == "after commit" else number - 1)
    assert ended == -signal.SIGKILL
    assert len(halfway.changed) == len(again.changed) == ACCOUNTS - min(done, ACCOUNTS)
    after = {**await bearing.ledger(), "allocations": await bearing.books.query(_ALLOCATIONS)}
    assert after == undisturbed
    assert (await replay_books(deployment.worker_context(), check=True)).changed == ()
    assert await bearing.is_sound()
