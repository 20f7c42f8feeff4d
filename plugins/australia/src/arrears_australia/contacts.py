"""RG 96: when, where and how often a debtor may be contacted in Australia."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from functools import lru_cache

from arrears_australia.limitation import barred_since, not_barred_yet
from arrears_australia.packs import CONTACTS
from arrears_australia.settings import AustraliaConfig
from arrears_sdk.law.counting import PHONE, VISITS, Counting, counted, day_numbers, free_day, fullest, recent
from arrears_sdk.law.days import count_in
from arrears_sdk.law.debts import about, for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import Hours, Span, rule_on_hours, start_of_day, weekly
from arrears_sdk.law.known import Attempt, day_of, days, in_force, need_attestation, recorded, stated
from arrears_sdk.law.requirements import content, fact
from arrears_sdk.law.words import Attestation, ContactParty, ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact, Interaction, LocalHours
from arrears_sdk.vocabulary import CommunicationChannel as Channel, EndpointType

GUIDE = "ASIC/ACCC Regulatory Guide 96, Part 2"
NATIONAL_HOLIDAYS = "AU"
LONGEST_MONTH = timedelta(days=31)
WEEKLY, MONTHLY = 3, 10
_PHONE_HOURS = weekly((time(7, 30), time(21)), (time(9), time(21)), (time(9), time(21)), holidays=NATIONAL_HOLIDAYS)
_VISIT_HOURS = weekly((time(9), time(21)), (time(9), time(21)), (time(9), time(21)), holidays=NATIONAL_HOLIDAYS)
_WORK_HOURS = weekly((time(9), time(17)), None, None, holidays=NATIONAL_HOLIDAYS)
_UNTIMED = frozenset({Channel.LETTER, Channel.POSTCARD})
_TIMED = frozenset(Channel) - VISITS - _UNTIMED


def at_work(attempt: ContactAttempt) -> bool:
    """Whether the contact would reach the debtor at work."""
    point = attempt.contact_point
    return attempt.channel is Channel.IN_PERSON_WORK or (
        point is not None and (point.endpoint_type is EndpointType.WORK or point.employer_provided)
    )


@lru_cache(maxsize=256)
def wished(hours: LocalHours) -> Hours:
    """The hours that a debtor wishes, as hours of the week."""
    span: Span = (hours.earliest or time(0), hours.latest or time(0))
    return Hours(tuple(span if not hours.weekdays or day in hours.weekdays else None for day in range(1, 8)))


def _hours(attempt: ContactAttempt, usual: Hours, words: str) -> Ruling:
    own = stated(attempt, FactKind.AGREED_TIME)
    if own is not None and own.hours is not None:
        return rule_on_hours(
            wished(own.hours), attempt.at, attempt.debtor.time_zones, words="the hours the debtor wishes"
        )
    return rule_on_hours(usual, attempt.at, attempt.debtor.time_zones, words=words)


@CONTACTS.rule("au.rg96.phone-hours", citation=f"{GUIDE} s.4", jurisdiction="AU", channels=_TIMED)
def phone_hours(attempt: ContactAttempt) -> Ruling | None:
    """Calls and messages on weekdays from 07:30 to 21:00, at weekends from 09:00 to 21:00, on national public holidays
    not at all; hours that the debtor wishes take their place.
    """
    if attempt.at_debtor_request or at_work(attempt):
        return None
    return _hours(attempt, _PHONE_HOURS, "07:30 to 21:00 on weekdays, 09:00 to 21:00 at weekends, no holiday")


@CONTACTS.rule("au.rg96.visit-hours", citation=f"{GUIDE} s.4", jurisdiction="AU", channels={Channel.IN_PERSON_HOME})
def visit_hours(attempt: ContactAttempt) -> Ruling | None:
    """Visits at home from 09:00 to 21:00, on national public holidays not at all."""
    if attempt.at_debtor_request:
        return None
    return _hours(attempt, _VISIT_HOURS, "09:00 to 21:00, no national public holiday")


@CONTACTS.rule("au.rg96.work-hours", citation=f"{GUIDE} s.4", jurisdiction="AU")
def work_hours(attempt: ContactAttempt) -> Ruling | None:
    """At work only within the debtor's normal working hours, where unknown on weekdays from 09:00 to 17:00."""
    if not at_work(attempt) or attempt.at_debtor_request or attempt.channel in _UNTIMED:
        return None
    known = stated(attempt, FactKind.WORKING_HOURS)
    if known is not None and known.hours is not None:
        return rule_on_hours(
            wished(known.hours), attempt.at, attempt.debtor.time_zones, words="the debtor's working hours"
        )
    return rule_on_hours(_WORK_HOURS, attempt.at, attempt.debtor.time_zones, words="09:00 to 17:00 on weekdays")


@CONTACTS.rule("au.rg96.frequency", citation=f"{GUIDE} s.5(b),(c)", jurisdiction="AU", configured=True)
def frequency(attempt: ContactAttempt, settings: AustraliaConfig) -> Ruling | None:
    """At most three contacts in a week and ten in a month for an account, visits aside; attempts are not contacts."""
    if attempt.channel in VISITS or attempt.at_debtor_request or attempt.required_by_law:
        return None
    today = days(attempt)[0]
    looked_at = recent(attempt, Counting.COMMUNICATION, today - LONGEST_MONTH)
    made = [event for event in looked_at if event.channel not in VISITS]
    limited = _not_agreed(attempt) if made else None
    if limited is None:
        return None
    week, in_week = free_day(limited, made, today, limit=WEEKLY, span=7)
    month, in_month = _month_free(limited, made, today, settings)
    free = max(week, month)
    if free <= today:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"Contacts in seven days: {in_week}, in a month: {in_month}; at most {WEEKLY} and {MONTHLY} are reasonable.",
        facts={"contacts in 7 days": in_week, "contacts in a month": in_month},
    )


def _not_agreed(attempt: ContactAttempt) -> ContactAttempt | None:
    """The contact as far as it is about debts of which the debtor agreed to no more contact; None when to all."""
    if not attempt.accounts:
        return None if for_all(attempt, FactKind.FREQUENCY_CONSENT) else attempt
    kept = tuple(each for each in attempt.accounts if about(attempt, FactKind.FREQUENCY_CONSENT, each) is None)
    if len(kept) == len(attempt.accounts):
        return attempt
    return replace(attempt, accounts=kept) if kept else None


def _month_free(
    attempt: ContactAttempt, made: list[Interaction], today: date, settings: AustraliaConfig
) -> tuple[date, int]:
    """The first day on which one more contact keeps the month's limit, and how many count today at most."""
    free, most = today, 0
    if settings.month != "CALENDAR":
        free, most = free_day(attempt, made, today, limit=MONTHLY, span=30)
    if settings.month == "ROLLING":
        return free, most
    first, last = _month(today)
    for numbers in fullest(attempt, made, by_debt=True):
        count = count_in(numbers, first, last)
        most = max(most, count)
        if count + 1 > MONTHLY:
            free = max(free, last + timedelta(days=1))
    return free, most


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@CONTACTS.rule("au.rg96.attempts", citation=f"{GUIDE} s.5(d)", jurisdiction="AU", channels=PHONE, configured=True)
def attempts(attempt: ContactAttempt, settings: AustraliaConfig) -> Ruling | None:
    """Many attempts in a day are risky too, though nobody was reached."""
    today = days(attempt)[-1]
    number = sum(event.debtor_local_date == today for event in recent(attempt, Counting.PHONE_ATTEMPT, today))
    if number < settings.attempts_a_day:
        return None
    return Ruling.warn(f"There were {number} attempts by telephone today already.", facts={"attempts today": number})


@CONTACTS.rule("au.rg96.contact-definition", citation=f"{GUIDE} s.3", jurisdiction="AU")
def contact_definition(attempt: ContactAttempt) -> Ruling | None:
    """What counts as a contact: an answered call, a voicemail, any message or letter, a visit. It never objects;
    `au.rg96.frequency` counts by it.
    """
    return None


@CONTACTS.rule(
    "au.rg96.visits", citation=f"{GUIDE} s.7", jurisdiction="AU", channels={Channel.IN_PERSON_HOME}, configured=True
)
def visits(attempt: ContactAttempt, settings: AustraliaConfig) -> Ruling | None:
    """A visit is the last resort after telephone, email and letter, and at most one a month."""
    if attempt.at_debtor_request:
        return None
    first, last = _month(days(attempt)[0])
    made = count_in(day_numbers(counted(attempt, Counting.VISIT)), first, last)
    if made + 1 > settings.visits_a_month:
        return Ruling.defer(
            start_of_day(last + timedelta(days=1), attempt.debtor.time_zones),
            f"Visits this month: {made}; at most {settings.visits_a_month} is reasonable.",
            facts={"visits this month": made},
        )
    if not for_all(attempt, FactKind.OTHER_MEANS_FAILED):
        return Ruling.warn(
            "A visit is the last resort: nothing says that other ways have failed.",
            missing_fact=fact(FactKind.OTHER_MEANS_FAILED),
        )
    return None


@CONTACTS.rule("au.rg96.work-visits", citation=f"{GUIDE} ss.6, 7", jurisdiction="AU", confidence="P")
def work_visits(attempt: ContactAttempt) -> Ruling | None:
    """Visits at work are to be avoided unless the debtor asks for one or nothing else is left."""
    if attempt.channel is not Channel.IN_PERSON_WORK or attempt.at_debtor_request:
        return None
    if _each_permits(attempt, FactKind.OTHER_MEANS_FAILED, FactKind.VISIT_CONSENT):
        return None
    return Ruling.warn("Avoid visits at work: the debtor did not ask for one, and other ways are left.")


def _each_permits(attempt: ContactAttempt, *kinds: FactKind) -> bool:
    """Whether a fact of one of these kinds is in force for each debt of the contact."""
    if not attempt.accounts:
        return any(for_all(attempt, kind) for kind in kinds)
    return all(any(about(attempt, kind, each) is not None for kind in kinds) for each in attempt.accounts)


@CONTACTS.rule("au.rg96.location", citation=f"{GUIDE} s.6(b)", jurisdiction="AU")
def location(attempt: ContactAttempt) -> Ruling | None:
    """Not at home when the debtor gave another reasonable place and is reached there."""
    point = attempt.contact_point
    at_home = attempt.channel is Channel.IN_PERSON_HOME or (
        point is not None and point.endpoint_type is EndpointType.HOME
    )
    if not at_home or attempt.at_debtor_request or not in_force(attempt, FactKind.ALTERNATIVE_LOCATION):
        return None
    return Ruling.deny("The debtor gave another place than home and is reached there.")


@CONTACTS.rule("au.rg96.identity", citation=f"{GUIDE} s.1", jurisdiction="AU")
def identity(attempt: ContactAttempt) -> Ruling | None:
    """Verify identity each time before any detail of the debt; disclose nothing to spouse or family."""
    if attempt.party in (ContactParty.SPOUSE, ContactParty.FAMILY, ContactParty.HOUSEHOLD):
        if in_force(attempt, FactKind.THIRD_PARTY_CONSENT):
            return None
        return Ruling.deny("The debt may not be disclosed to spouse or family.")
    spoken = attempt.channel in PHONE or attempt.channel in VISITS
    if not spoken or Content.IDENTITY_CHECK in attempt.content:
        return None
    return Ruling.require(content(Content.IDENTITY_CHECK), "Verify who it is before any detail of the debt is given.")


@CONTACTS.rule("au.rg96.representative", citation=f"{GUIDE} s.9", jurisdiction="AU", confidence="P", configured=True)
def representative(attempt: ContactAttempt, settings: AustraliaConfig) -> Ruling | None:
    """No direct contact when a representative is known, unless it is silent, does not act, or the debtor asks."""
    if not attempt.facts or attempt.party is not ContactParty.DEBTOR:
        return None
    acting = in_force(attempt, FactKind.ATTORNEY)
    if not acting or attempt.at_debtor_request or attempt.required_by_law:
        return None
    if attempt.purpose in (ContactPurpose.NOTICE, ContactPurpose.LEGAL_PROCESS):
        return None
    free = [*in_force(attempt, FactKind.ATTORNEY_CONSENT), *_unanswered(attempt, settings.representative_days)]
    barring = _unlifted(attempt, acting, free)
    if not barring:
        return None
    since = day_of(attempt, min(one.starts_at for one in barring))
    return Ruling.deny(
        f"A representative acts for the debtor since {since.isoformat()}: speak with that one.",
        facts={"representative since": since},
    )


def _unanswered(attempt: ContactAttempt, patience: int) -> list[Fact]:
    """The letters to a representative that were not answered in so many days."""
    letters = recorded(attempt, FactKind.ATTORNEY_SILENT)
    return [one for one in letters if one.on is not None and one.on + timedelta(days=patience) < days(attempt)[0]]


def _unlifted(attempt: ContactAttempt, bars: Sequence[Fact], permissions: Sequence[Fact]) -> list[Fact]:
    """The facts that bar a debt of the contact that no permission is about."""
    named: list[str | None] = [account.id for account in attempt.accounts]
    barred = [debt for debt in named or [None] if not any(one.account_id in (None, debt) for one in permissions)]
    return [one for one in bars if any(one.account_id in (None, debt) for debt in barred)]


@CONTACTS.rule("au.rg96.records", citation=f"{GUIDE} s.10", jurisdiction="AU", configured=True)
def records(attempt: ContactAttempt, settings: AustraliaConfig) -> Ruling | None:
    """Time, date and nature of every contact and payment are to be kept."""
    return need_attestation(
        attempt, Attestation.CONTACTS_LOGGED, settings, "The agency has not stated that it records every contact."
    )


@CONTACTS.rule("au.rg96.dispute", citation=f"{GUIDE} s.13", jurisdiction="AU", confidence="G")
def dispute(attempt: ContactAttempt) -> Ruling | None:
    """Collection of a disputed debt rests until the dispute has been investigated and explained."""
    return disputed(attempt) if attempt.purpose is ContactPurpose.COLLECT else None


def disputed(attempt: ContactAttempt) -> Ruling | None:
    """A denial while a dispute stands."""
    if attempt.at_debtor_request or attempt.required_by_law:
        return None
    open_ones = in_force(attempt, FactKind.DISPUTE)
    if not open_ones:
        return None
    since = day_of(attempt, min(one.starts_at for one in open_ones))
    return Ruling.deny(
        f"The debt is disputed since {since.isoformat()}; investigate and explain first.",
        facts={"disputed since": since},
    )


@CONTACTS.rule("au.afca", citation="AFCA Rules A.7", jurisdiction="AU", confidence="G")
def open_complaint(attempt: ContactAttempt) -> Ruling | None:
    """No recovery while a complaint with the ombudsman is open; answers to the complaint are not recovery."""
    if attempt.purpose is not ContactPurpose.COLLECT or attempt.at_debtor_request or attempt.required_by_law:
        return None
    if any(one.word == "OMBUDSMAN" for one in in_force(attempt, FactKind.COMPLAINT)):
        return Ruling.deny("A complaint with the ombudsman is open: nothing is recovered until it is closed.")
    return None


@CONTACTS.rule("au.rg96.statute-barred", citation=f"{GUIDE} s.20", jurisdiction="AU", confidence="G")
def statute_barred(attempt: ContactAttempt) -> Ruling | None:
    """No threat of suit on a debt that is barred by time, and no misleading about it."""
    if Content.THREATENS_SUIT not in attempt.content:
        return None
    expired = barred_since(attempt, attempt.accounts)
    if expired is None:
        return not_barred_yet(attempt, attempt.accounts)
    return Ruling.deny(
        f"The debt is barred by time since {expired.isoformat()}: a suit may not be threatened.",
        facts={"limitation ended": expired},
    )


@CONTACTS.rule("au.bankruptcy", citation="Bankruptcy Act 1966 s.58", jurisdiction="AU", confidence="G")
def bankrupt(attempt: ContactAttempt) -> Ruling | None:
    """No action for a provable debt during bankruptcy or a debt agreement."""
    if attempt.required_by_law or attempt.at_debtor_request:
        return None
    return bankruptcy(attempt)


def bankruptcy(attempt: Attempt) -> Ruling | None:
    """A denial while a bankruptcy case stands."""
    cases = in_force(attempt, FactKind.BANKRUPTCY)
    if not cases:
        return None
    return Ruling.deny(
        "The debtor is bankrupt or in a debt agreement: claim in the estate.", facts={"case": cases[0].on}
    )
