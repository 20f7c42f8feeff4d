"""How an account stood at the end of a day by what was known at an instant, and how each figure came to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.kernel.calendar import check_calendar
from arrears.ledger import wording
from arrears.ledger.history import Amounts, Stage
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.movements import Books, Movement, books_of, summed
from arrears.ledger.rate_periods import RateOfDay, RatePeriods, award_on, rates_of
from arrears.ledger.waterfalls import stage_on
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.context import Context


class DebtFigure(StrEnum):
    """A figure of a debt that is made up of entries."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    FEES = "FEES"
    COSTS = "COSTS"
    WRITTEN_OFF = "WRITTEN_OFF"
    SURPLUS = "SURPLUS"


@dataclass(frozen=True, slots=True)
class DebtAmounts:
    """An amount of each component of a debt, and all together."""

    principal: Money
    interest: Money
    fees: Money
    costs: Money
    total: Money


@dataclass(frozen=True, slots=True)
class FigureLine:
    """Entries of one kind that make a part of a figure; interest apart for each rate."""

    kind: EntryKind
    words: str
    from_on: date
    until_on: date
    entries: int
    rate_percent: Decimal | None
    amount: Money


@dataclass(frozen=True, slots=True)
class ExplainedFigure:
    """A figure and the parts that it is the sum of."""

    figure: DebtFigure
    amount: Money
    lines: Sequence[FigureLine]


@dataclass(frozen=True, slots=True)
class AccountPosition:
    """How an account stood at the end of a day."""

    on: date
    known_at: datetime | None
    owed: DebtAmounts
    written_off: Money
    surplus: Money
    days_past_due: int
    stage: Stage
    interest_rule: str | None
    interest_rate_percent: Decimal | None
    interest_rate_source: str | None
    how: Sequence[ExplainedFigure]


def amounts(of: Amounts, currency: str) -> DebtAmounts:
    """Minor units by component as money."""
    return DebtAmounts(
        principal=Money(of.get(DebtComponent.PRINCIPAL, 0), currency),
        interest=Money(of.get(DebtComponent.INTEREST, 0), currency),
        fees=Money(of.get(DebtComponent.FEES, 0), currency),
        costs=Money(of.get(DebtComponent.COSTS, 0), currency),
        total=Money(sum(of.values()), currency),
    )


async def positions(
    context: Context, account_ids: Sequence[UUID], on: date | None, known_at: datetime | None
) -> list[AccountPosition | None]:
    """The position of each account; None for one that there was not yet on the day, or that may not be seen.

    Without a day it is the client's day of `known_at`, or today.
    """
    check_calendar(on, ("on",))
    check_calendar(known_at, ("knownAt",))
    found = await books_of(context, account_ids, known_at)
    return [
        position(books, on or books.today, known_at) if (books := found.get(account_id)) is not None else None
        for account_id in account_ids
    ]


def position(books: Books, on: date, known_at: datetime | None) -> AccountPosition | None:
    """How an account stood at the end of a day; None before there was anything."""
    movements = books.until(on)
    if not movements and on < books.opened_on:
        return None
    sums = summed(movements)
    rates = rates_of(books)
    rate = rates.on(on)
    due_on = earliest_due_on(books, on, sums.owed_minor)
    return AccountPosition(
        on=on,
        known_at=known_at,
        owed=amounts(sums.owed, books.currency),
        written_off=Money(sums.written_off_minor, books.currency),
        surplus=Money(sums.surplus_minor, books.currency),
        days_past_due=0 if due_on is None else max(0, (on - due_on).days),
        stage=stage_on(
            on,
            books.terms,
            owed_minor=sums.owed_minor,
            due_on=due_on,
            in_settlement=False,
            after_judgment=award_on(books, on) is not None,
            written_off_minor=sums.written_off_minor,
        ),
        interest_rule=None if rate is None else rate.rule,
        interest_rate_percent=None if rate is None else rate.percent,
        interest_rate_source=None if rate is None else rate.source,
        how=[
            ExplainedFigure(figure, Money(sum(parts.values()), books.currency), _lines(books, parts, movements, rates))
            for figure, parts in _parts(movements).items()
        ],
    )


def earliest_due_on(books: Books, on: date, owed_minor: int) -> date | None:
    """The earliest due day of what was owed at the end of a day; none when nothing was."""
    if owed_minor <= 0:
        return None
    due_on: date | None = books.due_on
    for from_on, unpaid_on in books.unpaid_since:
        if from_on <= on:
            due_on = unpaid_on
    return due_on


def _parts(movements: Iterable[Movement]) -> dict[DebtFigure, dict[UUID, int]]:
    """What each entry adds to each figure, for figures that any entry moved."""
    parts: dict[DebtFigure, dict[UUID, int]] = {figure: {} for figure in DebtFigure}
    for movement in movements:
        for component, minor in movement.owed.items():
            parts[DebtFigure(component.value)][movement.entry_id] = minor
        written_off = sum(movement.written_off.values())
        if written_off:
            parts[DebtFigure.WRITTEN_OFF][movement.entry_id] = written_off
        if movement.surplus_minor:
            parts[DebtFigure.SURPLUS][movement.entry_id] = movement.surplus_minor
    return {figure: entries for figure, entries in parts.items() if entries}


def _lines(
    books: Books, parts: Mapping[UUID, int], movements: Iterable[Movement], rates: RatePeriods
) -> list[FigureLine]:
    """The parts of a figure: entries of one kind together, interest apart for each period of its rate."""
    groups: dict[tuple[EntryKind, EntryKind, RateOfDay | None], list[Movement]] = {}
    for movement in movements:
        if movement.entry_id in parts:
            rate = rates.on(movement.effective_on) if movement.kind is EntryKind.INTEREST else None
            groups.setdefault((movement.kind, movement.original_kind, rate), []).append(movement)
    return [
        FigureLine(
            kind=kind,
            words=_words(kind, original_kind, rate, group),
            from_on=group[0].effective_on,
            until_on=group[-1].effective_on,
            entries=len(group),
            rate_percent=None if rate is None else rate.percent,
            amount=Money(sum(parts[movement.entry_id] for movement in group), books.currency),
        )
        for (kind, original_kind, rate), group in groups.items()
    ]


def _words(kind: EntryKind, original_kind: EntryKind, rate: RateOfDay | None, group: Sequence[Movement]) -> str:
    when = wording.span(group[0].effective_on, group[-1].effective_on)
    if kind is EntryKind.INTEREST:
        return f"{wording.interest(None if rate is None else rate.percent, len(group))}: {when}"
    number = "" if len(group) == 1 else f", {wording.counted(len(group), 'time')}"
    return f"{wording.entry(kind, original_kind)}{number}: {when}"
