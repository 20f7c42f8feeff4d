"""Hours and call limits of Regulation F against oracles that look at every minute, and at every call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.rules import chain
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.testing.builders import Builder
from arrears_sdk.views import ContactAttempt, Fact, Interaction, LocalHours
from arrears_sdk.vocabulary import (
    CollectorRole,
    CommunicationChannel,
    DebtorKind,
    Direction,
    Initiator,
    InteractionResult,
    PartyReached,
    Purpose,
)
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.settings import UsFederalConfig

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu")
BEGIN = datetime(2026, 2, 20, tzinfo=UTC)
DAYS = 40
LAW = CONTACTS.under(UsFederalConfig())
FEW = settings(max_examples=60, deadline=None, derandomize=True)


def attempt(at: datetime, zones: tuple[str, ...], facts: tuple[Fact, ...] = ()) -> ContactAttempt:
    """A manual call of an agency about one consumer debt."""
    sample = Builder(3).contact_attempt()
    debtor = replace(sample.debtor, kind=DebtorKind.PERSON, time_zones=zones, consents=(), languages=("en",))
    account = replace(sample.accounts[0], purpose=Purpose.CONSUMER, collector_role=CollectorRole.THIRD_PARTY)
    return replace(
        sample,
        at=at,
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(account,),
        jurisdictions=chain("US", "NY"),
        history=(),
        holds=(),
        facts=facts,
        initiated_by=Initiator.AGENCY,
        at_debtor_request=False,
    )


def hours_fact(kind: FactKind, hours: LocalHours, number: int = 0) -> Fact:
    """A fact about hours that has long been known."""
    long_ago = BEGIN - timedelta(days=30)
    return Fact(
        id=f"fact{number}",
        kind=kind,
        source=FactSource.DEBTOR,
        received_at=long_ago,
        starts_at=long_ago,
        hours=hours,
    )


def said(rule: str, asked: ContactAttempt) -> Ruling:
    """What one rule says, by itself."""
    found = LAW.rule_on([asked])[0]
    return Ruling(frozenset(finding for finding in found.findings if finding.rule == rule))


def within(hours: LocalHours, local: datetime) -> bool:
    """Whether a wall time lies within hours, by the words of `LocalHours`."""
    begins, ends = hours.earliest or time(0), hours.latest or time(0)

    def begun_on(day: date) -> bool:
        return not hours.weekdays or day.isoweekday() in hours.weekdays

    today, yesterday = local.date(), local.date() - timedelta(days=1)
    clock = local.time()
    if begins < ends:
        return begun_on(today) and begins <= clock < ends
    return (begun_on(today) and clock >= begins) or (begun_on(yesterday) and clock < ends)


instants = st.integers(0, DAYS * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
zones_lists = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple)
clocks = st.integers(0, 23).map(time)
wished = st.builds(
    LocalHours, earliest=clocks, latest=clocks, weekdays=st.frozensets(st.integers(1, 7), min_size=0, max_size=6)
)


@FEW
@given(at=instants, zones=zones_lists)
def test_a_call_is_free_exactly_when_it_is_eight_to_nine_in_every_zone(at: datetime, zones: tuple[str, ...]) -> None:
    found = said("us.regf.inconvenient-time", attempt(at, zones))
    open_now = all(time(8) <= at.astimezone(ZoneInfo(zone)).time() < time(21) for zone in zones)
    assert (found.verdict is Verdict.ALLOW) == open_now
    assert found.until is not None
    before = found.until - timedelta(minutes=1)
    assert said("us.regf.inconvenient-time", attempt(before, zones)).verdict is found.verdict
    assert said("us.regf.inconvenient-time", attempt(found.until, zones)).verdict is not found.verdict


@FEW
@given(at=instants, zones=zones_lists, hours=st.lists(wished, min_size=1, max_size=3))
def test_inconvenient_hours_block_exactly_their_minutes(
    at: datetime, zones: tuple[str, ...], hours: list[LocalHours]
) -> None:
    facts = tuple(hours_fact(FactKind.INCONVENIENT_TIME, one, number) for number, one in enumerate(hours))
    locals_ = [at.astimezone(ZoneInfo(zone)) for zone in zones]
    blocked = any(within(one, local) for one in hours for local in locals_)
    found = said("us.regf.designated-time", attempt(at, zones, facts))
    # Minutes that a clock shows twice, or skips, may be blocked on both sides.
    if not any(_near_a_change(local) for local in locals_):
        assert (found.verdict > Verdict.WARN) == blocked
    if found.verdict is Verdict.DEFER and found.until is not None:
        assert said("us.regf.designated-time", attempt(found.until, zones, facts)).verdict is Verdict.ALLOW


def _near_a_change(local: datetime) -> bool:
    """Whether the clock is put forward or back within a day."""
    return (local - timedelta(days=1)).utcoffset() != (local + timedelta(days=1)).utcoffset()


@FEW
@given(at=instants, zone=st.sampled_from(ZONES), hours=wished)
def test_agreed_hours_take_the_place_of_the_usual_ones(at: datetime, zone: str, hours: LocalHours) -> None:
    local = at.astimezone(ZoneInfo(zone))
    found = said("us.regf.inconvenient-time", attempt(at, (zone,), (hours_fact(FactKind.AGREED_TIME, hours),)))
    if not _near_a_change(local):
        assert (found.verdict is Verdict.ALLOW) == within(hours, local)


@FEW
@given(minutes=st.lists(st.integers(0, 20 * 24 * 60), max_size=40))
def test_whoever_calls_as_soon_as_allowed_never_calls_more_than_seven_times_in_seven_days(minutes: list[int]) -> None:
    zone = ZONES[0]
    calls: list[Interaction] = []
    for wanted in sorted(minutes):
        asked = replace(attempt(BEGIN + timedelta(minutes=wanted), (zone,)), history=tuple(reversed(calls)))
        at = asked.at
        if said("us.regf.call-frequency", asked).verdict is Verdict.ALLOW:
            calls.append(_unanswered(at, zone, asked.accounts[0].id, len(calls)))
    days = [call.debtor_local_date for call in calls]
    for last in days:
        assert sum(last - timedelta(days=6) <= day <= last for day in days) <= 7
    # Nor is a call put off without need: what was refused would have been the eighth.
    for wanted in sorted(minutes):
        asked = replace(attempt(BEGIN + timedelta(minutes=wanted), (zone,)), history=tuple(reversed(calls)))
        earlier = replace(asked, history=tuple(call for call in asked.history if call.started_at < asked.at))
        today = asked.at.astimezone(ZoneInfo(zone)).date()
        made = sum(today - timedelta(days=6) <= call.debtor_local_date <= today for call in earlier.history)
        assert (said("us.regf.call-frequency", earlier).verdict is Verdict.DEFER) == (made >= 7)


def _unanswered(at: datetime, zone: str, account_id: str, number: int) -> Interaction:
    return Interaction(
        id=f"call{number:03}",
        started_at=at,
        channel=CommunicationChannel.PHONE_CALL,
        direction=Direction.OUTBOUND,
        result=InteractionResult.NO_ANSWER,
        party_reached=PartyReached.NONE,
        initiated_by=Initiator.AGENCY,
        debtor_local_date=at.astimezone(ZoneInfo(zone)).date(),
        account_ids=(account_id,),
    )
