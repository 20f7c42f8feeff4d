"""The instants at which an answer may change by itself: days begin, facts, holds and consents begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from arrears.compliance.asking import Case
from arrears.compliance.facts import contact_attempt
from arrears.compliance.pictures import Album
from arrears_sdk.views import ContactAttempt

# The first and last instant at which it is a certain day somewhere on earth, beside that day's in UTC.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)


def borders_of(album: Album, case: Case, begins: datetime, ends: datetime) -> list[datetime]:
    """The borders of one way between two instants, both included, in order."""
    attempts = [contact_attempt(album, one, begins) for one in case.wanted]
    found = {*_midnights(album, case, attempts, begins, ends), *_of_places(album, case), *_of_holds(album, case)}
    for attempt in attempts:
        found |= {at for fact in attempt.facts for at in (fact.starts_at, fact.ends_at) if at is not None}
        found |= {consent.expires_at for consent in attempt.debtor.consents if consent.expires_at is not None}
    return [begins, *sorted(at for at in found if begins < at < ends), ends]


def _midnights(
    album: Album, case: Case, attempts: list[ContactAttempt], begins: datetime, ends: datetime
) -> Iterator[datetime]:
    zones = {zone.zone for zone in album.gathered.zones.get(case.debtor_id, ())}
    zones |= {zone for attempt in attempts for zone in attempt.debtor.time_zones}
    zones |= {album.facts(id, one.at).client_zone for one in case.wanted for id in one.account_ids}
    if not all(attempt.debtor.time_zones for attempt in attempts):
        zones.add("UTC")
    for zone in zones:
        day = begins.astimezone(ZoneInfo(zone)).date()
        last = ends.astimezone(ZoneInfo(zone)).date()
        while day <= last:
            yield from midnights(day, zone)
            day += timedelta(days=1)


@lru_cache(maxsize=16_384)
def midnights(day: date, zone: str) -> frozenset[datetime]:
    """The instants at which a day begins: two where a clock is moved at midnight."""
    local = datetime.combine(day, time(0), ZoneInfo(zone))
    return frozenset(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _of_places(album: Album, case: Case) -> Iterator[datetime]:
    for place in album.gathered.places.get(case.debtor_id, ()):
        if place.from_on is not None:
            yield datetime.combine(place.from_on, time(0), UTC) - _EAST
        if place.until_on is not None:
            yield datetime.combine(place.until_on + timedelta(days=1), time(0), UTC) + _WEST


def _of_holds(album: Album, case: Case) -> Iterator[datetime]:
    held = [*album.gathered.debtor_holds.get(case.debtor_id, ())]
    for one in case.wanted:
        for id in one.account_ids:
            held += album.gathered.account_holds.get(id, ())
    for hold in held:
        yield from (at for at in (hold.starts_at, hold.ends_at, hold.released_at) if at is not None)
