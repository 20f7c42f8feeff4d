"""New York State: consumer credit, the rules of the Department of Financial Services, relatives and coerced debts."""

from __future__ import annotations

from datetime import date

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt
from arrears_sdk.law.requirements import consent as consent_requirement, fact as fact_requirement
from arrears_sdk.law.words import ContactParty, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel as Channel, Product
from arrears_us_states.law import COLLECTING, DEMANDS, EVERY_CHANNEL, SUITS, law
from arrears_us_states.medical import medical_report
from arrears_us_states.reach import agency_for_consumer, any_debt, collects, facts_about, for_consumer
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import (
    barred_notice,
    consented,
    notice_due,
    plan_unconfirmed,
    stopped_by,
    suit_on_barred_debt,
)

NY = "US-NY"
_NO_CREDIT = frozenset({Product.LEASE, Product.RENT, Product.TAX, Product.FINE, Product.TORT})
COERCED_DEBT_FROM = date(2026, 6, 17)
REQUESTS = ("DOCUMENTS", "SUBSTANTIATION", "VERIFICATION")


def within_scope(attempt: Attempt, account: Account) -> bool:
    """Whether Part 1 reaches a debt: an agency's, of credit; one of which nobody knows is taken for credit."""
    if not agency_for_consumer(account):
        return False
    if facts_about(attempt, account, FactKind.CREDIT_EXTENDED, ("YES",)):
        return True
    return account.product not in _NO_CREDIT and not facts_about(attempt, account, FactKind.CREDIT_EXTENDED, ("NO",))


@law(
    "us.ny.dfs-scope",
    place=NY,
    citation="23 NYCRR 1.1",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=DEMANDS,
    payments=True,
)
def dfs_scope(attempt: Attempt) -> Ruling | None:
    """Part 1 reaches debts of credit that agencies and buyers collect: no leases, no original creditors.

    It never objects by itself; the other rules of Part 1 ask it.
    """
    return None


@law(
    "us.ny.limitation-consumer-credit",
    place=NY,
    citation="CPLR 214-i",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=SUITS,
    configured=True,
)
def limitation_consumer_credit(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No suit, nor threat of one, three years after a claim of consumer credit accrued (six before 7 April 2022)."""
    return suit_on_barred_debt(attempt, settings, "NY")


@law("us.ny.dfs-initial", place=NY, citation="23 NYCRR 1.2", confidence="G", contacts=EVERY_CHANNEL)
def dfs_initial(attempt: ContactAttempt) -> Ruling | None:
    """Within five days of the first communication the disclosures on abusive practices and exempt income."""
    if not attempt.history or not collects(attempt):
        return None
    return notice_due(
        attempt,
        lambda account: within_scope(attempt, account),
        NoticeKind.STATE_DISCLOSURE,
        within=5,
        business=False,
        what="The initial disclosure of 23 NYCRR 1.2",
    )


@law(
    "us.ny.dfs-time-barred",
    place=NY,
    citation="23 NYCRR 1.3",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=DEMANDS,
    payments=True,
    configured=True,
)
def dfs_time_barred(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """Before a payment on a debt that is barred by time is asked for or taken, clear notice that it is."""
    if isinstance(attempt, ContactAttempt) and not collects(attempt):
        return None
    return barred_notice(attempt, settings, "NY", reached=lambda account: within_scope(attempt, account), each=False)


@law(
    "us.ny.dfs-substantiation",
    place=NY,
    citation="23 NYCRR 1.4",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
)
def dfs_substantiation(attempt: Attempt) -> Ruling | None:
    """After a request no collection of a charged-off debt until it was substantiated, which is due in 60 days."""
    if not attempt.facts or not collects(attempt):
        return None
    return stopped_by(
        attempt,
        FactKind.DOCUMENT_REQUEST,
        lambda account: account.charge_off_on is not None and within_scope(attempt, account),
        "The consumer asked for substantiation, which has to be sent first, within 60 days.",
        REQUESTS,
    )


@law(
    "us.ny.dfs-settlement",
    place=NY,
    citation="23 NYCRR 1.5",
    confidence="G",
    actions={ActionKind.OFFER_SETTLEMENT, ActionKind.ACCEPT_PAYMENT},
    payments=True,
)
def dfs_settlement(attempt: ActionAttempt | PaymentAttempt) -> Ruling | None:
    """A plan or settlement is confirmed in writing within five business days."""
    if not attempt.facts or not collects(attempt):
        return None
    return plan_unconfirmed(attempt, lambda account: within_scope(attempt, account), within=5, business=True)


@law("us.ny.dfs-email", place=NY, citation="23 NYCRR 1.6", confidence="G", contacts={Channel.EMAIL})
def dfs_email(attempt: ContactAttempt) -> Ruling | None:
    """Email only to an address of the consumer's own, given by the consumer, with written consent."""
    if attempt.required_by_law or not any_debt(attempt, lambda account: within_scope(attempt, account)):
        return None
    point = attempt.contact_point
    if point is not None and point.employer_provided:
        return Ruling.deny("The address is the employer's.")
    supplied = fact_requirement(FactKind.SUPPLIED_BY_DEBTOR)
    if point is None or not _supplied(attempt):
        return Ruling.deny("The consumer did not give this address for the debt.", missing_fact=supplied)
    if not consented(attempt, Channel.EMAIL):
        wanted = consent_requirement(Channel.EMAIL)
        return Ruling.deny("The consumer did not consent in writing to email.", missing_fact=wanted)
    return None


def _supplied(attempt: ContactAttempt) -> bool:
    point = attempt.contact_point
    return point is not None and any(
        fact.kind is FactKind.SUPPLIED_BY_DEBTOR
        and fact.contact_point_id == point.id
        and fact.starts_at <= attempt.at
        and (fact.ends_at is None or attempt.at < fact.ends_at)
        for fact in attempt.facts
    )


@law("us.ny.family", place=NY, citation="N.Y. Gen. Bus. Law 601-a", confidence="P", contacts=EVERY_CHANNEL)
def family(attempt: ContactAttempt) -> Ruling | None:
    """No claim that a relative has to pay, contrary to law."""
    if Content.CLAIMS_RELATIVE_MUST_PAY not in attempt.content or attempt.party is ContactParty.CO_DEBTOR:
        return None
    return Ruling.deny("A relative who does not owe the debt is not told to have to pay it.")


@law(
    "us.ny.coerced-debt",
    place=NY,
    citation="N.Y. Gen. Bus. Law 604-aa to 604-cc",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
    effective_from=COERCED_DEBT_FROM,
)
def coerced_debt(attempt: Attempt) -> Ruling | None:
    """No collection while a claim to have been coerced into the debt is under review."""
    if not attempt.facts or not collects(attempt):
        return None
    reason = "The consumer claims to have been coerced into the debt, and the review is not over."
    return stopped_by(attempt, FactKind.COERCED_DEBT, for_consumer, reason)


@law(
    "us.ny.medical-reporting",
    place=NY,
    citation="N.Y. Pub. Health Law art. 49-A; Gen. Bus. Law 380-j",
    confidence="G",
    actions={ActionKind.FURNISH},
    configured=True,
)
def medical_reporting(attempt: ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Medical debt is not reported to credit bureaus."""
    return medical_report(attempt, settings)
