"""A flow of work that a fault may interrupt: one keyed command, sent again while the answer is 'try again'."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from arrears.kernel.command import Command, Result, command
from arrears.kernel.context import Context
from arrears.kernel.records import Event
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, TemporaryError
from arrears_sdk.ids import new_id


class Post(Command):
    """Two halves that belong together: an event and a row to come, as a debit and a credit would."""

    number: int


class Posted(Result):
    id: UUID
    number: int


@command("faults.post", permission="faults")
async def post(tx: Transaction, change: Post) -> Posted:
    """Write one half through the session and the other one at the end, so that a fault can fall between them."""
    made = new_id()
    await tx.session.execute(
        text(
            "insert into schedule (id, kind, subject_id, due_at, payload, created_at)"
            " values (:id, 'faults', :id, :now, jsonb_build_object('number', cast(:number as integer)), :now)"
        ),
        {"id": made, "now": tx.now, "number": change.number},
    )
    tx.emit(Event("Posted", "post", made, payload={"number": change.number}))
    return Posted(id=made, number=change.number)


@dataclass
class Flows:
    """Many keyed posts by several senders; what clients were told, and what they were promised."""

    context: Context
    refusals: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[int, UUID] = field(default_factory=dict)
    longest_seconds: float = 0.0

    async def run(self, numbers: range, senders: int, *, reads: bool = True) -> None:
        """Send every number until it is acknowledged; anything but 'try again' ends the run."""
        waiting = iter(numbers)

        async def send_all() -> None:
            for number in waiting:
                await self.send(number)
                if reads and number % 10 == 0:
                    await self.read()

        await asyncio.gather(*(send_all() for _ in range(senders)))

    async def send(self, number: int) -> None:
        """Send one number with its key until it is acknowledged."""
        began = time.monotonic()
        while True:
            try:
                receipt = await post(self.context, Post(number=number), idempotency_key=f"post-{number}")
            except TemporaryError as error:
                await self._told(error)
            else:
                self.acknowledged[number] = receipt.result.id
                self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
                return

    async def read(self) -> None:
        """One read, sent again while the answer is 'try again'."""
        while True:
            try:
                await self.context.database.read(Scope.everything(), "select count(*) from event where position < 0")
            except TemporaryError as error:
                await self._told(error)
            else:
                return

    async def _told(self, error: TemporaryError) -> None:
        assert error.code in (ErrorCode.UNAVAILABLE, ErrorCode.IDEMPOTENCY_IN_PROGRESS), error
        assert error.retry_after_seconds is not None
        assert error.retry_after_seconds > 0
        self.refusals[error.code] += 1
        await asyncio.sleep(random.uniform(0.05, 0.2))


HALVES = """
select (select count(*) from event), (select count(*) from schedule), (select count(*) from audit_entry),
       (select count(*) from idempotency where result is not null),
       (select count(*) from event e join schedule s on s.subject_id = e.subject_id),
       (select count(distinct payload ->> 'number') from event)
"""
