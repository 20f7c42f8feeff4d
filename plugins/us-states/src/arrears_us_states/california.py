"""California: the Rosenthal Act, debt buyers, hospitals and medical debts."""

from __future__ import annotations

from datetime import date

from arrears_sdk.law.counting import PHONE, WRITTEN
from arrears_sdk.law.days import years_after
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, recorded
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind, CollectorRole, DebtorKind, Product
from arrears_us_states.conduct import federal_conduct
from arrears_us_states.law import COLLECTING, EVERY_CHANNEL, IN_WRITING, SUITS, law
from arrears_us_states.medical import medical_report
from arrears_us_states.reach import (
    AGENCIES,
    any_debt,
    collects,
    facts_about,
    for_consumer,
    given_about,
    lacking,
    medical,
)
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import (
    barred_notice,
    call_pattern,
    earlier_with,
    fee_refused,
    represented,
    stopped_by,
    suit_on_barred_debt,
    time_barred,
    waiting_period,
    without_judgment,
)

CA = "US-CA"
COMMERCIAL_FROM = date(2025, 7, 1)
COMMERCIAL_LIMIT = 50_000_000
"""500,000 dollars in cents."""


def covered_commercial(attempt: Attempt, account: Account) -> bool:
    """Whether it is a covered commercial debt: a natural person's, up to 500,000 dollars, entered or assigned since."""
    return (
        attempt.debtor.kind is DebtorKind.PERSON
        and not for_consumer(account)
        and max(account.opened_on, account.placed_on) >= COMMERCIAL_FROM
        and account.placed.minor <= COMMERCIAL_LIMIT
    )


def _reached(attempt: Attempt, account: Account) -> bool:
    return for_consumer(account) or covered_commercial(attempt, account)


@law("us.ca.rosenthal", place=CA, citation="Cal. Civ. Code 1788.2, 1788.17", confidence="G", contacts=EVERY_CHANNEL)
def rosenthal(attempt: ContactAttempt) -> Ruling | None:
    """Creditors in their own name keep to the federal rules of conduct: hours, work, lawyers, written stops, others."""
    own = any_debt(attempt, lambda account: account.collector_role not in AGENCIES and _reached(attempt, account))
    return federal_conduct(attempt) if own else None


@law(
    "us.ca.covered-commercial",
    place=CA,
    citation="Cal. Civ. Code 1788.2 (SB 1286)",
    confidence="G",
    contacts=EVERY_CHANNEL,
    effective_from=COMMERCIAL_FROM,
)
def covered_commercial_debts(attempt: ContactAttempt) -> Ruling | None:
    """Since 1 July 2025 the act also reaches natural persons' commercial debts up to 500,000 dollars.

    It never objects by itself; the other rules of the act ask it.
    """
    return None


@law(
    "us.ca.call-harassment",
    place=CA,
    citation="Cal. Civ. Code 1788.11(d), (e)",
    confidence="G",
    contacts=PHONE,
    configured=True,
)
def call_harassment(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No repeated or continuous calls to annoy, none of unreasonable frequency."""
    if not any_debt(attempt, lambda account: _reached(attempt, account)):
        return None
    return call_pattern(attempt, settings)


@law("us.ca.attorney", place=CA, citation="Cal. Civ. Code 1788.14(c)", contacts=EVERY_CHANNEL, configured=True)
def attorney(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No contact but statements of account with a debtor who has a lawyer, unless that one consents or is silent."""
    if attempt.purpose is ContactPurpose.NOTICE:
        return None
    return represented(attempt, lambda account: _reached(attempt, account), settings.attorney_silence_days)


@law(
    "us.ca.time-barred-notice",
    place=CA,
    citation="Cal. Civ. Code 1788.14(d)",
    contacts=IN_WRITING,
    configured=True,
)
def time_barred_notice(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Every letter about a debt that is barred by time carries the notice prescribed for its age."""
    if not collects(attempt):
        return None
    said = barred_notice(attempt, settings, "CA", reached=lambda account: _reached(attempt, account), each=True)
    if said is None or said.verdict is not Verdict.REQUIRE:
        return said
    since = min((fact.on for fact in recorded(attempt, FactKind.DELINQUENT_SINCE) if fact.on), default=None)
    obsolete = since is not None and days(attempt)[0] > years_after(since, 7)
    variant = "no longer be reported to a bureau" if obsolete else "still be reported to a bureau"
    finding = next(iter(said.findings))
    return Ruling.require(
        finding.requirement or "",
        f"{finding.reason} The notice is the one for a debt that may {variant}.",
        missing_fact=finding.missing_fact,
        facts=dict(finding.facts),
    )


@law("us.ca.collector-fee", place=CA, citation="Cal. Civ. Code 1788.14(b)", actions={ActionKind.CHARGE_FEE})
def collector_fee(attempt: ActionAttempt) -> Ruling | None:
    """No fee or expense of the collector's own but as law permits."""
    if not _reached(attempt, attempt.account):
        return None
    return fee_refused(
        attempt, ("FEE", "COLLECTION_COST", "NSF_CHARGE"), "No law permits the collector's own fee or expense."
    )


@law("us.ca.bankruptcy-affirm", place=CA, citation="Cal. Civ. Code 1788.14(a)", contacts=EVERY_CHANNEL)
def bankruptcy_affirm(attempt: ContactAttempt) -> Ruling | None:
    """A discharged debt is not affirmed unless the debtor is told in writing not to be obliged."""
    if not attempt.facts or Content.NOT_OBLIGED_AFTER_DISCHARGE in attempt.content or not collects(attempt):
        return None
    for account in attempt.accounts:
        if facts_about(attempt, account, FactKind.REAFFIRMATION):
            continue
        if _reached(attempt, account) and facts_about(attempt, account, FactKind.DISCHARGE):
            return Ruling.deny("The debt was discharged: the debtor has to be told not to be obliged.")
    return None


@law("us.ca.employer", place=CA, citation="Cal. Civ. Code 1788.12(a)", confidence="G", contacts=EVERY_CHANNEL)
def employer(attempt: ContactAttempt) -> Ruling | None:
    """An employer is asked of employment or address, in writing and once, or told for garnishment or insurance."""
    if attempt.party is not ContactParty.EMPLOYER:
        return None
    before = without_judgment(
        attempt, lambda account: _reached(attempt, account) and account.product is not Product.MEDICAL
    )
    if before is None:
        return None
    if attempt.purpose not in {ContactPurpose.EMPLOYMENT_CHECK, ContactPurpose.LOCATION_INQUIRY}:
        return Ruling.deny("The employer is asked only of employment or address.")
    if attempt.channel not in WRITTEN:
        return Ruling.deny("The employer is asked in writing.")
    if earlier_with(before, ContactParty.EMPLOYER) is not None:
        return Ruling.deny("The employer was asked once already.")
    return None


@law(
    "us.ca.identity-theft",
    place=CA,
    citation="Cal. Civ. Code 1788.18",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
)
def identity_theft(attempt: Attempt) -> Ruling | None:
    """No collection after a documented report of identity theft until it was reviewed in good faith."""
    if not attempt.facts or not collects(attempt):
        return None
    reason = "Identity theft was reported with documents, and the review is not over."
    words = ("REPORT", "AFFIDAVIT", "BLOCKED")
    return stopped_by(attempt, FactKind.IDENTITY_THEFT, lambda account: _reached(attempt, account), reason, words)


@law(
    "us.ca.limitation",
    place=CA,
    citation="Cal. Code Civ. Proc. 337(d)",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=SUITS,
    configured=True,
)
def limitation(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No suit or arbitration, nor threat of one, after the period of section 337."""
    return suit_on_barred_debt(attempt, settings, "CA")


def _bought(attempt: Attempt, account: Account) -> bool:
    return account.collector_role is CollectorRole.DEBT_BUYER and _reached(attempt, account)


@law(
    "us.ca.debt-buyer",
    place=CA,
    citation="Cal. Civ. Code 1788.50 to 1788.64",
    confidence="G",
    contacts=IN_WRITING,
    actions={ActionKind.SUE, ActionKind.DEMAND_PAYMENT},
    configured=True,
)
def debt_buyer(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A debt buyer writes a demand only with chain of title and itemisation, and never sues on a barred debt."""
    if not collects(attempt) or not any(_bought(attempt, account) for account in debts(attempt)):
        return None
    said: list[Ruling] = []
    if lacking(attempt, lambda account: _bought(attempt, account), FactKind.CHAIN_OF_TITLE) is not None:
        wanted = fact_requirement(FactKind.CHAIN_OF_TITLE)
        said.append(Ruling.require(wanted, "A debt buyer has to have the chain of title.", missing_fact=wanted))
    held = ("COMPLETE", "ITEMISATION")
    if lacking(attempt, lambda account: _bought(attempt, account), FactKind.DOCUMENTS_HELD, held) is not None:
        wanted = fact_requirement(FactKind.DOCUMENTS_HELD)
        said.append(Ruling.require(wanted, "A debt buyer has to have the itemised balance.", missing_fact=wanted))
    if isinstance(attempt, ActionAttempt) and attempt.kind is ActionKind.SUE:
        barred = time_barred(attempt, settings, "CA", "A debt buyer does not sue on a barred debt.")
        said.extend([] if barred is None else [barred])
    return Ruling.combine(said) if said else None


@law(
    "us.ca.hospital",
    place=CA,
    citation="Cal. Health & Saf. Code 127425",
    confidence="G",
    actions={ActionKind.SUE, ActionKind.FURNISH},
)
def hospital(attempt: ActionAttempt) -> Ruling | None:
    """Hospital debts: suit and report 180 days after the first bill, and after financial assistance was offered."""
    account = attempt.account
    if not medical(account):
        return None
    if facts_about(attempt, account, FactKind.ASSISTANCE_APPLICATION):
        return Ruling.deny("An application for financial assistance is open.")
    bills = [fact.on for fact in facts_about(attempt, account, FactKind.FIRST_BILL) if fact.on]
    if not bills:
        wanted = fact_requirement(FactKind.FIRST_BILL)
        return Ruling.require(wanted, "Nobody knows when the first bill was sent.", missing_fact=wanted)
    reason = f"The first bill was sent on {max(bills)}: 180 days have to pass."
    waits = waiting_period(attempt, max(bills), 180, reason, planned_on=attempt.planned_on)
    if waits is not None:
        return waits
    if given_about(attempt, account, NoticeKind.CHARITY_CARE) is not None:
        return None
    wanted = notice_requirement(NoticeKind.CHARITY_CARE)
    return Ruling.require(wanted, "Financial assistance has to be offered first.", missing_fact=wanted)


@law(
    "us.ca.medical-reporting",
    place=CA,
    citation="Cal. Civ. Code 1785.13, 1785.27 (SB 1061)",
    confidence="G",
    actions={ActionKind.FURNISH},
    configured=True,
)
def medical_reporting(attempt: ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Medical debt is not reported to credit bureaus."""
    return medical_report(attempt, settings)
