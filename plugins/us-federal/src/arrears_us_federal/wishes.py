"""Hours that a debtor wishes or does not want, as instants, beside the hours of Regulation F."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import common_opening, every_day, start_of_day
from arrears_sdk.views import ContactAttempt, Fact, LocalHours
from arrears_us_federal.persons import medium

Opening = tuple[datetime, datetime]
USUAL = every_day(time(8), time(21))
"""After 8 and before 9 in the evening, as the statute says; of Regulation F's borders the earlier end."""
MIDNIGHT = time(0)
QUARTER = 15
MOST_ROUNDS = 60
DAYS_AHEAD = 15
FOREVER = datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=1024)
def span_on(hours: LocalHours, day: date, zone: str, *, wide: bool) -> Opening | None:
    """The instants between which hours lie that begin on a local day; None on a day of the week without any.

    Where a border exists twice, or not at all, a `wide` span takes in both readings and a narrow one neither.
    """
    if hours.weekdays and day.isoweekday() not in hours.weekdays:
        return None
    begins, ends = hours.earliest or MIDNIGHT, hours.latest or MIDNIGHT
    first = _readings(day, begins, zone)
    last = _readings(day if ends > begins else day + ONE_DAY, ends, zone)
    span = (min(first), max(last)) if wide else (max(first), min(last))
    return span if span[0] < span[1] else None


def _readings(day: date, wall: time, zone: str) -> list[datetime]:
    local = datetime.combine(day, wall, ZoneInfo(zone))
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def _spans(fact: Fact, at: datetime, zone: str, *, ahead: int, wide: bool) -> list[Opening]:
    """The spans of a fact's hours from the day before an instant on, in their order."""
    if fact.hours is None:
        return []
    today = at.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=number) for number in range(-1, ahead + 1)]
    return [span for day in days if (span := span_on(fact.hours, day, zone, wide=wide)) is not None]


def wishes(attempt: ContactAttempt, kind: FactKind) -> tuple[Fact, ...]:
    """The facts about hours that concern the medium of a contact, also those that begin later."""
    if not attempt.facts:
        return ()
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    way = medium(attempt.channel)
    return tuple(
        fact
        for fact in attempt.facts
        if fact.kind is kind
        and (fact.channel is None or fact.channel in way)
        and (fact.contact_point_id is None or fact.contact_point_id == point)
        and (fact.ends_at is None or attempt.at < fact.ends_at)
    )


def blocked_until(at: datetime, facts: Sequence[Fact], zones: Sequence[str]) -> datetime | None:
    """When an instant within unwanted hours is no longer: the instant itself when it is in none, None when never."""
    free = at
    for _ in range(MOST_ROUNDS):
        ends = [end for fact in facts for end in _blocks(fact, free, zones)]
        if not ends:
            return free
        free = max(ends)
        if free == FOREVER:
            return None
    return None


def _blocks(fact: Fact, at: datetime, zones: Sequence[str]) -> list[datetime]:
    """Until when a fact blocks an instant, in each zone in which it does."""
    last = fact.ends_at or FOREVER
    if not fact.starts_at <= at < last:
        return []
    if fact.hours is None:
        return [last]
    spans = [span for zone in zones for span in _spans(fact, at, zone, ahead=1, wide=True)]
    return [min(ends, last) for begins, ends in spans if begins <= at < ends]


def next_block(at: datetime, facts: Sequence[Fact], zones: Sequence[str]) -> datetime | None:
    """When unwanted hours next begin."""
    begins = [
        max(start, fact.starts_at)
        for fact in facts
        for start in [span[0] for zone in zones for span in _spans(fact, at, zone, ahead=8, wide=True)]
        or ([fact.starts_at] if fact.hours is None else [])
    ]
    return min((start for start in begins if start > at), default=None)


def usual_hours(at: datetime, zones: tuple[str, ...]) -> Opening | None:
    """The opening common to all zones that an instant is within, else the next one."""
    return _usual_hours(at.replace(minute=at.minute - at.minute % QUARTER, second=0, microsecond=0), zones)


@lru_cache(maxsize=256)
def _usual_hours(quarter: datetime, zones: tuple[str, ...]) -> Opening | None:
    # Every clock of this century is some quarters of an hour from UTC: within one nothing opens or closes.
    return common_opening([(USUAL, zone) for zone in zones], quarter)


def hours_at(attempt: ContactAttempt, at: datetime) -> Opening | None:
    """When contact may next begin at an instant or later, and until when: within the hours that the debtor agreed to,
    which take the place of the usual ones. None when no hour is known that suits every zone.
    """
    zones = attempt.debtor.time_zones
    agreed = wishes(attempt, FactKind.AGREED_TIME) if attempt.facts else ()
    if not agreed:
        return usual_hours(at, zones) if zones else None
    return _agreed_hours(agreed, at, zones) if zones else None


def _agreed_hours(facts: Sequence[Fact], at: datetime, zones: tuple[str, ...]) -> Opening | None:
    held = [fact for fact in facts if fact.starts_at <= at and (fact.ends_at is None or at < fact.ends_at)]
    borders = [instant for fact in facts for instant in (fact.starts_at, fact.ends_at) if instant is not None]
    change = min((instant for instant in borders if instant > at), default=None)
    found = _common(held, at, zones) if held else usual_hours(at, zones)
    if found is not None and (change is None or found[0] < change):
        return found[0], found[1] if change is None else min(found[1], change)
    return None if change is None else _agreed_hours(facts, change, zones)


def _common(facts: Sequence[Fact], at: datetime, zones: Sequence[str]) -> Opening | None:
    """The agreed opening common to all zones that an instant is within, else the next one."""
    candidate = at
    for _ in range(MOST_ROUNDS):
        found = [_next(facts, candidate, zone) for zone in zones]
        spans = [span for span in found if span is not None]
        if len(spans) < len(found):
            return None
        opens = max(span[0] for span in spans)
        if opens <= candidate:
            return candidate, min(span[1] for span in spans)
        candidate = opens
    return None


def _next(facts: Sequence[Fact], at: datetime, zone: str) -> Opening | None:
    spans = [span for fact in facts for span in _spans(fact, at, zone, ahead=DAYS_AHEAD, wide=False)]
    return min((span for span in spans if at < span[1]), default=None)


def opening_after(attempt: ContactAttempt, at: datetime) -> datetime:
    """The first instant, not before another, at which hours are open; that other one when none is known."""
    found = hours_at(attempt, at)
    return at if found is None else max(found[0], at)


@lru_cache(maxsize=256)
def day_starts(day: date, zones: tuple[str, ...]) -> datetime:
    """The instant at which a day has begun in every zone; in UTC when none is known."""
    return start_of_day(day, zones)


@lru_cache(maxsize=256)
def first_start(day: date, zones: tuple[str, ...]) -> datetime:
    """The instant at which a day begins in the first zone; in UTC when none is known."""
    return min(min(_readings(day, MIDNIGHT, zone)) for zone in zones or ("UTC",))
