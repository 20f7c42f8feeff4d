"""`python -m tests.faults.crashing_till`: processes that take or give back a payment, and are killed at a chosen step.

They are told everything on its standard input, each by a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from arrears.deployment import load_domains
from arrears.kernel.context import Context
from arrears.kernel.database import Connection, Database
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.transaction import Transaction
from arrears.kernel.vault import Vault
from arrears.payments import charging, refunding
from arrears.payments.charging import PaymentCharge, charge_payment
from arrears.payments.refunding import PaymentRefund, refund_payment
from arrears_sandbox_gateway import SandboxGateway
from arrears_sandbox_gateway.orders import FileDrawer, ProviderOrder
from arrears_sdk.clock import FixedClock
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind
from tests.conftest import START
from tests.plugin_hosts import open_host

STEPS = ("before call", "answer lost", "after call", "before commit", "after commit", "before acknowledgement")


def die() -> None:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(step: str) -> None:
    """Arranges for the process to end at a step of the second half: the first has stored the order by then."""
    if step in ("before call", "after call"):
        _around_the_call(step)
    elif step == "answer lost":
        _after_the_provider_took_it()
    elif step in ("before commit", "after commit"):
        _around_the_commit(step)


def _around_the_call(step: str) -> None:
    for module, name in ((charging, "charge_through"), (refunding, "refund_through")):
        call = getattr(module, name)

        async def calling(*given: Any, call: Callable[..., Awaitable[Any]] = call, **named: Any) -> Any:
            if step == "before call":
                die()
            answer = await call(*given, **named)
            die()
            return answer

        setattr(module, name, calling)


def _after_the_provider_took_it() -> None:
    keep = FileDrawer.keep

    async def keeping(self: FileDrawer, order: ProviderOrder) -> ProviderOrder:
        await keep(self, order)
        die()
        return order

    FileDrawer.keep = keeping  # type: ignore[method-assign]


def _around_the_commit(step: str) -> None:
    commit = Transaction.commit

    async def committing(self: Transaction, last: Callable[[Connection], Awaitable[object]] | None = None) -> None:
        learning = self.context.principal.name == "payments"
        if learning and step == "before commit":
            await self.flush()
            die()
        await commit(self, last)
        if learning:
            die()

    Transaction.commit = committing  # type: ignore[method-assign]


async def act(told: dict[str, Any]) -> None:
    """Take or give back the payment."""
    load_domains()
    services = Services()
    clock = FixedClock(START)
    opened = await open_host([SandboxGateway], told["settings"], clock=clock)
    services.add(opened.host)
    async with Database(told["url"], application_name="crashing", pool_size=4) as database:
        vault = Vault(DeploymentKeys.parse(told["key"]))
        context = Context(database, Principal.system("test"), clock, vault, "crash", services=services)
        crash_at(told["step"])
        await pay(context, told)
        die()


async def pay(context: Context, told: dict[str, Any]) -> UUID:
    """One charge, or one refund of an intent; the same input under the same key each time."""
    amount = Money.parse(told["amount"], "USD")
    if told["intent"] is not None:
        refund = PaymentRefund(intent_id=UUID(told["intent"]), amount=amount, reason="Paid twice")
        return (await refund_payment(context, refund, idempotency_key="refund")).result.intent_id
    charge = PaymentCharge(
        account_id=UUID(told["account"]),
        amount=amount,
        method=PaymentMethodKind.CARD,
        token=SecretStr(told["token"]),
        initiated_by=Initiator.DEBTOR,
    )
    return (await charge_payment(context, charge, idempotency_key="charge")).result.intent_id


def serve() -> None:
    """Carry out one line of orders after another, each in a process of its own, and say how that ended.

    The processes are forked from this one, which has imported everything and opened nothing.
    """
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
