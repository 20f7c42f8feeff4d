"""Massachusetts: creditors (940 CMR 7.00) and agencies (209 CMR 18.00) of consumer debts, counted by debt."""

from __future__ import annotations

from datetime import time, timedelta

from arrears_sdk.law.counting import PHONE, Counting, counted, fullest
from arrears_sdk.law.days import count_in, window
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import Hours, Span, common_opening, rule_on_hours, start_of_day
from arrears_sdk.law.known import Attempt, day_of, days, in_force
from arrears_sdk.law.requirements import content as content_requirement, notice as notice_requirement
from arrears_sdk.law.words import ContactParty, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, EndpointType, LineType
from arrears_us_states.law import CALLS_AND_TEXTS, COLLECTING, DEMANDS, EVERY_CHANNEL, law
from arrears_us_states.reach import (
    PROFESSIONALS,
    any_debt,
    asked_for,
    collects,
    facts_about,
    for_consumer,
    given_about,
    only,
    permitted,
)
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import EIGHT_TO_NINE, barred_notice, frequency, full_until, notice_due

MA = "US-MA"
PERSONAL = frozenset({EndpointType.HOME, EndpointType.MOBILE})
_HOUSEHOLD = frozenset({ContactParty.HOUSEHOLD, ContactParty.FAMILY})
_EASTERN = ("America/New_York",)
_EVENING: Span = (time(8), time(21))


def _personal(attempt: ContactAttempt) -> bool:
    """Whether the contact goes to the home, the mobile or another number of the debtor's own."""
    point = attempt.contact_point
    if attempt.channel is Channel.SMS:
        return True
    if point is None:
        return False
    return point.endpoint_type in PERSONAL or point.line_type is LineType.MOBILE


def _calls(attempt: ContactAttempt) -> tuple[Interaction, ...]:
    return tuple(
        event
        for event in counted(attempt, Counting.COMMUNICATION)
        if event.channel in CALLS_AND_TEXTS and event.party not in PROFESSIONALS
    )


@law(
    "us.ma.frequency-personal",
    place=MA,
    citation="940 CMR 7.04(1)(f); 209 CMR 18.16(1)(d)",
    confidence="P",
    contacts=CALLS_AND_TEXTS,
)
def frequency_personal(attempt: ContactAttempt) -> Ruling | None:
    """No more than two calls or texts in seven days about a debt to home, mobile or other personal numbers."""
    if not attempt.history or asked_for(attempt) or attempt.party in PROFESSIONALS:
        return None
    if not any_debt(attempt, for_consumer):
        return None
    if attempt.contact_point is not None and attempt.contact_point.endpoint_type is EndpointType.WORK:
        return None
    events = tuple(event for event in _calls(attempt) if event.endpoint_type is not EndpointType.WORK)
    return frequency(attempt, events, limit=2, span=7, by_debt=True, what="calls and texts about a debt")


@law(
    "us.ma.frequency-other",
    place=MA,
    citation="940 CMR 7.04(1)(f); 209 CMR 18.16(1)(d)",
    confidence="P",
    contacts=CALLS_AND_TEXTS,
)
def frequency_other(attempt: ContactAttempt) -> Ruling | None:
    """No more than two calls or texts in 30 days about a debt to other places, such as work, or nobody knows where."""
    if not attempt.history or asked_for(attempt) or attempt.party in PROFESSIONALS:
        return None
    if _personal(attempt) or not any_debt(attempt, for_consumer):
        return None
    events = tuple(event for event in _calls(attempt) if event.endpoint_type not in PERSONAL)
    return frequency(attempt, events, limit=2, span=30, by_debt=True, what="calls and texts about a debt elsewhere")


def waking_hours(attempt: ContactAttempt) -> Hours:
    """The debtor's waking hours where they are known, on other days 08:00 to 21:00."""
    known = in_force(attempt, FactKind.WAKING_HOURS) if attempt.facts else ()
    if not known:
        return EIGHT_TO_NINE
    week: list[Span | None] = [_EVENING] * 7
    for fact in sorted(known, key=lambda each: (each.starts_at, each.received_at)):
        if fact.hours is None:
            continue
        begins, ends = fact.hours.earliest or time(0), fact.hours.latest or time(0)
        # Hours over midnight are taken to its beginning: the strict part of them.
        span = (begins, time(0) if ends <= begins else ends)
        for number in fact.hours.weekdays or range(1, 8):
            week[number - 1] = span
    return Hours(tuple(week))


@law(
    "us.ma.hours",
    place=MA,
    citation="940 CMR 7.04(1)(g), 7.05(3)(e); 209 CMR 18.16(1)(a)",
    confidence="P",
    contacts=PHONE,
)
def hours(attempt: ContactAttempt) -> Ruling | None:
    """Calls in the debtor's waking hours, 08:00 to 21:00 where unknown; to the household in Eastern time."""
    if not any_debt(attempt, for_consumer):
        return None
    if attempt.party in _HOUSEHOLD:
        return rule_on_hours(EIGHT_TO_NINE, attempt.at, _EASTERN, words="between 08:00 and 21:00 Eastern time")
    awake = waking_hours(attempt)
    words = "between 08:00 and 21:00" if awake is EIGHT_TO_NINE else "within the debtor's waking hours"
    return rule_on_hours(awake, attempt.at, attempt.debtor.time_zones, words=words)


@law(
    "us.ma.work-request",
    place=MA,
    citation="940 CMR 7.04(1)(h); 209 CMR 18.16(1)(c)",
    contacts=PHONE,
)
def work_request(attempt: ContactAttempt) -> Ruling | None:
    """No call to work after a request: for ten days after an oral one, for good once it is confirmed in writing."""
    if not attempt.facts or not any_debt(attempt, for_consumer):
        return None
    if attempt.contact_point is None or attempt.contact_point.endpoint_type is not EndpointType.WORK:
        return None
    today = days(attempt)[0]
    for request in in_force(attempt, FactKind.EMPLOYER_PROHIBITS):
        asked = day_of(attempt, request.starts_at)
        if request.word == "WRITTEN_REQUEST":
            return Ruling.deny("The debtor asked in writing not to be called at work.")
        if request.word != "ORAL_REQUEST":
            continue
        if request.on is not None and request.on <= asked + timedelta(days=7):
            return Ruling.deny("The debtor confirmed in writing not to be called at work.")
        if today <= asked + timedelta(days=10):
            return Ruling.deny(
                f"The debtor asked on {asked} not to be called at work, which holds for ten days.",
                facts={"asked on": asked},
            )
    return None


@law(
    "us.ma.home-visits",
    place=MA,
    citation="940 CMR 7.04(1)(i)",
    confidence="P",
    contacts={Channel.IN_PERSON_HOME},
)
def home_visits(attempt: ContactAttempt) -> Ruling | None:
    """Visits at home in waking hours only, and one in 30 days about a debt unless more are consented to in writing."""
    if not any_debt(attempt, for_consumer):
        return None
    awake, zones = waking_hours(attempt), attempt.debtor.time_zones
    visits = tuple(event for event in counted(attempt, Counting.VISIT) if event.channel is Channel.IN_PERSON_HOME)
    limited = only(attempt, lambda account: _limits_visits(attempt, account)) if visits else None
    if limited is not None and not limited.accounts and permitted(attempt, for_consumer, *_MORE_VISITS):
        limited = None
    full = full_until(limited, visits, limit=1, span=30, by_debt=True) if limited is not None else None
    if full is None:
        return rule_on_hours(awake, attempt.at, zones, words="within the debtor's waking hours")
    begins = start_of_day(full[0], zones)
    opening = common_opening([(awake, zone) for zone in zones], begins)
    return Ruling.defer(
        begins if opening is None else max(begins, opening[0]),
        f"One visit at home in 30 days about a debt; so far: {full[1]}.",
        facts={"counted": full[1], "limit": "1 in 30 days"},
    )


_MORE_VISITS = (FactKind.VISIT_CONSENT, ("WRITTEN",))


def _limits_visits(attempt: ContactAttempt, account: Account) -> bool:
    """Whether visits about a debt are limited: it is a consumer's, who consented to no more in writing."""
    return for_consumer(account) and not facts_about(attempt, account, *_MORE_VISITS)


@law(
    "us.ma.work-visits",
    place=MA,
    citation="940 CMR 7.04(1)",
    confidence="G",
    contacts={Channel.IN_PERSON_WORK},
)
def work_visits(attempt: ContactAttempt) -> Ruling | None:
    """No visit at work unless the debtor asked for it."""
    if not any_debt(attempt, for_consumer) or attempt.at_debtor_request:
        return None
    if permitted(attempt, for_consumer, FactKind.VISIT_CONSENT):
        return None
    return Ruling.deny("The debtor did not ask to be visited at work.")


@law("us.ma.household", place=MA, citation="940 CMR 7.05(3)(d)", contacts=CALLS_AND_TEXTS)
def household(attempt: ContactAttempt) -> Ruling | None:
    """The household hears nothing of the debt, by at most two calls in seven days at home and two in 30 elsewhere."""
    if attempt.party not in _HOUSEHOLD or not any_debt(attempt, for_consumer):
        return None
    if Content.REVEALS_DEBT in attempt.content:
        return Ruling.deny("The household is told nothing of the debt.")
    point = attempt.contact_point
    home = point is not None and (point.endpoint_type in PERSONAL)
    span = 7 if home else 30
    events = [
        event
        for event in counted(attempt, Counting.COMMUNICATION)
        if event.party in _HOUSEHOLD
        and event.channel in CALLS_AND_TEXTS
        and (home or event.endpoint_type not in PERSONAL)
        and (not home or event.endpoint_type in PERSONAL | {EndpointType.UNKNOWN})
    ]
    counts = fullest(attempt, events, by_debt=True)
    most = max((count_in(each, *window(span, day)) for each in counts for day in days(attempt)), default=0)
    if most < 2:
        return None
    return Ruling.deny(
        f"The household is called no more than twice in {span} days; there were {most} calls.", facts={"counted": most}
    )


@law("us.ma.caller-id", place=MA, citation="940 CMR 7.04(1)(d)", contacts=PHONE)
def caller_id(attempt: ContactAttempt) -> Ruling | None:
    """A caller says the name of the business and a name, or one personal identifier that stays the same."""
    if Content.CALLER_IDENTITY in attempt.content or not any_debt(attempt, for_consumer):
        return None
    wanted = content_requirement(Content.CALLER_IDENTITY)
    return Ruling.require(wanted, "The caller says the name of the business and who is calling.", missing_fact=wanted)


@law(
    "us.ma.time-barred-disclosure",
    place=MA,
    citation="940 CMR 7.07(24)",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=DEMANDS,
    configured=True,
)
def time_barred_disclosure(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """Who demands a debt that is barred by time says that it may not be enforced and need not be acknowledged."""
    if not collects(attempt):
        return None
    return barred_notice(attempt, settings, "MA", reached=for_consumer, each=True)


@law(
    "us.ma.validation",
    place=MA,
    citation="940 CMR 7.08",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
)
def validation(attempt: Attempt) -> Ruling | None:
    """Validation in writing within five business days of the first contact; on request verification comes first."""
    if not collects(attempt):
        return None
    for account in debts(attempt) if attempt.facts else ():
        for request in facts_about(attempt, account, FactKind.DOCUMENT_REQUEST) if for_consumer(account) else ():
            sent = given_about(attempt, account, NoticeKind.VERIFICATION)
            if sent is None or sent.sent_at < request.starts_at:
                wanted = notice_requirement(NoticeKind.VERIFICATION)
                return Ruling.require(
                    wanted, "The debtor asked for verification, which comes first.", missing_fact=wanted
                )
    if not attempt.history:
        return None
    return notice_due(
        attempt, for_consumer, NoticeKind.VALIDATION, within=5, business=True, what="The validation of 940 CMR 7.08"
    )
