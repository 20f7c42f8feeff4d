"""Moratoria, unwanted hours and places of residence, over all days and names rather than chosen ones."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.rules import chain
from arrears_sdk.ruling import Verdict
from arrears_sdk.views import ContactAttempt, Debtor, Fact, LocalHours, Place
from arrears_sdk.vocabulary import CommunicationChannel, DebtorKind, ResidenceKind
from arrears_united_kingdom.breathing_space import moratorium
from arrears_united_kingdom.nations import ENGLAND_AND_WALES, EVERYWHERE, NORTHERN_IRELAND, SCOTLAND, nations
from arrears_united_kingdom.settings import UnitedKingdomConfig
from arrears_united_kingdom.wishes import rule_on_wishes

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def call(
    at: datetime,
    *facts: Fact,
    region: str | None = "ENG",
    postal_code: str | None = None,
    zones: tuple[str, ...] = ("Europe/London",),
) -> ContactAttempt:
    place = Place(kind=ResidenceKind.RESIDENCE, country="GB", region=region, postal_code=postal_code)
    debtor = Debtor(id="d", kind=DebtorKind.PERSON, places=(place,), time_zones=zones)
    return ContactAttempt(
        at=at,
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(),
        jurisdictions=chain("GB", region),
        facts=facts,
    )


def fact(kind: FactKind, *, hours: LocalHours | None = None) -> Fact:
    return Fact(id=kind, kind=kind, source=FactSource.DEBTOR, received_at=LONG_AGO, starts_at=LONG_AGO, hours=hours)


@given(strategies.dates(date(2021, 5, 4), date(2030, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_a_breathing_space_covers_exactly_sixty_days_after_its_entry(entered_on: date) -> None:
    entry = dataclasses.replace(fact(FactKind.BREATHING_SPACE), word="STANDARD", on=entered_on, received_at=LONG_AGO)
    covered = [
        number
        for number in range(-2, 70)
        for noon in [datetime.combine(entered_on + timedelta(days=number), time(12), LONDON).astimezone(UTC)]
        if moratorium(call(noon, entry), UnitedKingdomConfig()) is not None
    ]
    assert covered == list(range(1, 61))


@given(
    begins=strategies.integers(0, 23),
    ends=strategies.integers(0, 23),
    weekdays=strategies.frozensets(strategies.integers(1, 7), max_size=6),
    minutes=strategies.integers(0, 60 * 24 * 400),
)
@settings(max_examples=200, deadline=None)
def test_unwanted_hours_are_over_at_the_instant_that_is_named(
    begins: int, ends: int, weekdays: frozenset[int], minutes: int
) -> None:
    unwanted = fact(
        FactKind.INCONVENIENT_TIME, hours=LocalHours(earliest=time(begins), latest=time(ends), weekdays=weekdays)
    )
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    said = rule_on_wishes(call(at, unwanted), ("Europe/London", "Europe/Dublin"))
    if said is None or said.until is None:
        return
    after = rule_on_wishes(call(said.until, unwanted), ("Europe/London", "Europe/Dublin"))
    before = rule_on_wishes(call(said.until - timedelta(minutes=1), unwanted), ("Europe/London", "Europe/Dublin"))
    assert before is not None
    assert before.verdict is said.verdict
    assert (Verdict.ALLOW if after is None else after.verdict) is not said.verdict


def test_hours_that_are_never_over_are_refused() -> None:
    said = rule_on_wishes(call(NOON, fact(FactKind.INCONVENIENT_TIME)), ("Europe/London",))
    assert said is not None
    assert said.verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("region", "postal_code", "expected"),
    [
        ("SCT", None, {SCOTLAND}),
        ("GLG", None, {SCOTLAND}),
        ("BFS", None, {NORTHERN_IRELAND}),
        ("Northern Ireland", None, {NORTHERN_IRELAND}),
        ("LND", None, {ENGLAND_AND_WALES}),
        ("Wales", None, {ENGLAND_AND_WALES}),
        ("Highlands", None, EVERYWHERE),
        ("Highlands", "iv1 1ab", {SCOTLAND}),
        (None, "BT1 1AA", {NORTHERN_IRELAND}),
        (None, "EC1A 1BB", {ENGLAND_AND_WALES}),
        (None, "E1 6AN", {ENGLAND_AND_WALES}),
        (None, "TD9 0AA", EVERYWHERE),
        (None, None, EVERYWHERE),
    ],
)
def test_a_debtor_lives_where_region_or_postcode_say(
    region: str | None, postal_code: str | None, expected: set[str]
) -> None:
    assert nations(call(NOON, region=region, postal_code=postal_code)) == expected
