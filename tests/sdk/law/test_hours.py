"""Hours of the debtor's day, held against a look at every minute: over changes of the clock, in one zone and in two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from arrears_sdk.law.hours import (
    Hours,
    every_day,
    next_opening,
    opening,
    rule_on_hours,
    start_of_day,
    weekly,
)
from arrears_sdk.ruling import Ruling, Verdict

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=4)
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Havana",
)
EDGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2028, 2, 29),
)
USUAL = (
    every_day(time(8), time(21)),
    weekly((time(7, 30), time(21)), (time(9), time(21)), (time(9), time(21))),
    weekly((time(8), time(19)), (time(9), time(17)), None),
    weekly((time(9), time(20)), None, None),
)
instants = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(EDGES),
    st.integers(-1440, 2880),
)


def inside(hours: Hours, at: datetime, zones: Sequence[str]) -> bool:
    """Whether the wall clocks of all zones show an hour that is within."""
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        span = hours.on(local.date())
        if span is None or local.time() < span[0] or (span[1] != time(0) and local.time() >= span[1]):
            return False
    return True


def first_minute(hours: Hours, at: datetime, zones: Sequence[str], wanted: bool) -> datetime | None:
    """The first full minute, not before an instant, that is within (or is not)."""
    minute = at
    while minute - at <= LONGEST:
        if inside(hours, minute, zones) is wanted:
            return minute
        minute += MINUTE
    return None


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(USUAL), instants, st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
def test_hours_are_those_that_a_look_at_every_minute_finds(hours: Hours, at: datetime, zones: list[str]) -> None:
    ruling = rule_on_hours(hours, at, zones, words="these hours")
    if inside(hours, at, zones):
        assert (ruling.verdict, ruling.until) == (Verdict.ALLOW, first_minute(hours, at, zones, wanted=False))
    elif (opens := first_minute(hours, at, zones, wanted=True)) is not None:
        assert (ruling.verdict, ruling.until) == (Verdict.DEFER, opens)
    else:
        assert ruling.verdict is Verdict.DENY or (ruling.until is not None and ruling.until > at + LONGEST)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 5), st.integers(0, 59), st.sampled_from(EDGES), st.sampled_from(ZONES))
def test_a_border_in_the_hour_of_a_change_is_read_narrowly(hour: int, minute: int, day: date, zone: str) -> None:
    # Hours whose ends do not exist, or exist twice, never let in what the wall clock would keep out.
    hours = every_day(time(hour, minute), time(hour + 6, minute))
    found = opening(hours, day, zone)
    assert found is not None
    at = found[0]
    while at < found[1]:
        assert inside(hours, at, [zone])
        at += 7 * MINUTE


@pytest.mark.parametrize(
    ("day", "wall", "opens"),
    [
        # 02:30 does not exist: from 02:00 to 03:00, so half past three is the first that is surely late.
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # 01:30 exists twice: the second one counts.
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        (date(2026, 3, 9), time(2, 30), datetime(2026, 3, 9, 6, 30, tzinfo=UTC)),
    ],
)
def test_an_opening_that_does_not_exist_or_exists_twice(day: date, wall: time, opens: datetime) -> None:
    found = opening(every_day(wall, time(12)), day, "America/New_York")
    assert found is not None
    assert found[0] == opens


def test_an_end_that_exists_twice_is_the_first() -> None:
    found = opening(every_day(time(0, 30), time(1, 30)), date(2026, 11, 1), "America/New_York")
    assert found == (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC))


def test_the_edges_of_eight_to_nine() -> None:
    hours, zone = every_day(time(8), time(21)), ["America/New_York"]
    before, at, last, after = (
        rule_on_hours(hours, datetime(2026, 6, 9, *clock, tzinfo=UTC), zone, words="08:00 to 21:00")
        for clock in ((11, 59, 59), (12, 0, 0), (23, 59, 59), (0, 59, 59))
    )
    assert (before.verdict, before.until) == (Verdict.DEFER, datetime(2026, 6, 9, 12, tzinfo=UTC))
    assert (at.verdict, at.until) == (Verdict.ALLOW, datetime(2026, 6, 10, 1, tzinfo=UTC))
    assert last.verdict is Verdict.ALLOW
    assert (after.verdict, after.until) == (Verdict.ALLOW, datetime(2026, 6, 9, 1, tzinfo=UTC))


def test_a_debtor_between_two_zones_is_called_when_both_may_be() -> None:
    at = datetime(2026, 6, 9, 13, 30, tzinfo=UTC)
    ruling = rule_on_hours(
        every_day(time(8), time(21)), at, ["America/Chicago", "America/Denver"], words="08:00 to 21:00"
    )
    # 08:30 in Chicago is 07:30 in Denver; together 09:00 to 21:00 of Chicago.
    assert (ruling.verdict, ruling.until) == (Verdict.DEFER, datetime(2026, 6, 9, 14, tzinfo=UTC))
    later = rule_on_hours(
        every_day(time(8), time(21)), at + timedelta(hours=1), ["America/Chicago", "America/Denver"], words="these"
    )
    assert (later.verdict, later.until) == (Verdict.ALLOW, datetime(2026, 6, 10, 2, tzinfo=UTC))


def test_no_zone_and_no_common_hour_are_denied_and_say_what_is_missing() -> None:
    at = datetime(2026, 6, 9, 12, tzinfo=UTC)
    nowhere = rule_on_hours(every_day(time(8), time(21)), at, [], words="these")
    apart = rule_on_hours(every_day(time(9), time(10)), at, ["Asia/Tokyo", "America/New_York"], words="these")
    assert [_missing(ruling) for ruling in (nowhere, apart)] == [(Verdict.DENY, "time zone")] * 2


def _missing(ruling: Ruling) -> tuple[Verdict, str | None]:
    (finding,) = ruling.findings
    return finding.verdict, finding.missing_fact


def test_holidays_have_their_own_hours() -> None:
    hours = weekly((time(8), time(20)), None, None, holidays="GB-ENG", on_holidays=None)
    christmas_eve = datetime(2026, 12, 24, 20, tzinfo=UTC)
    # Christmas is a Friday, Boxing Day a Saturday whose substitute is Monday 28 December.
    assert next_opening(hours, christmas_eve, "Europe/London") == (
        datetime(2026, 12, 29, 8, tzinfo=UTC),
        datetime(2026, 12, 29, 20, tzinfo=UTC),
    )


def test_a_day_that_a_place_skipped_has_no_hours() -> None:
    # Samoa went from 29 to 31 December 2011.
    assert opening(every_day(time(8), time(21)), date(2011, 12, 30), "Pacific/Apia") is None


@settings(max_examples=40)
@given(st.sampled_from(EDGES), st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True))
def test_a_day_has_begun_in_every_zone_when_it_starts(day: date, zones: list[str]) -> None:
    starts = start_of_day(day, zones)
    assert all(starts.astimezone(ZoneInfo(zone)).date() >= day for zone in zones)
    earlier = starts - timedelta(hours=1, seconds=1)
    assert any(earlier.astimezone(ZoneInfo(zone)).date() < day for zone in zones)


@pytest.mark.parametrize(
    ("at", "allowed", "until"),
    [
        ((2026, 6, 3, 21, 59), False, (2026, 6, 3, 22)),
        ((2026, 6, 3, 22, 0), True, (2026, 6, 4, 6)),
        ((2026, 6, 4, 5, 59), True, (2026, 6, 4, 6)),
        ((2026, 6, 4, 6, 0), False, (2026, 6, 4, 22)),
    ],
)
def test_hours_of_a_night_end_on_the_next_day(at: tuple[int, ...], allowed: bool, until: tuple[int, ...]) -> None:
    def local(parts: tuple[int, ...]) -> datetime:
        return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)  # type: ignore[arg-type,misc]

    ruling = rule_on_hours(every_day(time(22), time(6)), local(at), ("Europe/Berlin",), words="at night")
    assert (ruling.verdict, ruling.until) == (Verdict.ALLOW if allowed else Verdict.DEFER, local(until))


def test_hours_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="seven days"):
        Hours((None,))
