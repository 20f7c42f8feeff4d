"""Commands that ask a provider: prepare, store with the key, call outside any transaction, store what was answered.

Whatever happens after the first commit (a crash, a lost answer, a caller who went away), the order stands in the
database with the time at which the provider will be asked about it; it is never sent a second time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from arrears.compliance.deciding import until_facts_stand
from arrears.kernel.command import Command, CommandFunction, Receipt, Result
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.transaction import Transaction
from arrears.payments.model import Told
from arrears.payments.outcomes import OutcomeLearn, learn_outcome
from arrears_sdk.errors import AccessError, ErrorCode, FaultError

log = structlog.get_logger(__name__)

InputT = TypeVar("InputT", bound=Command)
ResultT = TypeVar("ResultT", bound=Result)
PreparedT = TypeVar("PreparedT")

# A call goes on when the caller goes away; the loop itself keeps only weak references to its tasks.
_under_way: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class Sent:
    """What a provider answered about an order: of a refund when one is named, else of the charge itself."""

    intent_id: UUID
    refund_id: UUID | None
    told: Told


class AskingCommand(CommandFunction[InputT, ResultT], Generic[InputT, ResultT, PreparedT]):
    """A command of which one part is a call of a provider. It has no place within another command's transaction."""

    def __init__(self, name: str, permission: str, input_type: type[InputT], result_type: type[ResultT]) -> None:
        super().__init__(name, permission, self._refuse)
        vars(self)["_hints"] = (input_type, result_type)

    async def prepare(self, context: Context, change: InputT) -> PreparedT:
        """Everything to find out before anything is written."""
        raise NotImplementedError

    async def store(self, tx: Transaction, change: InputT, prepared: PreparedT) -> ResultT:
        """Stores the order before the provider hears of it."""
        raise NotImplementedError

    async def send(self, change: InputT, prepared: PreparedT, result: ResultT) -> Sent | None:
        """Calls the provider; None when there is nothing to send."""
        raise NotImplementedError

    async def __call__(
        self, context: Context, change: InputT, *, idempotency_key: str | None = None
    ) -> Receipt[ResultT]:
        """Do it once; the same key gives the order as it is by then, and asks nobody again."""
        if not context.principal.may(self.permission):
            raise AccessError(f"This needs the permission {self.permission}.", code=ErrorCode.FORBIDDEN)
        earlier = await self.replay(context, change, idempotency_key)
        if earlier is not None:
            return earlier
        prepared, receipt = await until_facts_stand(lambda: self._stored(context, change, idempotency_key))
        if not receipt.replayed:
            await self._carry_out(context, change, prepared, receipt.result)
        return receipt

    async def _stored(self, context: Context, change: InputT, key: str | None) -> tuple[PreparedT, Receipt[ResultT]]:
        """What was found out, and the order stored with it."""
        prepared = await self.prepare(context, change)

        async def store(tx: Transaction, given: InputT) -> ResultT:
            return await self.store(tx, given, prepared)

        storing = CommandFunction(self.name, self.permission, store)
        vars(storing)["_hints"] = self._hints
        return prepared, await storing(context, change, idempotency_key=key)

    async def _carry_out(self, context: Context, change: InputT, prepared: PreparedT, result: ResultT) -> None:
        async def carry_out() -> None:
            try:
                sent = await self.send(change, prepared, result)
                if sent is not None:
                    await record(context, sent)
            except Exception as error:
                # The order is stored and will be asked about; the caller sees it as it stands.
                log.exception("payment.answer_not_stored", command=self.name, exc_info=error)

        task = asyncio.create_task(carry_out(), name=self.name)
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)
        await asyncio.shield(task)

    async def _refuse(self, tx: Transaction, change: InputT) -> ResultT:
        raise FaultError(f"{self.name} calls a provider and cannot be part of another command.")


async def record(context: Context, sent: Sent) -> None:
    """Stores what a provider answered, in the platform's own name: it is the provider that says so."""
    acting = context.acting_as(Principal.system("payments"))
    change = OutcomeLearn(intent_id=sent.intent_id, refund_id=sent.refund_id, told=sent.told, answers_call=True)
    await learn_outcome(acting, change)
