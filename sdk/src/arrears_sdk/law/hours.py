"""Hours of the debtor's day in which contact is allowed, as instants, in every zone in which the debtor may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from arrears_sdk.law.calendars import holiday_test
from arrears_sdk.ruling import Ruling

Span = tuple[time, time]
MIDNIGHT = time(0)
MOST_DAYS = 30
MOST_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Allowed hours of each day of the week (Monday first; None: not at all), in local wall time, the end not within.

    An end that is not later than the beginning is on the next day. `holidays` is the place whose public holidays have
    `on_holidays` instead.
    """

    week: tuple[Span | None, ...]
    holidays: str | None = None
    on_holidays: Span | None = None

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("hours are given for each of the seven days of the week")

    def on(self, day: date) -> Span | None:
        """The hours of one day."""
        if self.holidays is not None and holiday_test(self.holidays)(day):
            return self.on_holidays
        return self.week[day.weekday()]


def every_day(earliest: time, latest: time) -> Hours:
    """The same hours on every day."""
    return Hours(((earliest, latest),) * 7)


def weekly(
    weekdays: Span | None,
    saturday: Span | None,
    sunday: Span | None,
    *,
    holidays: str | None = None,
    on_holidays: Span | None = None,
) -> Hours:
    """Hours of Monday to Friday, of Saturday and of Sunday."""
    return Hours((weekdays,) * 5 + (saturday, sunday), holidays, on_holidays)


@lru_cache(maxsize=16_384)
def opening(hours: Hours, day: date, zone: str) -> tuple[datetime, datetime] | None:
    """The instants between which contact is allowed on a local day, the second not within; None when there are none.

    Where a clock is put forward or back at a border of the hours the later beginning and the earlier end count.
    """
    span = hours.on(day)
    if span is None:
        return None
    opens = max(_readings(day, span[0], zone))
    ends = (day + timedelta(days=1), span[1]) if span[1] <= span[0] else (day, span[1])
    closes = min(_readings(*ends, zone))
    # A day that a place skipped by moving over the date line has no instants of its own.
    if opens >= closes or opens.astimezone(ZoneInfo(zone)).date() != day:
        return None
    return opens, closes


def _readings(day: date, wall: time, zone: str) -> list[datetime]:
    """Both readings of a wall time; they differ where it exists twice, or not at all."""
    local = datetime.combine(day, wall, ZoneInfo(zone))
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def next_opening(hours: Hours, at: datetime, zone: str) -> tuple[datetime, datetime] | None:
    """The opening that an instant is within, else the next one; None when none follows within a month."""
    today = at.astimezone(ZoneInfo(zone)).date()
    for number in range(-1, MOST_DAYS):
        found = opening(hours, today + timedelta(days=number), zone)
        if found is not None and at < found[1]:
            return found
    return None


def common_opening(hours: Sequence[tuple[Hours, str]], at: datetime) -> tuple[datetime, datetime] | None:
    """The opening common to all hours in their zones that an instant is within, else the next; None when none comes."""
    candidate = at
    for _ in range(MOST_ROUNDS):
        found = [next_opening(each, candidate, zone) for each, zone in hours]
        spans = [span for span in found if span is not None]
        if len(spans) < len(found) or not spans:
            return None
        opens, closes = max(span[0] for span in spans), min(span[1] for span in spans)
        if opens <= candidate:
            return (candidate if candidate > at else opens), closes
        candidate = opens
    return None


def rule_on_hours(
    hours: Hours, at: datetime, zones: Sequence[str], *, words: str, facts: dict[str, object] | None = None
) -> Ruling:
    """Allowed until the hours end, else deferred to when they next begin in every zone.

    Denied, naming the missing fact, when no zone is known or no hour is within in all of them. `words` says the hours
    in a sentence: "08:00 to 21:00".
    """
    if not zones:
        return Ruling.deny("Nobody knows what time it is for the debtor.", missing_fact="time zone")
    told = {"local time": " / ".join(_local(at, zone) for zone in zones), **(facts or {})}
    found = common_opening([(hours, zone) for zone in zones], at)
    where = " and ".join(zones)
    if found is None:
        return Ruling.deny(f"No hour of {words} is common to {where}.", missing_fact="time zone", facts=told)
    if found[0] <= at:
        return _open(found[1], words, where)
    return Ruling.defer(found[0], f"It is not {words} in {where}.", facts=told)


@lru_cache(maxsize=4096)
def _open(closes: datetime, words: str, where: str) -> Ruling:
    return Ruling.allow(closes, reason=f"It is {words} in {where}.", rule="")  # named by its rule


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


def start_of_day(day: date, zones: Sequence[str]) -> datetime:
    """The instant at which a day has begun in every zone; in UTC when none is known."""
    return max(max(_readings(day, MIDNIGHT, zone)) for zone in zones or ("UTC",))
