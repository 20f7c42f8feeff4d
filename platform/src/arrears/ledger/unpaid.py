"""Since when which instalment of an account is the oldest unpaid one: kept, so that lists are read without courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.kernel.batches import insert_rows
from arrears.ledger.course import course
from arrears.ledger.histories import histories
from arrears.ledger.history import Course, History

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_UNTOLD = object()
_IN_PARTS = "select distinct account_id from instalment_schedule where account_id = any (%s::uuid[])"
_FORGET = "delete from unpaid_since where account_id = any (%s::uuid[])"


async def keep_unpaid_since(tx: Transaction, account_ids: Sequence[UUID]) -> None:
    """Writes the oldest unpaid due days of accounts anew; nothing is kept of accounts that are due in one sum."""
    if not account_ids:
        return
    connection = await tx.connection()
    cursor = await connection.execute(_IN_PARTS, [list(account_ids)])
    in_parts = [row[0] for row in await cursor.fetchall()]
    if not in_parts:
        return
    recorded = await histories(tx, in_parts)
    rows: list[dict[str, object]] = []
    for account_id, one in recorded.items():
        rows += _rows(account_id, one.history.client_id, course(one.history, last_told_day(one.history)))
    async with connection.pipeline():
        await connection.execute(_FORGET, [list(recorded)])
        await insert_rows(connection, "unpaid_since", rows)


def last_told_day(history: History) -> date:
    """The last day from which anything holds that was told of an account; its due day when nothing was."""
    days = [happening.effective_on for happening in history.happenings]
    days += [schedule.from_on for schedule in history.schedules]
    return max(days, default=history.due_on)


def _rows(account_id: UUID, client_id: UUID, found: Course) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    present: object = _UNTOLD
    for position in found.positions:
        if position.oldest_unpaid_on != present:
            present = position.oldest_unpaid_on
            rows.append({"account_id": account_id, "from_on": position.day, "client_id": client_id, "due_on": present})
    return rows
