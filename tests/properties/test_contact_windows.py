"""Windows equal what an oracle finds that asks the rules every few minutes, and a second beside each border."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings, strategies as st

from arrears.compliance.borders import borders_between
from arrears.compliance.walking import Said, Walk, walk
from arrears_sdk.law.days import free_again_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import every_day, rule_on_hours, start_of_day, weekly
from arrears_sdk.law.known import day_of, in_force, upcoming
from arrears_sdk.law.words import FactSource
from arrears_sdk.rules import RulePack, chain
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ContactAttempt, Debtor, Fact, Interaction
from arrears_sdk.vocabulary import (
    CommunicationChannel,
    DebtorKind,
    Direction,
    Initiator,
    InteractionResult,
    PartyReached,
)

SECOND = timedelta(seconds=1)
LAW: RulePack[ContactAttempt] = RulePack("law")
HOUSE: RulePack[ContactAttempt] = RulePack("house")
ZONES = ["America/New_York", "America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"]
# Weeks with clock changes in one place or the other, one with a leap day, and one over the end of a year.
BEGINNINGS = [datetime(2026, 3, 5, 15, 7, tzinfo=UTC), datetime(2026, 10, 22, 9, 30, tzinfo=UTC)]
BEGINNINGS += [datetime(2028, 2, 26, 3, tzinfo=UTC), datetime(2026, 12, 28, 23, 59, 30, tzinfo=UTC)]


@LAW.rule("law.hours", citation="§ 1", jurisdiction="US")
def _hours(attempt: ContactAttempt) -> Ruling:
    """Hours of the day."""
    hours = weekly((time(8), time(21)), (time(9), time(16)), None)
    return rule_on_hours(hours, attempt.at, attempt.debtor.time_zones, words="the hours")


@LAW.rule("law.cease", citation="§ 2", jurisdiction="US")
def _cease(attempt: ContactAttempt) -> Ruling | None:
    """No contact after the debtor refused it."""
    if in_force(attempt, FactKind.CEASE):
        return Ruling.deny("The debtor wants no contact.")
    later = upcoming(attempt, FactKind.CEASE)
    return None if later is None else Ruling.allow(later, reason="Contact ceases then.", rule="law.cease")


@LAW.rule("law.weekly", citation="§ 3", jurisdiction="US")
def _weekly(attempt: ContactAttempt) -> Ruling | None:
    """Three days between contacts."""
    today = day_of(attempt, attempt.at)
    free = max((free_again_after(day_of(attempt, one.started_at), 3) for one in attempt.history), default=date.min)
    if free <= today:
        return None
    return Ruling.defer(start_of_day(free, attempt.debtor.time_zones), "There was a contact in the last three days.")


@LAW.rule("law.over", citation="§ 4", jurisdiction="US", effective_to=date(2026, 3, 7))
def _over(attempt: ContactAttempt) -> Ruling:
    """A law that ends."""
    return Ruling.deny("Not while this law holds.")


@LAW.rule("law.new", citation="§ 5", jurisdiction="US", effective_from=date(2026, 10, 27))
def _new(attempt: ContactAttempt) -> Ruling:
    """A law that begins."""
    return rule_on_hours(every_day(time(10), time(18)), attempt.at, attempt.debtor.time_zones, words="new hours")


@HOUSE.rule("house.attorney", citation="§ 1", jurisdiction="US")
def _attorney(attempt: ContactAttempt) -> Ruling | None:
    """Nobody with an attorney; forgets to say that what it allows ends when one is named."""
    return Ruling.deny("There is an attorney.") if in_force(attempt, FactKind.ATTORNEY) else None


@HOUSE.rule("house.pause", citation="§ 2", jurisdiction="US")
def _pause(attempt: ContactAttempt) -> Ruling | None:
    """Twenty hours between contacts."""
    ends = max((one.started_at + timedelta(hours=20) for one in attempt.history), default=attempt.at)
    return Ruling.defer(ends, "Twenty hours between contacts.") if ends > attempt.at else None


@HOUSE.rule("house.vulnerable", citation="§ 3", jurisdiction="US")
def _vulnerable(attempt: ContactAttempt) -> Ruling | None:
    """Forbearance is considered first."""
    found = in_force(attempt, FactKind.VULNERABILITY)
    return Ruling.require("fact:FORBEARANCE_CONSIDERED", "Consider forbearance first.") if found else None


def said(attempt: ContactAttempt, at: datetime) -> Ruling:
    """What both packs say at an instant."""
    asked = replace(attempt, at=at)
    return Ruling.combine([*LAW.rule_on([asked]), *HOUSE.rule_on([asked])])


def windows_of(attempt: ContactAttempt, ends: datetime) -> Walk:
    """What the platform finds."""
    known = {at for fact in attempt.facts for at in (fact.starts_at, fact.ends_at) if at is not None}

    async def ask(points: Sequence[tuple[int, datetime]]) -> Sequence[Said]:
        return [Said((said(attempt, at),)) for _, at in points]

    borders = borders_between(attempt.at, ends, attempt.debtor.time_zones, known)
    (found,) = asyncio.run(walk(ask, [borders]))
    return found


@st.composite
def attempts(draw: st.DrawFn) -> ContactAttempt:
    """A contact wanted at the beginning of one of the weeks, with facts and contacts around it."""
    begins = draw(st.sampled_from(BEGINNINGS))
    moments = st.integers(-4 * 24 * 60, 9 * 24 * 60).map(lambda minutes: begins + timedelta(minutes=minutes))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    kinds = st.sampled_from([FactKind.CEASE, FactKind.ATTORNEY, FactKind.VULNERABILITY])
    facts = draw(st.lists(st.tuples(kinds, moments, st.none() | st.integers(1, 5 * 24 * 60)), max_size=4))
    contacts = draw(st.lists(moments.filter(lambda at: at <= begins), max_size=2))
    debtor = Debtor(id="dbtr_1", kind=DebtorKind.PERSON, time_zones=tuple(zones))
    return ContactAttempt(
        at=begins,
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(),
        jurisdictions=chain("US"),
        history=tuple(_call(at) for at in sorted(contacts, reverse=True)),
        facts=tuple(
            Fact(
                id=f"fact_{number}",
                kind=kind,
                source=FactSource.DEBTOR,
                received_at=starts,
                starts_at=starts,
                ends_at=None if minutes is None else starts + timedelta(minutes=minutes),
            )
            for number, (kind, starts, minutes) in enumerate(facts)
        ),
    )


def _call(at: datetime) -> Interaction:
    return Interaction(
        id=f"intr_{at:%d%H%M}",
        started_at=at,
        channel=CommunicationChannel.PHONE_CALL,
        direction=Direction.OUTBOUND,
        result=InteractionResult.TALKED,
        party_reached=PartyReached.DEBTOR,
        initiated_by=Initiator.AGENCY,
        debtor_local_date=at.date(),
    )


@settings(max_examples=40, deadline=None)
@given(attempts())
def test_windows_are_what_asking_all_the_time_finds(attempt: ContactAttempt) -> None:
    ends = attempt.at + timedelta(days=8)
    found = windows_of(attempt, ends)
    assert (found.complete, found.checked_until) == (True, ends)
    instants = {attempt.at + timedelta(minutes=11 * number) for number in range(8 * 24 * 60 // 11)}
    instants |= {
        end + beside for one in found.stretches for end in (one.begins, one.ends) for beside in (-SECOND, SECOND)
    }
    instants |= {one.begins for one in found.stretches}
    stretches = iter(found.stretches)
    now = next(stretches)
    for at in sorted(at for at in instants if attempt.at <= at < ends):
        while at >= now.ends:
            following = next(stretches)
            assert following.begins == now.ends, "nothing is left out"
            now = following
        told = said(attempt, at)
        assert now.allowed == (told.verdict < Verdict.DEFER), (at, told.ordered)
        if now.allowed:
            assert now.said.ruling.requirements == told.requirements, at


def _plain(**facts: object) -> ContactAttempt:
    debtor = Debtor(id="dbtr_1", kind=DebtorKind.PERSON, time_zones=("America/New_York",))
    attempt = ContactAttempt(
        at=datetime(2026, 3, 6, 22, tzinfo=UTC),
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(),
        jurisdictions=chain("US"),
    )
    return replace(attempt, **facts)  # type: ignore[arg-type]


def _open(found: Walk) -> list[tuple[datetime, datetime]]:
    return [(one.begins, one.ends) for one in found.stretches if one.allowed]


def test_a_rule_whose_dates_end_closes_or_opens_at_local_midnight() -> None:
    # law.over holds up to and with 7 March, a Saturday; the 8th is a Sunday, and the clock goes forward
    found = windows_of(_plain(), datetime(2026, 3, 10, tzinfo=UTC))
    assert _open(found) == [(datetime(2026, 3, 9, 12, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))]
    # law.new holds from 27 October on: what is allowed on the evening before is so by the old hours
    autumn = windows_of(_plain(at=datetime(2026, 10, 26, 21, tzinfo=UTC)), datetime(2026, 10, 28, tzinfo=UTC))
    assert _open(autumn) == [
        (datetime(2026, 10, 26, 21, tzinfo=UTC), datetime(2026, 10, 27, 1, tzinfo=UTC)),
        (datetime(2026, 10, 27, 14, tzinfo=UTC), datetime(2026, 10, 27, 22, tzinfo=UTC)),
    ]


def test_a_fact_that_begins_later_closes_the_window() -> None:
    starts = datetime(2027, 2, 3, 17, 30, tzinfo=UTC)
    for kind in (FactKind.CEASE, FactKind.ATTORNEY):
        fact = Fact(id="fact_1", kind=kind, source=FactSource.DEBTOR, received_at=starts, starts_at=starts)
        attempt = _plain(at=datetime(2027, 2, 3, 15, tzinfo=UTC), facts=(fact,))
        found = windows_of(attempt, datetime(2027, 3, 1, tzinfo=UTC))
        # law.new has been in force since 27 October
        assert _open(found) == [(datetime(2027, 2, 3, 15, tzinfo=UTC), starts)]


def test_the_leap_day_has_its_window() -> None:
    found = windows_of(_plain(at=datetime(2028, 2, 28, 23, tzinfo=UTC)), datetime(2028, 3, 1, tzinfo=UTC))
    assert _open(found) == [(datetime(2028, 2, 29, 15, tzinfo=UTC), datetime(2028, 2, 29, 23, tzinfo=UTC))]
