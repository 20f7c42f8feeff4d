"""The hours at which a debtor does not want to be contacted, or wants to be, as instants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import in_force
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, LocalHours

MOST_DAYS = 15
MIDNIGHT = time(0)


def rule_on_wishes(attempt: ContactAttempt, zones: Sequence[str]) -> Ruling | None:
    """What the debtor's own hours say: nothing when none are recorded."""
    unwanted = [fact.hours for fact in in_force(attempt, FactKind.INCONVENIENT_TIME) if _meant(fact.channel, attempt)]
    agreed = [fact.hours for fact in in_force(attempt, FactKind.AGREED_TIME) if _meant(fact.channel, attempt)]
    if not unwanted and not agreed:
        return None
    told = {"unwanted hours": _words(unwanted), "agreed hours": _words(agreed)}
    suits = _suits(attempt.at, zones, unwanted, agreed)
    turns = (turn for turn in _turns(attempt.at, zones, [*unwanted, *agreed]))
    change = next((turn for turn in turns if _suits(turn, zones, unwanted, agreed) is not suits), None)
    if suits:
        return None if change is None else Ruling.allow(change, reason="The debtor's own hours suit.", facts=told)
    if change is None:
        return Ruling.deny("The debtor asked not to be contacted, at whatever hour.", facts=told)
    return Ruling.defer(change, "The debtor asked not to be contacted at this hour.", facts=told)


def _meant(channel: object, attempt: ContactAttempt) -> bool:
    return channel is None or channel is attempt.channel


def _suits(
    at: datetime, zones: Sequence[str], unwanted: Sequence[LocalHours | None], agreed: Sequence[LocalHours | None]
) -> bool:
    """Whether an instant is within no unwanted hours in any zone, and within agreed ones in each."""
    for zone in zones:
        wall = at.astimezone(ZoneInfo(zone))
        if any(_within(hours, wall) for hours in unwanted):
            return False
        if agreed and not any(_within(hours, wall) for hours in agreed):
            return False
    return True


def _within(hours: LocalHours | None, wall: datetime) -> bool:
    if hours is None:
        return True
    clock, today = wall.time(), wall.isoweekday()
    begins = hours.earliest or MIDNIGHT
    ends = None if hours.latest in (None, MIDNIGHT) else hours.latest
    if ends is not None and ends <= begins:
        yesterday = (today - 2) % 7 + 1
        return (_on(hours, today) and clock >= begins) or (_on(hours, yesterday) and clock < ends)
    return _on(hours, today) and begins <= clock and (ends is None or clock < ends)


def _on(hours: LocalHours, weekday: int) -> bool:
    return not hours.weekdays or weekday in hours.weekdays


def _turns(at: datetime, zones: Sequence[str], hours: Sequence[LocalHours | None]) -> Iterator[datetime]:
    """The instants after `at` at which hours may begin or end, in their order."""
    borders = {border for each in hours if each is not None for border in (each.earliest, each.latest)}
    walls = {MIDNIGHT, *(border for border in borders if border is not None)}
    found: set[datetime] = set()
    for zone in zones:
        today = at.astimezone(ZoneInfo(zone)).date()
        for number in range(MOST_DAYS):
            day = today + timedelta(days=number)
            found |= {datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC) for wall in walls}
    return iter(sorted(turn for turn in found if turn > at))


def _words(hours: Sequence[LocalHours | None]) -> str:
    return "; ".join(sorted(_text(each) for each in hours)) or "none"


def _text(hours: LocalHours | None) -> str:
    if hours is None:
        return "always"
    days = ",".join(str(day) for day in sorted(hours.weekdays))
    span = f"{hours.earliest or MIDNIGHT:%H:%M} to {hours.latest or MIDNIGHT:%H:%M}"
    return f"{span} on weekdays {days}" if days else span
