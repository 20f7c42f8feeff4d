"""Hours of contact in the provinces of Canada."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from arrears_canada.packs import CONTACTS
from arrears_sdk.law.calendars import holiday_test
from arrears_sdk.law.counting import PHONE, VISITS
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import Hours, common_opening, every_day, rule_on_hours, start_of_day, weekly
from arrears_sdk.law.known import day_of, days, in_force, told
from arrears_sdk.rules import local_days
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import CollectorRole, CommunicationChannel as Channel

SPOKEN = PHONE | VISITS
UNTIMED = frozenset({Channel.LETTER, Channel.POSTCARD})
ONTARIO = "R.R.O. 1990, Reg. 74"
_AFTERNOON = (time(13), time(17))
_ONTARIO_HOURS = weekly((time(7), time(21)), (time(7), time(21)), _AFTERNOON, holidays="CA-ON")
_BC_HOURS = weekly((time(7), time(21)), (time(7), time(21)), _AFTERNOON, holidays="CA-BC")
_ALBERTA_HOURS = every_day(time(7), time(22))
_QUEBEC_HOURS = weekly((time(8), time(20)), (time(8), time(20)), None)
_QUEBEC_WORDS = "08:00 to 20:00 from Monday to Saturday"
ALBERTA_TIME = ("America/Edmonton",)
_MOST_HOLIDAYS = 5


def own_debts(attempt: ContactAttempt | ActionAttempt) -> bool:
    """Whether all debts are the agency's own as the creditor: the acts of Ontario and Alberta bind agencies only."""
    owed = attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)
    return bool(owed) and all(account.collector_role is CollectorRole.FIRST_PARTY for account in owed)


def _ruled(attempt: ContactAttempt, hours: Hours, words: str, zones: tuple[str, ...] | None = None) -> Ruling | None:
    if attempt.at_debtor_request:
        return None
    return rule_on_hours(hours, attempt.at, zones or attempt.debtor.time_zones, words=words)


@CONTACTS.rule(
    "ca.on.hours",
    citation=f"{ONTARIO} s.22",
    jurisdiction="CA-ON",
    confidence="P",
    channels=frozenset(Channel) - UNTIMED,
)
def ontario(attempt: ContactAttempt) -> Ruling | None:
    """On Sundays from 13:00 to 17:00, on other days from 07:00 to 21:00, on holidays not at all, unless asked for."""
    if own_debts(attempt):
        return None
    return _ruled(attempt, _ONTARIO_HOURS, "07:00 to 21:00, on Sundays 13:00 to 17:00, no holiday")


@CONTACTS.rule(
    "ca.bc.hours",
    citation="Business Practices and Consumer Protection Act Part 7; Debt Collection Industry Regulation",
    jurisdiction="CA-BC",
    confidence="P",
    channels=SPOKEN,
)
def british_columbia(attempt: ContactAttempt) -> Ruling | None:
    """Calls and visits from Monday to Saturday 07:00 to 21:00, on Sundays 13:00 to 17:00, not on statutory holidays."""
    return _ruled(attempt, _BC_HOURS, "07:00 to 21:00, on Sundays 13:00 to 17:00, no statutory holiday")


@CONTACTS.rule(
    "ca.ab.hours",
    citation="Collection and Debt Repayment Practices Regulation s.12",
    jurisdiction="CA-AB",
    confidence="P",
    channels=frozenset(Channel) - UNTIMED,
)
def alberta(attempt: ContactAttempt) -> Ruling | None:
    """From 07:00 to 22:00, in Alberta's time wherever the debtor is."""
    if own_debts(attempt):
        return None
    return _ruled(attempt, _ALBERTA_HOURS, "07:00 to 22:00", ALBERTA_TIME)


@CONTACTS.rule(
    "ca.qc.hours",
    citation="Act respecting the collection of certain debts; Regulation",
    jurisdiction="CA-QC",
    channels=SPOKEN,
)
def quebec(attempt: ContactAttempt) -> Ruling | None:
    """Calls and visits from Monday to Saturday 08:00 to 20:00; not on Sundays and nine listed holidays."""
    if attempt.at_debtor_request:
        return None
    zones = attempt.debtor.time_zones
    today, opens = days(attempt), _quebec_opening(attempt.at, zones)
    if opens is None or opens <= attempt.at:
        return _ruled(attempt, _QUEBEC_HOURS, _QUEBEC_WORDS)
    listed = [day for day in today if quebec_holiday(day)]
    if listed:
        reason, told = f"{listed[-1].isoformat()} is a holiday on which nobody is called.", {"holiday": listed[-1]}
        return Ruling.defer(opens, reason, facts=told)
    return Ruling.defer(
        opens, f"It is not {_QUEBEC_WORDS} in {' and '.join(zones)}.", facts={"local day": today[-1].isoformat()}
    )


def _quebec_opening(at: datetime, zones: tuple[str, ...]) -> datetime | None:
    """From when calls are allowed, the holidays that are listed left out; None where no hour is common."""
    for _ in range(_MOST_HOLIDAYS):
        found = common_opening([(_QUEBEC_HOURS, zone) for zone in zones], at) if zones else None
        if found is None:
            return None
        opens = max(at, found[0])
        listed = [day for day in local_days(opens, zones) if quebec_holiday(day)]
        if not listed:
            return opens
        at = start_of_day(listed[-1] + timedelta(days=1), zones)
    return None


def quebec_holiday(day: date) -> bool:
    """Whether a day is one of those that Quebec's regulation lists: 1 January, Good Friday, Easter Monday, the Monday
    before 25 May, 24 June, 1 July (2 July when that is a Sunday), Labour Day, Thanksgiving, 25 December.
    """
    canada_day = date(day.year, 7, 1)
    if canada_day.weekday() == 6:
        canada_day += timedelta(days=1)
    may_25 = date(day.year, 5, 25)
    patriots = may_25 - timedelta(days=may_25.weekday() or 7)
    monday = day.weekday() == 0
    return (
        day in (date(day.year, 1, 1), date(day.year, 6, 24), date(day.year, 12, 25), canada_day, patriots)
        or (monday and day.month == 9 and day.day <= 7)
        or (monday and day.month == 10 and 8 <= day.day <= 14)
        # Good Friday moves; Easter Monday is no public holiday of Canada's, but always three days later.
        or (day.weekday() == 4 and holiday_test("CA")(day) and day.month in (3, 4))
        or (monday and day.month in (3, 4) and holiday_test("CA")(day - timedelta(days=3)))
    )


@CONTACTS.rule("ca.bc.writing-only", citation="BPCPA s.116", jurisdiction="CA-BC", confidence="P", channels=SPOKEN)
def in_writing_in_british_columbia(attempt: ContactAttempt) -> Ruling | None:
    """No calls once the debtor asked in writing to be written to only."""
    if attempt.at_debtor_request or not in_force(attempt, FactKind.WRITING_ONLY):
        return None
    return Ruling.deny(
        "The debtor asked in writing to be contacted in writing only.", facts=told(attempt, FactKind.WRITING_ONLY)
    )


@CONTACTS.rule(
    "ca.qc.writing-only",
    citation="Act respecting the collection of certain debts s.34",
    jurisdiction="CA-QC",
    confidence="G",
    channels=SPOKEN,
)
def in_writing_in_quebec(attempt: ContactAttempt) -> Ruling | None:
    """No calls for three months after the debtor asked in writing to be written to only."""
    asked = in_force(attempt, FactKind.WRITING_ONLY)
    if not asked or attempt.at_debtor_request:
        return None
    zones = attempt.debtor.time_zones
    until = max(start_of_day(_three_months_after(fact.on or day_of(attempt, fact.starts_at)), zones) for fact in asked)
    if attempt.at >= until:
        return None
    return Ruling.defer(
        until,
        "The debtor asked to be contacted in writing only, which holds for three months.",
        facts={"asked on": max(fact.on or day_of(attempt, fact.starts_at) for fact in asked)},
    )


def _three_months_after(day: date) -> date:
    """The first day on which the request no longer holds."""
    month = day.month + 2
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last)) + timedelta(days=1)
