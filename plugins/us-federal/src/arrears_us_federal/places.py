"""Where a consumer may be contacted: 12 CFR 1006.6(b)(1)(ii) and (3), 1006.22(f)(3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from arrears_sdk.law.counting import PHONE, VISITS
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, in_force
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, ConsentState, Direction, EndpointType, LineType
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import (
    MAIL,
    answers_once,
    asked_for,
    consent_to_contact,
    consent_to_place,
    latest_consent,
    to_consumer,
    until_begun,
)

_AT_WORK = PHONE | VISITS | {Channel.SMS, Channel.FAX}
_NOWHERE = frozenset(
    {Channel.SMS, Channel.EMAIL, Channel.SOCIAL_PRIVATE, Channel.SOCIAL_PUBLIC, Channel.PUSH_OR_PORTAL}
)
"""Media that reach a person wherever that is, unless the endpoint itself is known to be of a place."""


def _perhaps(attempt: ContactAttempt, wanted: EndpointType) -> bool | None:
    """Whether the endpoint is at home, or at work; None when it may be, since nothing is known of it."""
    point = attempt.contact_point
    if point is not None and point.endpoint_type is not EndpointType.UNKNOWN:
        return point.endpoint_type is wanted
    if attempt.channel in _NOWHERE:
        return False
    if point is not None and point.line_type is LineType.MOBILE:
        return False
    return None


def at_home(attempt: ContactAttempt) -> bool | None:
    """Whether the contact would reach the debtor at home; a mobile number is tied to no place; None when unknown."""
    if attempt.channel in VISITS:
        return attempt.channel is Channel.IN_PERSON_HOME
    return _perhaps(attempt, EndpointType.HOME)


def at_work(attempt: ContactAttempt) -> bool | None:
    """Whether the contact would reach the debtor at work; None when unknown."""
    if attempt.channel in VISITS:
        return attempt.channel is Channel.IN_PERSON_WORK
    if attempt.contact_point is not None and attempt.contact_point.employer_provided:
        return True
    if attempt.channel in MAIL and attempt.contact_point is None:
        return False
    return _perhaps(attempt, EndpointType.WORK)


def _bars(attempt: ContactAttempt, fact: Fact) -> bool | None:
    """Whether a barred place is that of the contact; None when it may be."""
    if fact.contact_point_id is not None:
        return True
    if fact.word == "HOME":
        return at_home(attempt)
    if fact.word == "WORK":
        return at_work(attempt)
    return attempt.channel is Channel.IN_PERSON_PUBLIC


@CONTACTS.rule("us.regf.designated-place", citation="12 CFR 1006.6(b)(1)(ii)", jurisdiction="US", confidence="P")
def designated_place(attempt: ContactAttempt) -> Ruling | None:
    """No contact at a place that the debtor named as inconvenient: home bars visits, the landline and the mail there.
    A mobile number is at no place.
    """
    if not attempt.facts:
        return None
    barred = in_force(attempt, FactKind.INCONVENIENT_PLACE)
    if not covered(attempt) or not to_consumer(attempt) or asked_for(attempt) or answers_once(attempt):
        return None
    for fact in barred:
        bars = _bars(attempt, fact)
        if bars is False or consent_to_place(attempt, fact.starts_at) is not None:
            continue
        place = (fact.word or "this place").lower()
        return Ruling.deny(
            f"The debtor does not want to be contacted at {place}.",
            missing_fact="endpoint type" if bars is None else None,
            facts={"inconvenient place": place, "since": day_of(attempt, fact.starts_at)},
        )
    return until_begun(attempt, FactKind.INCONVENIENT_PLACE, "The debtor named a place as inconvenient from then on.")


@CONTACTS.rule(
    "us.regf.workplace",
    citation="12 CFR 1006.6(b)(3); 15 USC 1692c(a)(3)",
    jurisdiction="US",
    channels=_AT_WORK,
)
def workplace(attempt: ContactAttempt) -> Ruling | None:
    """No contact at work once the collector knows, or has reason to know, that the employer prohibits it; that the
    debtor cannot take personal calls there is reason enough.
    """
    if not attempt.facts:
        return None
    known = in_force(attempt, FactKind.EMPLOYER_PROHIBITS)
    if not covered(attempt) or not to_consumer(attempt) or asked_for(attempt) or answers_once(attempt):
        return None
    if not known:
        return until_begun(attempt, FactKind.EMPLOYER_PROHIBITS, "The employer does not allow contact from then on.")
    work = at_work(attempt)
    if work is False or consent_to_place(attempt, known[0].starts_at) is not None:
        return None
    return Ruling.deny(
        "The debtor's employer does not allow such contact at work.",
        missing_fact="endpoint type" if work is None else None,
        facts={"known since": day_of(attempt, known[0].starts_at), "how": known[0].word or "known"},
    )


def used_by_debtor(attempt: ContactAttempt, channel: Channel) -> Iterator[Interaction]:
    """The contacts in which the debtor used this very number or address, the newest first."""
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    if point is None:
        return
    for event in attempt.history:
        inbound = event.direction is Direction.INBOUND and event.started_at <= attempt.at
        if inbound and event.channel is channel and event.contact_point_id == point:
            yield event


def directly_consented(attempt: ContactAttempt, channel: Channel) -> tuple[datetime, datetime | None] | None:
    """When the debtor gave this collector the consent to a medium that still stands, and when it ends; None without."""
    last = latest_consent(attempt, frozenset({channel}))
    granted = last is not None and last.state is ConsentState.GRANTED and last.given_directly
    if last is not None and granted and (last.expires_at is None or attempt.at < last.expires_at):
        return last.given_at, last.expires_at
    fact = consent_to_contact(attempt, None if last is None else last.given_at)
    return None if fact is None or fact.channel is not channel else (fact.starts_at, fact.ends_at)


@CONTACTS.rule(
    "us.regf.employer-email",
    citation="12 CFR 1006.22(f)(3)",
    jurisdiction="US",
    confidence="G",
    channels={Channel.EMAIL},
)
def employer_email(attempt: ContactAttempt) -> Ruling | None:
    """No e-mail to an address that the employer is known to provide, unless the debtor wrote from it about the debt,
    consented directly to its use, or an earlier collector used it lawfully.
    """
    point = attempt.contact_point
    if point is None or not (point.employer_provided or point.endpoint_type is EndpointType.WORK):
        return None
    if not covered(attempt) or not to_consumer(attempt) or asked_for(attempt):
        return None
    if next(used_by_debtor(attempt, Channel.EMAIL), None) is not None:
        return None
    last = latest_consent(attempt, frozenset({Channel.EMAIL}))
    if last is not None and last.contact_point_id == point.id and directly_consented(attempt, Channel.EMAIL):
        return None
    if consent_to_place(attempt, datetime.min.replace(tzinfo=attempt.at.tzinfo)) is not None:
        return None
    if in_force(attempt, FactKind.EARLIER_COLLECTOR_USE):
        return None
    return Ruling.deny("This address is provided by the debtor's employer.", facts={"address": "of the employer"})
