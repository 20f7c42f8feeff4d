"""One window of local wall time a day, as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Window = tuple[datetime, datetime]


class Weekday(StrEnum):
    """A day of the week, in the order of ISO 8601."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


WEEKDAYS = tuple(Weekday)


def next_window(at: datetime, zone: str, earliest: time, latest: time, days_off: frozenset[Weekday]) -> Window:
    """The window that is open at an instant, else the next one: its first instant, and the first one after it."""
    today = at.astimezone(ZoneInfo(zone)).date()
    # With six days off and a day that a country skipped, a window still opens within two weeks.
    for day in (today + timedelta(days=number) for number in range(15)):
        opens, closes = _instants(day, earliest, zone)[1], _instants(day, latest, zone)[0]
        if WEEKDAYS[day.weekday()] not in days_off and at < closes and opens < closes:
            return opens, closes
    raise ValueError("every day of the week is a day off")


def _instants(day: date, wall: time, zone: str) -> list[datetime]:
    """The earlier and the later reading of a wall time: they differ where clocks are put forward or back."""
    local = datetime.combine(day, wall, ZoneInfo(zone))
    return sorted(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
