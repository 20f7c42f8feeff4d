"""The instants at which an answer may change by itself: days begin, facts, holds and consents begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    zones = {zone.zone for zone in album.gathered.zones.get(case.debtor_id, ())}
    zones |= {album.facts(id, one.at).client_zone for one in case.wanted for id in one.account_ids}
    for attempt in attempts:
        zones.update(attempt.debtor.time_zones or ("UTC",))
    known = {*_of_places(album, case), *_of_holds(album, case)}
    known |= {permit.expires_at for permit in album.gathered.permits.get(case.debtor_id, ())}
    return borders_between(begins, ends, zones, known.union(*map(_of_facts, attempts)))


def borders_between(
    begins: datetime, ends: datetime, zones: Iterable[str], known: Iterable[datetime]
) -> list[datetime]:
    """Two instants, and between them those of `known` and the midnights of the zones, in order."""
    found = set(known)
    for zone in zones:
        day = begins.astimezone(ZoneInfo(zone)).date()
        last = ends.astimezone(ZoneInfo(zone)).date()
        while day <= last:
            found |= midnights(day, zone)
            day += timedelta(days=1)
    return [begins, *sorted(at for at in found if begins < at < ends), ends]


def _of_facts(attempt: ContactAttempt) -> set[datetime]:
    found = {at for fact in attempt.facts for at in (fact.starts_at, fact.ends_at) if at is not None}
    return found | {consent.expires_at for consent in attempt.debtor.consents if consent.expires_at is not None}


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
