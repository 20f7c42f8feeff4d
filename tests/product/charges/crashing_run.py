"""`python -m tests.product.charges.crashing_run`: a daily run that is killed after so many commits.

It is told everything on its standard input, by a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from arrears.charges.running import run_charges
from arrears.deployment import load_domains
from arrears.kernel.context import Context
from arrears.kernel.database import Connection, Database
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.transaction import Transaction
from arrears.kernel.vault import Vault
from arrears_sdk.clock import FixedClock
from tests.conftest import START
from tests.plugin_hosts import open_host


def crash_after(commits: int, *, before: bool) -> None:
    """Arranges for the process to end around one of the commits of a command."""
    commit = Transaction.commit
    left = commits

    async def committing(self: Transaction, last: Callable[[Connection], Awaitable[object]] | None = None) -> None:
        nonlocal left
        if not self.audited:
            await commit(self, last)
            return
        left -= 1
        if left <= 0 and before:
            await self.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        await commit(self, last)
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Transaction.commit = committing  # type: ignore[method-assign]


async def run(told: dict[str, Any]) -> None:
    """The daily run of the worker."""
    load_domains()
    services = Services()
    clock = FixedClock(START)
    opened = await open_host([], {"charges": {"rules": told["rules"]}}, clock=clock)
    services.add(opened.host)
    async with Database(told["url"], application_name="crashing", pool_size=4) as database:
        vault = Vault(DeploymentKeys.parse(told["key"]))
        context = Context(database, Principal.system("worker"), clock, vault, "crash", services=services)
        crash_after(told["commits"], before=told["before"])
        await run_charges(context)


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.stdin.readline())))
