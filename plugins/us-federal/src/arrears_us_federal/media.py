"""By what way a consumer may be contacted: 12 CFR 1006.14(a), (h), 1006.22(f)(1), (2), (4), 1006.2(j), 1006.6(e)."""

from __future__ import annotations

from datetime import date, datetime

from arrears_sdk.law.counting import PHONE, VISITS, Counting, counted
from arrears_sdk.law.days import count_in, first_free_day, window
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force
from arrears_sdk.law.requirements import content
from arrears_sdk.law.words import ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact
from arrears_sdk.vocabulary import CommunicationChannel as Channel, ConsentState, Direction
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import (
    AUTOMATED,
    ELECTRONIC_MEDIA,
    MAIL,
    PROFESSIONALS,
    answers_once,
    asked_for,
    latest_consent,
    medium,
    until_begun,
)
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import opening_after

WRITTEN_WITH_LINE = frozenset({Channel.SMS, Channel.EMAIL, Channel.SOCIAL_PRIVATE})
_PLAIN = {
    **dict.fromkeys(PHONE, "telephone"),
    **dict.fromkeys(MAIL, "mail"),
    **dict.fromkeys(VISITS, "visits"),
    Channel.SMS: "text message",
    Channel.EMAIL: "e-mail",
}
_REPLIES = frozenset({ContactPurpose.REPLY, ContactPurpose.OPT_OUT_CONFIRMATION})
_NOTHING_ELSE = frozenset({Content.OPT_OUT_NOTICE, Content.CALLER_IDENTITY, Content.SAME_LANGUAGE})
_MESSAGE = frozenset(
    {
        Content.LIMITED_CONTENT,
        Content.CALLBACK_NUMBER,
        Content.CALLER_IDENTITY,
        Content.RECORDED,
        Content.SAME_LANGUAGE,
    }
)


def opted_out(fact: Fact, channel: Channel) -> bool:
    """Whether a wish not to be contacted by one channel is also about another: telephone is one medium, but a wish
    for no automated calls leaves those that a person dials.
    """
    return _reaches(fact.channel, channel)


def _reaches(named: Channel | None, channel: Channel) -> bool:
    if named is None:
        return channel in PHONE
    if named in AUTOMATED:
        return channel in AUTOMATED
    return channel in medium(named)


def taken_back(attempt: ContactAttempt, channel: Channel) -> list[datetime]:
    """When consent to a channel was taken back, by itself or with its whole medium, and not given to it again since."""
    found: list[datetime] = []
    if not any(consent.state is ConsentState.REVOKED for consent in attempt.debtor.consents):
        return found
    own = latest_consent(attempt, frozenset({channel}))
    for named in medium(channel):
        last = own if named is channel else latest_consent(attempt, frozenset({named}))
        if last is None or last.state is not ConsentState.REVOKED or not _reaches(named, channel):
            continue
        if own is None or own.state is ConsentState.REVOKED or own.given_at <= last.given_at:
            found.append(last.given_at)
    return found


def opt_out_since(attempt: ContactAttempt) -> datetime | None:
    """Since when the debtor does not want this medium, or this number or address, by whatever word."""
    since: list[datetime] = []
    if attempt.facts:
        since += [
            one.starts_at for one in in_force(attempt, FactKind.MEDIUM_OPT_OUT) if opted_out(one, attempt.channel)
        ]
        since += [
            one.starts_at
            for one in in_force(attempt, FactKind.CEASE)
            if one.word == "ORAL" and opted_out(one, attempt.channel)
        ]
    since += taken_back(attempt, attempt.channel)
    return min(since, default=None)


@CONTACTS.rule("us.regf.media-optout", citation="12 CFR 1006.14(h)", jurisdiction="US")
def media_optout(attempt: ContactAttempt) -> Ruling | None:
    """No contact by a medium, or at a number or address, that the person asked not to be used; save one electronic
    confirmation of that wish with nothing else in it, one reply by the same medium, and what the law requires.
    """
    if not attempt.facts and not attempt.debtor.consents:
        return None
    if not covered(attempt) or attempt.party in PROFESSIONALS or attempt.required_by_law or asked_for(attempt):
        return None
    since = opt_out_since(attempt)
    if since is None:
        return until_begun(attempt, FactKind.MEDIUM_OPT_OUT, "The debtor does not want a medium from then on.")
    if answers_once(attempt):
        return None
    way = _PLAIN.get(attempt.channel) or attempt.channel.lower().replace("_", " ")
    day = day_of(attempt, since)
    told = {"medium": way, "opted out on": day}
    confirms = attempt.purpose is ContactPurpose.OPT_OUT_CONFIRMATION and attempt.channel in ELECTRONIC_MEDIA
    if not confirms:
        return Ruling.deny(f"The debtor asked on {day.isoformat()} not to be contacted by {way}.", facts=told)
    if attempt.content - _NOTHING_ELSE:
        return Ruling.deny("The confirmation of an opt-out may have nothing else in it.", facts=told)
    if confirmed_since(attempt, since):
        return Ruling.deny("The opt-out was confirmed once already.", facts=told)
    return None


def confirmed_since(attempt: ContactAttempt, since: datetime) -> bool:
    """Whether the opt-out was confirmed, by the same medium, at an instant or later."""
    way = medium(attempt.channel)
    return any(
        event.direction is Direction.OUTBOUND
        and event.purpose is ContactPurpose.OPT_OUT_CONFIRMATION
        and event.channel in way
        and event.started_at >= since
        for event in attempt.history
    )


@CONTACTS.rule(
    "us.regf.harassment-any-medium",
    citation="12 CFR 1006.14(a), comment 14(a)-1",
    jurisdiction="US",
    configured=True,
)
def harassment_any_medium(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Many unsolicited contacts harass in any medium. The law gives no number; the agency's policy caps texts and
    warns of the rest.
    """
    if not attempt.history or attempt.channel in PHONE or attempt.purpose in _REPLIES:
        return None
    if attempt.required_by_law or not covered(attempt) or attempt.party in PROFESSIONALS or asked_for(attempt):
        return None
    if answers_once(attempt):
        return None
    way = medium(attempt.channel)
    numbers = sorted(
        event.debtor_local_date.toordinal()
        for event in counted(attempt, Counting.CONTACT_OR_ATTEMPT)
        if event.channel in way and event.purpose not in _REPLIES
    )
    if not numbers:
        return None
    if attempt.channel is Channel.SMS:
        return _texts(attempt, numbers, settings)
    today = days(attempt)[0]
    made = count_in(numbers, today, today)
    if made < settings.messages_a_day:
        return None
    return Ruling.warn(
        f"There were {made} contacts by this medium today already: so many may harass.", facts={"contacts today": made}
    )


def _texts(attempt: ContactAttempt, numbers: list[int], settings: UsFederalConfig) -> Ruling | None:
    """The policy's cap on texts."""
    local = days(attempt)
    free = [_free_of_texts(numbers, today, settings) for today in local]
    if all(found == today for found, today in zip(free, local, strict=True)):
        return None
    today = local[0]
    in_day, in_week = count_in(numbers, today, today), count_in(numbers, *window(7, today))
    reason = (
        f"Texts sent today: {in_day}, in seven days: {in_week};"
        f" the agency sends at most {settings.texts_a_day} and {settings.texts_in_seven_days}."
    )
    facts = {"texts today": in_day, "texts in 7 days": in_week}
    if settings.text_cap == "WARN":
        return Ruling.warn(reason, facts=facts)
    if not settings.texts_a_day or not settings.texts_in_seven_days:
        return Ruling.deny("The agency sends no unsolicited texts.", facts=facts)
    opens = start_of_day(max(free), attempt.debtor.time_zones)
    return Ruling.defer(opening_after(attempt, opens), reason, facts=facts)


def _free_of_texts(numbers: list[int], today: date, settings: UsFederalConfig) -> date:
    """The first day on which one more text keeps both caps; the day itself when a cap is nought and nothing does."""
    caps = ((settings.texts_a_day, 1), (settings.texts_in_seven_days, 7))
    if not all(limit for limit, _ in caps):
        return date.max
    day, before = today, None
    while day != before:
        before = day
        for limit, span in caps:
            day = first_free_day(numbers, day, limit=limit, span=span)
    return day


@CONTACTS.rule(
    "us.regf.social-public",
    citation="12 CFR 1006.22(f)(4); 1006.18(d)",
    jurisdiction="US",
    channels={Channel.SOCIAL_PUBLIC, Channel.SOCIAL_PRIVATE},
)
def social_public(attempt: ContactAttempt) -> Ruling | None:
    """Nothing on social media that the public or the person's contacts can see; a private message, or a request to
    connect, says that it is from a debt collector.
    """
    if not covered(attempt):
        return None
    if attempt.channel is Channel.SOCIAL_PUBLIC:
        return Ruling.deny("The public, or the debtor's contacts, could see this message.")
    if Content.COLLECTOR_DISCLOSURE in attempt.content or Content.INITIAL_DISCLOSURE in attempt.content:
        return None
    return Ruling.require(content(Content.COLLECTOR_DISCLOSURE), "Say that the message is from a debt collector.")


@CONTACTS.rule(
    "us.regf.electronic-optout-notice",
    citation="12 CFR 1006.6(e)",
    jurisdiction="US",
    confidence="P",
    channels=WRITTEN_WITH_LINE,
)
def electronic_optout_notice(attempt: ContactAttempt) -> Ruling | None:
    """Every electronic message says, clearly and without a fee, how to opt out of that number, address or medium."""
    if Content.OPT_OUT_NOTICE in attempt.content or attempt.purpose is ContactPurpose.OPT_OUT_CONFIRMATION:
        return None
    if not covered(attempt) or attempt.party in PROFESSIONALS:
        return None
    return Ruling.require(
        content(Content.OPT_OUT_NOTICE), "Say in the message how to opt out of messages to this number or address."
    )


@CONTACTS.rule(
    "us.regf.limited-content-message", citation="12 CFR 1006.2(b),(d),(j)", jurisdiction="US", confidence="P"
)
def limited_content_message(attempt: ContactAttempt) -> Ruling | None:
    """A limited-content message is a voicemail with a business name that reveals nothing, a request to reply, whom to
    ask for and the number; nothing else. It is an attempt and no communication.
    """
    limited = Content.LIMITED_CONTENT in attempt.content
    if not limited and attempt.purpose is not ContactPurpose.LEAVE_MESSAGE:
        return None
    if not covered(attempt):
        return None
    if not limited:
        return Ruling.warn("Others may hear this message: only a limited-content message reveals no debt.")
    if attempt.channel not in PHONE:
        return Ruling.deny("A limited-content message can only be a voicemail.")
    more = sorted(word.lower().replace("_", " ") for word in attempt.content - _MESSAGE)
    if more:
        return Ruling.deny(
            f"A limited-content message may hold nothing else; this one holds: {', '.join(more)}.",
            facts={"beyond the limits": ", ".join(more)},
        )
    return None


@CONTACTS.rule(
    "us.regf.postcard-envelope",
    citation="15 USC 1692f(7),(8); 12 CFR 1006.22(f)(1),(2)",
    jurisdiction="US",
    channels=MAIL,
)
def postcard_envelope(attempt: ContactAttempt) -> Ruling | None:
    """No postcards; on an envelope nothing but the collector's address, or a name that does not reveal collection."""
    if not covered(attempt):
        return None
    if attempt.channel is Channel.POSTCARD:
        return Ruling.deny("A debt may not be written of on a postcard.")
    if Content.PLAIN_ENVELOPE in attempt.content:
        return None
    return Ruling.require(content(Content.PLAIN_ENVELOPE), "Use an envelope that does not reveal a debt collector.")
