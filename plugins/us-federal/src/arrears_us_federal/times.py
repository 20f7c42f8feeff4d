"""12 CFR 1006.6(b)(1): when a consumer may be contacted."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import ContactPurpose
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import MAIL, PROFESSIONALS, answers_once, asked_for, consent_to_contact
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import Opening, blocked_until, hours_at, next_block, wishes

TIMED = frozenset(Channel) - MAIL
"""Whatever rings, is seen at once or stands at the door; mail is not."""
SENT = frozenset({Channel.SMS, Channel.EMAIL, Channel.PUSH_OR_PORTAL})
_WORDS = "08:00 to 21:00, or the hours the debtor agreed to"


def _untested(attempt: ContactAttempt) -> bool:
    """Whether no time of the day is wrong for the contact: not covered, not with a consumer, or asked for."""
    return not covered(attempt) or attempt.party in PROFESSIONALS or asked_for(attempt) or answers_once(attempt)


def _local(attempt: ContactAttempt) -> str:
    return " / ".join(
        attempt.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z") for zone in attempt.debtor.time_zones
    )


def _closed(attempt: ContactAttempt, found: Opening | None) -> Ruling | None:
    """A refusal when the hours are not open; nothing when they are."""
    zones = attempt.debtor.time_zones
    if not zones:
        return Ruling.deny("Nobody knows what time it is for the debtor.", missing_fact="time zone")
    where = " and ".join(zones)
    if found is None:
        return Ruling.deny(
            f"No hour of {_WORDS} suits {where}.", missing_fact="time zone", facts={"local time": _local(attempt)}
        )
    if found[0] <= attempt.at:
        return None
    return Ruling.defer(found[0], f"It is not {_WORDS} in {where}.", facts={"local time": _local(attempt)})


@CONTACTS.rule(
    "us.regf.inconvenient-time",
    citation="12 CFR 1006.6(b)(1)(i); 15 USC 1692c(a)(1)",
    jurisdiction="US",
    channels=TIMED,
    configured=True,
)
def inconvenient_time(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Contact from 08:00 until before 21:00 where the debtor is, in every zone in which that may be. Hours that the
    debtor agreed to take their place. A contact that the debtor asked for, and one reply, are free.
    """
    if _untested(attempt):
        return None
    if settings.direct_consent_lifts_hours:
        consent = consent_to_contact(attempt)
        if consent is not None:
            return Ruling.allow(consent.ends_at, reason="The debtor consented to contact at such times.")
    found = hours_at(attempt, attempt.at)
    closed = _closed(attempt, found)
    if closed is not None or found is None:
        return closed
    return _open(found[1])


@lru_cache(maxsize=256)
def _open(closes: datetime) -> Ruling:
    return Ruling.allow(closes, reason="The hours are open where the debtor is.")


@CONTACTS.rule(
    "us.regf.location-uncertain",
    citation="12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-2",
    jurisdiction="US",
    confidence="G",
    channels=TIMED,
)
def location_uncertain(attempt: ContactAttempt) -> Ruling | None:
    """While it is not known where the debtor is, the time has to suit every place where that may be."""
    if len(attempt.debtor.time_zones) < 2 or _untested(attempt):
        return None
    return _closed(attempt, hours_at(attempt, attempt.at))


@CONTACTS.rule(
    "us.regf.electronic-send-time",
    citation="12 CFR 1006.6(b)(1)(i), comment 6(b)(1)(i)-1",
    jurisdiction="US",
    confidence="G",
    channels=SENT,
)
def electronic_send_time(attempt: ContactAttempt) -> Ruling | None:
    """A message counts at the instant at which it is sent, not when it is delivered or read."""
    if _untested(attempt):
        return None
    return _closed(attempt, hours_at(attempt, attempt.at))


def _designated(attempt: ContactAttempt) -> datetime | None:
    """Until when the debtor's unwanted hours last; the instant of the contact when there are none."""
    facts = wishes(attempt, FactKind.INCONVENIENT_TIME)
    return blocked_until(attempt.at, facts, attempt.debtor.time_zones or ("UTC",))


@CONTACTS.rule(
    "us.regf.designated-time",
    citation="12 CFR 1006.6(b)(1)(i), comment 6(b)(1)-1",
    jurisdiction="US",
    confidence="P",
    channels=TIMED,
)
def designated_time(attempt: ContactAttempt) -> Ruling | None:
    """No contact at hours or on days that the debtor named as inconvenient, to whomever it was, until that changes."""
    if not attempt.facts:
        return None
    facts = wishes(attempt, FactKind.INCONVENIENT_TIME)
    if not facts or _untested(attempt):
        return None
    zones = attempt.debtor.time_zones or ("UTC",)
    free = blocked_until(attempt.at, facts, zones)
    told = {"local time": _local(attempt), "inconvenient hours recorded": len(facts)}
    if free is None:
        return Ruling.deny("The debtor named this time as inconvenient, and no end of it.", facts=told)
    if free > attempt.at:
        return Ruling.defer(free, "The debtor named this time as inconvenient.", facts=told)
    begins = next_block(attempt.at, facts, zones)
    return None if begins is None else Ruling.allow(begins, reason="The debtor's inconvenient hours begin later.")


@CONTACTS.rule(
    "us.regf.no-consent-mid-violation",
    citation="12 CFR 1006.6(b)(4)(i) comment",
    jurisdiction="US",
    confidence="G",
    channels=TIMED,
)
def no_consent_mid_violation(attempt: ContactAttempt) -> Ruling | None:
    """Who learns in a contact that its time is inconvenient may ask for a better one, not for consent to go on."""
    if attempt.purpose is not ContactPurpose.CONSENT_REQUEST or _untested(attempt):
        return None
    found = hours_at(attempt, attempt.at)
    closed = found is None or found[0] > attempt.at
    if not closed and _designated(attempt) == attempt.at:
        return None
    return Ruling.deny(
        "This time is inconvenient: consent to go on may not be asked for now. Ask for a better time instead.",
        facts={"local time": _local(attempt)},
    )
