"""Interest counted as the rules say it in words: one day after the other, in fractions."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta
from fractions import Fraction

from arrears.ledger.history import Amounts, Compounding, DayCount, InterestTerms, Rounding, Span
from arrears.ledger.model import DebtComponent

DAY = timedelta(days=1)
PRINCIPAL, INTEREST = DebtComponent.PRINCIPAL, DebtComponent.INTEREST
MONTHS = {Compounding.MONTHLY: 1, Compounding.QUARTERLY: 3, Compounding.HALF_YEARLY: 6, Compounding.YEARLY: 12}


def naive(
    rule: InterestTerms, owed: Amounts, began_on: date, through: date, free: tuple[Span, ...]
) -> tuple[list[tuple[date, int]], Fraction]:
    """The days that bear interest with their amounts, and the exact sum."""
    owed = dict(owed)
    principal = max(0, owed[PRINCIPAL])
    exact, accrued, capitalised = Fraction(0), 0, 0
    charged: list[tuple[date, int]] = []
    day = began_on
    while day < through:
        if _is_period_end(rule.compounding, began_on, day):
            capitalised = max(0, owed[INTEREST])
        day += DAY
        base = sum(owed[component] for component in rule.bears)
        if INTEREST not in rule.bears:
            base += capitalised
        step = max(0, base) * _share(rule, began_on, day, free)
        room = []
        if rule.cap_percent is not None:
            room.append(int(Fraction(rule.cap_percent) * principal / 100) - accrued)
        if rule.no_more_than_principal:
            room.append(max(0, owed[PRINCIPAL] - owed[INTEREST]))
        if step == 0 or (room and min(room) <= 0):
            continue
        exact += step
        amount = _rounded(exact, rule.rounding) - accrued
        if room and amount > min(room):
            amount = min(room)
            exact = Fraction(accrued + amount)
        if amount > 0:
            accrued += amount
            owed[INTEREST] += amount
            charged.append((day, amount))
    return charged, exact


def _share(rule: InterestTerms, began_on: date, day: date, free: tuple[Span, ...]) -> Fraction:
    if any(span.from_on <= day and (span.until_on is None or day < span.until_on) for span in free):
        return Fraction(0)
    rates = sorted(rule.rates, key=lambda period: period.from_on)
    if rule.keeps_first_rate:
        # The rate of the first day, or the first one there is afterwards.
        known = [period for period in rates if period.from_on <= began_on + DAY]
        rates = known[-1:] or rates[:1]
    earlier = [period for period in rates if period.from_on <= day]
    return Fraction(earlier[-1].percent) / 100 * _of_year(rule.day_count, day) if earlier else Fraction(0)


def _of_year(day_count: DayCount, day: date) -> Fraction:
    if day_count is DayCount.THIRTY_360:
        return Fraction(_thirty(day) - _thirty(day - DAY), 360)
    if day_count is DayCount.ACTUAL_ACTUAL:
        return Fraction(1, 366 if isleap(day.year) else 365)
    return Fraction(1, int(day_count.value.removeprefix("ACTUAL_")))


def _thirty(day: date) -> int:
    is_last = day.day == monthrange(day.year, day.month)[1]
    return day.year * 360 + day.month * 30 + (30 if is_last else min(day.day, 30))


def _is_period_end(compounding: Compounding, began_on: date, day: date) -> bool:
    if compounding is Compounding.NEVER or day <= began_on:
        return False
    months = (day.year - began_on.year) * 12 + day.month - began_on.month
    clamped = min(began_on.day, monthrange(day.year, day.month)[1])
    return months > 0 and months % MONTHS[compounding] == 0 and day.day == clamped


def _rounded(exact: Fraction, rounding: Rounding) -> int:
    whole, rest = exact.numerator // exact.denominator, exact - exact.numerator // exact.denominator
    half = Fraction(1, 2)
    up = {
        Rounding.DOWN: False,
        Rounding.UP: rest > 0,
        Rounding.HALF_UP: rest >= half,
        Rounding.HALF_EVEN: rest > half or (rest == half and whole % 2 == 1),
    }
    return whole + up[rounding]
