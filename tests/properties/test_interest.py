"""Interest against a naive count of fractions day by day, and split in any way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

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
from tests.properties.naive_interest import INTEREST, PRINCIPAL, naive

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
