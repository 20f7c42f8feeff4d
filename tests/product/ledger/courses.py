"""Histories of one debt for examples of its course, and what to read off it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from arrears.ledger.course import course
from arrears.ledger.history import (
    Amounts,
    Award,
    Course,
    Effect,
    Happening,
    History,
    Instalment,
    InterestTerms,
    Position,
    RatePeriod,
    Schedule,
    Span,
    Stage,
    Terms,
    Waterfall,
)
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.waterfalls import USUAL

PRINCIPAL, INTEREST, FEES, COSTS = DebtComponent
OPENED = date(2026, 1, 1)
UNTIL = date(2026, 12, 31)


def entry(number: int) -> UUID:
    return UUID(int=number)


def payment_of(number: int) -> UUID:
    return UUID(int=1_000_000 + number)


def rates(*changes: tuple[date, str]) -> InterestTerms:
    periods = tuple(RatePeriod(day, Decimal(percent), "agreed") for day, percent in changes)
    return InterestTerms("simple", periods)


def terms(
    *,
    interest: InterestTerms | None = None,
    judgment: InterestTerms | None = None,
    waterfalls: Mapping[Stage, Waterfall] | None = None,
    after_days: int = 90,
) -> Terms:
    return Terms(
        {stage: (waterfalls or {}).get(stage, USUAL) for stage in Stage},
        after_days,
        interest or InterestTerms(),
        judgment or InterestTerms(),
    )


def opening(changes: Amounts, day: date = OPENED) -> Happening:
    return Happening(entry(1), EntryKind.OPENING_BALANCE, day, changes)


def given(number: int, kind: EntryKind, day: date, changes: Amounts, *, reverses: int | None = None) -> Happening:
    return Happening(entry(number), kind, day, changes, reverses_id=None if reverses is None else entry(reverses))


def paid(
    number: int,
    day: date,
    minor: int,
    *,
    direction: tuple[DebtComponent, ...] = (),
    in_settlement: bool = False,
) -> Happening:
    return Happening(
        entry(number),
        EntryKind.PAYMENT,
        day,
        money_minor=minor,
        payment_id=payment_of(number),
        direction=direction,
        in_settlement=in_settlement,
    )


def about(number: int, kind: EntryKind, payment: int, day: date, minor: int) -> Happening:
    reverses = entry(payment) if kind is EntryKind.REVERSAL else None
    return Happening(entry(number), kind, day, money_minor=minor, payment_id=payment_of(payment), reverses_id=reverses)


def run(
    *happenings: Happening,
    on_terms: Terms | None = None,
    until: date = UNTIL,
    due_on: date = OPENED,
    schedules: tuple[Schedule, ...] = (),
    awards: tuple[Award, ...] = (),
    accrues_from_on: date | None = None,
    interest_free: tuple[Span, ...] = (),
    currency: str = "USD",
) -> Course:
    history = History(
        account_id=UUID(int=7),
        client_id=UUID(int=8),
        currency=currency,
        due_on=due_on,
        terms=on_terms or terms(),
        happenings=happenings,
        schedules=schedules,
        awards=awards,
        accrues_from_on=accrues_from_on,
        interest_free=interest_free,
    )
    return course(history, until)


def owed_at(found: Course, day: date) -> Amounts:
    position = found.at(day)
    assert position is not None
    return position.owed


def last_of(effect: Effect) -> list[tuple[int | None, DebtComponent | None, int]]:
    assert effect.trace is not None
    return [(line.instalment, line.component, line.paid_minor) for line in effect.trace.lines]


def months(*amounts: Amounts, from_on: date = OPENED) -> Schedule:
    """Instalments due on the first of February, March and so on."""
    return Schedule(
        from_on,
        tuple(Instalment(number, date(2026, 1 + number, 1), one) for number, one in enumerate(amounts, start=1)),
    )


def standing(position: Position) -> list[tuple[int, Amounts, date | None]]:
    return [(one.number, one.unpaid, one.paid_on) for one in position.instalments]
