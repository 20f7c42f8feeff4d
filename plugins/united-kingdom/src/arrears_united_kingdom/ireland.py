"""Ireland: when and where consumers are called and visited, and with whom else one speaks."""

from __future__ import annotations

from datetime import time

from arrears_sdk.law.consents import while_in_force
from arrears_sdk.law.counting import PHONE, VISITS
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import rule_on_hours, weekly
from arrears_sdk.law.known import in_force
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.words import ContactParty as Party, ContactPurpose as Aim
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact
from arrears_sdk.vocabulary import (
    CommunicationChannel as Channel,
    DebtorKind,
    EndpointType,
    Purpose,
    ResidenceKind,
)
from arrears_united_kingdom.attempts import zones_of
from arrears_united_kingdom.packs import CONTACTS

DUBLIN = ("Europe/Dublin",)
_DAY = (time(9), time(21))
HOURS = weekly(_DAY, _DAY, None, holidays="IE")
_CLOSE = frozenset({Party.EMPLOYER, Party.FAMILY, Party.SPOUSE, Party.HOUSEHOLD, Party.PARENT_OF_MINOR})


def _consumer(attempt: ContactAttempt) -> bool:
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return False
    return not attempt.accounts or any(account.purpose is Purpose.CONSUMER for account in attempt.accounts)


@CONTACTS.rule(
    "ie.cca.hours",
    citation="Consumer Credit Act 1995 s.46",
    jurisdiction="IE",
    confidence="S",
    channels=PHONE | VISITS,
)
def hours(attempt: ContactAttempt) -> Ruling | None:
    """Consumers are neither visited nor called without their consent between 21:00 and 09:00, on a Sunday or on a
    public holiday; and not at work, unless they live there and every other reasonable effort failed. Serving legal
    documents is excepted.
    """
    if attempt.purpose is Aim.LEGAL_PROCESS or not _consumer(attempt):
        return None
    if attempt.at_debtor_request:
        return None
    consents = _consents(attempt)
    if all(consents):
        return _while_each(consents, "The consumer consents to calls and visits.")
    if _at_work(attempt) and not (_all_else_failed(attempt) and _lives_at_work(attempt)):
        return Ruling.deny(
            "A consumer is not called or visited at work.",
            missing_fact=fact_requirement(FactKind.OTHER_MEANS_FAILED) if _lives_at_work(attempt) else None,
        )
    return rule_on_hours(
        HOURS, attempt.at, zones_of(attempt.debtor, DUBLIN), words="09:00 to 21:00 on a working day or Saturday"
    )


def _consumer_debts(attempt: ContactAttempt) -> list[str | None]:
    """The debts of the contact that a consumer owes; None stands for all there are where none is named."""
    return [account.id for account in attempt.accounts if account.purpose is Purpose.CONSUMER] or [None]


def _consents(attempt: ContactAttempt) -> list[list[Fact]]:
    """For each consumer's debt the consents to such a contact about it."""
    found = [fact for fact in in_force(attempt, FactKind.DIRECT_CONSENT) if fact.channel in (None, attempt.channel)]
    if attempt.channel in VISITS:
        found += in_force(attempt, FactKind.VISIT_CONSENT)
    return [[one for one in found if one.account_id in (None, debt)] for debt in _consumer_debts(attempt)]


def _while_each(consents: list[list[Fact]], reason: str) -> Ruling | None:
    """Allowed no longer than each debt has a consent; nothing said when none of them ends."""
    said = [ruling for each in consents if (ruling := while_in_force(each, reason)) is not None]
    return Ruling.combine(said) if said else None


def _all_else_failed(attempt: ContactAttempt) -> bool:
    """Whether every other reasonable effort failed about each consumer's debt."""
    failed = in_force(attempt, FactKind.OTHER_MEANS_FAILED)
    return all(any(one.account_id in (None, debt) for one in failed) for debt in _consumer_debts(attempt))


def _at_work(attempt: ContactAttempt) -> bool:
    point = attempt.contact_point
    if attempt.channel is Channel.IN_PERSON_WORK:
        return True
    return point is not None and (point.endpoint_type is EndpointType.WORK or point.employer_provided)


def _lives_at_work(attempt: ContactAttempt) -> bool:
    """Whether the debtor's place of work has the postal code of the residence."""
    places = [(place.kind, place.postal_code) for place in attempt.debtor.places if place.postal_code]
    return any((ResidenceKind.RESIDENCE, code) in places for kind, code in places if kind is ResidenceKind.WORK)


@CONTACTS.rule("ie.cca.third-party", citation="Consumer Credit Act 1995 s.46(b)", jurisdiction="IE", confidence="S")
def third_party(attempt: ContactAttempt) -> Ruling | None:
    """Nobody speaks with the employer or family of a consumer who is no party to the agreement without the consumer's
    separate consent in writing.
    """
    if attempt.party not in _CLOSE or not _consumer(attempt):
        return None
    consents = [fact for fact in in_force(attempt, FactKind.THIRD_PARTY_CONSENT) if fact.word == "WRITTEN"]
    if consents:
        return while_in_force(consents, "The consumer consents in writing to contact with others.")
    return Ruling.deny(
        "Employer and family are not contacted without the debtor's separate consent in writing.",
        missing_fact=fact_requirement(FactKind.THIRD_PARTY_CONSENT),
        facts={"with": attempt.party},
    )
