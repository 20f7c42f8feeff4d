"""What the ledger's own commands read before they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.ledger.model import RESTATING, DebtComponent, EntryKind, LedgerAccount, Line, Standing

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_LINES = """
select ledger_account, component, amount_minor,
       exists (select 1 from ledger_entry reversal where reversal.reverses_id = posting.entry_id)
from posting where entry_id = %s order by position
"""
_ENTRY_OF_PAYMENT = "select id from ledger_entry where payment_id = %s and kind = 'PAYMENT'"
_OF_PAYMENT = """
select entry.kind, posting.ledger_account, posting.component, posting.amount_minor
from ledger_entry entry join posting on posting.entry_id = entry.id
where entry.payment_id = %s
"""
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


@dataclass(frozen=True)
class PaymentPostings:
    """A payment at first, what stands of it now, whether parts of it came and went, and whether it was reversed."""

    original: Standing
    standing: Standing
    into_trust: bool
    is_restated: bool
    is_reversed: bool


async def payment_postings(tx: Transaction, payment_id: UUID) -> PaymentPostings:
    """How the ledger has a payment: what its entry paid, and what all its entries together leave of that."""
    rows = await (await (await tx.connection()).execute(_OF_PAYMENT, [payment_id])).fetchall()
    first = [row for row in rows if row[0] == EntryKind.PAYMENT]
    return PaymentPostings(
        _standing(first),
        _standing(rows),
        any(row[1] == LedgerAccount.TRUST_BANK for row in first),
        any(row[0] in RESTATING for row in rows),
        any(row[0] == EntryKind.REVERSAL for row in rows),
    )


def _standing(rows: Sequence[tuple[Any, ...]]) -> Standing:
    shares = dict.fromkeys(DebtComponent, 0)
    surplus = 0
    for _, account, component, amount in rows:
        if account == LedgerAccount.RECEIVABLE:
            shares[DebtComponent(component)] -= amount
        elif account == LedgerAccount.REFUNDS_PAYABLE:
            surplus -= amount
    return Standing(shares, surplus)


async def accounts_with_opening(tx: Transaction, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that have an opening entry that stands."""
    cursor = await (await tx.connection()).execute(_WITH_OPENING, [list(account_ids)])
    return {row[0] for row in await cursor.fetchall()}
