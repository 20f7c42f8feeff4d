"""Washington: what RCW 19.16.250 forbids licensed collection agencies in contact with debtors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta

from arrears_sdk.law.counting import ELECTRONIC, PHONE, Counting, counted
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import every_day, rule_on_hours, start_of_day
from arrears_sdk.law.known import days, in_force
from arrears_sdk.law.requirements import content as content_requirement
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Direction, EndpointType, LineType, ResidenceKind
from arrears_us_states.law import CALLS_AND_TEXTS, EVERY_CHANNEL, law
from arrears_us_states.reach import any_debt, asked_for, by_agency, facts_about, given_about
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import earlier_with, full_until, represented, speaks_with_employer, without_judgment

WA = "US-WA"
HOURS = every_day(time(7, 30), time(21))
_DEBTOR_OR_SPOUSE = frozenset({ContactParty.DEBTOR, ContactParty.SPOUSE})
_MOBILE_LINES = frozenset({None, LineType.MOBILE, LineType.MOBILE_OR_LANDLINE, LineType.UNKNOWN})
_TO_DEVICES = PHONE | ELECTRONIC


def _week_begins(day: date) -> date:
    """The Sunday of a day's week."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _weekly(
    attempt: ContactAttempt, events: Sequence[Interaction], limit: int, settings: UsStatesConfig, what: str
) -> Ruling | None:
    """A deferral when the week is full, by the reading of a week that the agency chose; debts are not told apart."""
    full: list[tuple[date, int]] = []
    rolling = (
        full_until(attempt, events, limit=limit, span=7, by_debt=False) if settings.wa_week != "CALENDAR" else None
    )
    if rolling is not None:
        full.append(rolling)
    for today in days(attempt) if settings.wa_week != "ROLLING" else ():
        begins = _week_begins(today)
        this_week = sum(begins <= event.debtor_local_date <= today for event in events)
        if this_week >= limit:
            full.append((begins + timedelta(days=7), this_week))
    if not full:
        return None
    free, most = max(full)
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"More than {limit} {what} in a single week are presumed to harass; so far: {most}.",
        facts={"counted": most, "limit": f"{limit} in a week"},
    )


def _communications(
    attempt: ContactAttempt, test: Callable[[Interaction], bool] | None = None
) -> tuple[Interaction, ...]:
    return tuple(
        event
        for event in counted(attempt, Counting.COMMUNICATION)
        if event.party in _DEBTOR_OR_SPOUSE
        and event.purpose is not ContactPurpose.REPLY
        and (test is None or test(event))
    )


def _at_work(event: Interaction) -> bool:
    return event.endpoint_type is EndpointType.WORK or event.channel is Channel.IN_PERSON_WORK


@law(
    "us.wa.frequency",
    place=WA,
    citation="RCW 19.16.250(13)(a)",
    contacts=EVERY_CHANNEL,
    presumption=True,
    configured=True,
)
def frequency(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No more than three communications a week with debtor or spouse, in any way and about all debts, but to answer."""
    if not attempt.history or attempt.party not in _DEBTOR_OR_SPOUSE or asked_for(attempt):
        return None
    if not any_debt(attempt, by_agency):
        return None
    return _weekly(attempt, _communications(attempt), 3, settings, "communications")


@law(
    "us.wa.frequency-work",
    place=WA,
    citation="RCW 19.16.250(13)(b)",
    contacts=EVERY_CHANNEL,
    presumption=True,
    configured=True,
)
def frequency_work(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No more than one communication a week with debtor or spouse at work, but to answer."""
    if not attempt.history or attempt.party not in _DEBTOR_OR_SPOUSE or asked_for(attempt):
        return None
    point = attempt.contact_point
    working = attempt.channel is Channel.IN_PERSON_WORK or (
        point is not None and point.endpoint_type is EndpointType.WORK
    )
    if not working or not any_debt(attempt, by_agency):
        return None
    return _weekly(attempt, _communications(attempt, _at_work), 1, settings, "communication at work")


def local_zones(attempt: ContactAttempt) -> tuple[str, ...]:
    """The zones that count for a call: a landline's area code, unless the debtor is known to be elsewhere."""
    point = attempt.contact_point
    if point is None or point.line_type is not LineType.LANDLINE or not point.area_zones:
        return attempt.debtor.time_zones
    elsewhere = any(
        place.kind in {ResidenceKind.CURRENT_LOCATION, ResidenceKind.STATED_LOCATION} for place in attempt.debtor.places
    )
    return attempt.debtor.time_zones if elsewhere else point.area_zones


@law("us.wa.area-code", place=WA, citation="RCW 19.16.250(13)(c)", contacts=PHONE)
def area_code(attempt: ContactAttempt) -> Ruling | None:
    """Local time is that of a landline's area code, unless the debtor is reasonably believed to be elsewhere.

    It never objects by itself; the rule on hours asks it.
    """
    return None


@law("us.wa.hours", place=WA, citation="RCW 19.16.250(13)(c)", contacts=PHONE, presumption=True)
def hours(attempt: ContactAttempt) -> Ruling | None:
    """Calls to the residence between 07:30 and 21:00; others are presumed to harass."""
    point = attempt.contact_point
    if point is not None and point.endpoint_type is EndpointType.WORK:
        return None
    if attempt.party not in _DEBTOR_OR_SPOUSE or not any_debt(attempt, by_agency):
        return None
    return rule_on_hours(HOURS, attempt.at, local_zones(attempt), words="between 07:30 and 21:00")


def _to_mobile(attempt: ContactAttempt) -> bool:
    point = attempt.contact_point
    if attempt.channel is Channel.SMS:
        return True
    if point is None:
        return attempt.channel in PHONE
    if point.endpoint_type is EndpointType.MOBILE or point.line_type is LineType.MOBILE:
        return True
    return attempt.channel in PHONE and point.line_type in _MOBILE_LINES and point.endpoint_type is EndpointType.UNKNOWN


@law("us.wa.mobile-daily", place=WA, citation="RCW 19.16.250(18)", contacts=_TO_DEVICES)
def mobile_daily(attempt: ContactAttempt) -> Ruling | None:
    """No more than two calls, texts or messages to a mobile on a day, but to answer."""
    if not attempt.history or asked_for(attempt) or not any_debt(attempt, by_agency) or not _to_mobile(attempt):
        return None
    point = None if attempt.contact_point is None else attempt.contact_point.id
    today = days(attempt)
    counts = sorted(
        event.debtor_local_date
        for event in _communications(attempt)
        if event.debtor_local_date in today
        and event.channel in _TO_DEVICES
        and (
            event.channel is Channel.SMS
            or event.endpoint_type is EndpointType.MOBILE
            or (point is not None and event.contact_point_id == point)
        )
    )
    if len(counts) < 2:
        return None
    return Ruling.defer(
        start_of_day(counts[-2] + timedelta(days=1), attempt.debtor.time_zones),
        f"No more than two calls and messages to a mobile on a day; there were {len(counts)}.",
        facts={"counted": len(counts)},
    )


@law("us.wa.mobile-cost", place=WA, citation="RCW 19.16.250(17)(a)", contacts=CALLS_AND_TEXTS)
def mobile_cost(attempt: ContactAttempt) -> Ruling | None:
    """No more than three contacts in a calendar week that the debtor has to pay for."""
    if not attempt.facts or not attempt.history or not in_force(attempt, FactKind.CHARGES_RECIPIENT):
        return None
    if attempt.contact_point is None or not any_debt(attempt, by_agency):
        return None
    begins = _week_begins(days(attempt)[0])
    count = sum(
        event.contact_point_id == attempt.contact_point.id and begins <= event.debtor_local_date
        for event in counted(attempt, Counting.CONTACT_OR_ATTEMPT)
    )
    if count < 3:
        return None
    return Ruling.defer(
        start_of_day(begins + timedelta(days=7), attempt.debtor.time_zones),
        f"No more than three contacts a week that the debtor pays for; there were {count}.",
        facts={"counted": count},
    )


@law("us.wa.caller-id-block", place=WA, citation="RCW 19.16.250(19)", contacts=PHONE)
def caller_id_block(attempt: ContactAttempt) -> Ruling | None:
    """An agency never hides its number."""
    if Content.CALLER_ID_BLOCKED not in attempt.content or not any_debt(attempt, by_agency):
        return None
    return Ruling.deny("The agency's number must be shown.")


@law(
    "us.wa.employer",
    place=WA,
    citation="RCW 19.16.250(10)(c)",
    contacts=EVERY_CHANNEL,
    configured=True,
)
def employer(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """Before a judgment an employer is told once, some time after notice to a debtor who neither pays nor disputes."""
    if not speaks_with_employer(attempt):
        return None
    before = without_judgment(attempt, by_agency)
    if before is None:
        return None
    for account in before.accounts:
        told = given_about(attempt, account, NoticeKind.EMPLOYER_CONTACT)
        if told is None:
            return Ruling.deny(
                "The debtor has to be told in writing before the employer is.", missing_fact="notice:EMPLOYER_CONTACT"
            )
        waited = (attempt.at - told.sent_at).days
        if waited < settings.wa_employer_days:
            return Ruling.deny(
                f"The debtor was told {waited} days ago, and has {settings.wa_employer_days} to answer.",
                facts={"days since notice": waited},
            )
        if facts_about(attempt, account, FactKind.PLAN_AGREED):
            return Ruling.deny("The debtor agreed on a plan: the employer is not told.")
        if facts_about(attempt, account, FactKind.DISPUTE, ("WRITTEN", "ELECTRONIC")):
            return Ruling.deny("The debtor disputes the debt in writing: the employer is not told.")
    if earlier_with(before, ContactParty.EMPLOYER) is not None:
        return Ruling.deny("The employer was told once already.")
    return None


@law("us.wa.attorney", place=WA, citation="RCW 19.16.250(12)", contacts=EVERY_CHANNEL, configured=True)
def attorney(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """No direct contact with a debtor who has a lawyer, until the lawyer left a written request unanswered."""
    return represented(attempt, by_agency, settings.attorney_silence_days)


@law("us.wa.first-notice", place=WA, citation="RCW 19.16.250(8)", contacts={Channel.LETTER, Channel.FAX, Channel.EMAIL})
def first_notice(attempt: ContactAttempt) -> Ruling | None:
    """The first letter says licence name and address, original creditor, account, last payment and the items owed."""
    if attempt.required_by_law or not any_debt(attempt, by_agency) or _written_before(attempt):
        return None
    wanted = [word for word in _FIRST if word not in attempt.content]
    if not wanted:
        return None
    return Ruling.combine(
        Ruling.require(
            content_requirement(word), "The first letter has to say this.", missing_fact=content_requirement(word)
        )
        for word in wanted
    )


_FIRST = (Content.COLLECTOR_DETAILS, Content.CREDITOR_DETAILS, Content.CLAIM_DETAILS)
_LETTERS = frozenset({Channel.LETTER, Channel.FAX, Channel.EMAIL})


def _written_before(attempt: ContactAttempt) -> bool:
    """Whether every debt of the attempt was written of before."""
    return all(
        any(
            event.direction is Direction.OUTBOUND
            and event.channel in _LETTERS
            and (not event.account_ids or account.id in event.account_ids)
            for event in counted(attempt, Counting.COMMUNICATION)
        )
        or given_about(attempt, account, NoticeKind.COLLECTION) is not None
        for account in attempt.accounts
        if by_agency(account)
    )
