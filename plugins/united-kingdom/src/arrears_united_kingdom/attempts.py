"""What several rules ask about a contact or act: whom it serves, of what kind the debt is, on which day it happens."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from arrears_sdk.law.debts import about, debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt
from arrears_sdk.law.purposes import NOT_DEBTORS
from arrears_sdk.law.words import ContactParty as Party
from arrears_sdk.views import Account, Debtor, Notice
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind, Product

LONDON = ("Europe/London",)
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


def zones_of(debtor: Debtor, otherwise: tuple[str, ...] = LONDON) -> tuple[str, ...]:
    """The zones of a debtor; the country's single one when none is known."""
    return debtor.time_zones or otherwise


def may_be_consumer_credit(attempt: Attempt) -> bool:
    """Whether a debt may be one of an individual that the conduct rules cover: unless stated otherwise, it is."""
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return False
    named = debts(attempt)
    if not attempt.facts or not named:
        return True
    return any(_regulated(attempt, account) != "NO" for account in named)


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
