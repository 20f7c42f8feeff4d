"""How accounts came to what is owed on them: their entries in the order in which they count, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.ledger.history import Amounts, Award, Terms
from arrears.ledger.model import PAYING, DebtComponent, EntryKind, LedgerAccount
from arrears.ledger.terms import terms_for

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.database import Connection

_ACCOUNTS = """
select account.id, account.client_id, account.portfolio_id, account.product, account.currency, account.reference,
       account.opened_on, account.due_on, account.interest_rate_percent, account.accrues_from_on,
       client_day(account.client_id, %(at)s::timestamptz), creditor_name(account.client_id, account.id),
       (select party.name from party where party.account_id = account.id and party.role = 'PRIMARY'
        order by party.position desc limit 1)
from account where account.id = any (%(ids)s::uuid[])
"""
_ENTRIES = """
select account_id, amount_minor, id, kind, effective_on, recorded_at, reason, reverses_id, corrects_id, payment_id
from ledger_entry where account_id = any (%(ids)s::uuid[]) and recorded_at <= %(at)s::timestamptz
"""
# The interest of days, of which there are thousands, tells all of itself in its entry: it moves nothing but interest.
_LINES = """
select entry_id, ledger_account, component, amount_minor
from entry_lines((select array_agg(entry.id) from ledger_entry entry
                  where entry.account_id = any (%(ids)s::uuid[]) and entry.recorded_at <= %(at)s::timestamptz
                    and entry.kind <> 'INTEREST'))
where ledger_account in ('RECEIVABLE', 'WRITTEN_OFF', 'REFUNDS_PAYABLE')
"""
_AWARDS = """
select account_id, entry_id, entered_on, rate_percent from judgment
where account_id = any (%(ids)s::uuid[]) and recorded_at <= %(at)s::timestamptz
"""
_UNPAID = """
select account_id, from_on, due_on from unpaid_since
where account_id = any (%(ids)s::uuid[]) order by account_id, from_on
"""
_STATEMENTS = (_ACCOUNTS, _ENTRIES, _LINES, _AWARDS, _UNPAID)

_KINDS = {kind.value: kind for kind in EntryKind}
_PLACES = {
    EntryKind.INTEREST: 0,
    EntryKind.OPENING_BALANCE: 1,
    EntryKind.CHARGE: 2,
    EntryKind.FEE: 2,
    EntryKind.TRANSFER: 2,
    EntryKind.ADJUSTMENT: 2,
    EntryKind.JUDGMENT: 3,
    EntryKind.DISCOUNT: 4,
    EntryKind.PAYMENT: 6,
    EntryKind.RECOVERY: 6,
    EntryKind.CHARGEBACK_WON: 8,
    EntryKind.WRITE_OFF: 9,
}
# What a payment loses comes before the day's other payments, or right after the payment itself on its own day.
_RETURN, _RETURN_OF_THE_DAY = 5, 7
_RETURNING = frozenset({EntryKind.REFUND, EntryKind.CHARGEBACK})


@dataclass(slots=True)
class Movement:
    """One entry, as far as the debt is concerned: how it changed what is owed, written off, and owed to the debtor.

    `original_kind` is the kind of the entry that it reverses or corrects, else its own.
    """

    entry_id: UUID
    kind: EntryKind
    effective_on: date
    recorded_at: datetime
    reason: str | None
    reverses_id: UUID | None
    corrects_id: UUID | None
    payment_id: UUID | None
    original_kind: EntryKind
    owed: dict[DebtComponent, int] = field(default_factory=dict)
    written_off: dict[DebtComponent, int] = field(default_factory=dict)
    surplus_minor: int = 0

    def place(self, paid_on: date | None) -> int:
        """Its place among the entries of one day; `paid_on` is the day of the payment that it is about."""
        kind = self.original_kind if self.kind is EntryKind.CORRECTION else self.kind
        if kind in _RETURNING or (kind is EntryKind.REVERSAL and self.payment_id is not None):
            return _RETURN_OF_THE_DAY if paid_on == self.effective_on else _RETURN
        return _PLACES.get(self.original_kind, _PLACES[EntryKind.ADJUSTMENT])


@dataclass(frozen=True, slots=True)
class Books:
    """What an account's figures are told from, according to what was recorded by an instant.

    `today` is the client's day of the instant. `unpaid_since` tells from which day on which due day was the earliest
    one of what was unpaid, for accounts with instalments.
    """

    account_id: UUID
    client_id: UUID
    currency: str
    reference: str
    creditor: str
    debtor: str | None
    opened_on: date
    due_on: date
    accrues_from_on: date | None
    today: date
    terms: Terms
    movements: Sequence[Movement]
    awards: Mapping[UUID, Award]
    unpaid_since: Sequence[tuple[date, date | None]]

    def until(self, day: date) -> list[Movement]:
        """What counts by the end of a day."""
        return [movement for movement in self.movements if movement.effective_on <= day]


@dataclass(frozen=True, slots=True)
class Sums:
    """What movements come to together, in minor units."""

    owed: Amounts
    written_off: Amounts
    surplus_minor: int

    @property
    def owed_minor(self) -> int:
        """All that is owed."""
        return sum(self.owed.values())

    @property
    def written_off_minor(self) -> int:
        """All that is written off and was not recovered."""
        return sum(self.written_off.values())


def summed(movements: Iterable[Movement]) -> Sums:
    """What movements come to together; every component is there."""
    owed, written_off = dict.fromkeys(DebtComponent, 0), dict.fromkeys(DebtComponent, 0)
    surplus = 0
    for movement in movements:
        for component, minor in movement.owed.items():
            owed[component] += minor
        for component, minor in movement.written_off.items():
            written_off[component] += minor
        surplus += movement.surplus_minor
    return Sums(owed, written_off, surplus)


async def books_of(
    context: Context, account_ids: Iterable[UUID], known_at: datetime | None = None
) -> dict[UUID, Books]:
    """The books of those of the accounts that the principal may see, in one round trip for all of them."""
    parameters = {"ids": sorted(set(account_ids)), "at": known_at or context.clock.now()}
    async with context.database.reads(context.principal.scope) as connection:
        accounts, entries, lines, awards, unpaid = await _answers(connection, parameters)
    movements = _movements(entries, lines)
    awarded, since = _grouped(awards), _grouped(unpaid)
    found: dict[UUID, Books] = {}
    for row in accounts:
        account_id, client_id, portfolio_id, product, currency, reference, opened_on, due_on = row[:8]
        percent: Decimal | None = row[8]
        found[account_id] = Books(
            account_id=account_id,
            client_id=client_id,
            currency=currency,
            reference=reference,
            creditor=row[11],
            debtor=row[12],
            opened_on=opened_on,
            due_on=due_on,
            accrues_from_on=row[9],
            today=row[10],
            terms=await terms_for(context, client_id, portfolio_id, product, percent),
            movements=movements.get(account_id, ()),
            awards={award[0]: Award(*award) for award in awarded.get(account_id, ())},
            unpaid_since=[(from_on, day) for from_on, day in since.get(account_id, ())],
        )
    return found


async def _answers(connection: Connection, parameters: Mapping[str, object]) -> list[list[tuple[Any, ...]]]:
    async with connection.pipeline():
        cursors = [await connection.execute(statement, parameters) for statement in _STATEMENTS]
        return [await cursor.fetchall() for cursor in cursors]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    groups: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for account_id, *rest in rows:
        groups[account_id].append(tuple(rest))
    return groups


def _movements(entries: Iterable[tuple[Any, ...]], lines: Iterable[tuple[Any, ...]]) -> dict[UUID, list[Movement]]:
    by_entry: dict[UUID, Movement] = {}
    by_account: dict[UUID, list[Movement]] = defaultdict(list)
    for account_id, amount, entry_id, kind, day, at, reason, reverses_id, corrects_id, payment_id in entries:
        known = _KINDS[kind]
        movement = Movement(entry_id, known, day, at, reason, reverses_id, corrects_id, payment_id, known)
        if known is EntryKind.INTEREST:
            movement.owed[DebtComponent.INTEREST] = amount
        by_entry[entry_id] = movement
        by_account[account_id].append(movement)
    for movement in by_entry.values():
        # What an entry reverses or corrects stands on the same account.
        original = by_entry.get(movement.reverses_id or movement.corrects_id or movement.entry_id)
        if original is not None:
            movement.original_kind = original.kind
    for entry_id, account, component, amount in lines:
        movement = by_entry[entry_id]
        if account == LedgerAccount.REFUNDS_PAYABLE:
            movement.surplus_minor -= amount
        else:
            changes = movement.owed if account == LedgerAccount.RECEIVABLE else movement.written_off
            changes[DebtComponent(component)] = changes.get(DebtComponent(component), 0) + amount
    paid_on = {movement.payment_id: movement.effective_on for movement in by_entry.values() if movement.kind in PAYING}
    for movements in by_account.values():
        movements.sort(
            key=lambda one: (one.effective_on, one.place(paid_on.get(one.payment_id)), one.recorded_at, one.entry_id)
        )
    return by_account
