"""Public holidays of places, for business days and for days on which nobody may be called (rule sheet, section 0.5)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

from arrears_sdk.law.days import HolidayTest

_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
"""Of 5 USC 6103(a): New Year, Juneteenth, Independence Day, Veterans Day, Christmas."""
_MONDAYS = ((1, 3), (2, 3), (9, 1), (10, 2))
"""Of 5 USC 6103(a): month and number of the Monday: King, Washington, Labor Day, Columbus."""


def us_federal_holiday(day: date) -> bool:
    """Whether 5 USC 6103(a) names the day, or it is one on which a holiday of the weekend is observed."""
    return day in _us_federal(day.year) or (day.month == 12 and day.day == 31 and day.weekday() == 4)


@lru_cache(maxsize=128)
def _us_federal(year: int) -> frozenset[date]:
    fixed = [date(year, month, day) for month, day in _FIXED]
    # Never counted as business days, to be safe: 6103(b) moves a Saturday's holiday to Friday, a Sunday's to Monday.
    observed = [day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in fixed]
    mondays = [_weekday(year, month, 0, number) for month, number in _MONDAYS]
    last_of_may = max(date(year, 5, day) for day in range(25, 32) if date(year, 5, day).weekday() == 0)
    return frozenset([*fixed, *observed, *mondays, last_of_may, _weekday(year, 11, 3, 4)])


def _weekday(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


@lru_cache(maxsize=256)
def holiday_test(place: str) -> HolidayTest:
    """A test for the public holidays of a place, spelt as `chain` does: `GB-ENG`, `CA-ON`, `DE`; those of the United
    States are the federal ones. ValueError for a place whose holidays are not known.
    """
    country, _, region = place.partition("-")
    if country == "US":
        return us_federal_holiday
    _holidays(country, region or None, 2026)
    return lambda day: day in _holidays(country, region or None, day.year)


@lru_cache(maxsize=1024)
def _holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
    except NotImplementedError as error:
        raise ValueError(f"the holidays of {country}{f'-{region}' if region else ''} are not known") from error
