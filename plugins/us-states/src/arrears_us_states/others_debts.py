"""Other states: barred debts, debt buyers, medical debts, disputes and fees."""

from __future__ import annotations

from datetime import date

from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind, Product
from arrears_us_states.law import COLLECTING, DEMANDS, EVERY_CHANNEL, IN_WRITING, SUITS, law
from arrears_us_states.medical import medical_report
from arrears_us_states.reach import (
    agency_for_consumer,
    any_debt,
    bought,
    collects,
    for_consumer,
    given_about,
    lacking,
    medical,
    medical_by_agency,
)
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import barred_notice, fee_refused, stopped_by, time_barred, waiting_period

_EXTINGUISHED = COLLECTING | {ActionKind.ACCEPT_PAYMENT, ActionKind.SELL_OR_PLACE, ActionKind.TERMINATE_AGREEMENT}
DEBT_FAIRNESS = date(2024, 10, 1)


@law(
    "us.wv.time-barred",
    place="US-WV",
    citation="W. Va. Code 46A-2-128(f)",
    confidence="G",
    contacts=IN_WRITING,
    configured=True,
)
def wv_time_barred(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Letters about a debt that is barred by time say so."""
    if not collects(attempt):
        return None
    return barred_notice(attempt, settings, "WV", reached=for_consumer, each=True)


@law(
    "us.wv.collector-fee",
    place="US-WV",
    citation="W. Va. Code 46A-2-128(c)",
    actions={ActionKind.CHARGE_FEE},
)
def wv_collector_fee(attempt: ActionAttempt) -> Ruling | None:
    """The consumer pays no collector's fee, but for loans of education."""
    if not for_consumer(attempt.account):
        return None
    if attempt.account.product is Product.STUDENT:
        words = ("FEE", "COLLECTION_COST")
        return fee_refused(attempt, words, "No law and no contract allows the collector's fee.")
    return Ruling.deny("The consumer pays no collector's fee.")


@law(
    "us.tx.debt-buyer-time-barred",
    place="US-TX",
    citation="Tex. Fin. Code 392.307",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=SUITS | {ActionKind.DEMAND_PAYMENT},
    configured=True,
)
def tx_debt_buyer_time_barred(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A debt buyer does not sue on a debt that is barred by time, and says so in the first letter."""
    if not any(bought(account) for account in debts(attempt)):
        return None
    threatens = (
        Content.THREATENS_SUIT in attempt.content if isinstance(attempt, ContactAttempt) else attempt.kind in SUITS
    )
    if threatens:
        return time_barred(attempt, settings, "TX", "A debt buyer does not sue on a barred debt.")
    if not collects(attempt) or (isinstance(attempt, ContactAttempt) and attempt.channel not in IN_WRITING):
        return None
    return barred_notice(attempt, settings, "TX", reached=bought, each=False)


@law(
    "us.tx.dispute",
    place="US-TX",
    citation="Tex. Fin. Code 392.202",
    confidence="G",
    actions={ActionKind.FURNISH},
)
def tx_dispute(attempt: ActionAttempt) -> Ruling | None:
    """After a written dispute nothing is reported until it was looked into, within 30 days."""
    reason = "The consumer disputes the debt in writing, which has to be looked into within 30 days."
    return stopped_by(attempt, FactKind.DISPUTE, agency_for_consumer, reason, ("WRITTEN", "ELECTRONIC"))


@law(
    "us.nv.medical-60",
    place="US-NV",
    citation="NRS 649.366",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
)
def nv_medical_60(attempt: Attempt) -> Ruling | None:
    """An agency waits 60 days after its registered notice before it does anything about a medical debt."""
    if not collects(attempt) or not any_debt(attempt, medical_by_agency):
        return None
    for account in debts(attempt):
        if not medical_by_agency(account):
            continue
        told = given_about(attempt, account, NoticeKind.MEDICAL)
        if told is None:
            wanted = notice_requirement(NoticeKind.MEDICAL)
            return Ruling.require(
                wanted, "A registered notice comes 60 days before anything else.", missing_fact=wanted
            )
        sent = day_of(attempt, told.sent_at)
        planned = attempt.planned_on if isinstance(attempt, ActionAttempt) else None
        waits = waiting_period(attempt, sent, 60, f"The notice was sent on {sent}: 60 days pass.", planned_on=planned)
        if waits is not None:
            return waits
    return None


@law(
    "us.nc.debt-buyer",
    place="US-NC",
    citation="N.C.G.S. 58-70-115, 58-70-145, 58-70-150",
    confidence="G",
    actions={ActionKind.SUE},
    configured=True,
)
def nc_debt_buyer(attempt: ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A debt buyer sues on no barred debt, and 30 days after a notice of intent that came with the documents."""
    account = attempt.account
    if not bought(account):
        return None
    said = [time_barred(attempt, settings, "NC", "A debt buyer does not sue on a barred debt.")]
    if lacking(attempt, bought, FactKind.DOCUMENTS_HELD, ("COMPLETE",)) is not None:
        wanted = fact_requirement(FactKind.DOCUMENTS_HELD)
        said.append(Ruling.require(wanted, "A debt buyer has to have the documents of the debt.", missing_fact=wanted))
    told = given_about(attempt, account, NoticeKind.INTENT_TO_SUE)
    if told is None:
        wanted = notice_requirement(NoticeKind.INTENT_TO_SUE)
        said.append(Ruling.require(wanted, "Notice of the intent to sue comes 30 days before.", missing_fact=wanted))
    else:
        sent = day_of(attempt, told.sent_at)
        said.append(waiting_period(attempt, sent, 30, f"Notice of the intent to sue was sent on {sent}: 30 days pass."))
    found = [ruling for ruling in said if ruling is not None]
    return Ruling.combine(found) if found else None


@law(
    "us.co.disclosure",
    place="US-CO",
    citation="C.R.S. 5-16-101 ff.; 5-18-109",
    confidence="G",
    contacts=IN_WRITING,
    actions={ActionKind.FURNISH},
    configured=True,
)
def co_disclosure(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Letters say that a debt is barred by time; medical debt is not reported."""
    if isinstance(attempt, ActionAttempt):
        return medical_report(attempt, settings)
    if not collects(attempt):
        return None
    return barred_notice(attempt, settings, "CO", reached=agency_for_consumer, each=True)


@law(
    "us.mn.debt-fairness",
    place="US-MN",
    citation="Minn. Stat. 332C; 541.053",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions={ActionKind.FURNISH, ActionKind.SUE},
    effective_from=DEBT_FAIRNESS,
    configured=True,
)
def mn_debt_fairness(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Medical debt is not reported and not claimed of relatives; a debt barred by time is not sued on."""
    if isinstance(attempt, ContactAttempt):
        claims = Content.CLAIMS_RELATIVE_MUST_PAY in attempt.content and any_debt(attempt, medical)
        return Ruling.deny("Nobody else is told to owe a medical debt.") if claims else None
    if attempt.kind is ActionKind.FURNISH:
        return medical_report(attempt, settings)
    if not for_consumer(attempt.account):
        return None
    return time_barred(attempt, settings, "MN", "A consumer's debt that is barred by time is not sued on.")


@law(
    "us.or.disclosure",
    place="US-OR",
    citation="ORS 646A.640 to 646A.673; 697",
    confidence="G",
    actions={ActionKind.SUE, ActionKind.DEMAND_PAYMENT},
)
def or_disclosure(attempt: ActionAttempt) -> Ruling | None:
    """A debt buyer has the documents of the debt before it demands or sues."""
    if lacking(attempt, bought, FactKind.DOCUMENTS_HELD, ("COMPLETE",)) is None:
        return None
    wanted = fact_requirement(FactKind.DOCUMENTS_HELD)
    return Ruling.require(wanted, "A debt buyer has to have the documents of the debt.", missing_fact=wanted)


@law(
    "us.nm.time-barred",
    place="US-NM",
    citation="12.2.12 NMAC",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=DEMANDS,
    configured=True,
)
def nm_time_barred(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """Who demands a debt that is barred by time says so."""
    if not collects(attempt):
        return None
    return barred_notice(attempt, settings, "NM", reached=for_consumer, each=True)


def _extinguished(attempt: Attempt, settings: UsStatesConfig, state: str) -> Ruling | None:
    if isinstance(attempt, ContactAttempt) and not collects(attempt):
        return None
    return time_barred(attempt, settings, state, "The debt ended with its period: nothing is collected.")


@law(
    "us.wi.extinguished",
    place="US-WI",
    citation="Wis. Stat. 893.05",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=_EXTINGUISHED,
    payments=True,
    configured=True,
)
def wi_extinguished(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """When the period ends the debt ends: nothing is collected any more."""
    return _extinguished(attempt, settings, "WI")


@law(
    "us.ms.extinguished",
    place="US-MS",
    citation="Miss. Code 15-1-3",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=_EXTINGUISHED,
    payments=True,
    configured=True,
)
def ms_extinguished(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """When the period ends the debt ends: nothing is collected any more."""
    return _extinguished(attempt, settings, "MS")
