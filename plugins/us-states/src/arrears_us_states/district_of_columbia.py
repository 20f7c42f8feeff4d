"""The District of Columbia: creditors and collectors of consumer debts more than thirty days past due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from arrears_sdk.law.counting import PHONE, Counting, counted, last_about
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import every_day, rule_on_hours, start_of_day
from arrears_sdk.law.known import account_ids, days, in_force, told
from arrears_sdk.law.requirements import (
    consent as consent_requirement,
    content as content_requirement,
    notice as notice_requirement,
)
from arrears_sdk.law.words import ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Product
from arrears_us_states.law import CALLS_AND_TEXTS, MESSAGES, law
from arrears_us_states.reach import PROFESSIONALS, any_debt, asked_for, for_consumer, given_about
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import (
    consented,
    frequency,
    opted_out,
)

DC = "US-DC"
SINCE = date(2023, 1, 1)
"""From this day on Law 24-154 applies; the emergency acts before it allowed three calls."""
HOURS = every_day(time(8), time(21))
EASTERN = ("America/New_York",)
_UNLIMITED = 10_000


def covered(account: Account) -> bool:
    """Whether the law reaches a debt: a consumer's, more than 30 days past due, no mortgage and no car loan."""
    return (
        for_consumer(account)
        and account.days_past_due > 30
        and account.product not in {Product.MORTGAGE, Product.VEHICLE}
    )


@law("us.dc.call-frequency", place=DC, citation="D.C. Code 28-3814(d)(4)(A)(i)", contacts=PHONE)
def call_frequency(attempt: ContactAttempt) -> Ruling | None:
    """No more than four calls about an account in any seven days, all numbers together (three before 2023)."""
    if not attempt.history or not _limited(attempt):
        return None
    limit = 4 if days(attempt)[0] >= SINCE else 3
    events = _without_return_call(_with_consumer(counted(attempt, Counting.CALL_DC)))
    return frequency(attempt, events, limit=limit, span=7, by_debt=True, what="calls about an account")


def _limited(attempt: ContactAttempt) -> bool:
    """Whether the limits hold: the agency wants the contact, with the consumer's side, about a debt that is covered."""
    return not asked_for(attempt) and attempt.party not in PROFESSIONALS and any_debt(attempt, covered)


def _with_consumer(events: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
    """The same contacts but for those with lawyers, creditors and bureaus."""
    if all(event.party not in PROFESSIONALS for event in events):
        return events
    return tuple(event for event in events if event.party not in PROFESSIONALS)


def _without_return_call(events: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
    """The calls but for the last completed one that returned the consumer's."""
    returned = next((one for one in events if one.at_debtor_request and one.debt_discussed), None)
    return events if returned is None else tuple(event for event in events if event is not returned)


@law(
    "us.dc.after-completed-call",
    place=DC,
    citation="D.C. Code 28-3814(d)(4)(A)(ii), (iv)",
    contacts=PHONE,
    effective_from=SINCE,
    configured=True,
)
def after_completed_call(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No call for seven days after a completed call, unless the consumer asks for one."""
    if not attempt.history or not _limited(attempt):
        return None
    last = last_about(_with_consumer(counted(attempt, Counting.COMPLETED_CALL)), account_ids(attempt))
    if last is None:
        return None
    strict = settings.dc_days_after_completed_call == "STRICT"
    free = last.debtor_local_date + timedelta(days=8 if strict else 7)
    if days(attempt)[0] >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"The last completed call was on {last.debtor_local_date}: no call for seven days after it.",
        facts={"completed call": last.debtor_local_date},
    )


@law(
    "us.dc.call-optout",
    place=DC,
    citation="D.C. Code 28-3814(d)(4)(A)(iii)",
    contacts=PHONE,
    effective_from=SINCE,
)
def call_optout(attempt: ContactAttempt) -> Ruling | None:
    """No call to a consumer who opted out of calls in writing."""
    if not any_debt(attempt, covered) or not opted_out(attempt, PHONE, ("WRITTEN", "ELECTRONIC")):
        return None
    return Ruling.deny("The consumer opted out of calls in writing.", facts=told(attempt, FactKind.MEDIUM_OPT_OUT))


def _rights_told(attempt: ContactAttempt) -> list[bool]:
    """Of each covered debt, whether the notice of document rights was given."""
    return [
        given_about(attempt, account, NoticeKind.DOCUMENT_RIGHTS) is not None
        for account in debts(attempt)
        if covered(account)
    ]


@law(
    "us.dc.electronic-before-notice",
    place=DC,
    citation="D.C. Code 28-3814(d)(4)(B)(i)",
    contacts=MESSAGES,
    effective_from=SINCE,
)
def electronic_before_notice(attempt: ContactAttempt) -> Ruling | None:
    """No text, email or private message before the written notice of document rights was mailed."""
    if attempt.required_by_law or not any_debt(attempt, covered) or all(_rights_told(attempt)):
        return None
    wanted = notice_requirement(NoticeKind.DOCUMENT_RIGHTS)
    return Ruling.require(wanted, "The notice of document rights has to be mailed first.", missing_fact=wanted)


@law(
    "us.dc.electronic-consent",
    place=DC,
    citation="D.C. Code 28-3814(d)(4)(B)(ii)",
    contacts=MESSAGES,
    effective_from=SINCE,
)
def electronic_consent(attempt: ContactAttempt) -> Ruling | None:
    """After the notice express consent for the method; one message in seven days may ask for it."""
    if attempt.required_by_law or not any_debt(attempt, covered):
        return None
    told = _rights_told(attempt)
    # Of the debts that the notice does not name yet `us.dc.electronic-before-notice` speaks; the others need consent.
    if told and not any(told):
        return None
    if consented(attempt, attempt.channel):
        return None
    if attempt.purpose is ContactPurpose.CONSENT_REQUEST:
        asked = tuple(one for one in _messages(attempt) if one.purpose is ContactPurpose.CONSENT_REQUEST)
        return frequency(attempt, asked, limit=1, span=7, by_debt=False, what="messages that ask for consent")
    wanted = consent_requirement(attempt.channel)
    return Ruling.require(wanted, "The consumer has not consented to this way of contact.", missing_fact=wanted)


def _messages(attempt: ContactAttempt) -> tuple[Interaction, ...]:
    return tuple(
        event
        for event in counted(attempt, Counting.ELECTRONIC_MESSAGE)
        if event.channel in MESSAGES and event.purpose is not ContactPurpose.REPLY and event.party not in PROFESSIONALS
    )


@law(
    "us.dc.electronic-cap",
    place=DC,
    citation="D.C. Code 28-3814(d)(4)(B)(iii)",
    contacts=MESSAGES,
    effective_from=SINCE,
)
def electronic_cap(attempt: ContactAttempt) -> Ruling | None:
    """No more than five messages about an account in seven days unless agreed, each with a line to opt out."""
    if not any_debt(attempt, covered):
        return None
    said: list[Ruling] = []
    if Content.OPT_OUT_NOTICE not in attempt.content:
        wanted = content_requirement(Content.OPT_OUT_NOTICE)
        said.append(Ruling.require(wanted, "Each message says how to opt out.", missing_fact=wanted))
    if attempt.history and _limited(attempt):
        said.extend(_capped(attempt))
    return Ruling.combine(said) if said else None


def _capped(attempt: ContactAttempt) -> list[Ruling]:
    """The deferrals by the limit of each covered debt: five, or as many as were agreed on about it."""
    counts, what = _messages(attempt), "messages about an account"
    each = [replace(attempt, accounts=(account,)) for account in attempt.accounts if covered(account)]
    said = [
        frequency(one, counts, limit=_most_messages(one), span=7, by_debt=True, what=what)
        for one in (each if attempt.accounts else [attempt])
    ]
    return [ruling for ruling in said if ruling is not None]


def _most_messages(attempt: ContactAttempt) -> int:
    agreed = in_force(attempt, FactKind.FREQUENCY_CONSENT)
    return max((fact.number or _UNLIMITED for fact in agreed), default=5)


@law(
    "us.dc.no-visits",
    place=DC,
    citation="D.C. Code 28-3814(d)(5), (6)",
    contacts={Channel.IN_PERSON_HOME, Channel.IN_PERSON_WORK},
    effective_from=SINCE,
)
def no_visits(attempt: ContactAttempt) -> Ruling | None:
    """No visit at home or at work but to serve process."""
    if attempt.purpose is ContactPurpose.LEGAL_PROCESS or not any_debt(attempt, covered):
        return None
    return Ruling.deny("Nobody is visited at home or at work but to serve process.")


@law("us.dc.hours", place=DC, citation="D.C. Code 28-3814(k)", contacts=CALLS_AND_TEXTS, effective_from=SINCE)
def hours(attempt: ContactAttempt) -> Ruling | None:
    """Calls and texts between 08:00 and 21:00 Eastern time, wherever the consumer is."""
    if not any_debt(attempt, covered):
        return None
    return rule_on_hours(HOURS, attempt.at, EASTERN, words="between 08:00 and 21:00 Eastern time")
