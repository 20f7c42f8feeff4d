"""`python -m tests.faults.crashing_replay`: a process that replays accounts, and is killed at a chosen step.

It is told everything on its standard input, by one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from arrears.deployment import load_domains
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.transaction import Transaction
from arrears.kernel.vault import Vault
from arrears.ledger import booking, posting
from arrears.ledger.replays import replay_books
from arrears_csv_importer import CsvImporter
from arrears_sdk.clock import FixedClock
from tests.plugin_hosts import open_host

STEPS = ("before writing", "between statements", "before commit", "after commit")


def crash_at(step: str, number: int) -> None:
    """Arranges for the process to end at a step of the transaction of that number."""
    seen = 0

    def dying(function: Callable[..., Awaitable[Any]], *, after: bool) -> Callable[..., Awaitable[Any]]:
        async def call(*given: Any, **named: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == number and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = await function(*given, **named)
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return call

    if step == "before writing":
        booking.post_entries = dying(booking.post_entries, after=False)
    elif step == "between statements":
        posting.apply_balances = dying(posting.apply_balances, after=False)
    elif step == "before commit":
        booking.post_entries = dying(booking.post_entries, after=True)
    else:
        Transaction.commit = dying(Transaction.commit, after=True)  # type: ignore[method-assign]


async def act(told: dict[str, Any]) -> None:
    """Replay all accounts until the step is reached."""
    load_domains()
    clock = FixedClock(datetime.fromisoformat(told["at"]))
    services = Services()
    opened = await open_host([CsvImporter], told["settings"], clock=clock)
    services.add(opened.host)
    async with Database(told["url"], application_name="crashing", pool_size=4) as database:
        vault = Vault(DeploymentKeys.parse(new_key_text()))
        context = Context(database, Principal.system("worker"), clock, vault, "crash", services=services)
        crash_at(told["step"], told["number"])
        await replay_books(context, size=told["size"])


if __name__ == "__main__":
    asyncio.run(act(json.loads(sys.stdin.readline())))
