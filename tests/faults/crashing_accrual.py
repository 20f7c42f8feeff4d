"""`python -m tests.faults.crashing_accrual`: processes that book interest, and are killed at a chosen step.

They are told everything on its standard input, each by a line of JSON.
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
from arrears.ledger import accrual_rows, accruing
from arrears_csv_importer import CsvImporter
from arrears_sdk.clock import FixedClock
from tests.plugin_hosts import open_host

STEPS = ("before writing", "while copying", "before commit", "after commit")


def smaller(accounts: int, days: int) -> None:
    """Have interest booked in stretches of so few accounts, and so few days at once."""
    accruing.ACCOUNTS_PER_PARTITION = accounts
    accruing.DAYS_PER_TRANSACTION = days


def crash_at(step: str, number: int) -> None:
    """Arranges for the process to end at a step of the transaction of that number."""
    places: dict[str, tuple[object, str]] = {
        "before writing": (accruing, "write_interest"),
        # Each transaction copies entries, then counts.
        "while copying": (accrual_rows, "_copy"),
        "before commit": (accruing, "write_interest"),
        "after commit": (Transaction, "commit"),
    }
    place, name = places[step]
    calls = 2 * number if step == "while copying" else number
    function: Callable[..., Awaitable[object]] = getattr(place, name)
    seen = 0

    async def dying(*given: object, **named: object) -> object:
        nonlocal seen
        seen += 1
        if seen == calls and step in ("before writing", "while copying"):
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await function(*given, **named)
        if seen == calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(place, name, dying)


async def act(told: dict[str, Any]) -> None:
    """Book interest until the step is reached."""
    load_domains()
    smaller(told["accounts"], told["days"])
    clock = FixedClock(datetime.fromisoformat(told["at"]))
    services = Services()
    opened = await open_host([CsvImporter], told["settings"], clock=clock)
    services.add(opened.host)
    async with Database(told["url"], application_name="crashing", pool_size=4) as database:
        vault = Vault(DeploymentKeys.parse(new_key_text()))
        context = Context(database, Principal.system("worker"), clock, vault, "crash", services=services)
        crash_at(told["step"], told["number"])
        await accruing.accrue(context)


def serve() -> None:
    """Carry out one line of orders after another, each in a process of its own, and say how that ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            # What it logs belongs to the errors: the output is for how it ended.
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            asyncio.run(act(json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
