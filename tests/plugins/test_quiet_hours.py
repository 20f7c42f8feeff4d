"""The hours in which a debtor may be disturbed: boundaries, clocks that change, debtors between zones."""

from __future__ import annotations

import datetime
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from arrears_quiet_hours import QuietHours, QuietHoursConfig
from arrears_quiet_hours.window import Weekday
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.testing import Builder, FakeHost
from arrears_sdk.vocabulary import CommunicationChannel

NEW_YORK, LOS_ANGELES, AUCKLAND = "America/New_York", "America/Los_Angeles", "Pacific/Auckland"
UTC = datetime.UTC


def local(text: str, zone: str, fold: int = 0) -> datetime.datetime:
    """The instant of a wall time."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def ruled(
    at: datetime.datetime,
    *zones: str,
    channel: CommunicationChannel = CommunicationChannel.PHONE_CALL,
    at_debtor_request: bool = False,
    **settings: object,
) -> Ruling:
    """What the plugin says of one contact."""
    attempt = Builder().contact_attempt()
    attempt = replace(
        attempt,
        at=at,
        channel=channel,
        debtor=replace(attempt.debtor, time_zones=zones),
        at_debtor_request=at_debtor_request,
    )
    plugin = QuietHours(QuietHoursConfig.model_validate(settings), FakeHost())
    (ruling,) = plugin.rule_on_contacts([attempt])
    return ruling


@pytest.mark.parametrize(
    ("wall", "verdict", "until"),
    [
        ("2026-03-03T07:59:59", Verdict.DEFER, "2026-03-03T08:00:00"),
        ("2026-03-03T08:00:00", Verdict.ALLOW, "2026-03-03T21:00:00"),
        ("2026-03-03T20:59:59", Verdict.ALLOW, "2026-03-03T21:00:00"),
        ("2026-03-03T21:00:00", Verdict.DEFER, "2026-03-04T08:00:00"),
        ("2026-03-03T00:00:00", Verdict.DEFER, "2026-03-03T08:00:00"),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Apia", "UTC"])
def test_the_window_begins_with_its_first_and_ends_before_its_last_instant(
    zone: str, wall: str, verdict: Verdict, until: str
) -> None:
    ruling = ruled(local(wall, zone), zone)
    assert (ruling.verdict, ruling.until) == (verdict, local(until, zone))


@pytest.mark.parametrize(
    ("at", "verdict", "until"),
    [
        # The night of 8 March 2026 has no 02:00 to 03:00, that of 1 November 2026 has 01:00 to 02:00 twice.
        ("2026-03-08T11:59:59+00:00", Verdict.DEFER, "2026-03-08T12:00:00+00:00"),
        ("2026-03-08T12:00:00+00:00", Verdict.ALLOW, "2026-03-09T01:00:00+00:00"),
        ("2026-03-07T13:00:00+00:00", Verdict.ALLOW, "2026-03-08T02:00:00+00:00"),
        ("2026-03-08T02:00:00+00:00", Verdict.DEFER, "2026-03-08T12:00:00+00:00"),
        ("2026-11-01T12:59:59+00:00", Verdict.DEFER, "2026-11-01T13:00:00+00:00"),
        ("2026-11-01T01:00:00+00:00", Verdict.DEFER, "2026-11-01T13:00:00+00:00"),
    ],
)
def test_new_york_when_the_clocks_change(at: str, verdict: Verdict, until: str) -> None:
    ruling = ruled(datetime.datetime.fromisoformat(at), NEW_YORK)
    assert (ruling.verdict, ruling.until) == (verdict, datetime.datetime.fromisoformat(until))


def test_a_wall_time_that_is_skipped_or_shown_twice_is_read_in_the_stricter_way() -> None:
    early = {"earliest": "02:30", "latest": "21:00"}
    assert ruled(local("2026-03-08T01:59:00", NEW_YORK), NEW_YORK, **early).until == local(
        "2026-03-08T03:30:00", NEW_YORK
    )
    twice = {"earliest": "01:30", "latest": "21:00"}
    assert ruled(local("2026-11-01T01:45:00", NEW_YORK), NEW_YORK, **twice).until == local(
        "2026-11-01T01:30:00", NEW_YORK, fold=1
    )
    ends = {"earliest": "00:10", "latest": "01:30"}
    assert ruled(local("2026-11-01T00:20:00", NEW_YORK), NEW_YORK, **ends).until == local(
        "2026-11-01T01:30:00", NEW_YORK
    )


def test_the_time_must_be_right_in_every_zone() -> None:
    early_in_the_west = local("2026-03-03T08:30:00", NEW_YORK)
    deferred = ruled(early_in_the_west, NEW_YORK, LOS_ANGELES)
    assert (deferred.verdict, deferred.until) == (Verdict.DEFER, local("2026-03-03T08:00:00", LOS_ANGELES))
    allowed = ruled(local("2026-03-03T08:00:00", LOS_ANGELES), NEW_YORK, LOS_ANGELES)
    assert (allowed.verdict, allowed.until) == (Verdict.ALLOW, local("2026-03-03T21:00:00", NEW_YORK))
    # 08:00 in Auckland is 14:00 of the day before in New York.
    both = ruled(local("2026-03-03T21:30:00", NEW_YORK), NEW_YORK, AUCKLAND)
    assert (both.verdict, both.until) == (Verdict.DEFER, local("2026-03-05T08:00:00", AUCKLAND))


def test_zones_without_a_right_hour_in_common_are_denied_for_want_of_the_true_one() -> None:
    ruling = ruled(local("2026-03-03T12:00:00", NEW_YORK), NEW_YORK, "Asia/Kolkata", earliest="09:00", latest="12:00")
    (finding,) = ruling.findings
    assert (finding.verdict, finding.missing_fact) == (Verdict.DENY, "time zone")


def test_an_unknown_time_zone_is_denied_naming_the_missing_fact() -> None:
    (finding,) = ruled(local("2026-03-03T12:00:00", NEW_YORK)).findings
    assert (finding.verdict, finding.rule, finding.missing_fact) == (Verdict.DENY, "quiet-hours.window", "time zone")


def test_days_off_are_skipped_and_are_days_at_the_debtors() -> None:
    off = {"days_off": ["SATURDAY", "SUNDAY"]}
    friday_evening = local("2026-03-06T21:00:00", NEW_YORK)
    assert ruled(friday_evening, NEW_YORK, **off).until == local("2026-03-09T08:00:00", NEW_YORK)
    saturday_in_auckland = local("2026-03-07T10:00:00", AUCKLAND)
    assert ruled(saturday_in_auckland, NEW_YORK, **off).verdict is Verdict.ALLOW
    assert ruled(saturday_in_auckland, AUCKLAND, **off).until == local("2026-03-09T08:00:00", AUCKLAND)


@pytest.mark.parametrize("channel", [CommunicationChannel.LETTER, CommunicationChannel.POSTCARD])
def test_letters_come_at_any_hour(channel: CommunicationChannel) -> None:
    assert ruled(local("2026-03-03T03:00:00", NEW_YORK), NEW_YORK, channel=channel) == Ruling()


def test_what_the_debtor_asked_for_comes_at_any_hour() -> None:
    assert ruled(local("2026-03-03T03:00:00", NEW_YORK), NEW_YORK, at_debtor_request=True) == Ruling()


def test_a_day_that_a_country_skipped_has_no_window() -> None:
    # Samoa went from Thursday, 29 December 2011 straight to Saturday, 31 December.
    ruling = ruled(local("2011-12-29T21:30:00", "Pacific/Apia"), "Pacific/Apia")
    assert ruling.until == local("2011-12-31T08:00:00", "Pacific/Apia")


@pytest.mark.parametrize(
    "settings",
    [
        {"earliest": "21:00", "latest": "08:00"},
        {"earliest": "08:00", "latest": "08:00"},
        {"earliest": "08:00+02:00"},
        {"days_off": list(Weekday)},
        {"days_off": ["FUNDAY"]},
        {"latests": "20:00"},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        QuietHoursConfig.model_validate(settings)


FIRST, LAST = datetime.datetime.fromisoformat("2010-01-01"), datetime.datetime.fromisoformat("2035-01-01")
ZONES = st.sampled_from(
    [
        NEW_YORK,
        LOS_ANGELES,
        AUCKLAND,
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Europe/London",
        "Africa/Cairo",
    ]
)


@given(
    at=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    zones=st.lists(ZONES, min_size=1, max_size=3, unique=True),
    days_off=st.frozensets(st.sampled_from(list(Weekday)), max_size=3),
    hours=st.tuples(st.integers(0, 11), st.integers(12, 23)),
)
def test_a_deferred_instant_asked_again_is_allowed_and_the_instant_before_is_not(
    at: datetime.datetime, zones: list[str], days_off: frozenset[Weekday], hours: tuple[int, int]
) -> None:
    settings = {"days_off": list(days_off), "earliest": f"{hours[0]:02}:00", "latest": f"{hours[1]:02}:00"}
    ruling = ruled(at, *zones, **settings)
    if ruling.verdict is Verdict.DEFER:
        assert ruling.until is not None
        assert at < ruling.until
        assert ruled(ruling.until, *zones, **settings).verdict is Verdict.ALLOW
        before = ruling.until - datetime.timedelta(microseconds=1)
        if before >= at:
            assert ruled(before, *zones, **settings).until == ruling.until
    elif ruling.verdict is Verdict.ALLOW:
        assert ruling.until is not None
        assert at < ruling.until
        assert ruled(ruling.until, *zones, **settings).verdict is not Verdict.ALLOW
        last = ruled(ruling.until - datetime.timedelta(microseconds=1), *zones, **settings)
        assert (last.verdict, last.until) == (Verdict.ALLOW, ruling.until)
        assert all(
            hours[0] <= at.astimezone(ZoneInfo(zone)).hour < hours[1]
            and Weekday(at.astimezone(ZoneInfo(zone)).strftime("%A").upper()) not in days_off
            for zone in zones
        )
