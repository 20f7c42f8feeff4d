"""Statements of account: how a debt stood before a period, everything that moved it in between, and how it stood after.

The interest of days is told together: one line for each rate, cut only where something else moved the debt, so that
ten years of it fit on a page. Closing balances are those as of the last day of the period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.kernel.calendar import check_calendar
from arrears.ledger import wording
from arrears.ledger.model import EntryKind
from arrears.ledger.movements import Books, Movement, Sums, books_of, summed
from arrears.ledger.positions import DebtAmounts, amounts
from arrears.ledger.rate_periods import RateOfDay, rates_of
from arrears_sdk.errors import ErrorCode, InputError, LimitError, NotFoundError
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.context import Context

MOST_LINES = 500
MOST_CORRECTIONS = 10


class StatementCorrections(StrEnum):
    """What a statement does with entries that correct earlier ones."""

    SHOWN = "SHOWN"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class StatementBalances:
    """How a debt stands: what is owed, what was given up and not recovered, and what is owed back to the debtor."""

    owed: DebtAmounts
    written_off: Money
    surplus: Money


@dataclass(frozen=True, slots=True)
class StatementCorrection:
    """By how much later knowledge changed a line, and when that was recorded."""

    recorded_at: datetime
    words: str
    change: DebtAmounts
    written_off: Money
    surplus: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of a statement, or the interest of days in a row at one rate.

    `change`, `written_off` and `surplus` are by how much each rose; `balance` is all that is owed after the line and
    before its corrections.
    """

    from_on: date
    day: date
    kind: EntryKind
    words: str
    reason: str | None
    entry_id: str | None
    days: int | None
    rate_percent: Decimal | None
    paid: Money | None
    change: DebtAmounts
    written_off: Money
    surplus: Money
    balance: Money
    corrections: Sequence[StatementCorrection]


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """Everything of one kind in the period, with what corrects it."""

    kind: EntryKind
    words: str
    entries: int
    change: DebtAmounts
    written_off: Money
    surplus: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of an account for a period, both days included."""

    account_id: UUID
    reference: str
    currency: str
    creditor: str
    debtor: str | None
    from_on: date
    to_on: date
    known_at: datetime
    opening: StatementBalances
    lines: Sequence[StatementLine]
    totals: Sequence[StatementTotal]
    closing: StatementBalances


@dataclass(frozen=True, slots=True)
class Period:
    """What a statement is asked for: without a first day it begins with the debt, without a last it ends today."""

    from_on: date | None = None
    to_on: date | None = None
    known_at: datetime | None = None
    corrections: StatementCorrections = StatementCorrections.SHOWN


async def statements(context: Context, account_ids: Sequence[UUID], period: Period) -> list[Statement | None]:
    """The statement of each account; None for one that may not be seen. Raises LimitError for one that is too long."""
    for name, told in (("from", period.from_on), ("to", period.to_on), ("knownAt", period.known_at)):
        check_calendar(told, (name,))
    if period.from_on is not None and period.to_on is not None and period.from_on > period.to_on:
        raise InputError("A statement ends on the day on which it begins or later.", field=("to",))
    known_at = period.known_at or context.clock.now()
    found = await books_of(context, account_ids, known_at)
    return [
        _statement(books, period, known_at) if (books := found.get(account_id)) is not None else None
        for account_id in account_ids
    ]


async def statement(context: Context, account: str, period: Period) -> Statement:
    """The statement of an account by its public id; raises NotFoundError for one that may not be seen."""
    (found,) = await statements(context, [decode_id("acct", account)], period)
    if found is None:
        raise NotFoundError("There is no such account that you may see.")
    return found


def _statement(books: Books, period: Period, known_at: datetime) -> Statement:
    to_on = period.to_on or books.today
    counted = books.until(to_on)
    first_on = min([books.opened_on, *(movement.effective_on for movement in counted[:1])])
    from_on = period.from_on or min(first_on, to_on)
    before = [movement for movement in counted if movement.effective_on < from_on]
    within = counted[len(before) :]
    merged = period.corrections is StatementCorrections.MERGED
    drafts = list(_drafts(books, within, merged=merged))
    if len(drafts) > MOST_LINES:
        raise LimitError(
            f"The statement would have {len(drafts)} lines, and at most {MOST_LINES} are given: ask for a part of the"
            " period, the balances at its end are those at the beginning of the next.",
            code=ErrorCode.LIMIT_EXCEEDED,
            field=("to",),
        )
    return Statement(
        account_id=books.account_id,
        reference=books.reference,
        currency=books.currency,
        creditor=books.creditor,
        debtor=books.debtor,
        from_on=from_on,
        to_on=to_on,
        known_at=known_at,
        opening=_balances(books, before),
        lines=_lines(books, drafts, summed(before).owed_minor, merged=merged),
        totals=_totals(books, within),
        closing=_balances(books, counted),
    )


def _balances(books: Books, movements: Iterable[Movement]) -> StatementBalances:
    sums = summed(movements)
    return StatementBalances(
        amounts(sums.owed, books.currency),
        Money(sums.written_off_minor, books.currency),
        Money(sums.surplus_minor, books.currency),
    )


@dataclass(slots=True)
class _Draft:
    """A line in the making: its own entries, and those that correct them."""

    rate: RateOfDay | None
    entries: list[Movement]
    corrections: list[Movement] = field(default_factory=list)

    @property
    def first(self) -> Movement:
        """The entry that the line tells, or the first of its days of interest."""
        return self.entries[0]


def _drafts(books: Books, within: Sequence[Movement], *, merged: bool) -> Iterator[_Draft]:
    """The lines: every entry by itself but interest, whose days in a row at one rate are one line."""
    correcting: dict[UUID, list[Movement]] = {}
    for movement in within:
        if movement.corrects_id is not None:
            correcting.setdefault(movement.corrects_id, []).append(movement)
    rates = rates_of(books)
    open_line: _Draft | None = None
    for movement in within:
        if movement.corrects_id is not None:
            continue
        corrections = correcting.get(movement.entry_id, [])
        if movement.kind is not EntryKind.INTEREST:
            if open_line is not None:
                yield open_line
                open_line = None
            yield _Draft(None, [movement], corrections)
            continue
        if merged and not summed([movement, *corrections]).owed_minor:
            # Later knowledge left nothing of the day's interest.
            continue
        rate = rates.on(movement.effective_on)
        if open_line is not None and open_line.rate == rate:
            open_line.entries.append(movement)
            open_line.corrections += corrections
            continue
        if open_line is not None:
            yield open_line
        open_line = _Draft(rate, [movement], list(corrections))
    if open_line is not None:
        yield open_line


def _lines(books: Books, drafts: Iterable[_Draft], balance: int, *, merged: bool) -> list[StatementLine]:
    lines: list[StatementLine] = []
    for draft in drafts:
        told = [*draft.entries, *draft.corrections] if merged else draft.entries
        sums = summed(told)
        balance += sums.owed_minor
        after = balance
        corrections: list[StatementCorrection] = []
        if not merged:
            for recorded_at, group in _recorded_together(draft.corrections):
                corrected = summed(group)
                balance += corrected.owed_minor
                corrections.append(
                    StatementCorrection(
                        recorded_at=recorded_at,
                        words=wording.entry(EntryKind.CORRECTION, draft.first.kind),
                        change=amounts(corrected.owed, books.currency),
                        written_off=Money(corrected.written_off_minor, books.currency),
                        surplus=Money(corrected.surplus_minor, books.currency),
                        balance=Money(balance, books.currency),
                    )
                )
        lines.append(_line(books, draft, sums, Money(after, books.currency), corrections))
    return lines


def _line(
    books: Books, draft: _Draft, sums: Sums, balance: Money, corrections: Sequence[StatementCorrection]
) -> StatementLine:
    first, is_interest = draft.first, draft.first.kind is EntryKind.INTEREST
    percent = None if draft.rate is None else draft.rate.percent
    return StatementLine(
        from_on=first.effective_on,
        day=draft.entries[-1].effective_on,
        kind=first.kind,
        words=wording.interest(percent, len(draft.entries))
        if is_interest
        else wording.entry(first.kind, first.original_kind),
        reason=first.reason,
        entry_id=None if is_interest else encode_id("entr", first.entry_id),
        days=len(draft.entries) if is_interest else None,
        rate_percent=percent,
        paid=Money(sums.surplus_minor - sums.owed_minor - sums.written_off_minor, books.currency)
        if first.payment_id is not None
        else None,
        change=amounts(sums.owed, books.currency),
        written_off=Money(sums.written_off_minor, books.currency),
        surplus=Money(sums.surplus_minor, books.currency),
        balance=balance,
        corrections=corrections,
    )


def _recorded_together(corrections: Iterable[Movement]) -> list[tuple[datetime, list[Movement]]]:
    """Corrections by the instant of their recording; the earliest ones together where there are very many."""
    ordered = sorted(corrections, key=lambda movement: movement.recorded_at)
    groups = [(at, list(group)) for at, group in groupby(ordered, key=lambda movement: movement.recorded_at)]
    early, late = groups[: 1 - MOST_CORRECTIONS], groups[1 - MOST_CORRECTIONS :]
    if not early:
        return late
    return [(early[-1][0], [movement for _, group in early for movement in group]), *late]


def _totals(books: Books, within: Iterable[Movement]) -> list[StatementTotal]:
    """What each kind comes to in the period; a correction counts to the kind that it corrects, and is no entry more."""
    kinds: dict[EntryKind, list[Movement]] = {}
    for movement in within:
        kind = movement.original_kind if movement.kind is EntryKind.CORRECTION else movement.kind
        kinds.setdefault(kind, []).append(movement)
    totals: list[StatementTotal] = []
    for kind in EntryKind:
        if kind in kinds:
            sums = summed(kinds[kind])
            totals.append(
                StatementTotal(
                    kind=kind,
                    words=wording.KINDS[kind],
                    entries=sum(movement.corrects_id is None for movement in kinds[kind]),
                    change=amounts(sums.owed, books.currency),
                    written_off=Money(sums.written_off_minor, books.currency),
                    surplus=Money(sums.surplus_minor, books.currency),
                )
            )
    return totals
