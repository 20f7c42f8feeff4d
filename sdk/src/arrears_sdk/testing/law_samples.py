"""What is known about sample debtors and debts: facts, notices, licences and statements, and what a contact carries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from arrears_sdk.clock import business_date
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactPart
from arrears_sdk.law.words import Attestation, Content, FactSource, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.views import Fact, Licence, LocalHours, Notice
from arrears_sdk.vocabulary import CommunicationChannel

if TYPE_CHECKING:
    from arrears_sdk.testing.builders import Builder

KINDS = tuple(FactKind)
MOST_FACTS = 5
LONGEST_PAST, LONGEST_FUTURE = 400, 40
_PLACES = ("US-NY", "US-CA", "US-MA", "GB-ENG", "DE", "CA-ON")


def facts(
    build: Builder, at: datetime, currency: str, accounts: tuple[str, ...], point: str | None = None
) -> tuple[Fact, ...]:
    """Facts around an instant: mostly begun, some over, a few of the future; often none at all."""
    if build.chance(0.4):
        return ()
    return tuple(_fact(build, at, currency, accounts, point) for _ in range(1 + build.random.randrange(MOST_FACTS)))


def _fact(build: Builder, at: datetime, currency: str, accounts: tuple[str, ...], point: str | None) -> Fact:
    kind = build.choice(KINDS)
    spec = FACTS[kind]
    starts_at = _around(build, at)
    parts = {part for part in sorted(spec.parts) if part in spec.needs or build.chance(0.5)}
    return Fact(
        id=build.id("fact"),
        kind=kind,
        source=build.choice(tuple(FactSource)),
        received_at=starts_at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=build.random.randrange(1, 24 * 90)) if build.chance(0.4) else None,
        account_id=build.choice(accounts) if spec.level is FactLevel.DEBT and build.chance(0.5) else None,
        contact_point_id=point if spec.level is FactLevel.ENDPOINT else None,
        word=build.choice(spec.words) if spec.words else None,
        on=_day(build, at) if FactPart.ON in parts else None,
        number=build.random.randrange(1, 2_000) if FactPart.NUMBER in parts else None,
        amount=Money(build.random.randrange(1, 500_000), currency) if FactPart.AMOUNT in parts else None,
        place=build.choice(_PLACES) if FactPart.PLACE in parts else None,
        hours=_hours(build) if FactPart.HOURS in parts else None,
        channel=build.choice(tuple(CommunicationChannel)) if FactPart.CHANNEL in parts else None,
    )


def _around(build: Builder, at: datetime) -> datetime:
    if build.chance(0.1):
        return at + timedelta(minutes=build.random.randrange(1, 60 * 24 * LONGEST_FUTURE))
    return at - timedelta(minutes=build.random.randrange(60 * 24 * LONGEST_PAST))


def _day(build: Builder, at: datetime) -> date:
    return at.date() - timedelta(days=build.random.randrange(LONGEST_PAST * 5))


def _hours(build: Builder) -> LocalHours:
    earliest = build.random.randrange(22)
    weekdays = frozenset(build.random.sample(range(1, 8), build.random.randrange(1, 7)))
    return LocalHours(
        earliest=time(earliest) if build.chance(0.8) else None,
        latest=time(build.random.randrange(earliest + 1, 24)) if build.chance(0.8) else None,
        weekdays=weekdays if build.chance(0.5) else frozenset(),
    )


def notices(build: Builder, at: datetime, accounts: tuple[str, ...]) -> tuple[Notice, ...]:
    """Notices that were given, a few of which came back."""
    return tuple(_notice(build, at, accounts) for _ in range(build.random.randrange(4)))


def _notice(build: Builder, at: datetime, accounts: tuple[str, ...]) -> Notice:
    sent_at = at - timedelta(hours=build.random.randrange(24 * 90))
    received_on = business_date(sent_at, "UTC") + timedelta(days=build.random.randrange(8))
    return Notice(
        id=build.id("notc"),
        kind=build.choice(tuple(NoticeKind)),
        medium=build.choice((CommunicationChannel.LETTER, CommunicationChannel.EMAIL)),
        sent_at=sent_at,
        account_ids=accounts if build.chance(0.7) else (),
        received_on=received_on,
        returned_at=sent_at + timedelta(days=5) if build.chance(0.1) else None,
        ends_on=received_on + timedelta(days=30) if build.chance(0.5) else None,
    )


def licences(build: Builder, at: datetime, places: frozenset[str]) -> tuple[Licence, ...]:
    """Licences at some of the places, a few of which have ended."""
    return tuple(
        Licence(
            place=place,
            kind="LICENCE",
            from_on=at.date() - timedelta(days=700),
            until_on=at.date() + timedelta(days=build.random.randrange(-30, 300)) if build.chance(0.3) else None,
        )
        for place in sorted(places)
        if build.chance(0.6)
    )


def attestations(build: Builder) -> frozenset[Attestation]:
    """What an agency states: most of it."""
    return frozenset(word for word in Attestation if build.chance(0.8))


def content(build: Builder) -> frozenset[Content]:
    """What a contact or document carries."""
    return frozenset(build.random.sample(tuple(Content), build.random.randrange(8)))
