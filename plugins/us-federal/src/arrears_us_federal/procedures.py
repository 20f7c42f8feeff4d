"""The safe harbours for e-mail and texts: 12 CFR 1006.6(d)(3)-(5)."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_sdk.law.days import days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force, notices, recorded
from arrears_sdk.law.requirements import consent, fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, ContactPurpose, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel, EndpointType
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import asked_for, to_consumer
from arrears_us_federal.places import directly_consented, used_by_debtor
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import first_start

RECENT_DAYS = 60
OPT_OUT_DAYS = 35


def _untested(attempt: ContactAttempt) -> bool:
    confirms = attempt.purpose is ContactPurpose.OPT_OUT_CONFIRMATION
    return confirms or not covered(attempt) or not to_consumer(attempt) or asked_for(attempt)


def _outside(attempt: ContactAttempt, ruling: Ruling, stated: Attestation, policy: str, reason: str) -> Ruling:
    """What becomes of a message outside the safe harbour: refused, unless the agency states a procedure or chose so."""
    if policy == "WARN" or stated in attempt.attestations:
        return Ruling.warn(reason)
    return ruling


@CONTACTS.rule(
    "us.regf.email-procedure",
    citation="12 CFR 1006.6(d)(3),(4)",
    jurisdiction="US",
    channels={Channel.EMAIL},
    configured=True,
)
def email_procedure(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """E-mail goes to an address that the debtor used with this collector about the debt, or consented to directly, or
    that the creditor had from the debtor and named in a notice at least 35 days earlier with a way to opt out, or that
    the collector before used so.
    """
    if _untested(attempt):
        return None
    consented = directly_consented(attempt, Channel.EMAIL)
    if consented is not None:
        return Ruling.allow(consented[1], reason="The debtor consented directly to e-mail.")
    if next(used_by_debtor(attempt, Channel.EMAIL), None) is not None:
        return None
    if attempt.facts and in_force(attempt, FactKind.EARLIER_COLLECTOR_USE):
        return None
    from_creditor = _creditors_address(attempt)
    if from_creditor is None:
        reason = "Nothing says that others will not read e-mail at this address: no consent, use or notice is recorded."
        wanted = consent(Channel.EMAIL)
        refused = Ruling.require(wanted, reason, missing_fact=wanted)
        return _outside(attempt, refused, Attestation.US_EMAIL_PROCEDURE, settings.email_procedure, reason)
    deadline = from_creditor
    if deadline == date.max:
        wanted = notice_requirement(NoticeKind.EMAIL_USE)
        reason = "The debtor has to be told that this address will be used, with 35 days or more to opt out."
        refused = Ruling.require(wanted, reason, missing_fact=wanted)
        return _outside(attempt, refused, Attestation.US_EMAIL_PROCEDURE, settings.email_procedure, reason)
    if days(attempt)[0] > deadline:
        return None
    reason = f"The debtor may opt out of the use of this address until {deadline.isoformat()}."
    refused = Ruling.defer(
        start_of_day(deadline + timedelta(days=1), attempt.debtor.time_zones), reason, facts={"opt out until": deadline}
    )
    return _outside(attempt, refused, Attestation.US_EMAIL_PROCEDURE, settings.email_procedure, reason)


def _creditors_address(attempt: ContactAttempt) -> date | None:
    """The last day to opt out of an address that the creditor had from the debtor; `date.max` while no good notice was
    given; None when the address has not come that way, or is the employer's.
    """
    point = attempt.contact_point
    if point is None or point.employer_provided or point.endpoint_type is EndpointType.WORK:
        return None
    if not any(one.word == "TO_CREDITOR" for one in in_force(attempt, FactKind.SUPPLIED_BY_DEBTOR)):
        return None
    deadlines = []
    for given in notices(attempt, NoticeKind.EMAIL_USE):
        if given.contact_point_id is not None and given.contact_point_id != point.id:
            continue
        earliest = days_after(day_of(attempt, given.sent_at), OPT_OUT_DAYS)
        if given.ends_on is None or given.ends_on >= earliest:
            deadlines.append(given.ends_on or earliest)
    return min(deadlines, default=date.max)


@CONTACTS.rule(
    "us.regf.text-procedure",
    citation="12 CFR 1006.6(d)(5)",
    jurisdiction="US",
    channels={Channel.SMS},
    configured=True,
)
def text_procedure(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Texts go to a number from which the debtor wrote about the debt, or to which texts were consented directly, and
    that within the last 60 days was written from, consented to anew, or found not to be reassigned.
    """
    if _untested(attempt):
        return None
    texted = next(used_by_debtor(attempt, Channel.SMS), None)
    consented = directly_consented(attempt, Channel.SMS)
    if texted is None and consented is None:
        reason = "The debtor neither wrote from this number nor consented to texts."
        wanted = consent(Channel.SMS)
        refused = Ruling.require(wanted, reason, missing_fact=wanted)
        return _outside(attempt, refused, Attestation.US_TEXT_PROCEDURE, settings.text_procedure, reason)
    fresh = [] if texted is None else [texted.debtor_local_date]
    fresh += [] if consented is None else [day_of(attempt, consented[0])]
    if attempt.facts:
        fresh += [one.on for one in recorded(attempt, FactKind.REASSIGNMENT_CHECK) if one.on is not None]
    last = max(fresh)
    ends = days_after(last, RECENT_DAYS)
    if days(attempt)[-1] <= ends:
        until = first_start(ends + timedelta(days=1), attempt.debtor.time_zones)
        if texted is None and consented is not None and consented[1] is not None:
            until = min(until, consented[1])
        return Ruling.allow(until, reason=f"The number was last found right on {last.isoformat()}.")
    wanted = fact_requirement(FactKind.REASSIGNMENT_CHECK)
    reason = f"The number was last found right on {last.isoformat()}, more than 60 days ago: check it for reassignment."
    refused = Ruling.require(wanted, reason, missing_fact=wanted, facts={"last found right": last})
    return _outside(attempt, refused, Attestation.US_TEXT_PROCEDURE, settings.text_procedure, reason)
