"""What the ledger's own commands read before they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.ledger.model import RESTATING, EntryKind, LedgerAccount

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_STANDS_REVERSED = "select exists (select 1 from ledger_entry reversal where reversal.reverses_id = %s)"
_ENTRY_OF_PAYMENT = "select id from ledger_entry where payment_id = %s and kind in ('PAYMENT', 'RECOVERY')"
_OF_PAYMENT = """
select entry.kind, line.ledger_account, line.amount_minor
from ledger_entry entry cross join lateral entry_lines(array[entry.id]) line
where entry.payment_id = %s and line.ledger_account in ('RECOVERED', 'REFUNDS_PAYABLE')
"""
_JUDGMENT_TERMS = """
select judgment.entered_on, undone.effective_on from judgment
left join ledger_entry undone on undone.reverses_id = judgment.entry_id
where judgment.account_id = %s order by judgment.entered_on, judgment.id
"""
_FACTS = "select opened_on, version from account where id = %s"
_JUDGMENT = "select id from judgment where entry_id = %s"
_WITH_OPENING = """
select entry.account_id from ledger_entry entry
where entry.account_id = any (%s::uuid[]) and entry.kind = 'OPENING_BALANCE'
  and not exists (select 1 from ledger_entry reversal where reversal.reverses_id = entry.id)
"""


async def is_reversed(tx: Transaction, entry_id: UUID) -> bool:
    """Whether an entry has been reversed."""
    row = await (await (await tx.connection()).execute(_STANDS_REVERSED, [entry_id])).fetchone()
    return row is not None and bool(row[0])


async def payment_entry_id(tx: Transaction, payment_id: UUID) -> UUID | None:
    """The entry by which a payment was booked."""
    row = await (await (await tx.connection()).execute(_ENTRY_OF_PAYMENT, [payment_id])).fetchone()
    return None if row is None else row[0]


@dataclass(frozen=True)
class PaymentPostings:
    """What stands of a payment now, in minor units, how much of that is more than was owed, and what became of it."""

    standing_minor: int
    surplus_minor: int
    is_restated: bool
    is_reversed: bool


async def payment_postings(tx: Transaction, payment_id: UUID) -> PaymentPostings:
    """How the ledger has a payment: what all its entries together leave of it."""
    rows = await (await (await tx.connection()).execute(_OF_PAYMENT, [payment_id])).fetchall()
    recovered = sum(amount for _, account, amount in rows if account == LedgerAccount.RECOVERED)
    surplus = -sum(amount for _, account, amount in rows if account == LedgerAccount.REFUNDS_PAYABLE)
    return PaymentPostings(
        standing_minor=recovered + surplus,
        surplus_minor=surplus,
        is_restated=any(kind in RESTATING for kind, _, _ in rows),
        is_reversed=any(kind == EntryKind.REVERSAL for kind, _, _ in rows),
    )


@dataclass(frozen=True)
class AccountStand:
    """From when on a debt exists, and the version of its facts."""

    opened_on: date
    version: int


async def account_stand(tx: Transaction, account_id: UUID) -> AccountStand:
    """The facts of a locked account that corrections ask for."""
    row = await (await (await tx.connection()).execute(_FACTS, [account_id])).fetchone()
    assert row is not None
    return AccountStand(*row)


async def judgment_of_entry(tx: Transaction, entry_id: UUID) -> UUID:
    """The judgment that an entry books."""
    row = await (await (await tx.connection()).execute(_JUDGMENT, [entry_id])).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


@dataclass(frozen=True)
class JudgmentTerm:
    """From which day a judgment holds, and from which it was undone; none while it stands."""

    entered_on: date
    undone_on: date | None


async def judgment_terms(tx: Transaction, account_id: UUID) -> list[JudgmentTerm]:
    """The judgments of an account, in the order of their days."""
    cursor = await (await tx.connection()).execute(_JUDGMENT_TERMS, [account_id])
    return [JudgmentTerm(*row) for row in await cursor.fetchall()]


async def accounts_with_opening(tx: Transaction, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that have an opening entry that stands."""
    cursor = await (await tx.connection()).execute(_WITH_OPENING, [list(account_ids)])
    return {row[0] for row in await cursor.fetchall()}
