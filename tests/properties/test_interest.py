"""Interest against a naive count of fractions day by day, and split in any way."""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings, strategies as st

from arrears.ledger.history import (
    Amounts,
    Compounding,
    DayCount,
    InterestState,
    InterestTerms,
    RatePeriod,
    Rounding,
    Span,
)
from arrears.ledger.interest import begin, extend
from arrears.ledger.model import DebtComponent

DAY = timedelta(days=1)
PRINCIPAL, INTEREST = DebtComponent.PRINCIPAL, DebtComponent.INTEREST
MONTHS = {Compounding.MONTHLY: 1, Compounding.QUARTERLY: 3, Compounding.HALF_YEARLY: 6, Compounding.YEARLY: 12}
FIRST = date(2019, 12, 25)

days = st.integers(0, 1500).map(lambda number: FIRST + timedelta(days=number))
percents = st.integers(0, 40_000_000).map(lambda millionths: Decimal(millionths).scaleb(-6))
components = st.frozensets(st.sampled_from(DebtComponent), min_size=1)
rates = st.lists(
    st.builds(RatePeriod, from_on=days, percent=percents, source=st.just("test")),
    max_size=4,
    unique_by=lambda period: period.from_on,
).map(tuple)
all_terms = st.builds(
    InterestTerms,
    rates=rates,
    day_count=st.sampled_from(DayCount),
    compounding=st.sampled_from(Compounding),
    rounding=st.sampled_from(Rounding),
    bears=components,
    cap_percent=st.none() | st.integers(0, 300).map(Decimal),
    no_more_than_principal=st.booleans(),
    keeps_first_rate=st.booleans(),
)
debts = st.fixed_dictionaries(
    {component: st.integers(-2_000, 3_000_000) for component in DebtComponent},
)
spans = st.lists(st.tuples(days, st.none() | st.integers(1, 90)), max_size=3).map(
    lambda pairs: tuple(Span(day, None if length is None else day + timedelta(days=length)) for day, length in pairs)
)


def naive(
    rule: InterestTerms, owed: Amounts, began_on: date, through: date, free: tuple[Span, ...]
) -> tuple[list[tuple[date, int]], Fraction]:
    """Interest one day after the other, as the rules say it in words."""
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


def start(rule: InterestTerms, owed: Amounts, on: date) -> InterestState:
    return replace(begin(rule, on), principal_at_start_minor=max(0, owed[PRINCIPAL]))


def go(
    state: InterestState, owed: Amounts, rule: InterestTerms, through: date, free: tuple[Span, ...]
) -> tuple[list[tuple[date, int]], InterestState]:
    return extend(state, owed, rule, through, principal_at_start_minor=state.principal_at_start_minor, free=free)


@settings(max_examples=300, deadline=None)
@given(rule=all_terms, owed=debts, on=days, length=st.integers(1, 900), free=spans)
def test_interest_is_what_a_naive_count_has(
    rule: InterestTerms, owed: Amounts, on: date, length: int, free: tuple[Span, ...]
) -> None:
    # given
    through = on + timedelta(days=length)
    # when
    charged, state = go(start(rule, owed, on), owed, rule, through, free)
    # then
    expected, exact = naive(rule, owed, on, through, free)
    assert charged == expected
    assert state.exact == exact
    assert state.accrued_minor == sum(minor for _, minor in expected)
    assert state.through_on == through


@settings(max_examples=300, deadline=None)
@given(
    rule=all_terms,
    owed=debts,
    on=days,
    lengths=st.lists(st.integers(0, 200), min_size=1, max_size=8),
    free=spans,
)
def test_splitting_a_period_changes_nothing(
    rule: InterestTerms, owed: Amounts, on: date, lengths: list[int], free: tuple[Span, ...]
) -> None:
    # given
    through = on + timedelta(days=sum(lengths))
    whole, at_once = go(start(rule, owed, on), owed, rule, through, free)
    # when
    state, parts, now = start(rule, owed, on), [], dict(owed)
    for length in lengths:
        charged, state = go(state, now, rule, state.through_on + timedelta(days=length), free)
        now[INTEREST] += sum(minor for _, minor in charged)
        parts += charged
    # then
    assert parts == whole
    assert state == at_once
