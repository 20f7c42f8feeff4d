"""What the ledger's own commands read before they write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.ledger.model import DebtComponent, LedgerAccount, Line

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_LINES = """
select ledger_account, component, amount_minor,
       exists (select 1 from ledger_entry reversal where reversal.reverses_id = posting.entry_id)
from posting where entry_id = %s order by position
"""
_ENTRY_OF_PAYMENT = "select id from ledger_entry where payment_id = %s and reverses_id is null"
_WITH_OPENING = """
select entry.account_id from ledger_entry entry
where entry.account_id = any (%s::uuid[]) and entry.kind = 'OPENING_BALANCE'
  and not exists (select 1 from ledger_entry reversal where reversal.reverses_id = entry.id)
"""


async def stored_lines(tx: Transaction, entry_id: UUID) -> tuple[tuple[Line, ...], bool]:
    """The lines of a stored entry in their order, and whether it has been reversed."""
    cursor = await (await tx.connection()).execute(_LINES, [entry_id])
    rows = await cursor.fetchall()
    lines = tuple(
        Line(LedgerAccount(account), None if component is None else DebtComponent(component), amount)
        for account, component, amount, _ in rows
    )
    return lines, any(row[3] for row in rows)


async def payment_entry_id(tx: Transaction, payment_id: UUID) -> UUID | None:
    """The entry by which a payment was booked."""
    row = await (await (await tx.connection()).execute(_ENTRY_OF_PAYMENT, [payment_id])).fetchone()
    return None if row is None else row[0]


async def accounts_with_opening(tx: Transaction, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that have an opening entry that stands."""
    cursor = await (await tx.connection()).execute(_WITH_OPENING, [list(account_ids)])
    return {row[0] for row in await cursor.fetchall()}
