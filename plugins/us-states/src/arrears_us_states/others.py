"""Other states: when and how often debtors may be contacted there, and by whom they may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from arrears_sdk.law.counting import PHONE, Counting, counted
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import common_opening, rule_on_hours
from arrears_sdk.law.known import Attempt, days, in_force, need_attestation, told
from arrears_sdk.law.words import Attestation, ContactPurpose, Content
from arrears_sdk.rules import first_of_day
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ActionAttempt, ContactAttempt, LocalHours
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel as Channel, EndpointType
from arrears_us_states.conduct import federal_conduct
from arrears_us_states.law import CALLS_AND_TEXTS, EVERY_CHANNEL, TIMED, law
from arrears_us_states.medical import medical_report
from arrears_us_states.reach import (
    CONSUMER_SIDE,
    STRANGERS,
    agency_for_consumer,
    any_debt,
    asked_for,
    creditor_for_consumer,
    facts_about,
    for_consumer,
    permitted,
)
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import EIGHT_TO_NINE, EIGHT_TO_NINE_WORDS, call_pattern, represented

EMAIL_EXCEPTED = date(2025, 1, 1)
ILLINOIS_MEDICAL = date(2025, 1, 1)
NOTICE_OF_LAWYER = timedelta(hours=72)
CONNECTICUT_MOST_DAYS = 30


def eight_to_nine(attempt: ContactAttempt) -> Ruling:
    """Allowed between 08:00 and 21:00 where the debtor is."""
    return rule_on_hours(EIGHT_TO_NINE, attempt.at, attempt.debtor.time_zones, words=EIGHT_TO_NINE_WORDS)


def _unless_agreed(attempt: ContactAttempt) -> Ruling:
    """The usual hours, and outside them those that the debtor agreed to."""
    usual = eight_to_nine(attempt)
    return usual if usual.verdict is Verdict.ALLOW else _agreed(attempt) or usual


def _agreed(attempt: ContactAttempt) -> Ruling | None:
    """Allowed to the end of the hours, within which it is, that the debtor agreed to; None outside such hours."""
    zones = attempt.debtor.time_zones
    for fact in in_force(attempt, FactKind.AGREED_TIME) if attempt.facts and zones else ():
        if fact.channel not in (None, attempt.channel) or fact.hours is None:
            continue
        ends = [_within_until(fact.hours, attempt.at.astimezone(ZoneInfo(zone))) for zone in zones]
        known = [end for end in ends if end is not None]
        if len(known) == len(zones):
            return Ruling.allow(min(known), reason="The debtor agreed to be contacted at these hours.")
    return None


def _within_until(hours: LocalHours, moment: datetime) -> datetime | None:
    """When the hours end that a local moment is within; None when it is not."""
    earliest, latest = hours.earliest or time(0), hours.latest or time(0)
    for begins_on in (moment.date(), moment.date() - timedelta(days=1)):
        if hours.weekdays and begins_on.isoweekday() not in hours.weekdays:
            continue
        ends_on = begins_on if latest > earliest else begins_on + timedelta(days=1)
        begins = datetime.combine(begins_on, earliest, moment.tzinfo)
        ends = datetime.combine(ends_on, latest, moment.tzinfo)
        if begins <= moment < ends:
            return ends.astimezone(UTC)
    return None


@law(
    "us.wv.frequency",
    place="US-WV",
    citation="W. Va. Code 46A-2-125(d)",
    contacts=PHONE,
    presumption=True,
)
def wv_frequency(attempt: ContactAttempt) -> Ruling | None:
    """No more than thirty calls and ten conversations a week."""
    if not attempt.history or asked_for(attempt) or not any_debt(attempt, for_consumer):
        return None
    first = days(attempt)[0] - timedelta(days=6)
    calls = sum(event.debtor_local_date >= first for event in counted(attempt, Counting.PHONE_ATTEMPT))
    talks = sum(event.debtor_local_date >= first for event in counted(attempt, Counting.CONVERSATION))
    if calls < 30 and talks < 10:
        return None
    return Ruling.deny(
        f"No more than 30 calls and 10 conversations a week; there were {calls} and {talks}.",
        facts={"calls": calls, "conversations": talks},
    )


@law("us.wv.hours", place="US-WV", citation="W. Va. Code 46A-2-125(d)", contacts=TIMED)
def wv_hours(attempt: ContactAttempt) -> Ruling | None:
    """Contact after 08:00 and before 21:00 where the consumer is."""
    return eight_to_nine(attempt) if any_debt(attempt, for_consumer) else None


@law(
    "us.wv.attorney",
    place="US-WV",
    citation="W. Va. Code 46A-2-128(e)",
    confidence="P",
    contacts=EVERY_CHANNEL,
)
def wv_attorney(attempt: ContactAttempt) -> Ruling | None:
    """No contact from 72 hours after written notice of the consumer's lawyer on."""
    if not attempt.facts or attempt.party not in CONSUMER_SIDE or attempt.required_by_law:
        return None
    ends = [
        fact.received_at + NOTICE_OF_LAWYER
        for account in debts(attempt)
        if for_consumer(account) and not facts_about(attempt, account, FactKind.ATTORNEY_CONSENT)
        for fact in facts_about(attempt, account, FactKind.ATTORNEY)
    ]
    if not ends:
        return None
    if attempt.at < min(ends):
        return Ruling.allow(min(ends), reason="Notice of a lawyer bars contact 72 hours after it was received.")
    return Ruling.deny(
        "A lawyer acts for the consumer, and 72 hours have passed since the notice.",
        facts=told(attempt, FactKind.ATTORNEY),
    )


@law(
    "us.tx.harassment",
    place="US-TX",
    citation="Tex. Fin. Code 392.302",
    confidence="G",
    contacts=PHONE,
    configured=True,
)
def tx_harassment(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No repeated calls to annoy, and none without a name; creditors are covered."""
    if not any_debt(attempt, for_consumer):
        return None
    if Content.CALLER_ID_BLOCKED in attempt.content:
        return Ruling.warn("A call that hides its number may be an anonymous one.")
    return call_pattern(attempt, settings)


@law(
    "us.nv.fdcpa",
    place="US-NV",
    citation="NRS 649.370",
    confidence="G",
    contacts=EVERY_CHANNEL,
)
def nv_fdcpa(attempt: ContactAttempt) -> Ruling | None:
    """What breaks the federal law or Regulation F breaks Nevada's as well.

    It never objects by itself: the federal rules do, about the same attempts.
    """
    return None


@law(
    "us.nc.workplace",
    place="US-NC",
    citation="N.C.G.S. 58-70-100(4), 75-52(4)",
    confidence="G",
    contacts=PHONE | {Channel.IN_PERSON_WORK, Channel.SMS, Channel.EMAIL, Channel.FAX},
)
def nc_workplace(attempt: ContactAttempt) -> Ruling | None:
    """No contact at work against instructions, unless the debtor cannot be reached in other hours."""
    if not attempt.facts or not _at_work(attempt) or not any_debt(attempt, for_consumer):
        return None
    failed = permitted(attempt, for_consumer, FactKind.OTHER_MEANS_FAILED)
    if in_force(attempt, FactKind.EMPLOYER_PROHIBITS) and not failed:
        return Ruling.deny(
            "The debtor may not be contacted at work, and can be reached elsewhere.",
            facts=told(attempt, FactKind.EMPLOYER_PROHIBITS),
        )
    return None


def _at_work(attempt: ContactAttempt) -> bool:
    point = attempt.contact_point
    return attempt.channel is Channel.IN_PERSON_WORK or (point is not None and point.endpoint_type is EndpointType.WORK)


@law(
    "us.ct.creditor-conduct",
    place="US-CT",
    citation="Conn. Agencies Regs. 36a-647-3, -5, -6",
    contacts=EVERY_CHANNEL,
)
def ct_creditor_conduct(attempt: ContactAttempt) -> Ruling | None:
    """Creditors keep to the federal rules of conduct."""
    return federal_conduct(attempt) if any_debt(attempt, creditor_for_consumer) else None


@law(
    "us.ct.attorney",
    place="US-CT",
    citation="Conn. Agencies Regs. 36a-647-3(b)(5)",
    contacts=EVERY_CHANNEL,
    configured=True,
)
def ct_attorney(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A creditor contacts no debtor who has a lawyer, until that one was silent for at most 30 days."""
    silence = min(settings.attorney_silence_days, CONNECTICUT_MOST_DAYS)
    return represented(attempt, creditor_for_consumer, silence)


@law(
    "us.ct.agency-records",
    place="US-CT",
    citation="Conn. Agencies Regs. 36a-809-9(a)",
    contacts=EVERY_CHANNEL,
    configured=True,
)
def ct_agency_records(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """An agency logs every contact and attempt: day, nature, collector, person, summary."""
    if not any_debt(attempt, agency_for_consumer):
        return None
    reason = "An agency in Connecticut logs every contact: day, nature, collector, person and summary."
    return need_attestation(attempt, Attestation.CONTACTS_LOGGED, settings, reason)


@law("us.nh.conduct", place="US-NH", citation="RSA 358-C:3", confidence="G", contacts=TIMED)
def nh_conduct(attempt: ContactAttempt) -> Ruling | None:
    """Outside normal waking hours, or at work twice in a month without consent, somebody should look."""
    if asked_for(attempt) or not any_debt(attempt, for_consumer):
        return None
    zones = attempt.debtor.time_zones
    opening = common_opening([(EIGHT_TO_NINE, zone) for zone in zones], attempt.at) if zones else None
    if opening is None or opening[0] > attempt.at:
        return Ruling.warn("It is outside normal waking hours.")
    if _at_work(attempt) and not in_force(attempt, FactKind.DIRECT_CONSENT):
        first = days(attempt)[0] - timedelta(days=30)
        at_work = [
            event
            for event in counted(attempt, Counting.CONTACT_OR_ATTEMPT)
            if event.endpoint_type is EndpointType.WORK and event.debtor_local_date >= first
        ]
        if at_work:
            return Ruling.warn("The debtor was contacted at work within a month.", facts={"counted": len(at_work)})
    return None


@law("us.mi.hours", place="US-MI", citation="MCL 445.252; 339.915", confidence="G", contacts=TIMED)
def mi_hours(attempt: ContactAttempt) -> Ruling | None:
    """Contact between 08:00 and 21:00 unless other hours were agreed; creditors are covered."""
    if not any_debt(attempt, for_consumer):
        return None
    return _unless_agreed(attempt)


@law("us.pa.conduct", place="US-PA", citation="73 P.S. 2270.4", confidence="G", contacts=EVERY_CHANNEL)
def pa_conduct(attempt: ContactAttempt) -> Ruling | None:
    """Creditors and collectors keep to the federal rules of conduct, and to 08:00 to 21:00."""
    return federal_conduct(attempt) if any_debt(attempt, for_consumer) else None


@law(
    "us.fl.hours",
    place="US-FL",
    citation="Fla. Stat. 559.72(17)",
    confidence="G",
    contacts=CALLS_AND_TEXTS | {Channel.EMAIL},
)
def fl_hours(attempt: ContactAttempt) -> Ruling | None:
    """No call or text between 21:00 and 08:00 without consent; emails are excepted since 2025."""
    if not any_debt(attempt, for_consumer):
        return None
    if attempt.channel is Channel.EMAIL and days(attempt)[-1] >= EMAIL_EXCEPTED:
        return None
    return _unless_agreed(attempt)


@law(
    "us.il.hours",
    place="US-IL",
    citation="225 ILCS 425/9; 815 ILCS 505",
    confidence="G",
    contacts=TIMED,
    actions={ActionKind.FURNISH},
    configured=True,
)
def il_hours(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Contact between 08:00 and 21:00; medical debt is not reported since 2025."""
    if isinstance(attempt, ContactAttempt):
        return eight_to_nine(attempt) if any_debt(attempt, for_consumer) else None
    if days(attempt)[-1] < ILLINOIS_MEDICAL:
        return Ruling.allow(
            first_of_day(ILLINOIS_MEDICAL, attempt.debtor.time_zones),
            reason="From 2025 on medical debt is not reported.",
        )
    return medical_report(attempt, settings)


@law(
    "us.hi.conduct",
    place="US-HI",
    citation="HRS 443B-15 to -19; 480D-3",
    contacts=EVERY_CHANNEL,
    actions={ActionKind.CHARGE_FEE},
)
def hi_conduct(attempt: Attempt) -> Ruling | None:
    """No contact with a debtor who has a lawyer, no fee of the collector's, nothing of the debt told to others."""
    if not any_debt(attempt, for_consumer):
        return None
    if isinstance(attempt, ActionAttempt):
        if attempt.account.collector_role.value == "FIRST_PARTY":
            return None
        return Ruling.deny("The debtor pays no collector's fee.")
    if not isinstance(attempt, ContactAttempt):
        return None
    inquires = attempt.purpose in {ContactPurpose.LOCATION_INQUIRY, ContactPurpose.EMPLOYMENT_CHECK}
    public = attempt.channel in {Channel.SOCIAL_PUBLIC, Channel.POSTCARD}
    if public or (attempt.party in STRANGERS and (not inquires or Content.REVEALS_DEBT in attempt.content)):
        return Ruling.deny("Nobody else is told of the debt, and nothing is published.")
    return represented(attempt, for_consumer, None)
