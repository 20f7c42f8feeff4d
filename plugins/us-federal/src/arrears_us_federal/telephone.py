"""Automated calls and texts: 47 USC 227; 47 CFR 64.1200. These rules bind creditors and collectors alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.counting import PHONE, Counting, counted
from arrears_sdk.law.days import business_days_after, count_in, first_free_day, window
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force
from arrears_sdk.law.requirements import consent as consent_requirement, content
from arrears_sdk.law.words import ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Consent, ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel, ConsentScope, ConsentState, LineType
from arrears_us_federal.media import confirmed_since, opted_out, taken_back
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import AUTOMATED, PROFESSIONALS, asked_for, granted, latest_consent, until_over
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import first_start, usual_hours

TEXTS = frozenset({Channel.SMS})
AUTOMATIC = AUTOMATED | TEXTS
_FIXED = frozenset({LineType.LANDLINE, LineType.TOLL_FREE})
FIVE_MINUTES = timedelta(minutes=5)
MOST_PRERECORDED = 3
PRERECORDED_DAYS = 30
REVOKE_ALL_FROM = date(2027, 1, 31)
REVOCATION = "47 CFR 64.1200(a)(10)"


def _kind(channel: Channel) -> frozenset[Channel]:
    """The channels that are one kind of message: automated calls, or texts."""
    return AUTOMATED if channel in AUTOMATED else frozenset({channel})


def _untested(attempt: ContactAttempt, settings: UsFederalConfig) -> bool:
    if attempt.channel is Channel.SMS and not settings.texts_are_autodialed:
        return True
    return attempt.party in PROFESSIONALS or asked_for(attempt)


def _confirms(attempt: ContactAttempt) -> bool:
    return attempt.channel is Channel.SMS and attempt.purpose is ContactPurpose.OPT_OUT_CONFIRMATION


def wireless(attempt: ContactAttempt) -> bool:
    """Whether the line may be a mobile one, or one on which the called party pays: unknown ones are taken as such."""
    point = attempt.contact_point
    if point is None or point.line_type not in _FIXED:
        return True
    return bool(attempt.facts and in_force(attempt, FactKind.CHARGES_RECIPIENT))


def number_was_given(attempt: ContactAttempt) -> datetime | None:
    """When the debtor gave this number for the debt, unless consent was taken back since."""
    if not attempt.facts:
        return None
    given = [one.starts_at for one in in_force(attempt, FactKind.SUPPLIED_BY_DEBTOR)]
    if not given:
        return None
    last = latest_consent(attempt, _kind(attempt.channel))
    if last is not None and last.state is ConsentState.REVOKED and last.given_at >= max(given):
        return None
    return max(given)


@CONTACTS.rule(
    "us.tcpa.mobile-consent",
    citation="47 USC 227(b)(1)(A); 47 CFR 64.1200(a)(1)",
    jurisdiction="US",
    channels=AUTOMATIC,
    configured=True,
)
def mobile_consent(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """An autodialer, an artificial or a prerecorded voice reaches a mobile number only with the called party's prior
    consent; a number that was given to the creditor for the debt is consent for that debt.
    """
    if _untested(attempt, settings) or _confirms(attempt) or not wireless(attempt):
        return None
    consented = granted(attempt, frozenset({attempt.channel}))
    if consented is not None:
        if consented.expires_at is None:
            return None
        return Ruling.allow(consented.expires_at, reason="The debtor consented to such calls and messages.")
    if number_was_given(attempt) is not None:
        given = in_force(attempt, FactKind.SUPPLIED_BY_DEBTOR)
        return until_over(given, "The debtor gave this number for the debt.")
    point = attempt.contact_point
    line = point.line_type if point is not None and point.line_type is not None else LineType.UNKNOWN
    return Ruling.deny(
        "No consent to automated calls or messages to this number is recorded.",
        missing_fact=consent_requirement(attempt.channel),
        facts={"line": line.lower().replace("_", " ")},
    )


@CONTACTS.rule(
    "us.tcpa.residential-prerecorded",
    citation="47 CFR 64.1200(a)(3), (b)",
    jurisdiction="US",
    confidence="G",
    channels={Channel.PHONE_PRERECORDED},
)
def residential_prerecorded(attempt: ContactAttempt) -> Ruling | None:
    """Without consent at most three prerecorded calls to a residential line in thirty days, each with an automated way
    to opt out.
    """
    if attempt.party in PROFESSIONALS or asked_for(attempt) or wireless(attempt):
        return None
    if granted(attempt, frozenset({attempt.channel})) is not None:
        return None
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    numbers = sorted(
        event.debtor_local_date.toordinal()
        for event in counted(attempt, Counting.PLACED_CALL)
        if event.channel is Channel.PHONE_PRERECORDED and event.contact_point_id in (point, None)
    )
    today = days(attempt)[0]
    free = first_free_day(numbers, today, limit=MOST_PRERECORDED, span=PRERECORDED_DAYS)
    if free > today:
        made = count_in(numbers, *window(PRERECORDED_DAYS, today))
        return Ruling.defer(
            start_of_day(free, attempt.debtor.time_zones),
            f"There were {made} prerecorded calls to this line in thirty days; without consent three are allowed.",
            facts={"prerecorded calls in 30 days": made},
        )
    if Content.OPT_OUT_NOTICE in attempt.content:
        return None
    return Ruling.require(content(Content.OPT_OUT_NOTICE), "A prerecorded call offers an automated way to opt out.")


def _revocations(attempt: ContactAttempt, channels: frozenset[Channel]) -> list[datetime]:
    """When the debtor took back consent to channels, by whatever means, and has not given it again since."""
    found: list[datetime] = []
    if attempt.facts:
        found += [
            one.starts_at
            for one in in_force(attempt, FactKind.MEDIUM_OPT_OUT)
            if any(opted_out(one, channel) for channel in channels)
        ]
        found += [one.starts_at for one in in_force(attempt, FactKind.CEASE)]
    for channel in channels if attempt.debtor.consents else ():
        last = latest_consent(attempt, frozenset({channel}))
        if last is not None and last.state is ConsentState.REVOKED:
            found.append(last.given_at)
    if attempt.channel in channels & PHONE:
        found += taken_back(attempt, attempt.channel)
    return found


def _wide(attempt: ContactAttempt) -> list[Consent]:
    """What was taken back for more than one kind of message."""
    newest = (latest_consent(attempt, frozenset({channel})) for channel in AUTOMATIC)
    return [
        last
        for last in newest
        if last is not None
        and last.state is ConsentState.REVOKED
        and last.scope is not ConsentScope.THIS_KIND_OF_MESSAGE
    ]


def _honoured(attempt: ContactAttempt, revoked: list[datetime], settings: UsFederalConfig) -> Ruling | None:
    """A refusal from the day on which a revocation is honoured, until then a permission that ends there."""
    if not revoked:
        return None
    first = min(revoked)
    day = day_of(attempt, first)
    told = {"consent revoked": day}
    if settings.revocation_business_days:
        honoured = business_days_after(day, settings.revocation_business_days, us_federal_holiday)
        if days(attempt)[-1] < honoured:
            begins = first_start(honoured, attempt.debtor.time_zones)
            return Ruling.allow(begins, reason=f"The revocation is honoured from {honoured.isoformat()}.", facts=told)
    return Ruling.deny(f"Consent to automated calls and messages was revoked on {day.isoformat()}.", facts=told)


@CONTACTS.rule(
    "us.tcpa.revocation",
    citation=REVOCATION,
    jurisdiction="US",
    confidence="P",
    channels=AUTOMATIC,
    configured=True,
)
def revocation(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Consent to automated calls and texts is taken back by any reasonable means, a wish for no contact among them, and
    that is honoured at once, at the latest ten business days after receipt; for the kind of message that was meant, or
    for all where the debtor said so.
    """
    if _untested(attempt, settings) or _confirms(attempt):
        return None
    if not attempt.facts and not attempt.debtor.consents:
        return None
    revoked = _revocations(attempt, _kind(attempt.channel))
    revoked += [last.given_at for last in _wide(attempt)] if attempt.debtor.consents else []
    return _honoured(attempt, revoked, settings)


@CONTACTS.rule(
    "us.tcpa.revocation-all",
    citation=REVOCATION,
    jurisdiction="US",
    effective_from=REVOKE_ALL_FROM,
    confidence="P",
    channels=AUTOMATIC,
    configured=True,
)
def revocation_of_all(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """From 31 January 2027 a revocation is one of all automated calls and texts of this caller."""
    if _untested(attempt, settings) or _confirms(attempt):
        return None
    if not attempt.facts and not attempt.debtor.consents:
        return None
    return _honoured(attempt, _revocations(attempt, AUTOMATIC), settings)


@CONTACTS.rule(
    "us.tcpa.confirmation-text",
    citation="47 CFR 64.1200(a)(12)",
    jurisdiction="US",
    confidence="P",
    channels=TEXTS,
)
def confirmation_text(attempt: ContactAttempt) -> Ruling | None:
    """One text may confirm an opt-out, without marketing, within five minutes of it."""
    if not _confirms(attempt):
        return None
    if Content.SOLICITATION in attempt.content:
        return Ruling.deny("The text that confirms an opt-out may hold no marketing.")
    revoked = _revocations(attempt, TEXTS)
    if not revoked:
        return None
    since = max(revoked)
    if confirmed_since(attempt, since):
        return Ruling.deny("The opt-out was confirmed once already.")
    if attempt.at <= since + FIVE_MINUTES:
        return None
    minutes = int((attempt.at - since) / timedelta(minutes=1))
    return Ruling.warn(
        f"The opt-out came {minutes} minutes ago; a confirmation within five minutes is presumed to be one.",
        facts={"minutes since the opt-out": minutes},
    )


@CONTACTS.rule(
    "us.tcpa.solicitation-hours",
    citation="47 USC 227(a)(4); 47 CFR 64.1200(c)",
    jurisdiction="US",
    channels=PHONE | TEXTS,
)
def solicitation_hours(attempt: ContactAttempt) -> Ruling | None:
    """Who also sells something calls from 08:00 until before 21:00 only; pure collection is no solicitation."""
    if Content.SOLICITATION not in attempt.content:
        return None
    zones = attempt.debtor.time_zones
    found = usual_hours(attempt.at, zones) if zones else None
    if found is None:
        return Ruling.deny("Nobody knows what time it is for the debtor.", missing_fact="time zone")
    if found[0] <= attempt.at:
        return Ruling.allow(found[1], reason="It is between 08:00 and 21:00.")
    local = " / ".join(attempt.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z") for zone in zones)
    return Ruling.defer(found[0], "A solicitation by telephone waits for 08:00 to 21:00.", facts={"local time": local})
