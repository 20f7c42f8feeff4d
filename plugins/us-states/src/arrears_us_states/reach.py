"""Whom a rule reaches: which debts, which parties, and whether an attempt collects at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, in_force
from arrears_sdk.law.words import ContactParty, ContactPurpose, NoticeKind
from arrears_sdk.views import Account, ContactAttempt, Fact, Notice, PaymentAttempt
from arrears_sdk.vocabulary import CollectorRole as Role, Initiator, Product, Purpose

AGENCIES = frozenset({Role.THIRD_PARTY, Role.DEBT_BUYER, Role.ATTORNEY})
CONSUMER_SIDE = frozenset(
    {
        ContactParty.DEBTOR,
        ContactParty.SPOUSE,
        ContactParty.PARENT_OF_MINOR,
        ContactParty.GUARDIAN,
        ContactParty.PERSONAL_REPRESENTATIVE,
        ContactParty.SUCCESSOR,
        ContactParty.CO_DEBTOR,
    }
)
STRANGERS = frozenset(
    {
        ContactParty.EMPLOYER,
        ContactParty.HOUSEHOLD,
        ContactParty.FAMILY,
        ContactParty.NEIGHBOUR,
        ContactParty.OTHER,
    }
)
PROFESSIONALS = frozenset(
    {ContactParty.ATTORNEY, ContactParty.DEBT_ADVISER, ContactParty.CREDITOR, ContactParty.BUREAU}
)
"""Those whom a limit on contacts with the debtor does not protect."""
COLLECTING_PURPOSES = frozenset(
    {
        ContactPurpose.COLLECT,
        ContactPurpose.LEAVE_MESSAGE,
        ContactPurpose.LOCATION_INQUIRY,
        ContactPurpose.EMPLOYMENT_CHECK,
        ContactPurpose.CONSENT_REQUEST,
        ContactPurpose.REMEDY_NOTICE,
    }
)


def any_debt(attempt: Attempt, reached: Callable[[Account], bool]) -> bool:
    """Whether a debt of the attempt is reached; a contact that names no debt may be about one that is."""
    concerned = debts(attempt)
    for account in concerned:
        if reached(account):
            return True
    return not concerned


def by_agency(account: Account) -> bool:
    """Whether the debt is collected for another, as a buyer, or as a lawyer."""
    return account.collector_role in AGENCIES


def for_consumer(account: Account) -> bool:
    """Whether it is a consumer's debt."""
    return account.purpose is Purpose.CONSUMER


def agency_for_consumer(account: Account) -> bool:
    """Whether an agency collects a consumer's debt."""
    return account.collector_role in AGENCIES and account.purpose is Purpose.CONSUMER


def bought(account: Account) -> bool:
    """Whether the agency bought a consumer's debt."""
    return account.collector_role is Role.DEBT_BUYER and account.purpose is Purpose.CONSUMER


def creditor_for_consumer(account: Account) -> bool:
    """Whether a consumer's debt is collected by the creditor, or in the creditor's stead before default."""
    return account.collector_role not in AGENCIES and account.purpose is Purpose.CONSUMER


def medical(account: Account) -> bool:
    """Whether a consumer owes it for medical care."""
    return account.product is Product.MEDICAL and account.purpose is Purpose.CONSUMER


def medical_by_agency(account: Account) -> bool:
    """Whether an agency collects a consumer's medical debt."""
    return account.product is Product.MEDICAL and agency_for_consumer(account)


def asked_for(attempt: ContactAttempt) -> bool:
    """Whether the contact answers the debtor, or the debtor wanted it."""
    return (
        attempt.initiated_by is Initiator.DEBTOR
        or attempt.at_debtor_request
        or attempt.reply_to is not None
        or attempt.purpose is ContactPurpose.REPLY
    )


def collects(attempt: Attempt) -> bool:
    """Whether the attempt collects: no notice that a law demands, no answer, no payment that the debtor makes."""
    if isinstance(attempt, ContactAttempt):
        return attempt.purpose in COLLECTING_PURPOSES and not attempt.required_by_law
    return not isinstance(attempt, PaymentAttempt) or attempt.initiated_by is not Initiator.DEBTOR


def facts_about(attempt: Attempt, account: Account, kind: FactKind, words: Iterable[str] = ()) -> tuple[Fact, ...]:
    """The facts of a kind, and of these words where any are given, that hold for one debt."""
    if not attempt.facts:
        return ()
    wanted = frozenset(words)
    return tuple(
        fact
        for fact in in_force(attempt, kind)
        if fact.account_id in (None, account.id) and (not wanted or fact.word in wanted)
    )


def lacking(
    attempt: Attempt, reached: Callable[[Account], bool], kind: FactKind, words: Iterable[str] = ()
) -> Account | None:
    """A debt that is reached and of which no such fact holds."""
    wanted = frozenset(words)
    return next(
        (each for each in debts(attempt) if reached(each) and not facts_about(attempt, each, kind, wanted)), None
    )


def permitted(attempt: Attempt, reached: Callable[[Account], bool], kind: FactKind, words: Iterable[str] = ()) -> bool:
    """Whether a fact of a kind permits each debt that is reached; where no debt is named, all there are."""
    if not attempt.facts:
        return False
    if not debts(attempt):
        wanted = frozenset(words)
        return any(not wanted or fact.word in wanted for fact in in_force(attempt, kind))
    return lacking(attempt, reached, kind, words) is None


def only(attempt: ContactAttempt, reached: Callable[[Account], bool]) -> ContactAttempt | None:
    """The contact as far as it is about debts that are reached; None when it names others only."""
    kept = tuple(account for account in attempt.accounts if reached(account))
    if len(kept) == len(attempt.accounts):
        return attempt
    return replace(attempt, accounts=kept) if kept else None


def given_about(attempt: Attempt, account: Account, kind: NoticeKind) -> Notice | None:
    """The newest notice of a kind that was given about one debt, or about all, and did not come back."""
    given = [
        notice
        for notice in attempt.notices
        if notice.kind is kind
        and notice.sent_at <= attempt.at
        and (notice.returned_at is None or notice.returned_at > attempt.at)
        and (not notice.account_ids or account.id in notice.account_ids)
    ]
    return max(given, key=lambda notice: (notice.sent_at, notice.id), default=None)
