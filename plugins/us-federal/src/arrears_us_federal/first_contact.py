"""Nothing is reported before the debtor was spoken with or written to: 12 CFR 1006.30(a)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from arrears_sdk.law.counting import NOT_DELIVERED, PHONE, VISITS, about_debt, talked
from arrears_sdk.law.days import days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, days
from arrears_sdk.law.requirements import notice as notice_requirement
from arrears_sdk.law.words import ContactPurpose, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, Interaction, Notice
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Direction, PartyReached
from arrears_us_federal.coverage import covered
from arrears_us_federal.furnishing import FURNISH
from arrears_us_federal.packs import ACTIONS
from arrears_us_federal.planned import wait_until
from arrears_us_federal.settings import UsFederalConfig

MONITORED = timedelta(days=14)
"""So long after the day of sending the return of a letter or message makes it count as never sent."""
_SPOKEN = PHONE | VISITS
_MESSAGES = frozenset(
    {Channel.LETTER, Channel.EMAIL, Channel.SMS, Channel.SOCIAL_PRIVATE, Channel.PUSH_OR_PORTAL, Channel.FAX}
)
_ABOUT_THE_DEBT = frozenset(
    {ContactPurpose.COLLECT, ContactPurpose.NOTICE, ContactPurpose.REMEDY_NOTICE, ContactPurpose.LEGAL_PROCESS}
)
_AGENCY_NOTICES = frozenset(
    {
        NoticeKind.VALIDATION,
        NoticeKind.VERIFICATION,
        NoticeKind.ORIGINAL_CREDITOR,
        NoticeKind.DUPLICATE_DISPUTE,
        NoticeKind.ITEMISATION,
        NoticeKind.TIME_BARRED,
        NoticeKind.FURNISHING_INTENT,
        NoticeKind.LETTER,
    }
)
"""What the agency itself sends the debtor about the debt; notices of the creditor are not its own first contact."""


@ACTIONS.rule(
    "us.regf.furnish-first-contact",
    citation="12 CFR 1006.30(a)(1), comments 1-3",
    jurisdiction="US",
    actions=FURNISH,
    configured=True,
)
def furnish_first_contact(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Before a debt is reported the agency speaks with the debtor about it, or sends a letter or message about it and
    waits fourteen days for its return. One that came back within these counts as never sent.
    """
    if settings.only_check_bureaus or not covered(attempt) or _spoken(attempt):
        return None
    sent = [*_notices_sent(attempt), *_messages_sent(attempt)]
    if not sent:
        wanted = notice_requirement(NoticeKind.VALIDATION)
        return Ruling.require(
            wanted,
            "Nobody has spoken with the debtor about the debt, and no letter or message about it has arrived.",
            missing_fact=wanted,
        )
    first = min(sent)
    free = days_after(first, settings.furnish_after_days)
    if days(attempt)[0] >= free:
        return None
    return wait_until(
        attempt,
        free,
        f"The first letter or message was sent on {first.isoformat()}: wait until {free.isoformat()} for its return.",
        sent=first,
    )


def _spoken(attempt: ActionAttempt) -> bool:
    """Whether agency and debtor spoke about the debt, by telephone or in person, whoever began."""
    if any(_told_orally(given, attempt) for given in attempt.notices):
        return True
    debt = attempt.account.id
    return any(
        event.channel in _SPOKEN
        and event.party_reached is PartyReached.DEBTOR
        and event.debt_discussed
        and not event.pending
        and event.started_at <= attempt.at
        and talked(event)
        and about_debt(event, debt)
        for event in attempt.history
    )


def _told_orally(given: Notice, attempt: ActionAttempt) -> bool:
    return given.medium in _SPOKEN and given.sent_at <= attempt.at and _own_notice(given, attempt)


def _own_notice(given: Notice, attempt: ActionAttempt) -> bool:
    return given.kind in _AGENCY_NOTICES and (not given.account_ids or attempt.account.id in given.account_ids)


def _notices_sent(attempt: ActionAttempt) -> Iterator[date]:
    for given in attempt.notices:
        if given.medium not in _MESSAGES or given.sent_at > attempt.at or not _own_notice(given, attempt):
            continue
        came_back = given.returned_at
        sent = day_of(attempt, given.sent_at)
        if came_back is not None and came_back <= attempt.at and day_of(attempt, came_back) <= sent + MONITORED:
            continue
        if not _bounced(attempt, given.contact_point_id, given.sent_at):
            yield sent


def _messages_sent(attempt: ActionAttempt) -> Iterator[date]:
    for event in attempt.history:
        if event.direction is not Direction.OUTBOUND or event.channel not in _MESSAGES or event.pending:
            continue
        if event.started_at > attempt.at or event.result in NOT_DELIVERED or not _about(event, attempt.account.id):
            continue
        if not _bounced(attempt, event.contact_point_id, event.started_at):
            yield day_of(attempt, event.started_at)


def _about(event: Interaction, account_id: str) -> bool:
    """Whether a message was to the debtor and about the debt: not an inquiry, a bare request to call, or an opt-out."""
    return about_debt(event, account_id) and (event.debt_discussed or event.purpose in _ABOUT_THE_DEBT)


def _bounced(attempt: ActionAttempt, point: str | None, sent_at: datetime) -> bool:
    """Whether something to the same endpoint is known to have come back within the days of monitoring."""
    if point is None or not attempt.facts:
        return False
    sent = day_of(attempt, sent_at)
    return any(
        fact.kind is FactKind.BOUNCED
        and fact.contact_point_id == point
        and fact.starts_at <= attempt.at
        and fact.on is not None
        and sent <= fact.on <= sent + MONITORED
        for fact in attempt.facts
    )


@ACTIONS.rule(
    "us.regf.furnish-exempt",
    citation="12 CFR 1006.30(a)(2)",
    jurisdiction="US",
    confidence="G",
    actions=FURNISH,
    configured=True,
)
def furnish_exempt(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Reports to specialty bureaus for checks need no contact first. This rule never objects: where the agency reports
    to such bureaus alone, the rule about the first contact asks it.
    """
    if settings.only_check_bureaus and covered(attempt):
        return Ruling.allow(reason="The agency reports to bureaus for checks alone.", facts={"exempt": "yes"})
    return None
