"""With whom a debt may be spoken of: 12 CFR 1006.6(b)(2), (c), (d), 1006.10; 15 USC 1692b, 1692c."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from arrears_sdk.law.counting import NOT_CONNECTED, NOT_DELIVERED, UNANSWERED
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, hold, in_force
from arrears_sdk.law.requirements import content, fact as fact_requirement
from arrears_sdk.law.words import ContactParty as Party, ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Direction, HoldKind
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import (
    CONSUMERS,
    PROFESSIONALS,
    asked_for,
    consent_to_contact,
    medium,
    to_consumer,
    until_begun,
    until_over,
)
from arrears_us_federal.settings import UsFederalConfig

LOCATING = frozenset({ContactPurpose.LOCATION_INQUIRY, ContactPurpose.EMPLOYMENT_CHECK})
"""Home, telephone and place of employment are what may be asked of others."""
_REVEALING = frozenset({Content.REVEALS_DEBT, Content.INITIAL_DISCLOSURE, Content.COLLECTOR_DISCLOSURE})
_ONCE = frozenset({ContactPurpose.CEASE_CONFIRMATION})
_AFTER_CEASE = frozenset({ContactPurpose.REMEDY_NOTICE, ContactPurpose.LEGAL_PROCESS}) | _ONCE
_WRITTEN = frozenset({"WRITTEN", "ELECTRONIC", None})
_NO_LAWYER = "DEBT_ADVISER"
UNREACHED = NOT_CONNECTED | NOT_DELIVERED | UNANSWERED


def represented_since(attempt: ContactAttempt) -> datetime | None:
    """Since when a lawyer is known to act for the debtor on a debt of the contact, by fact or by hold."""
    acting = _lawyers(attempt)
    if acting:
        return min(one.starts_at for one in acting)
    held = hold(attempt, HoldKind.ATTORNEY) if attempt.holds else None
    return None if held is None else held.starts_at


def _lawyers(attempt: ContactAttempt) -> list[Fact]:
    if not attempt.facts:
        return []
    return [one for one in in_force(attempt, FactKind.ATTORNEY) if one.word != _NO_LAWYER]


def represented(attempt: ContactAttempt) -> list[str]:
    """The covered debts of a contact on which a lawyer acts; all of them where only a hold says so."""
    acting = _lawyers(attempt)
    return [
        account.id
        for account in covered_accounts(attempt)
        if not acting or any(one.account_id in (None, account.id) for one in acting)
    ]


def reaching(facts: Sequence[Fact], debts: Sequence[str]) -> Sequence[Fact]:
    """The facts, where they reach each of the debts; none of them where a debt is left out."""
    whole = all(any(one.account_id in (None, debt) for one in facts) for debt in debts)
    return facts if whole else ()


def direct_contact(attempt: ContactAttempt) -> Sequence[Fact]:
    """What permits to speak with a represented consumer directly: the lawyer's or a court's word on each such debt."""
    if not attempt.facts:
        return ()
    permitted = [*in_force(attempt, FactKind.ATTORNEY_CONSENT), *in_force(attempt, FactKind.COURT_PERMISSION)]
    return reaching(permitted, represented(attempt))


def _unanswered_since(attempt: ContactAttempt, since: datetime) -> date | None:
    """The day of the letter to the lawyer that still has no answer; of several debts the last. None when one lacks it,
    and for a letter from before this lawyer's time.
    """
    letters = [
        one
        for one in in_force(attempt, FactKind.ATTORNEY_SILENT)
        if one.on is not None and one.on >= day_of(attempt, since)
    ]
    debts = represented(attempt)
    if not letters or not reaching(letters, debts):
        return None
    if not debts:
        return min(one.on for one in letters if one.on is not None)
    return max(
        min(one.on for one in letters if one.on is not None and one.account_id in (None, debt)) for debt in debts
    )


@CONTACTS.rule(
    "us.regf.attorney",
    citation="12 CFR 1006.6(b)(2),(4); 15 USC 1692c(a)(2)",
    jurisdiction="US",
    configured=True,
)
def attorney(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """No contact with a consumer who is known to be represented by a lawyer on the debt, unless the lawyer consents or
    does not answer within a reasonable time, a court permits it, or the consumer consents directly.
    """
    if not attempt.facts and not attempt.holds:
        return None
    if not covered(attempt) or not to_consumer(attempt) or asked_for(attempt):
        return None
    since = represented_since(attempt)
    if since is None:
        return until_begun(attempt, FactKind.ATTORNEY, "A lawyer acts for the debtor from then on.")
    permitted = direct_contact(attempt)
    if permitted:
        return until_over(permitted, "The lawyer, or a court, permits direct contact.", represented(attempt))
    consent = consent_to_contact(attempt, since)
    if consent is not None:
        return Ruling.allow(consent.ends_at, reason="The debtor consented to direct contact.")
    told = {"lawyer since": day_of(attempt, since)}
    patience = timedelta(days=settings.attorney_answer_days)
    letter = _unanswered_since(attempt, since)
    if letter is not None:
        free = letter + patience + timedelta(days=1)
        if days(attempt)[0] >= free:
            return None
        return Ruling.defer(
            start_of_day(free, attempt.debtor.time_zones),
            f"The debtor's lawyer has {patience.days} days to answer the letter of {letter.isoformat()}.",
            facts={**told, "letter to the lawyer": letter},
        )
    return Ruling.deny(
        f"A lawyer acts for the debtor since {told['lawyer since'].isoformat()}: speak with the lawyer instead.",
        missing_fact=fact_requirement(FactKind.ATTORNEY_CONSENT),
        facts=told,
    )


def refused_since(attempt: ContactAttempt) -> datetime | None:
    """Since when a written refusal to pay, or wish for no further contact, is in force for a debt of the contact."""
    if attempt.facts:
        written = [one for one in in_force(attempt, FactKind.CEASE) if one.word in _WRITTEN]
        if written:
            return min(one.starts_at for one in written)
    held = hold(attempt, HoldKind.CEASE_COMMUNICATION) if attempt.holds else None
    return None if held is None else held.starts_at


def _told_already(attempt: ContactAttempt, purpose: ContactPurpose, since: datetime) -> Interaction | None:
    return next(
        (
            event
            for event in attempt.history
            if event.direction is Direction.OUTBOUND and event.purpose is purpose and event.started_at >= since
        ),
        None,
    )


@CONTACTS.rule("us.regf.cease", citation="12 CFR 1006.6(c); 15 USC 1692c(c)", jurisdiction="US")
def cease(attempt: ContactAttempt) -> Ruling | None:
    """After a written refusal to pay or wish for no contact, from its receipt, nothing but one notice that efforts
    end, a notice of specified remedies, formal legal process, and what the law requires.
    """
    if not attempt.facts and not attempt.holds:
        return None
    if not covered(attempt) or attempt.party in PROFESSIONALS or asked_for(attempt) or attempt.required_by_law:
        return None
    since = refused_since(attempt)
    if since is None:
        return until_begun(attempt, FactKind.CEASE, "The debtor wants no contact from then on.")
    told = {"refusal received": day_of(attempt, since)}
    if attempt.purpose in _AFTER_CEASE:
        before = _told_already(attempt, attempt.purpose, since) if attempt.purpose in _ONCE else None
        if before is None:
            return None
        return Ruling.deny(
            f"The one notice that efforts end was given on {before.debtor_local_date.isoformat()}.", facts=told
        )
    day = told["refusal received"].isoformat()
    return Ruling.deny(f"The debtor refused further contact in writing on {day}.", facts=told)


@CONTACTS.rule("us.regf.third-party", citation="12 CFR 1006.6(d)(1),(2); 15 USC 1692c(b)", jurisdiction="US")
def third_party(attempt: ContactAttempt) -> Ruling | None:
    """Nobody is contacted about the debt but the consumer, lawyers, the creditor and credit bureaus; others only to
    find the consumer, with the consumer's direct consent, a court's permission, or after judgment as its enforcement
    needs.
    """
    party = attempt.party
    if party is Party.DEBTOR or party in PROFESSIONALS or not covered(attempt) or to_consumer(attempt):
        return None
    if attempt.purpose in LOCATING:
        return None
    if attempt.facts:
        way = medium(attempt.channel)
        consents = in_force(attempt, FactKind.THIRD_PARTY_CONSENT)
        agreed = [one for one in consents if one.channel is None or one.channel in way]
        debts = [account.id for account in covered_accounts(attempt)]
        permitted = reaching([*agreed, *in_force(attempt, FactKind.COURT_PERMISSION)], debts)
        if permitted:
            return until_over(permitted, "The debtor, or a court, permits contact with others.", debts)
        if attempt.purpose is ContactPurpose.LEGAL_PROCESS and reaching(in_force(attempt, FactKind.JUDGMENT), debts):
            return None
    who = party.lower().replace("_", " ")
    wanted = FactKind.RELATIONSHIP if party in CONSUMERS else FactKind.THIRD_PARTY_CONSENT
    return Ruling.deny(
        f"The debt may not be spoken of with others than the debtor; this contact is with: {who}.",
        missing_fact=fact_requirement(wanted),
        facts={"party": who},
    )


def _asked_before(attempt: ContactAttempt) -> Interaction | None:
    """An earlier inquiry that reached the same person, by endpoint where it is known, else by what they are."""
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    for event in attempt.history:
        if event.direction is not Direction.OUTBOUND or event.purpose not in LOCATING:
            continue
        same = event.party is attempt.party if point is None else event.contact_point_id in (point, None)
        if same and (event.pending or event.result not in UNREACHED):
            return event
    return None


@CONTACTS.rule("us.regf.location-inquiry", citation="12 CFR 1006.10; 15 USC 1692b", jurisdiction="US")
def location_inquiry(attempt: ContactAttempt) -> Ruling | None:
    """Who asks others where the debtor is gives a name, says that it is to confirm or correct location, names the
    employer only when asked, mentions no debt, uses no postcard, and asks each person once. Where a lawyer is known,
    only the lawyer is asked.
    """
    if attempt.purpose not in LOCATING or not covered(attempt) or to_consumer(attempt):
        return None
    if attempt.party in PROFESSIONALS:
        return None
    if attempt.channel is Channel.POSTCARD:
        return Ruling.deny("A location inquiry may not be a postcard.")
    if _REVEALING & attempt.content:
        return Ruling.deny("A location inquiry may not mention a debt.")
    since = represented_since(attempt)
    if since is not None:
        return Ruling.deny(
            "A lawyer acts for the debtor: only the lawyer may be asked.",
            facts={"lawyer since": day_of(attempt, since)},
        )
    before = _asked_before(attempt)
    if before is not None and not _may_ask_again(attempt, before):
        day = before.debtor_local_date.isoformat()
        return Ruling.deny(
            f"This person was asked on {day}; each is asked once, unless they ask for it or now know better.",
            missing_fact=fact_requirement(FactKind.LOCATION_REQUESTED),
            facts={"asked on": day},
        )
    if Content.LOCATION_SCRIPT in attempt.content:
        return None
    return Ruling.require(
        content(Content.LOCATION_SCRIPT),
        "Say your name, and that you are confirming or correcting location information; name the employer only when"
        " asked.",
    )


def _may_ask_again(attempt: ContactAttempt, before: Interaction) -> bool:
    return any(
        one.starts_at >= before.started_at or (one.on is not None and one.on >= before.debtor_local_date)
        for one in in_force(attempt, FactKind.LOCATION_REQUESTED)
    )
