"""Windows, first days, business days: counted as section 0.3 and 0.5 of the rule sheet say, against naive counting."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from arrears_sdk.law.calendars import holiday_test, us_federal_holiday
from arrears_sdk.law.days import (
    business_days_after,
    business_days_before,
    business_days_between,
    count_in,
    days_after,
    first_free_day,
    free_again_after,
    window,
    years_after,
)

FIRST = date(2026, 1, 1)
ONE_DAY = timedelta(days=1)
days = st.integers(0, 800).map(lambda number: FIRST + timedelta(days=number))
few_days = st.lists(st.integers(0, 30), max_size=20)


@given(days, st.integers(1, 60))
def test_a_window_is_so_many_days_with_its_last(last: date, length: int) -> None:
    first, end = window(length, last)
    assert (end, (end - first).days + 1) == (last, length)


@given(few_days, st.integers(0, 35), st.integers(1, 5), st.integers(1, 10))
def test_the_first_free_day_is_the_one_that_trying_every_day_finds(
    events: list[int], proposed: int, limit: int, span: int
) -> None:
    numbers = sorted((FIRST + timedelta(days=number)).toordinal() for number in events)
    today = FIRST + timedelta(days=proposed)

    def too_many(day: date) -> bool:
        begins = day - timedelta(days=span - 1)
        return sum(begins.toordinal() <= number <= day.toordinal() for number in numbers) + 1 > limit

    tried = today
    while too_many(tried):
        tried += ONE_DAY
    assert first_free_day(numbers, today, limit=limit, span=span) == tried


@given(few_days, st.integers(0, 30), st.integers(0, 30))
def test_counting_in_a_span_is_counting(events: list[int], one: int, two: int) -> None:
    first, last = (FIRST + timedelta(days=number) for number in sorted((one, two)))
    numbers = sorted(FIRST.toordinal() + number for number in events)
    expected = sum(first <= FIRST + timedelta(days=number) <= last for number in events)
    assert count_in(numbers, first, last) == expected


def test_the_worked_arithmetic_of_seven_calls_in_seven_days() -> None:
    daily = [date(2026, 6, day).toordinal() for day in range(3, 10)]
    assert first_free_day(daily, date(2026, 6, 9), limit=7, span=7) == date(2026, 6, 10)
    assert count_in(daily, *window(7, date(2026, 6, 10))) == 6
    at_once = [date(2026, 6, 3).toordinal()] * 7
    assert first_free_day(at_once, date(2026, 6, 3), limit=7, span=7) == date(2026, 6, 10)


def test_a_first_day_that_counts_and_one_that_does_not() -> None:
    # A conversation on 3 June bars through 9 June; thirty days after a receipt leave the receipt's own day out.
    assert free_again_after(date(2026, 6, 3), 7) == date(2026, 6, 10)
    assert days_after(date(2026, 6, 3), 30) == date(2026, 7, 3)


def naive_business_days(event: date, count: int, step: int) -> date:
    day = event
    while count:
        day += timedelta(days=step)
        count -= not (day.weekday() in (5, 6) or us_federal_holiday(day))
    return day


@settings(max_examples=60)
@given(days, st.integers(0, 25))
def test_business_days_are_counted_one_by_one(event: date, count: int) -> None:
    after = business_days_after(event, count, us_federal_holiday)
    assert after == naive_business_days(event, count, 1)
    assert business_days_before(event, count, us_federal_holiday) == naive_business_days(event, count, -1)
    assert business_days_between(event, after, us_federal_holiday) == count


@pytest.mark.parametrize(
    ("provided", "received", "ends"),
    [
        # Five business days for the letter, then thirty days, whatever day of the week that is.
        (date(2026, 6, 1), date(2026, 6, 8), date(2026, 7, 8)),
        # Juneteenth is a Friday, and Independence Day a Saturday whose Friday before is not counted either.
        (date(2026, 6, 15), date(2026, 6, 23), date(2026, 7, 23)),
        (date(2026, 6, 29), date(2026, 7, 7), date(2026, 8, 6)),
        # Thanksgiving, and the days over Christmas and New Year.
        (date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 12, 24), date(2027, 1, 4), date(2027, 2, 3)),
    ],
)
def test_the_validation_period_is_five_business_days_and_thirty_days(
    provided: date, received: date, ends: date
) -> None:
    assert business_days_after(provided, 5, us_federal_holiday) == received
    assert days_after(received, 30) == ends


@pytest.mark.parametrize(
    ("instrument", "earliest", "latest"),
    [
        (date(2026, 6, 30), date(2026, 6, 15), date(2026, 6, 25)),
        (date(2026, 7, 6), date(2026, 6, 18), date(2026, 6, 30)),
    ],
)
def test_a_postdated_deposit_is_told_of_ten_to_three_business_days_before(
    instrument: date, earliest: date, latest: date
) -> None:
    assert business_days_before(instrument, 10, us_federal_holiday) == earliest
    assert business_days_before(instrument, 3, us_federal_holiday) == latest


def test_the_federal_holidays_of_a_year_and_those_that_are_observed() -> None:
    named = [
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-04", "2026-09-07"),
        *("2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"),
    ]
    observed = ["2026-07-03"]
    found = [FIRST + timedelta(days=number) for number in range(365) if us_federal_holiday(FIRST + number * ONE_DAY)]
    assert [day.isoformat() for day in found] == sorted([*named, *observed])
    # New Year of 2028 is a Saturday: its Friday belongs to the year before.
    assert us_federal_holiday(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("place", "holiday", "workday"),
    [
        ("GB-ENG", date(2026, 8, 31), date(2026, 8, 3)),
        ("GB-SCT", date(2026, 8, 3), date(2026, 8, 31)),
        ("DE", date(2026, 10, 3), date(2026, 6, 4)),
        ("CA-ON", date(2026, 2, 16), date(2026, 6, 24)),
        ("US", date(2026, 6, 19), date(2026, 2, 12)),
    ],
)
def test_a_place_has_its_own_holidays(place: str, holiday: date, workday: date) -> None:
    assert holiday_test(place)(holiday)
    assert not holiday_test(place)(workday)


def test_a_place_of_unknown_holidays_is_refused() -> None:
    with pytest.raises(ValueError, match="the holidays of XX are not known"):
        holiday_test("XX")


@pytest.mark.parametrize(
    ("event", "years", "then"),
    [
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 2, 28), 1, date(2024, 2, 28)),
        (date(2026, 3, 1), 6, date(2032, 3, 1)),
    ],
)
def test_a_leap_day_ends_before_march(event: date, years: int, then: date) -> None:
    assert years_after(event, years) == then
