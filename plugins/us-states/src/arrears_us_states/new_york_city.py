"""New York City: the licensed agencies' duties and 6 RCNY 5-77, which changes on 1 January 2027."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_sdk.law.counting import ELECTRONIC, PHONE, Counting, lately, since
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, days, in_force, told
from arrears_sdk.law.requirements import (
    consent as consent_requirement,
    content as content_requirement,
    notice as notice_requirement,
)
from arrears_sdk.law.words import ContactPurpose, Content, NoticeKind
from arrears_sdk.rules import first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ContactAttempt, Interaction
from arrears_sdk.vocabulary import (
    AccountStatus,
    CommunicationChannel as Channel,
    Direction,
    InteractionResult as Result,
    PartyReached,
)
from arrears_us_states.law import COLLECTING, DEMANDS, EVERY_CHANNEL, law
from arrears_us_states.reach import (
    AGENCIES,
    PROFESSIONALS,
    agency_for_consumer,
    any_debt,
    asked_for,
    collects,
    facts_about,
    for_consumer,
    given_about,
)
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import (
    barred_notice,
    consented,
    frequency,
    full_until,
    opted_out,
    plan_unconfirmed,
)

NYC = "US-NY-NEW YORK"
SHIELD = date(2027, 1, 1)
BEFORE_SHIELD = SHIELD - timedelta(days=1)
RULE = "6 RCNY 5-77"
_MAIL = frozenset({Channel.LETTER, Channel.POSTCARD})
_EXEMPT = frozenset(
    {ContactPurpose.CEASE_CONFIRMATION, ContactPurpose.LEGAL_PROCESS, ContactPurpose.OPT_OUT_CONFIRMATION}
)


def procedures_started(attempt: Attempt, account: Account) -> bool:
    """Whether debt collection procedures began: recorded, charged off, in suit, or placed with an agency."""
    return (
        account.collector_role in AGENCIES
        or account.charge_off_on is not None
        or account.status is AccountStatus.LEGAL
        or bool(facts_about(attempt, account, FactKind.PROCEDURES_STARTED))
    )


def _reached(attempt: Attempt, account: Account) -> bool:
    """Whether 5-77 reaches a debt: agencies', and from 2027 on the original creditors' as well."""
    if account.collector_role not in AGENCIES and days(attempt)[0] < SHIELD:
        return False
    return for_consumer(account) and procedures_started(attempt, account)


@law("us.nyc.procedures-trigger", place=NYC, citation="6 RCNY 5-76", confidence="P", contacts=EVERY_CHANNEL)
def procedures_trigger(attempt: ContactAttempt) -> Ruling | None:
    """5-77 holds once debt collection procedures began: no more statements, acceleration, full demand, or a suit.

    It never objects by itself; the rules of 5-77 ask it. A debt that an agency has counts as begun.
    """
    return None


@law(
    "us.nyc.frequency-2026",
    place=NYC,
    citation=f"{RULE}(b)(1)(iv)",
    confidence="P",
    contacts=EVERY_CHANNEL,
    effective_to=BEFORE_SHIELD,
    presumption=True,
)
def frequency_2026(attempt: ContactAttempt) -> Ruling | None:
    """Until the end of 2026 more than two contacts in seven days are presumed excessive."""
    if not attempt.history or asked_for(attempt) or attempt.required_by_law or attempt.party in PROFESSIONALS:
        return None
    if not any_debt(attempt, lambda account: _reached(attempt, account)):
        return None
    events = tuple([event for event in lately(attempt, Counting.COMMUNICATION, 7) if _contact_2026(event)])
    started = [fact.starts_at for fact in in_force(attempt, FactKind.PROCEDURES_STARTED)]
    events = since(events, min(started)) if started else events
    full = full_until(attempt, events, limit=2, span=7, by_debt=False)
    if full is None:
        return None
    free, most = full
    return Ruling.defer(
        start_of_day(min(free, SHIELD), attempt.debtor.time_zones),
        f"More than two contacts in seven days are presumed excessive; there were {most}.",
        facts={"counted": most, "limit": "2 in 7 days"},
    )


def _contact_2026(event: Interaction) -> bool:
    with_other = event.party_reached is PartyReached.THIRD_PARTY
    excluded = event.required_by_law or event.purpose is ContactPurpose.REPLY or event.party in PROFESSIONALS
    return not (excluded or (with_other and event.result in _LIMITED))


_LIMITED = frozenset({Result.LIMITED_CONTENT_MESSAGE, Result.MESSAGE_WITH_PERSON})


@law(
    "us.nyc.frequency-2027",
    place=NYC,
    citation=f"{RULE}(b)(1)(iii) (SHIELD Rule)",
    confidence="P",
    contacts=EVERY_CHANNEL - _MAIL,
    effective_from=SHIELD,
)
def frequency_2027(attempt: ContactAttempt) -> Ruling | None:
    """From 2027 on at most three communications or attempts about an account in seven days; mail is not counted."""
    if not attempt.history or asked_for(attempt) or not collects(attempt) or attempt.party in PROFESSIONALS:
        return None
    if not any_debt(attempt, lambda account: _reached(attempt, account)):
        return None
    events = tuple([event for event in lately(attempt, Counting.CONTACT_OR_ATTEMPT, 7) if _attempt_2027(event)])
    return frequency(attempt, events, limit=3, span=7, by_debt=True, what="communications or attempts")


def _attempt_2027(event: Interaction) -> bool:
    serves = event.purpose in {ContactPurpose.REPLY, ContactPurpose.HANDLE_COMPLAINT, ContactPurpose.NOTICE}
    return not (event.channel in _MAIL or event.required_by_law or serves or event.party in PROFESSIONALS)


@law(
    "us.nyc.electronic-consent-2027",
    place=NYC,
    citation=f"{RULE}(b)(5) (SHIELD Rule)",
    confidence="P",
    contacts=ELECTRONIC,
    effective_from=SHIELD,
)
def electronic_consent_2027(attempt: ContactAttempt) -> Ruling | None:
    """Electronic messages only with consent, or after the consumer used the way within 60 days, and no opt-out."""
    if attempt.required_by_law or attempt.purpose in _EXEMPT:
        return None
    if not any_debt(attempt, lambda account: _reached(attempt, account)):
        return None
    if opted_out(attempt, {attempt.channel}):
        return Ruling.deny("The consumer opted out of this way of contact.")
    if consented(attempt, attempt.channel):
        return None
    first = days(attempt)[-1] - timedelta(days=60)
    used = [
        event.debtor_local_date
        for event in attempt.history
        if event.direction is Direction.INBOUND
        and event.channel is attempt.channel
        and event.debtor_local_date >= first
    ]
    if used:
        ends = first_of_day(max(used) + timedelta(days=61), attempt.debtor.time_zones)
        return Ruling.allow(ends, reason=f"The consumer used this way on {max(used)}.")
    wanted = consent_requirement(attempt.channel)
    return Ruling.deny("The consumer has not consented to this way, nor used it in 60 days.", missing_fact=wanted)


@law(
    "us.nyc.cease-2027",
    place=NYC,
    citation=f"{RULE}(b)(4) (SHIELD Rule)",
    confidence="P",
    contacts=EVERY_CHANNEL,
    effective_from=SHIELD,
)
def cease_2027(attempt: ContactAttempt) -> Ruling | None:
    """A request to stop holds in any form; one about a way of contact holds for that way."""
    if not attempt.facts or attempt.required_by_law or attempt.purpose in _EXEMPT | {ContactPurpose.REMEDY_NOTICE}:
        return None
    if not any_debt(attempt, lambda account: _reached(attempt, account)):
        return None
    ways = PHONE if attempt.channel in PHONE else {attempt.channel}
    if any(fact.channel is None or fact.channel in ways for fact in in_force(attempt, FactKind.CEASE)):
        return Ruling.deny("The consumer asked for contact to stop.", facts=told(attempt, FactKind.CEASE))
    if opted_out(attempt, ways):
        return Ruling.deny("The consumer asked for contact by this way to stop.")
    return None


@law(
    "us.nyc.dispute-2027",
    place=NYC,
    citation=f"{RULE}(f) (SHIELD Rule)",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
    effective_from=SHIELD,
)
def dispute_2027(attempt: Attempt) -> Ruling | None:
    """No collection of a debt that is disputed, at any time and in any way, until it was verified within 60 days."""
    if not attempt.facts or not collects(attempt):
        return None
    for account in debts(attempt):
        for dispute in facts_about(attempt, account, FactKind.DISPUTE) if _reached(attempt, account) else ():
            verified = given_about(attempt, account, NoticeKind.VERIFICATION)
            if verified is None or verified.sent_at < dispute.starts_at:
                wanted = notice_requirement(NoticeKind.VERIFICATION)
                return Ruling.deny(
                    "The consumer disputes the debt, and it is not verified.",
                    missing_fact=wanted,
                    facts=told(attempt, FactKind.DISPUTE),
                )
    return None


@law(
    "us.nyc.time-barred",
    place=NYC,
    citation=f"N.Y.C. Admin. Code 20-493.2(b); 6 RCNY 2-191; {RULE}(i)",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=DEMANDS,
    payments=True,
    configured=True,
)
def time_barred(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """Written notice that a debt is barred by time before it is collected: agencies, and from 2027 on everybody."""
    if not collects(attempt):
        return None
    return barred_notice(attempt, settings, "NY", reached=lambda account: _reached(attempt, account), each=False)


@law(
    "us.nyc.verification",
    place=NYC,
    citation="N.Y.C. Admin. Code 20-493.1(b), 20-493.2(a); 6 RCNY 2-190, 2-192",
    confidence="P",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
)
def verification(attempt: Attempt) -> Ruling | None:
    """Agencies verify on request with the final statement, and confirm plans within five business days."""
    if not attempt.facts or not collects(attempt):
        return None
    for account in debts(attempt):
        if not agency_for_consumer(account):
            continue
        for request in facts_about(attempt, account, FactKind.DOCUMENT_REQUEST):
            sent = given_about(attempt, account, NoticeKind.VERIFICATION)
            if sent is None or sent.sent_at < request.starts_at:
                wanted = notice_requirement(NoticeKind.VERIFICATION)
                return Ruling.require(wanted, "The consumer asked for verification of the debt.", missing_fact=wanted)
    return plan_unconfirmed(attempt, agency_for_consumer, within=5, business=True)


@law(
    "us.nyc.letter-contents",
    place=NYC,
    citation="6 RCNY 1-05, 2-193, 2-194; N.Y.C. Admin. Code 20-493.1",
    confidence="P",
    contacts=PHONE | {Channel.LETTER, Channel.EMAIL},
)
def letter_contents(attempt: ContactAttempt) -> Ruling | None:
    """Letters and emails say licence number, number to call back and language services; languages are recorded."""
    if not any_debt(attempt, agency_for_consumer):
        return None
    if attempt.channel in PHONE:
        if attempt.debtor.languages:
            return None
        return Ruling.warn("The consumer's language is to be asked for and recorded.")
    wanted = [word for word in _CONTENTS if word not in attempt.content]
    if not wanted:
        return None
    return Ruling.combine(
        Ruling.require(
            content_requirement(word),
            "Letters and emails of an agency say this.",
            missing_fact=content_requirement(word),
        )
        for word in wanted
    )


_CONTENTS = (Content.LICENCE_NUMBER, Content.CALLBACK_NUMBER, Content.LANGUAGE_SERVICES)
