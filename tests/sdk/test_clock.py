from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from arrears_sdk.clock import Clock, FixedClock, SystemClock, business_date
from arrears_sdk.errors import InputError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_system_clock_tells_an_aware_instant_in_utc() -> None:
    clock: Clock = SystemClock()
    now = clock.now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=1, seconds=1))
    assert clock.now() == datetime(2026, 3, 3, 12, 0, 1, tzinfo=UTC)
    clock.move_to(datetime(2026, 12, 31, tzinfo=UTC))
    assert clock.now() == datetime(2026, 12, 31, tzinfo=UTC)


def test_a_fixed_clock_tells_utc_whatever_zone_it_was_given() -> None:
    clock = FixedClock(datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_a_fixed_clock_is_never_moved_back() -> None:
    clock = FixedClock(NOON)
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(timedelta(microseconds=-1))
    with pytest.raises(ValueError, match="forwards"):
        clock.move_to(NOON - timedelta(days=1))
    assert clock.now() == NOON


@pytest.mark.parametrize("ask", [FixedClock, lambda instant: business_date(instant, "UTC")])
def test_an_instant_without_a_zone_is_refused(ask: type[FixedClock]) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        ask(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (datetime(2026, 3, 2, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 3, 1)),
        (datetime(2026, 3, 2, 5, 0, tzinfo=UTC), "America/New_York", date(2026, 3, 2)),
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 2)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 7, 2)),
        (datetime(2026, 3, 1, 18, 15, tzinfo=UTC), "Asia/Kathmandu", date(2026, 3, 2)),
        (datetime(2026, 3, 1, 10, 15, tzinfo=UTC), "Pacific/Chatham", date(2026, 3, 2)),
        (datetime(2026, 3, 2, 8, 59, tzinfo=UTC), "America/Juneau", date(2026, 3, 1)),
    ],
)
def test_the_business_date_is_the_calendar_day_in_the_zone(instant: datetime, zone: str, day: date) -> None:
    assert business_date(instant, zone) == day
    assert business_date(instant, ZoneInfo(zone)) == day


@given(st.integers(946_684_800, 2_840_140_800), st.timezones(), st.timezones())
def test_the_business_date_does_not_depend_on_the_zone_in_which_the_instant_is_written(
    second: int, written_in: ZoneInfo, zone: ZoneInfo
) -> None:
    instant = datetime.fromtimestamp(second, UTC)
    assert business_date(instant.astimezone(written_in), zone) == business_date(instant, zone)
    assert abs(business_date(instant, zone) - instant.date()) <= timedelta(days=1)


@pytest.mark.parametrize("zone", ["", "Europe", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match="is not a time zone of the IANA database"):
        business_date(NOON, zone)
