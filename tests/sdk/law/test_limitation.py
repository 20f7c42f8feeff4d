"""The clock of limitation periods, held against a walk from day to day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from arrears_sdk.law.days import years_after
from arrears_sdk.law.limitation import Tolling, expires_on, is_barred

FIRST = date(2015, 1, 1)
ONE_DAY = timedelta(days=1)
starts = st.integers(0, 400).map(lambda number: FIRST + timedelta(days=number))
spans = st.lists(
    st.builds(
        lambda first, length: (FIRST + timedelta(days=first), FIRST + timedelta(days=first + length)),
        st.integers(-200, 2500),
        st.integers(0, 300),
    ),
    max_size=4,
)


def walked(start: date, years: int, tolling: list[tuple[date, date]]) -> date:
    """The day on which as many days have run as the period has, those of a span not counted."""
    left = (years_after(start, years) - start).days
    day = start
    while left:
        day += ONE_DAY
        left -= not any(first <= day <= last for first, last in tolling)
    return day


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 6), spans)
def test_days_on_which_the_period_stands_still_are_added(
    start: date, years: int, tolling: list[tuple[date, date]]
) -> None:
    given_spans: list[Tolling] = list(tolling)
    assert expires_on(start, years, tolling=given_spans) == walked(start, years, tolling)


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 4), st.lists(st.integers(-100, 3000), max_size=4))
def test_a_restart_counts_until_the_period_has_expired(start: date, years: int, restarts: list[int]) -> None:
    days = sorted(FIRST + timedelta(days=number) for number in restarts)
    ends = years_after(start, years)
    for day in days:
        if start < day <= ends:
            ends = years_after(day, years)
    assert expires_on(start, years, restarts=days) == ends


def test_exact_days() -> None:
    assert expires_on(date(2020, 3, 1), 6) == date(2026, 3, 1)
    assert expires_on(date(2020, 2, 29), 3) == date(2023, 2, 28)
    # Ninety days of service, both ends included, are ninety days more.
    assert expires_on(date(2020, 3, 1), 6, tolling=[(date(2021, 1, 1), date(2021, 3, 31))]) == date(2026, 5, 30)
    # A payment on the last day restarts; one on the day after does not.
    assert expires_on(date(2020, 3, 1), 3, restarts=[date(2023, 3, 1)]) == date(2026, 3, 1)
    assert expires_on(date(2020, 3, 1), 3, restarts=[date(2023, 3, 2)]) == date(2023, 3, 1)


def test_a_span_that_lasts_leaves_the_end_open() -> None:
    assert expires_on(date(2020, 3, 1), 6, tolling=[(date(2021, 1, 1), None)]) is None
    assert expires_on(date(2020, 3, 1), 6, tolling=[(date(2026, 3, 2), None)]) == date(2026, 3, 1)
    overlapping: list[Tolling] = [(date(2021, 1, 1), date(2021, 6, 1)), (date(2021, 3, 1), None)]
    assert expires_on(date(2020, 3, 1), 6, tolling=overlapping) is None


@pytest.mark.parametrize(
    ("today", "barred"), [(date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2020, 1, 1), False)]
)
def test_the_last_day_is_within(today: date, barred: bool) -> None:
    assert is_barred(today, date(2026, 3, 1)) is barred
    assert not is_barred(today, None)
