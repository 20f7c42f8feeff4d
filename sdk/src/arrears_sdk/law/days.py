"""Counting days as laws do (rule sheet, section 0.3): windows, periods whose first day counts, business days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
HolidayTest = Callable[[date], bool]


def window(days: int, last: date) -> tuple[date, date]:
    """The first and last of so many consecutive calendar days that end on a day, both included."""
    return last - timedelta(days=days - 1), last


def free_again_after(first: date, days: int) -> date:
    """The first day after a period of so many days of which the event's own day is the first: C and 7 gives C+7."""
    return first + timedelta(days=days)


def days_after(event: date, days: int) -> date:
    """So many calendar days after an event, whose own day does not count."""
    return event + timedelta(days=days)


def years_after(event: date, years: int) -> date:
    """The same day so many years later; for 29 February in a common year the day before 1 March."""
    try:
        return event.replace(year=event.year + years)
    except ValueError:
        return event.replace(year=event.year + years, day=28)


def months_after(event: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(event.year * 12 + event.month - 1 + months, 12)
    return date(year, month + 1, min(event.day, monthrange(year, month + 1)[1]))


def is_business_day(day: date, holiday: HolidayTest) -> bool:
    """Whether a day is neither of the weekend nor a holiday."""
    return day.weekday() < 5 and not holiday(day)


@lru_cache(maxsize=4096)
def business_days_after(event: date, days: int, holiday: HolidayTest) -> date:
    """The last of so many business days after an event, whose own day does not count."""
    day = event
    for _ in range(days):
        day += ONE_DAY
        while not is_business_day(day, holiday):
            day += ONE_DAY
    return day


@lru_cache(maxsize=4096)
def business_days_before(event: date, days: int, holiday: HolidayTest) -> date:
    """The first of so many business days before an event, whose own day does not count."""
    day = event
    for _ in range(days):
        day -= ONE_DAY
        while not is_business_day(day, holiday):
            day -= ONE_DAY
    return day


def business_days_between(earlier: date, later: date, holiday: HolidayTest) -> int:
    """The business days after one day, up to and with another."""
    spans = range(1, (later - earlier).days + 1)
    return sum(is_business_day(earlier + timedelta(days=number), holiday) for number in spans)


def count_in(days: Sequence[int], first: date, last: date) -> int:
    """How many of the sorted day numbers lie within two days, both included."""
    return bisect_right(days, last.toordinal()) - bisect_left(days, first.toordinal())


def first_free_day(days: Sequence[int], proposed: date, *, limit: int, span: int) -> date:
    """The first day, not before the proposed one, on which one more keeps to so many in so many consecutive days.

    `days` are the sorted day numbers of the events that count.
    """
    day = proposed
    while count_in(days, *window(span, day)) + 1 > limit:
        # The window is free of its oldest event on the day after that event has left it.
        oldest = days[bisect_left(days, day.toordinal() - span + 1)]
        day = date.fromordinal(oldest + span)
    return day
