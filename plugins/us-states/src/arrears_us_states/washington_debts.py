"""Washington: suits, added sums and medical debts of licensed collection agencies."""

from __future__ import annotations

from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt
from arrears_sdk.law.requirements import notice as notice_requirement
from arrears_sdk.law.words import ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind, Purpose
from arrears_us_states.law import COLLECTING, EVERY_CHANNEL, SUITS, law
from arrears_us_states.reach import any_debt, by_agency, collects, facts_about, given_about, medical_by_agency
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import fee_refused, share_of, stopped_by, suit_on_barred_debt, waiting_period
from arrears_us_states.washington import WA


@law(
    "us.wa.time-barred",
    place=WA,
    citation="RCW 19.16.250(23)",
    contacts=EVERY_CHANNEL,
    actions=SUITS,
    configured=True,
)
def time_barred(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No suit, nor threat of one, on a claim that the agency knows or should know to be barred by time."""
    return suit_on_barred_debt(attempt, settings, "WA")


@law("us.wa.added-sums", place=WA, citation="RCW 19.16.250(21)", actions={ActionKind.CHARGE_FEE})
def added_sums(attempt: ActionAttempt) -> Ruling | None:
    """Nothing but principal, interest and statutory costs; of businesses agreed costs up to 35 per cent."""
    if not by_agency(attempt.account):
        return None
    if attempt.account.purpose is Purpose.CONSUMER:
        return fee_refused(attempt, ("NSF_CHARGE",), "Only principal, interest and statutory costs are collected.")
    if facts_about(attempt, attempt.account, FactKind.AMOUNT_CLAUSE, ("NSF_CHARGE",)):
        return None
    refused = fee_refused(attempt, ("COLLECTION_COST",), "The contract allows no cost of collection.")
    if refused is not None:
        return refused
    if share_of(attempt, 35):
        return Ruling.deny(
            "A business pays no more than 35 per cent as cost of collection.",
            facts={"charge": attempt.amount, "debt": attempt.account.balance},
        )
    return None


@law("us.wa.medical-reporting", place=WA, citation="RCW 19.16.250(28)(c)", actions={ActionKind.FURNISH})
def medical_reporting(attempt: ActionAttempt) -> Ruling | None:
    """Medical debt is reported no earlier than 180 days after the agency received the claim."""
    account = attempt.account
    if not medical_by_agency(account):
        return None
    reason = f"The claim was received on {account.placed_on}: 180 days have to pass."
    return waiting_period(attempt, account.placed_on, 180, reason, planned_on=attempt.planned_on)


@law(
    "us.wa.medical-itemization",
    place=WA,
    citation="RCW 19.16.250(28), (29)",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
)
def medical_itemization(attempt: Attempt) -> Ruling | None:
    """Medical debt is not collected until an itemised statement was given, nor while charity care is applied for."""
    if not collects(attempt) or not any_debt(attempt, medical_by_agency):
        return None
    asked = "The debtor asked for an itemised statement, which comes first."
    applied = "The debtor's application for charity care is open."
    words = ("ITEMISATION", "DOCUMENTS")
    stops = [
        stopped_by(attempt, FactKind.DOCUMENT_REQUEST, medical_by_agency, asked, words),
        stopped_by(attempt, FactKind.ASSISTANCE_APPLICATION, medical_by_agency, applied),
    ]
    said = Ruling.combine(stop for stop in stops if stop is not None)
    if said.verdict is Verdict.DENY:
        return said
    for account in debts(attempt):
        hospital = medical_by_agency(account) and facts_about(attempt, account, FactKind.NON_PROFIT_HOSPITAL)
        if hospital and given_about(attempt, account, NoticeKind.CHARITY_CARE) is None:
            wanted = notice_requirement(NoticeKind.CHARITY_CARE)
            return Ruling.require(wanted, "The debtor has to be told of charity care first.", missing_fact=wanted)
    return said


@law(
    "us.wa.service-filed",
    place=WA,
    citation="RCW 19.16.250(27)",
    contacts=EVERY_CHANNEL,
    actions={ActionKind.SUE},
)
def service_filed(attempt: ContactAttempt | ActionAttempt) -> Ruling | None:
    """Only a complaint that is filed, with its case number, is served."""
    if isinstance(attempt, ContactAttempt) and attempt.purpose is not ContactPurpose.LEGAL_PROCESS:
        return None
    if Content.FILED_COMPLAINT in attempt.content or not any_debt(attempt, by_agency):
        return None
    return Ruling.deny("The complaint has to be filed, and have its number, before it is served.")
