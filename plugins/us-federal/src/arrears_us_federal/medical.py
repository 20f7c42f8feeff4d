"""Hospital and health debts: 26 CFR 1.501(r)-6; 45 CFR 164."""

from __future__ import annotations

from datetime import date

from arrears_sdk.law.days import days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, in_force, need_attestation, notices
from arrears_sdk.law.requirements import content, fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, ContactParty as Party, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole as Role, Product
from arrears_us_federal.packs import ACTIONS, CONTACTS
from arrears_us_federal.planned import earliest_day, until_begins, wait_until
from arrears_us_federal.settings import UsFederalConfig

EXTRAORDINARY = frozenset(
    {Act.SUE, Act.SEEK_DEFAULT_JUDGMENT, Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.FURNISH, Act.SELL_OR_PLACE}
)
"""The extraordinary collection actions: suits, garnishment, liens, seizure, credit reports, sales."""
BILL_DAYS, NOTICE_DAYS, APPLICATION_DAYS = 120, 30, 240
HIPAA = "45 CFR 164.501, 164.502(b), 164.504(e)"
_TO_OTHERS = frozenset({Act.FURNISH, Act.SEND_DOCUMENT})


@ACTIONS.rule(
    "us.medical.501r",
    citation="26 CFR 1.501(r)-6",
    jurisdiction="US",
    confidence="G",
    actions=EXTRAORDINARY,
)
def hospital_collection(attempt: ActionAttempt) -> Ruling | None:
    """For a debt to a non-profit hospital nobody sues, garnishes, seizes, reports or sells in the 120 days after the
    first bill after discharge, nor in the 30 after a written notice, nor while an application for assistance is
    pending that was made within 240 days of that bill.
    """
    if not attempt.facts or attempt.account.product is not Product.MEDICAL:
        return None
    if not in_force(attempt, FactKind.NON_PROFIT_HOSPITAL):
        return None
    # Of several the last: bills of several stays count from the first bill of the latest.
    billed = max((one.on for one in in_force(attempt, FactKind.FIRST_BILL) if one.on is not None), default=None)
    if billed is None:
        wanted = fact_requirement(FactKind.FIRST_BILL)
        return Ruling.require(wanted, "The day of the first bill after discharge is not known.", missing_fact=wanted)
    applied = _application(attempt, billed)
    if applied is not None:
        return Ruling.deny(
            f"An application for assistance of {applied.isoformat()} is pending.",
            facts={"first bill": billed, "application": applied},
        )
    given = notices(attempt, NoticeKind.HOSPITAL_COLLECTION)
    if not given:
        wanted = notice_requirement(NoticeKind.HOSPITAL_COLLECTION)
        return Ruling.require(
            wanted,
            "A written notice of what will be done comes 30 days before.",
            missing_fact=wanted,
            facts={"first bill": billed},
        )
    told = min(day_of(attempt, one.sent_at) for one in given)
    free = max(days_after(billed, BILL_DAYS + 1), days_after(told, NOTICE_DAYS + 1))
    if earliest_day(attempt) >= free:
        return until_begins(attempt, FactKind.ASSISTANCE_APPLICATION)
    reason = "120 days from the first bill and 30 from the notice have to pass."
    return wait_until(attempt, free, reason, first_bill=billed, notice=told)


def _application(attempt: ActionAttempt, billed: date) -> date | None:
    """The day of a pending application that was made in time; None when there is none."""
    made = [one.on or day_of(attempt, one.starts_at) for one in in_force(attempt, FactKind.ASSISTANCE_APPLICATION)]
    return min((day for day in made if day <= days_after(billed, APPLICATION_DAYS)), default=None)


def _for_provider(account: Account) -> bool:
    """Whether a health provider's data are held for it; a provider needs no agreement with itself."""
    return account.product is Product.MEDICAL and account.collector_role is not Role.FIRST_PARTY


def _agreement(attempt: Attempt, settings: UsFederalConfig) -> Ruling | None:
    return need_attestation(
        attempt,
        Attestation.US_BUSINESS_ASSOCIATE,
        settings,
        "The agency has not stated that it has business associate agreements with the health providers it works for.",
    )


def _minimum(content_words: frozenset[Content]) -> Ruling | None:
    if Content.MINIMUM_DATA in content_words:
        return None
    return Ruling.require(
        content(Content.MINIMUM_DATA),
        "Give no more than is needed: identity, payment history, account number, the provider's name and address.",
    )


def _both(*said: Ruling | None) -> Ruling | None:
    found = [one for one in said if one is not None]
    return Ruling.combine(found) if found else None


@ACTIONS.rule(
    "us.hipaa.minimum",
    citation=HIPAA,
    jurisdiction="US",
    confidence="G",
    actions=_TO_OTHERS,
    configured=True,
)
def minimum_reported(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Who collects for a health provider has a business associate agreement, and gives others no more health data than
    is needed.
    """
    if not _for_provider(attempt.account):
        return None
    return _both(_agreement(attempt, settings), _minimum(attempt.content))


@CONTACTS.rule("us.hipaa.minimum", citation=HIPAA, jurisdiction="US", confidence="G", configured=True)
def minimum_told(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Who collects for a health provider has a business associate agreement, and gives others than the debtor no more
    health data than is needed.
    """
    if not any(_for_provider(account) for account in attempt.accounts):
        return None
    others = None if attempt.party is Party.DEBTOR else _minimum(attempt.content)
    return _both(_agreement(attempt, settings), others)
