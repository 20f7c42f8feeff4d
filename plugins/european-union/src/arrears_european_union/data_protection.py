"""Personal data of debtors: the General Data Protection Regulation."""

from __future__ import annotations

from arrears_european_union.packs import ACTIONS, CONTACTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.days import months_after
from arrears_sdk.law.debts import about, allowed_to, debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, in_force, need_attestation, notice, told
from arrears_sdk.law.requirements import content as content_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, ContactPurpose as Aim, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole, DebtorKind, Product

_PROCESSING = (Act.PROCESS_PERSONAL_DATA, Act.FURNISH)
_INFORM = Ruling.require(
    notice_requirement(NoticeKind.DATA_PROTECTION),
    "Whoever bought a debt tells the debtor where the data came from and what they are for.",
)
_HUMAN = Ruling.require(
    content_requirement(Content.HUMAN_REVIEW), "A person looks at such a decision, and its reasons are given."
)


@ACTIONS.rule(
    "eu.gdpr.basis",
    citation="GDPR arts 6, 9, 13, 14",
    jurisdiction="EU",
    confidence="G",
    actions=_PROCESSING,
    configured=True,
)
def basis(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Personal data are processed on a legal basis, which the agency states; data about health, such as of a medical
    debt, on a second one. A buyer of debts informs the debtor within a month, or at the first contact.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    lacking = need_attestation(
        attempt,
        Attestation.EU_LEGAL_BASIS,
        settings,
        "The agency has not stated on what legal basis it processes personal data.",
    )
    if attempt.account.product is Product.MEDICAL:
        lacking = lacking or need_attestation(
            attempt,
            Attestation.EU_SPECIAL_DATA_BASIS,
            settings,
            "A medical debt tells of health, and the agency has not stated a ground for such data.",
        )
    if lacking is not None or not _bought(attempt) or notice(attempt, NoticeKind.DATA_PROTECTION) is not None:
        return lacking
    last = months_after(attempt.account.placed_on, settings.information_months)
    return _INFORM if days(attempt)[-1] > last else allowed_to(attempt, last, "The debtor is informed in time")


@CONTACTS.rule("eu.gdpr.basis", citation="GDPR arts 6, 9, 13, 14", jurisdiction="EU", confidence="G")
def information(attempt: ContactAttempt) -> Ruling | None:
    """A buyer of debts tells the debtor at the first contact, at the latest, where the data came from."""
    if attempt.debtor.kind is not DebtorKind.PERSON or attempt.purpose is Aim.NOTICE or not _bought(attempt):
        return None
    return None if notice(attempt, NoticeKind.DATA_PROTECTION) is not None else _INFORM


def _bought(attempt: Attempt) -> bool:
    return any(account.collector_role is CollectorRole.DEBT_BUYER for account in debts(attempt))


@ACTIONS.rule(
    "eu.gdpr.erasure",
    citation="GDPR art 17(1), (3)(b), (e)",
    jurisdiction="EU",
    confidence="G",
    actions=[Act.DELETE_RECORD, *_PROCESSING],
)
def erasure(attempt: ActionAttempt) -> Ruling | None:
    """What is no longer needed is erased when the debtor asks: data of a debt that is settled are not processed any
    further. While a claim is open they may be kept for it, and erasing them gives a warning.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    settled = _settled(attempt)
    if attempt.kind is Act.DELETE_RECORD:
        if settled:
            return None
        return Ruling.warn(
            "The claim is open: a request for erasure may be refused, and the record may be needed.",
            facts={"balance": attempt.account.balance},
        )
    if not settled or not in_force(attempt, FactKind.ERASURE_REQUEST):
        return None
    return Ruling.deny("The debtor asked for erasure, and the debt is settled: erase what no law keeps.")


def _settled(attempt: ActionAttempt) -> bool:
    return attempt.account.balance.minor <= 0 or about(attempt, FactKind.PAID_OR_SETTLED, attempt.account) is not None


@ACTIONS.rule(
    "eu.gdpr.objection",
    citation="GDPR art 21",
    jurisdiction="EU",
    confidence="G",
    actions=[*_PROCESSING, Act.DECIDE_AUTOMATICALLY],
)
def objection(attempt: ActionAttempt) -> Ruling | None:
    """After an objection nothing is processed on a legitimate interest, unless compelling grounds or a legal claim
    demand it: an open claim is one for collecting it, which gives a warning, and none for reports and scores.
    """
    if all(fact.word != "PROCESSING" for fact in in_force(attempt, FactKind.OBJECTION)):
        return None
    if attempt.kind is Act.PROCESS_PERSONAL_DATA and not _settled(attempt):
        return Ruling.warn("The debtor objects: only what the open claim needs may be processed.")
    return Ruling.deny(
        "The debtor objects to the processing of personal data.", facts=told(attempt, FactKind.OBJECTION)
    )


@CONTACTS.rule("eu.gdpr.objection", citation="GDPR art 21", jurisdiction="EU", confidence="G")
def marketing(attempt: ContactAttempt) -> Ruling | None:
    """After an objection to direct marketing there is none, whatever the interest."""
    if Content.SOLICITATION not in attempt.content or not in_force(attempt, FactKind.OBJECTION):
        return None
    return Ruling.deny("The debtor objects to direct marketing.", facts=told(attempt, FactKind.OBJECTION))


@ACTIONS.rule(
    "eu.gdpr.automated",
    citation="GDPR art 22; CJEU C-634/21",
    jurisdiction="EU",
    confidence="G",
    actions=[Act.DECIDE_AUTOMATICALLY],
)
def automated(attempt: ActionAttempt) -> Ruling | None:
    """What affects a debtor like a legal decision is not decided by a machine alone, nor by a score that is decisive:
    a person looks at it, and reasons are given.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON or Content.HUMAN_REVIEW in attempt.content:
        return None
    return _HUMAN


@ACTIONS.rule(
    "eu.gdpr.breach",
    citation="GDPR art 33",
    jurisdiction="EU",
    confidence="G",
    actions=[Act.PROCESS_PERSONAL_DATA],
    configured=True,
)
def breach(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """An authority learns of a breach of personal data within 72 hours; the agency states that it is prepared."""
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    return need_attestation(
        attempt,
        Attestation.EU_BREACH_PROCEDURE,
        settings,
        "The agency has not stated that it reports breaches of personal data within 72 hours.",
    )
