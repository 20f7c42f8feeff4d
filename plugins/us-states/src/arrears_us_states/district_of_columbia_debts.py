"""The District of Columbia: papers of the debt, suits, fees, and with whom a debt is spoken of."""

from __future__ import annotations

from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, in_force, recorded, told
from arrears_sdk.law.requirements import (
    content as content_requirement,
    fact as fact_requirement,
    notice as notice_requirement,
)
from arrears_sdk.law.us_limitation import EMERGENCY_GRACE
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CollectorRole
from arrears_us_states.district_of_columbia import DC, SINCE, covered
from arrears_us_states.law import COLLECTING, EVERY_CHANNEL, IN_WRITING, MESSAGES, SUITS, law
from arrears_us_states.reach import any_debt, asked_for, by_agency, collects, facts_about, given_about, permitted
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import (
    fee_refused,
    represented,
    share_of,
    speaks_with_employer,
    stopped_by,
    suit_on_barred_debt,
    without_judgment,
)


def _not_original(account: Account) -> bool:
    return covered(account) and account.collector_role is not CollectorRole.FIRST_PARTY


def _charged_off(account: Account) -> bool:
    return covered(account) and account.charge_off_on is not None


@law(
    "us.dc.documents-first",
    place=DC,
    citation="D.C. Code 28-3814(m)(1), (3)",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
    effective_from=SINCE,
)
def documents_first(attempt: Attempt) -> Ruling | None:
    """Who is not the original creditor collects only with the papers of the debt, or a judgment, at hand."""
    if not collects(attempt):
        return None
    for account in debts(attempt):
        unsure = account.collector_role is CollectorRole.FIRST_PARTY and covered(account)
        bought = unsure and bool(facts_about(attempt, account, FactKind.ORIGINAL_CREDITOR, ("NO",)))
        if not (bought or _not_original(account)):
            continue
        if not facts_about(attempt, account, FactKind.DOCUMENTS_HELD, ("COMPLETE", "JUDGMENT")):
            wanted = fact_requirement(FactKind.DOCUMENTS_HELD)
            return Ruling.require(wanted, "The papers of the debt have to be at hand first.", missing_fact=wanted)
    return None


@law(
    "us.dc.rights-notice",
    place=DC,
    citation="D.C. Code 28-3814(m)(2)(A), (C)",
    contacts=IN_WRITING | MESSAGES,
    effective_from=SINCE,
)
def rights_notice(attempt: ContactAttempt) -> Ruling | None:
    """The first written communication about a charged-off debt is, or has with it, the notice of document rights."""
    if not collects(attempt) or not any(_charged_off(account) for account in debts(attempt)):
        return None
    if all(
        given_about(attempt, account, NoticeKind.DOCUMENT_RIGHTS) is not None
        for account in debts(attempt)
        if _charged_off(account)
    ):
        return None
    wanted = notice_requirement(NoticeKind.DOCUMENT_RIGHTS)
    return Ruling.require(
        wanted, "The first written communication brings the notice of document rights.", missing_fact=wanted
    )


@law(
    "us.dc.document-request",
    place=DC,
    citation="D.C. Code 28-3814(m)(2)(D)",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
    effective_from=SINCE,
)
def document_request(attempt: Attempt) -> Ruling | None:
    """No collection from a request for the documents on until they were sent, which is due in 15 days."""
    if not attempt.facts or not collects(attempt):
        return None
    reason = "The consumer asked for the documents, which have to be sent first, within 15 days."
    return stopped_by(attempt, FactKind.DOCUMENT_REQUEST, covered, reason)


@law(
    "us.dc.plan-in-writing",
    place=DC,
    citation="D.C. Code 28-3814(n)",
    actions={ActionKind.OFFER_SETTLEMENT, ActionKind.ACCEPT_PAYMENT},
    payments=True,
    effective_from=SINCE,
)
def plan_in_writing(attempt: ActionAttempt | PaymentAttempt) -> Ruling | None:
    """A plan is written down within seven days; money is taken before only where all terms were given."""
    if not covered(attempt.account) or not collects(attempt):
        return None
    offers = isinstance(attempt, ActionAttempt) and attempt.kind is ActionKind.OFFER_SETTLEMENT
    if isinstance(attempt, ActionAttempt) and Content.TERMS_IN_WRITING in attempt.content:
        return None
    if offers:
        wanted = content_requirement(Content.TERMS_IN_WRITING)
        return Ruling.require(wanted, "All material terms are given, and then sent in writing.", missing_fact=wanted)
    for plan in facts_about(attempt, attempt.account, FactKind.PLAN_AGREED) if attempt.facts else ():
        sent = given_about(attempt, attempt.account, NoticeKind.PLAN_CONFIRMATION)
        if sent is None or day_of(attempt, sent.sent_at) < (plan.on or day_of(attempt, plan.starts_at)):
            wanted = notice_requirement(NoticeKind.PLAN_CONFIRMATION)
            return Ruling.require(
                wanted, "The consumer need not pay before the plan was sent in writing.", missing_fact=wanted
            )
    return None


@law(
    "us.dc.limitation",
    place=DC,
    citation="D.C. Code 28-3814(o), (l), (f)(10)",
    contacts=EVERY_CHANNEL,
    actions=SUITS,
    configured=True,
)
def limitation(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No suit, nor threat of one, three years after the claim accrued, whatever the theory, also under seal."""
    return suit_on_barred_debt(attempt, settings, "DC")


@law(
    "us.dc.suit-papers",
    place=DC,
    citation="D.C. Code 28-3814(p)-(s)",
    actions={ActionKind.SUE, ActionKind.SEEK_DEFAULT_JUDGMENT},
    effective_from=SINCE,
)
def suit_papers(attempt: ActionAttempt) -> Ruling | None:
    """A complaint comes with the contract and the other papers, a debt buyer's also with the chain of title."""
    if not covered(attempt.account):
        return None
    said: list[Ruling] = []
    if Content.SUIT_PAPERS not in attempt.content:
        wanted = content_requirement(Content.SUIT_PAPERS)
        said.append(Ruling.require(wanted, "The complaint comes with the papers of the debt.", missing_fact=wanted))
    chained = facts_about(attempt, attempt.account, FactKind.CHAIN_OF_TITLE)
    if attempt.account.collector_role is CollectorRole.DEBT_BUYER and not chained:
        wanted = fact_requirement(FactKind.CHAIN_OF_TITLE)
        said.append(Ruling.require(wanted, "A debt buyer shows the chain of title.", missing_fact=wanted))
    return Ruling.combine(said) if said else None


@law("us.dc.attorney", place=DC, citation="D.C. Code 28-3814(g)(5)", contacts=EVERY_CHANNEL, effective_from=SINCE)
def attorney(attempt: ContactAttempt) -> Ruling | None:
    """No contact with a consumer of whose lawyer the creditor was told."""
    return represented(attempt, covered, None)


@law(
    "us.dc.collector-fee",
    place=DC,
    citation="D.C. Code 28-3814(g)(3), (v)",
    actions={ActionKind.CHARGE_FEE},
    effective_from=SINCE,
)
def collector_fee(attempt: ActionAttempt) -> Ruling | None:
    """No fee but what law or contract allows; a lawyer's no more than 15 per cent of the debt."""
    if not covered(attempt.account):
        return None
    clauses = ("FEE", "COLLECTION_COST", "NSF_CHARGE")
    refused = fee_refused(attempt, clauses, "No law and no contract allows the collector's fee.")
    if refused is not None:
        return refused
    lawyers = attempt.account.collector_role is CollectorRole.ATTORNEY or not facts_about(
        attempt, attempt.account, FactKind.AMOUNT_CLAUSE, ("FEE", "NSF_CHARGE")
    )
    if lawyers and share_of(attempt, 15):
        return Ruling.deny(
            "A lawyer's fee is no more than 15 per cent of the debt.",
            facts={"charge": attempt.amount, "debt": attempt.account.balance},
        )
    return None


@law(
    "us.dc.employer-family",
    place=DC,
    citation="D.C. Code 28-3814(e)(1), (2)",
    contacts=EVERY_CHANNEL,
    effective_from=SINCE,
)
def employer_family(attempt: ContactAttempt) -> Ruling | None:
    """No word of the debt to an employer, relative, friend or neighbour."""
    if attempt.party in _RELATIVES:
        if attempt.purpose is ContactPurpose.LEGAL_PROCESS or asked_for(attempt):
            return None
        inquires = attempt.purpose is ContactPurpose.LOCATION_INQUIRY and Content.REVEALS_DEBT not in attempt.content
        if inquires or not any_debt(attempt, covered):
            return None
        return Ruling.deny("Relatives, friends and neighbours are not told of the debt.")
    if not speaks_with_employer(attempt):
        return None
    before = without_judgment(attempt, covered)
    if before is None or permitted(before, covered, FactKind.RELATIONSHIP, ("GUARANTOR",)):
        return None
    return Ruling.deny("The employer is not told of the debt before a judgment.")


_RELATIVES = frozenset({ContactParty.FAMILY, ContactParty.HOUSEHOLD, ContactParty.NEIGHBOUR, ContactParty.OTHER})


@law("us.dc.deceased", place=DC, citation="D.C. Code 28-3814(g)(6)", contacts=EVERY_CHANNEL, effective_from=SINCE)
def deceased(attempt: ContactAttempt) -> Ruling | None:
    """After a death only who acts for the estate is contacted, and told not to be personally liable."""
    died = attempt.debtor.deceased_on is not None or bool(in_force(attempt, FactKind.DEATH))
    if not died or attempt.required_by_law or not any_debt(attempt, covered):
        return None
    if attempt.party is not ContactParty.PERSONAL_REPRESENTATIVE:
        return Ruling.deny(
            "The consumer died: only who acts for the estate may be contacted.", facts=told(attempt, FactKind.DEATH)
        )
    if Content.NOT_PERSONALLY_LIABLE in attempt.content:
        return None
    wanted = content_requirement(Content.NOT_PERSONALLY_LIABLE)
    return Ruling.require(wanted, "Who acts for the estate is told not to be personally liable.", missing_fact=wanted)


@law(
    "us.dc.health-emergency",
    place=DC,
    citation="D.C. Code 28-3814(aa), (bb)",
    contacts=EVERY_CHANNEL,
    actions={ActionKind.SUE, ActionKind.ENFORCE_JUDGMENT, ActionKind.REPOSSESS},
    effective_from=SINCE,
)
def health_emergency(attempt: ContactAttempt | ActionAttempt) -> Ruling | None:
    """In a public-health emergency, and 60 days after, no suit, garnishment, repossession or collector's contact."""
    if not attempt.facts or not any_debt(attempt, covered):
        return None
    if isinstance(attempt, ContactAttempt) and (
        asked_for(attempt) or attempt.required_by_law or not any_debt(attempt, by_agency)
    ):
        return None
    for declared in recorded(attempt, FactKind.PUBLIC_EMERGENCY):
        if declared.place == DC and (declared.ends_at is None or attempt.at < declared.ends_at + EMERGENCY_GRACE):
            return Ruling.deny(
                "A public-health emergency is declared, or ended less than 60 days ago.",
                facts=told(attempt, FactKind.PUBLIC_EMERGENCY),
            )
    return None
