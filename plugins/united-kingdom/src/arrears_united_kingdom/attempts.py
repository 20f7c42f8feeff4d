"""What several rules ask about a contact or act: whom it serves, of what kind the debt is, on which day it happens."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, in_force, latest
from arrears_sdk.law.words import ContactParty as Party, ContactPurpose as Aim
from arrears_sdk.views import Account, ContactAttempt, Debtor, Fact, Notice
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind, Initiator, Product

LONDON = ("Europe/London",)
ANSWERS = frozenset({Aim.REPLY, Aim.HANDLE_COMPLAINT, Aim.OPT_OUT_CONFIRMATION, Aim.CEASE_CONFIRMATION})
PURSUITS = frozenset({Aim.COLLECT, Aim.LEAVE_MESSAGE})
NOT_DEBTORS = frozenset({Party.DEBT_ADVISER, Party.CREDITOR, Party.BUREAU})
ENTITLED = NOT_DEBTORS | {
    Party.DEBTOR,
    Party.ATTORNEY,
    Party.GUARDIAN,
    Party.PERSONAL_REPRESENTATIVE,
    Party.SUCCESSOR,
    Party.PARENT_OF_MINOR,
    Party.CO_DEBTOR,
}
"""Those who may be spoken with about the debt without the debtor's consent."""
ENFORCEMENT = (
    Act.SUE,
    Act.SEEK_DEFAULT_JUDGMENT,
    Act.ENFORCE_JUDGMENT,
    Act.REPOSSESS,
    Act.EVICT,
    Act.TERMINATE_AGREEMENT,
)
DEMANDS = (Act.DEMAND_PAYMENT, Act.THREATEN_SUIT)
CREDIT = frozenset({Product.CARD, Product.LOAN, Product.OVERDRAFT, Product.VEHICLE, Product.LEASE, Product.OTHER})
"""Products that may rest on a regulated credit or hire agreement when nobody said whether they do."""


def debts(attempt: Attempt) -> tuple[Account, ...]:
    """The debts that an attempt is about."""
    return attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)


def zones_of(debtor: Debtor, otherwise: tuple[str, ...] = LONDON) -> tuple[str, ...]:
    """The zones of a debtor; the country's single one when none is known."""
    return debtor.time_zones or otherwise


def asked_for(attempt: ContactAttempt) -> bool:
    """Whether the debtor wanted the contact: it answers, or was asked for, or the law demands it."""
    return (
        attempt.purpose in ANSWERS
        or attempt.at_debtor_request
        or attempt.required_by_law
        or attempt.initiated_by is Initiator.DEBTOR
    )


def pursues(attempt: ContactAttempt) -> bool:
    """Whether the contact pursues payment: nobody asked for it, and it goes to the debtor's side."""
    return attempt.purpose in PURSUITS and not asked_for(attempt) and attempt.party not in NOT_DEBTORS


def about(attempt: Attempt, kind: FactKind, account: Account) -> Fact | None:
    """The latest fact of a kind in force that is about a debt, or about all of them."""
    if not attempt.facts:
        return None
    return latest(fact for fact in in_force(attempt, kind) if fact.account_id in (None, account.id))


def for_all(attempt: Attempt, kind: FactKind) -> bool:
    """Whether a fact of a kind is in force for every debt of the attempt."""
    if not attempt.facts:
        return False
    return all(about(attempt, kind, account) is not None for account in debts(attempt))


def may_be_consumer_credit(attempt: Attempt) -> bool:
    """Whether a debt may be one of an individual that the conduct rules cover: unless stated otherwise, it is."""
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return False
    if not attempt.facts:
        return True
    return any(_regulated(attempt, account) != "NO" for account in debts(attempt))


def may_be_regulated(attempt: Attempt, account: Account) -> bool:
    """Whether a debt rests on a regulated agreement; unknown means that credit of an individual does."""
    stated = _regulated(attempt, account)
    if stated is not None:
        return stated == "YES"
    return attempt.debtor.kind is DebtorKind.PERSON and account.product in CREDIT


def _regulated(attempt: Attempt, account: Account) -> str | None:
    found = about(attempt, FactKind.REGULATED_AGREEMENT, account)
    return None if found is None else found.word


def served_on(notice: Notice, zone: str) -> date:
    """The day on which a notice was received, or sent where nobody recorded the receipt."""
    return notice.received_on or local(notice.sent_at, zone).date()


def local(instant: datetime, zone: str) -> datetime:
    """The wall time of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
