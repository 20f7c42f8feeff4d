"""Bank credit in default: Directives (EU) 2021/2167 on credit servicers and (EU) 2023/2225 on consumer credit."""

from __future__ import annotations

from datetime import date

from arrears_european_union.packs import ACTIONS, CONTACTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.debts import about, debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, in_force, need_attestation, notice
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind, Product, Purpose

CREDIT = frozenset({Product.CARD, Product.LOAN, Product.OVERDRAFT, Product.VEHICLE, Product.LEASE})
"""Products that are consumer credit when nobody said whether they are."""
COLLECTING = (
    Act.DEMAND_PAYMENT,
    Act.THREATEN_SUIT,
    Act.SUE,
    Act.SEEK_DEFAULT_JUDGMENT,
    Act.ENFORCE_JUDGMENT,
    Act.REPOSSESS,
    Act.EVICT,
    Act.TERMINATE_AGREEMENT,
)
_ENFORCING = COLLECTING[2:]
_TOLD = Ruling.require(
    notice_requirement(NoticeKind.TRANSFER),
    "The borrower is told first who bought the credit, who services it, what is owed and where to complain.",
)
_CONSIDERED = Ruling.require(
    fact_requirement(FactKind.FORBEARANCE_CONSIDERED), "Reasonable forbearance is considered before enforcement."
)


def is_consumer_credit(attempt: Attempt, account: Account) -> bool:
    """Whether a debt is credit of a consumer; of a product that usually is, unless stated otherwise."""
    if attempt.debtor.kind is not DebtorKind.PERSON or account.purpose is not Purpose.CONSUMER:
        return False
    stated = about(attempt, FactKind.CREDIT_EXTENDED, account)
    return account.product in CREDIT if stated is None else stated.word == "YES"


@CONTACTS.rule("eu.ncs.notice", citation="Directive (EU) 2021/2167 art 10", jurisdiction="EU", confidence="G")
def transfer_told(attempt: ContactAttempt) -> Ruling | None:
    """Before the first collection of non-performing bank credit that was sold, and whenever asked, the borrower is told
    who bought it and when, who services it and is authorised to, what is owed for what, that the law stays the same,
    and where to complain.
    """
    return _transfer(attempt) if attempt.facts and pursues(attempt) else None


@ACTIONS.rule(
    "eu.ncs.notice",
    citation="Directive (EU) 2021/2167 art 10",
    jurisdiction="EU",
    confidence="G",
    actions=COLLECTING,
)
def transfer_told_first(attempt: ActionAttempt) -> Ruling | None:
    """Bank credit that was sold is neither demanded nor enforced before the borrower was told of the sale."""
    return _transfer(attempt)


def _transfer(attempt: Attempt) -> Ruling | None:
    if not in_force(attempt, FactKind.PERFORMING_TRANSFER) or notice(attempt, NoticeKind.TRANSFER) is not None:
        return None
    return _TOLD


@CONTACTS.rule(
    "eu.ncs.licence",
    citation="Directive (EU) 2021/2167 arts 4, 10, 12",
    jurisdiction="EU",
    confidence="G",
    configured=True,
)
@ACTIONS.rule(
    "eu.ncs.licence",
    citation="Directive (EU) 2021/2167 arts 4, 10, 12",
    jurisdiction="EU",
    confidence="G",
    actions=COLLECTING,
    configured=True,
)
def servicer(attempt: ContactAttempt | ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Non-performing bank credit is collected for its buyer by an authorised servicer, fairly and without misleading;
    the agency states that it is one.
    """
    if not attempt.facts or not in_force(attempt, FactKind.PERFORMING_TRANSFER):
        return None
    return need_attestation(
        attempt,
        Attestation.EU_CREDIT_SERVICER,
        settings,
        "Sold bank credit is collected by an authorised servicer, and the agency has not stated that it is one.",
    )


@ACTIONS.rule(
    "eu.ccd.forbearance",
    citation="Directive (EU) 2023/2225 art 35",
    jurisdiction="EU",
    effective_from=date(2026, 11, 20),
    confidence="G",
    actions=[*_ENFORCING, Act.CHARGE_FEE],
)
def forbearance(attempt: ActionAttempt) -> Ruling | None:
    """Before consumer credit is enforced reasonable forbearance is considered. Charges for default are limited to what
    it costs, of which this rule warns.
    """
    if not any(is_consumer_credit(attempt, account) for account in debts(attempt)):
        return None
    if attempt.kind is Act.CHARGE_FEE:
        return Ruling.warn("A charge for default must not be more than what the default costs.")
    return None if in_force(attempt, FactKind.FORBEARANCE_CONSIDERED) else _CONSIDERED
