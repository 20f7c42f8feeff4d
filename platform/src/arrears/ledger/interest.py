"""Interest of a debt: what each day bears, exactly, and how much of it comes to be charged. Pure functions.

The exact interest since the count began is kept as a whole number of parts of a minor unit (`PARTS` make one), which
every year of 360, 364, 365 and 366 days and every rate of up to six decimals divides. What is charged on a day is the
rounded sum so far less what was charged before, so that no way of splitting a period changes a minor unit.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2s
from math import lcm

from arrears.ledger.history import (
    Amounts,
    Award,
    Compounding,
    DayCount,
    InterestState,
    InterestTerms,
    RatePeriod,
    Rounding,
    Span,
    Terms,
)
from arrears.ledger.model import DebtComponent

_YEAR = lcm(360, 364, 365, 366)
_MILLIONTHS_OF_A_PERCENT = 10**8
PARTS = _YEAR * _MILLIONTHS_OF_A_PERCENT
"""How many parts make a minor unit in exact interest: a stored count is `int(exact * PARTS)`."""

AWARDED = "as the court awarded"

_HALF = PARTS // 2
_FIXED_YEARS = {DayCount.ACTUAL_360: 360, DayCount.ACTUAL_364: 364, DayCount.ACTUAL_365: 365, DayCount.THIRTY_360: 360}
_PERIOD_MONTHS = {
    Compounding.NEVER: 0,
    Compounding.MONTHLY: 1,
    Compounding.QUARTERLY: 3,
    Compounding.HALF_YEARLY: 6,
    Compounding.YEARLY: 12,
}


def begin(terms: InterestTerms, on: date) -> InterestState:
    """A count that begins on a day, which bears no interest itself: nothing is counted yet under any terms."""
    return InterestState(through_on=on, exact=Fraction(0), accrued_minor=0, capitalised_minor=0, began_on=on)


def terms_of_count(terms: Terms, award: Award | None) -> InterestTerms:
    """By what rule a count of interest runs: the terms', or that of the judgment from whose day it runs."""
    if award is None:
        return terms.interest
    if award.percent is None:
        return terms.judgment_interest
    awarded = RatePeriod(date.min, award.percent, AWARDED)
    return replace(terms.judgment_interest, rates=(awarded,), keeps_first_rate=False)


@lru_cache(maxsize=4096)
def mark_of(terms: InterestTerms, through_on: date) -> str:
    """The name of terms with a mark that stays the same as long as nothing changes in them for days until this one."""
    rates = [f"{one.from_on} {one.percent.normalize():f}" for one in terms.rates if one.from_on <= through_on]
    told = (
        *rates,
        terms.day_count.value,
        terms.compounding.value,
        terms.rounding.value,
        *sorted(component.value for component in terms.bears),
        f"{terms.cap_percent} {terms.no_more_than_principal} {terms.keeps_first_rate}",
    )
    return f"{terms.name}#{blake2s('|'.join(told).encode(), digest_size=6).hexdigest()}"


def rate_on(terms: InterestTerms, day: date) -> RatePeriod | None:
    """The rate of a day: that of the last change on or before it; none before the first."""
    earlier = [period for period in terms.rates if period.from_on <= day]
    return max(earlier, key=lambda period: period.from_on, default=None)


def year_days(day_count: DayCount, day: date) -> int:
    """How many days the year has of which a day is a share; the calendar's 365 or 366 for ACTUAL_ACTUAL."""
    return _FIXED_YEARS.get(day_count) or (366 if isleap(day.year) else 365)


def counted_days(day_count: DayCount, day: date) -> int:
    """How many days of interest a day stands for: one, but for THIRTY_360.

    There every month has thirty: a 31st stands for none, and the last of February for what February lacks besides.
    """
    if day_count is not DayCount.THIRTY_360:
        return 1
    last = monthrange(day.year, day.month)[1]
    return 31 - last if day.day == last else 1


def period_end(compounding: Compounding, began_on: date, day: date) -> date | None:
    """The first end of a period of compounding on or after a day; none where interest never bears interest.

    Ends are counted from the day of the beginning, so that a count from 31 January ends on 28 February and 31 March.
    """
    months = _PERIOD_MONTHS[compounding]
    if not months:
        return None
    passed = (day.year - began_on.year) * 12 + day.month - began_on.month
    number = max(1, passed // months)
    while (end := _months_after(began_on, number * months)) < day:
        number += 1
    return end


def extend(
    state: InterestState,
    owed: Amounts,
    terms: InterestTerms,
    through: date,
    *,
    principal_at_start_minor: int,
    free: Sequence[Span] = (),
) -> tuple[list[tuple[date, int]], InterestState]:
    """The interest to charge on the days after the state's until `through`, and the state at the end of that day.

    `owed` is what was owed at the end of the state's day; only the interest charged here changes it. Days are named
    whose interest is not nought, amounts are minor units. `free` are the spans whose days bear nothing.
    """
    if through <= state.through_on:
        return [], replace(state, principal_at_start_minor=principal_at_start_minor)
    count = _Count(state, owed, terms, principal_at_start_minor)
    rule = _rule(terms, state.began_on if terms.keeps_first_rate else None)
    for run in _runs(rule, state.began_on, state.through_on, through, free):
        count.go(run)
    return count.charged, InterestState(
        through_on=through,
        exact=Fraction(count.parts, PARTS),
        accrued_minor=count.accrued,
        capitalised_minor=count.capitalised,
        began_on=state.began_on,
        principal_at_start_minor=principal_at_start_minor,
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """Terms with their rates as whole numbers: `weights` are in millionths of a per cent, one for each change."""

    day_count: DayCount
    compounding: Compounding
    changes: tuple[date, ...]
    weights: tuple[int, ...]


@lru_cache(maxsize=512)
def _rule(terms: InterestTerms, kept_since: date | None) -> _Rule:
    """Terms as they are computed with; the first rate after a day alone where that is kept."""
    rates = sorted(terms.rates, key=lambda period: period.from_on)
    if kept_since is not None and rates:
        rates = [rate_on(terms, kept_since + timedelta(days=1)) or rates[0]]
    return _Rule(
        day_count=terms.day_count,
        compounding=terms.compounding,
        changes=tuple(period.from_on for period in rates),
        weights=tuple(_millionths(period.percent) for period in rates),
    )


def _millionths(percent: Decimal) -> int:
    millionths = percent.scaleb(6)
    if millionths != millionths.to_integral_value():
        raise ValueError(f"A rate has at most six decimals: {percent} per cent.")
    # Money that is owed bears interest for the creditor or none at all.
    return max(0, int(millionths))


@dataclass(frozen=True, slots=True)
class _Run:
    """Days in a row of which each bears the same: `weight` parts for each minor unit.

    Before the first of them the period of compounding may have ended.
    """

    first: date
    days: int
    weight: int
    after_period: bool


def _runs(rule: _Rule, began_on: date, after: date, through: date, free: Sequence[Span]) -> Iterator[_Run]:
    """The days after one until another, cut wherever what a minor unit bears may change."""
    day = after + timedelta(days=1)
    while day <= through:
        after_period = False
        last = through
        end = period_end(rule.compounding, began_on, day - timedelta(days=1))
        if end is not None:
            if end < day:
                after_period = True
                end = period_end(rule.compounding, began_on, day)
            last = min(last, end or last)
        weight, until = _weight(rule, day, free)
        last = min(last, until or last)
        yield _Run(day, (last - day).days + 1, weight, after_period)
        day = last + timedelta(days=1)


def _weight(rule: _Rule, day: date, free: Sequence[Span]) -> tuple[int, date | None]:
    """What a minor unit bears on a day, and the last day in a row of which that is certain; none for ever."""
    until: list[date] = []
    for span in free:
        if span.from_on > day:
            until.append(span.from_on - timedelta(days=1))
        elif span.until_on is None:
            return 0, None
        elif span.until_on > day:
            return 0, span.until_on - timedelta(days=1)
    index = bisect_right(rule.changes, day)
    if index < len(rule.changes):
        until.append(rule.changes[index] - timedelta(days=1))
    if index == 0:
        return 0, min(until, default=None)
    days = 1
    if rule.day_count is DayCount.ACTUAL_ACTUAL:
        until.append(date(day.year, 12, 31))
    elif rule.day_count is DayCount.THIRTY_360:
        days = counted_days(rule.day_count, day)
        until.append(day if days != 1 else _before_last_of_month(day))
    return rule.weights[index - 1] * days * (_YEAR // year_days(rule.day_count, day)), min(until, default=None)


def _before_last_of_month(day: date) -> date:
    """The last day of the month that surely stands for one day, or this one when it is the last of all."""
    return max(day, day.replace(day=monthrange(day.year, day.month)[1] - 1))


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class _Count:
    """The running sums of one account, all whole numbers."""

    def __init__(self, state: InterestState, owed: Amounts, terms: InterestTerms, principal_at_start: int) -> None:
        exact = state.exact * PARTS
        if exact.denominator != 1:
            raise ValueError("This exact interest was not counted here: it is no whole number of parts.")
        self.parts = exact.numerator
        self.accrued = state.accrued_minor
        self.charged: list[tuple[date, int]] = []
        self._interest = owed.get(DebtComponent.INTEREST, 0)
        # A payment of interest pays that of the running period before what bears interest already.
        self.capitalised = min(state.capitalised_minor, max(0, self._interest))
        self._all_interest_bears = DebtComponent.INTEREST in terms.bears
        self._bearing = sum(owed.get(component, 0) for component in terms.bears)
        self._rounding = terms.rounding
        self._limit = _limit(self.accrued, owed, terms, principal_at_start)

    def go(self, run: _Run) -> None:
        """Count a run of days; days on which nothing comes to be charged are passed over at once."""
        if run.after_period:
            self.capitalised = max(0, self._interest)
        done = 0
        while done < run.days:
            step = run.weight * max(0, self._base())
            if step == 0 or (self._limit is not None and self.accrued >= self._limit):
                return
            missing = _threshold(self.accrued, self._rounding) - self.parts
            ahead = max(1, -(-missing // step))
            if done + ahead > run.days:
                self.parts += step * (run.days - done)
                return
            done += ahead
            self.parts += step * ahead
            self._charge(run.first + timedelta(days=done - 1))

    def _base(self) -> int:
        return self._bearing if self._all_interest_bears else self._bearing + self.capitalised

    def _charge(self, day: date) -> None:
        total = rounded(self.parts, self._rounding)
        if self._limit is not None and total > self._limit:
            total = self._limit
            self.parts = total * PARTS
        amount = total - self.accrued
        self.accrued = total
        self._interest += amount
        if self._all_interest_bears:
            self._bearing += amount
        self.charged.append((day, amount))


def _limit(accrued: int, owed: Amounts, terms: InterestTerms, principal_at_start: int) -> int | None:
    """How much may have been charged at most while what is owed stays as it is; none without a cap."""
    limits: list[int] = []
    if terms.cap_percent is not None:
        limits.append(int(Fraction(terms.cap_percent) * max(0, principal_at_start) / 100))
    if terms.no_more_than_principal:
        room = owed.get(DebtComponent.PRINCIPAL, 0) - owed.get(DebtComponent.INTEREST, 0)
        limits.append(accrued + max(0, room))
    return min(limits, default=None)


def rounded(parts: int, rounding: Rounding) -> int:
    """Parts of minor units, none below nought, as whole minor units."""
    whole, rest = divmod(parts, PARTS)
    if rounding is Rounding.DOWN:
        return whole
    if rounding is Rounding.UP:
        return whole + (rest > 0)
    if rest == _HALF:
        return whole + (1 if rounding is Rounding.HALF_UP else whole % 2)
    return whole + (rest > _HALF)


def _threshold(accrued: int, rounding: Rounding) -> int:
    """The least number of parts that is rounded to more than was charged."""
    if rounding is Rounding.DOWN:
        return (accrued + 1) * PARTS
    if rounding is Rounding.UP:
        return accrued * PARTS + 1
    exclusive = rounding is Rounding.HALF_EVEN and accrued % 2 == 0
    return accrued * PARTS + _HALF + exclusive
