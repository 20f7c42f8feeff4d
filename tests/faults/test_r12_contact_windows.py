"""R12, for contact windows: clock changes, skipped days, leap days: 0 contacts outside the hours, in 20 zones.

The oracle is naive: it goes through time in steps of UTC and asks the zone database what a clock on the wall shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from arrears_sdk.law.hours import MIDNIGHT, Hours, common_opening, every_day, opening, rule_on_hours, weekly
from arrears_sdk.ruling import Verdict

ZONES = [
    "America/New_York",
    "America/Juneau",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Asuncion",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Amman",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]
PAIRS = [
    ("America/New_York", "America/Chicago"),
    ("America/New_York", "Europe/London"),
    ("America/Juneau", "Pacific/Honolulu"),
    ("Australia/Lord_Howe", "Australia/Sydney"),
    ("Pacific/Chatham", "Pacific/Auckland"),
    ("Pacific/Kiritimati", "Pacific/Honolulu"),
    ("Europe/Berlin", "Africa/Casablanca"),
]
BEGINS, ENDS = datetime(2011, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
HOUR, SECOND, STEP = timedelta(hours=1), timedelta(seconds=1), timedelta(minutes=15)
DAYTIME = every_day(time(8), time(21))
HOURS = {
    "daytime": DAYTIME,
    "week": weekly((time(8), time(21)), (time(9), time(16)), None),
    "whole day": every_day(MIDNIGHT, MIDNIGHT),
    "ends in the gap": every_day(time(0, 30), time(2, 30)),
    "begins in the gap": every_day(time(2, 30), time(5)),
    "around midnight": every_day(time(0, 15), time(23, 45)),
}


@lru_cache(maxsize=64)
def changes(zone: str) -> tuple[datetime, ...]:
    """The instants in ten years at which the clock of a zone is moved, to the second."""
    place = ZoneInfo(zone)
    found = []
    at, before = BEGINS, BEGINS.astimezone(place).utcoffset()
    while at < ENDS:
        after = (at + 6 * HOUR).astimezone(place).utcoffset()
        if after != before:
            low, high = at, at + 6 * HOUR
            while high - low > SECOND:
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(place).utcoffset() == before else (low, middle)
            found.append(high)
        at, before = at + 6 * HOUR, after
    return tuple(found)


def within(hours: Hours, at: datetime, zone: str) -> bool:
    """The oracle: what the clock on the wall shows is within the hours of that day."""
    local = at.astimezone(ZoneInfo(zone))
    span = hours.on(local.date())
    return span is not None and span[0] <= local.time() and (span[1] == MIDNIGHT or local.time() < span[1])


def around(zones: Sequence[str]) -> Iterator[datetime]:
    """Steps through a day and a half on both sides of each clock change in the zones, and the seconds beside it."""
    for change in sorted({change for zone in zones for change in changes(zone)}):
        steps = int(36 * HOUR / STEP)
        yield from (change + number * STEP for number in range(-steps, steps + 1))
        yield from (change - SECOND, change + SECOND)


def outside(hours: Hours, zones: Sequence[str]) -> list[tuple[str, datetime]]:
    """Contacts that would be made outside the hours: at once, at the end of what is allowed, or after waiting."""
    found = []
    for at in around(zones):
        ruling = rule_on_hours(hours, at, zones, words="these hours")
        if ruling.verdict is Verdict.DENY:
            assert len(zones) > 1, "one zone always has an hour"
            continue
        assert ruling.until is not None
        assert ruling.until > at
        tried = [at, ruling.until - SECOND] if ruling.verdict is Verdict.ALLOW else [ruling.until]
        found += [(zone, one) for one in tried for zone in zones if not within(hours, one, zone)]
    return found


def lost(hours: Hours, zone: str) -> list[datetime]:
    """Instants that the oracle allows and the rule does not, on days whose hours begin and end only once."""
    found = []
    for at in around([zone]):
        local = at.astimezone(ZoneInfo(zone))
        told = rule_on_hours(hours, at, [zone], words="these hours").verdict
        if told is not Verdict.ALLOW and within(hours, at, zone) and _plain(hours, local.date(), zone):
            found.append(at)
    return found


def _plain(hours: Hours, day: date, zone: str) -> bool:
    span = hours.on(day)
    assert span is not None
    ends = (day + timedelta(days=1) if span[1] == MIDNIGHT else day, span[1])
    return all(
        len({datetime.combine(on, wall, ZoneInfo(zone)).replace(fold=fold).astimezone(UTC) for fold in (0, 1)}) == 1
        for on, wall in ((day, span[0]), ends)
    )


def test_the_ten_years_have_their_clock_changes() -> None:
    found = {zone: len(changes(zone)) for zone in ZONES}
    assert (found["America/New_York"], found["Asia/Kathmandu"], found["Pacific/Apia"]) == (20, 0, 21)
    assert datetime(2011, 12, 30, 10, tzinfo=UTC) in changes("Pacific/Apia")
    assert sum(found.values()) > 250


@pytest.mark.parametrize("zone", ZONES)
def test_no_contact_outside_the_hours_around_any_clock_change_of_ten_years(zone: str) -> None:
    for name, hours in HOURS.items():
        assert outside(hours, [zone]) == [], name
        assert lost(hours, zone) == [], name


@pytest.mark.parametrize("zones", PAIRS, ids="+".join)
def test_a_debtor_between_two_zones_is_reached_only_in_the_hours_of_both(zones: tuple[str, str]) -> None:
    for name in ("daytime", "week", "ends in the gap"):
        assert outside(HOURS[name], zones) == [], name


@pytest.mark.parametrize("zone", ZONES)
def test_each_local_day_of_ten_years_has_its_window_once(zone: str) -> None:
    # leap days and month ends among them; a day that a place skipped has none
    place = ZoneInfo(zone)
    days, at = [], BEGINS
    while at < ENDS:
        found = common_opening([(DAYTIME, zone)], at)
        assert found is not None
        opens, closes = (end.astimezone(place) for end in found)
        if found[0] > at:
            assert (opens.time(), closes.time(), opens.date()) == (time(8), time(21), closes.date())
        days.append(opens.date())
        at = found[1]
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    # Where it is already 1 January when it is not in UTC, the last window is of that day.
    first, last = BEGINS.astimezone(place).date(), days[-1]
    if BEGINS.astimezone(place).time() >= time(21):
        first += timedelta(days=1)
    expected = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert days == [day for day in expected if day not in skipped]
    assert {date(2012, 2, 29), date(2016, 2, 29), date(2020, 2, 29)} <= set(days)


def test_the_day_that_apia_skipped_has_no_window() -> None:
    evening = datetime(2011, 12, 30, 6, 59, 59, tzinfo=UTC)  # a second before 21:00 on Thursday the 29th
    still = rule_on_hours(DAYTIME, evening, ["Pacific/Apia"], words="08:00 to 21:00")
    assert (still.verdict, still.until) == (Verdict.ALLOW, evening + SECOND)
    then = rule_on_hours(DAYTIME, evening + SECOND, ["Pacific/Apia"], words="08:00 to 21:00")
    # eleven hours later it is eight o'clock on Saturday the 31st
    assert (then.verdict, then.until) == (Verdict.DEFER, datetime(2011, 12, 30, 18, tzinfo=UTC))
    assert all(opening(hours, date(2011, 12, 30), "Pacific/Apia") is None for hours in HOURS.values())


def test_half_past_two_that_does_not_exist_or_exists_twice() -> None:
    new_york = "America/New_York"
    until_half_past_two = every_day(time(0, 30), time(2, 30))
    # 8 March 2026: two o'clock is three o'clock; half past two is over when the clock shows half past one
    assert opening(until_half_past_two, date(2026, 3, 8), new_york) == (
        datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
    )
    # and what begins at half past two begins at half past three
    from_half_past_two = every_day(time(2, 30), time(5))
    assert opening(from_half_past_two, date(2026, 3, 8), new_york) == (
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 9, tzinfo=UTC),
    )
    # 25 October 2026 in Berlin: three o'clock is two o'clock again; it is half past two at 00:30 and at 01:30 UTC
    assert opening(until_half_past_two, date(2026, 10, 25), "Europe/Berlin") == (
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    )
    assert opening(from_half_past_two, date(2026, 10, 25), "Europe/Berlin") == (
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 4, tzinfo=UTC),
    )


def test_where_nobody_knows_the_zone_there_is_no_hour() -> None:
    ruling = rule_on_hours(DAYTIME, BEGINS, [], words="08:00 to 21:00")
    assert (ruling.verdict, [finding.missing_fact for finding in ruling.findings]) == (Verdict.DENY, ["time zone"])


def test_zones_whose_days_never_meet_have_no_hour() -> None:
    # nine to ten in Auckland is late at night in London
    hours = every_day(time(9), time(10))
    ruling = rule_on_hours(hours, BEGINS, ["Pacific/Auckland", "Europe/London"], words="09:00 to 10:00")
    assert ruling.verdict is Verdict.DENY
