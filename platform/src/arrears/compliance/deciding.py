"""From a question to a stored decision and its permit, so that of many who ask at once no two rely on the same facts.

Plugins are asked outside the transaction. Within it, under the person's lock, the facts are gathered again: when they
are not what the plugins were shown, the plugins are asked again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from arrears.compliance.acting import act_shown, payment_shown
from arrears.compliance.asking import contact_shown
from arrears.compliance.attempts import Attempt
from arrears.compliance.model import (
    ActQuestion,
    AnyAnswer,
    ContactQuestion,
    Question,
)
from arrears.compliance.permits import FactsChangedError, grant, lock_person
from arrears.compliance.standing import same_facts
from arrears.compliance.storing import store_decisions
from arrears.compliance.tables import PermitRow
from arrears.kernel.database import Connection
from arrears.kernel.transaction import Transaction
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import TemporaryError

MOST_TRIES = 30
_LONGEST_PAUSE_SECONDS = 0.05

ResultT = TypeVar("ResultT")


async def shown(connection: Connection, host: PluginHost, question: Question) -> list[Attempt]:
    """What the rules would be shown for a question, gathered now."""
    if isinstance(question, ContactQuestion):
        return (await contact_shown(connection, host, question))[0]
    if isinstance(question, ActQuestion):
        return await act_shown(connection, host, question)
    return await payment_shown(connection, host, question)


async def until_facts_stand(attempt: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Tries again while the facts change between asking and storing; TemporaryError when they never stand still."""
    for tries in range(MOST_TRIES):
        try:
            return await attempt()
        except FactsChangedError:
            await asyncio.sleep(random.random() * _LONGEST_PAUSE_SECONDS * min(1.0, (tries + 1) / 5))
    raise TemporaryError(
        f"Others do the same with this person: after {MOST_TRIES} tries there is no answer. Ask again.",
        retry_after_seconds=1.0,
    )


async def decide(tx: Transaction, answer: AnyAnswer) -> tuple[UUID, PermitRow | None]:
    """Stores a decision, and the permit when it allows; FactsChangedError when it was based on what holds no longer."""
    permitted = answer.is_allowed(answer.at)
    now = tx.now
    if permitted:
        # Who waited for the lock sees what those before did, at an instant that is not before theirs.
        now = max(await lock_person(tx, answer.debtor_id), tx.context.clock.now())
        again = await shown(await tx.connection(), tx.context.service(PluginHost), _at(answer.question, now))
        if not answer.is_allowed(now) or not same_facts(answer.facts_digest, answer.at, again):
            raise FactsChangedError("What is known of the person has changed.", retry_after_seconds=1.0)
    (decision_id,) = await store_decisions(tx, [answer])
    return decision_id, grant(tx, decision_id, answer, now) if permitted else None


def _at(question: Question, now: datetime) -> Question:
    return replace(question, at=now)
