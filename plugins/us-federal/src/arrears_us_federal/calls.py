"""How often a consumer may be called: 12 CFR 1006.14(a), (b), (g)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from arrears_sdk.law.counting import PHONE, Counting, about_debt, newest, recent
from arrears_sdk.law.days import count_in, first_free_day, free_again_after, window
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, days, in_force
from arrears_sdk.law.requirements import content
from arrears_sdk.law.words import ContactPurpose, Content
from arrears_sdk.rules import local_days
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Fact, Interaction
from arrears_sdk.vocabulary import Initiator, InteractionResult as Result, PartyReached, Product
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import CONSUMERS, PROFESSIONALS, asked_for
from arrears_us_federal.representation import LOCATING
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import day_starts, first_start, opening_after

SPAN = 7
REACH = timedelta(days=SPAN + 1)
"""Calls of earlier days are in no window that holds today; a day more, for one who moved between zones."""
_OTHERS = frozenset({PartyReached.THIRD_PARTY, PartyReached.ATTORNEY})
_REFUSED = frozenset({Result.REFUSES, Result.CEASE})
_CHARGED = frozenset({Content.RIDICULE, Content.THREATENS_UNLAWFUL_STEP})


def debt_groups(attempt: ContactAttempt) -> list[frozenset[str]]:
    """The debts of a contact, each by itself; student loans serviced under one number when obtained are one debt."""
    accounts = covered_accounts(attempt)
    numbers = {
        fact.account_id: fact.number
        for fact in attempt.facts
        if fact.kind is FactKind.SERVICING_NUMBER and fact.account_id is not None and fact.number is not None
    }
    if not numbers:
        return [frozenset({account.id}) for account in accounts]
    groups: dict[frozenset[str], None] = {}
    for account in accounts:
        number = numbers.get(account.id) if account.product is Product.STUDENT else None
        joined = (
            frozenset(id for id, other in numbers.items() if other == number) if number is not None else frozenset()
        )
        groups[joined | {account.id}] = None
    return list(groups)


def same_person(attempt: ContactAttempt, event: Interaction) -> bool:
    """Whether a past call was to the person who is now to be called, at whatever number."""
    if attempt.party in CONSUMERS:
        return event.party is attempt.party
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    return event.party is attempt.party and (point is None or event.contact_point_id in (point, None))


def _consents(attempt: ContactAttempt) -> list[tuple[datetime, datetime, str | None]]:
    """The spans of direct consent to calls: from its giving, through seven days of which its own is the first, or to
    its earlier end; with the only number that was meant, where one was.
    """
    zones = attempt.debtor.time_zones
    return [
        (fact.starts_at, _consent_ends(fact, zones), fact.contact_point_id)
        for fact in attempt.facts
        if fact.kind is FactKind.DIRECT_CONSENT and (fact.channel is None or fact.channel in PHONE)
    ]


def _consent_ends(fact: Fact, zones: tuple[str, ...]) -> datetime:
    given = local_days(fact.starts_at, zones)[0]
    week = first_start(free_again_after(given, SPAN), zones)
    return week if fact.ends_at is None else min(week, fact.ends_at)


def counted_calls(attempt: ContactAttempt) -> list[Interaction]:
    """The calls of the last days placed to the person that count, the newest first: not those with direct consent or
    asked for, nor to professionals; busy lines, dead numbers and strangers' are left out by the counting itself.
    """
    oldest = days(attempt)[0] - REACH
    placed = recent(attempt, Counting.PLACED_CALL, oldest)
    if not placed:
        return []
    consents = _consents(attempt) if attempt.facts else []
    return [
        event
        for event in placed
        if same_person(attempt, event)
        and not event.at_debtor_request
        and event.initiated_by is not Initiator.DEBTOR
        and event.party_reached is not PartyReached.ATTORNEY
        and not any(
            begins <= event.started_at < ends and only in (None, event.contact_point_id)
            for begins, ends, only in consents
        )
    ]


def _excluded(attempt: ContactAttempt) -> Ruling | bool:
    """Whether this call does not count: asked for, to a professional, or with direct consent, then until it ends."""
    if not covered(attempt) or attempt.party in PROFESSIONALS or asked_for(attempt):
        return True
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    ends = [
        ends
        for begins, ends, only in (_consents(attempt) if attempt.facts else ())
        if begins <= attempt.at < ends and only in (None, point)
    ]
    return Ruling.allow(max(ends), reason="The debtor consented directly to calls.") if ends else False


@CONTACTS.rule(
    "us.regf.call-frequency",
    citation="12 CFR 1006.14(b)(2)(i)(A),(ii)",
    jurisdiction="US",
    channels=PHONE,
    presumption=True,
    configured=True,
)
def call_frequency(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """At most seven calls to a person about a debt in seven consecutive days, all numbers together; texts and e-mails
    do not count.
    """
    limit, local = settings.calls_in_seven_days, days(attempt)
    calls = counted_calls(attempt)
    if len(calls) < limit:
        return None
    excluded = _excluded(attempt)
    if excluded:
        return excluded if isinstance(excluded, Ruling) else None
    if limit == 0:
        return Ruling.deny("The agency places no calls.")
    free, most = local[0], 0
    for group in debt_groups(attempt) or [frozenset[str]()]:
        numbers = _numbers(calls, group)
        for today in local:
            found = first_free_day(numbers, today, limit=limit, span=SPAN)
            if found > today:
                free, most = max(free, found), max(most, count_in(numbers, *window(SPAN, today)))
    if not most:
        return None
    reason = f"There were {most} calls about this debt in seven days; more than {limit} are presumed to harass."
    return _presumed(attempt, free, reason, {"calls in 7 days": most, "limit": limit, "free again on": free})


def _presumed(attempt: ContactAttempt, free: date, reason: str, facts: dict[str, object]) -> Ruling:
    """A deferral to the hours of a day; of a call that the law requires, which rebuts the presumption, a warning."""
    if attempt.required_by_law:
        return Ruling.warn(f"{reason} A duty to call may rebut that.", facts=facts)
    return Ruling.defer(opening_after(attempt, day_starts(free, attempt.debtor.time_zones)), reason, facts=facts)


def _numbers(calls: Iterable[Interaction], group: frozenset[str]) -> list[int]:
    """The sorted day numbers of the calls about a group of debts; of all calls when no debt is known."""
    return sorted(
        [
            event.debtor_local_date.toordinal()
            for event in calls
            if not group or not event.account_ids or not group.isdisjoint(event.account_ids)
        ]
    )


def conversation(attempt: ContactAttempt) -> Interaction | None:
    """The last telephone conversation of the last days with the person about a debt of the contact, whoever called."""
    groups: list[frozenset[str]] | None = None
    for event in newest(attempt, Counting.CONVERSATION, days(attempt)[0] - REACH):
        if event.party_reached in _OTHERS or not same_person(attempt, event):
            continue
        groups = debt_groups(attempt) if groups is None else groups
        if not groups or any(about_debt(event, debt) for group in groups for debt in group):
            return event
    return None


@CONTACTS.rule(
    "us.regf.call-after-conversation",
    citation="12 CFR 1006.14(b)(2)(i)(B)",
    jurisdiction="US",
    channels=PHONE,
    presumption=True,
)
def call_after_conversation(attempt: ContactAttempt) -> Ruling | None:
    """No call within seven consecutive days of a telephone conversation about the debt, whose own day is the first."""
    if not attempt.history:
        return None
    last = conversation(attempt)
    if last is None:
        return None
    free = free_again_after(last.debtor_local_date, SPAN)
    if days(attempt)[0] >= free:
        return None
    excluded = _excluded(attempt)
    if excluded:
        return excluded if isinstance(excluded, Ruling) else None
    day = last.debtor_local_date.isoformat()
    reason = f"The debt was spoken of by telephone on {day}; the next call may be on {free.isoformat()}."
    return _presumed(attempt, free, reason, {"conversation on": day, "free again on": free})


@CONTACTS.rule("us.regf.call-exclusions", citation="12 CFR 1006.14(b)(3)(i)-(iii)", jurisdiction="US", channels=PHONE)
def call_exclusions(attempt: ContactAttempt) -> Ruling | None:
    """Not counted are calls with prior consent given directly, for at most seven days of which the consent's own is
    the first; calls that did not connect; calls to lawyers, bureaus and the creditor. Unanswered calls, voicemail and
    dropped calls count. It never objects: the limits on calls count by it.
    """
    return None


@CONTACTS.rule(
    "us.regf.call-debt-grouping",
    citation="12 CFR 1006.14(b)(4) and comments",
    jurisdiction="US",
    confidence="P",
    channels=PHONE,
)
def call_debt_grouping(attempt: ContactAttempt) -> Ruling | None:
    """Calls are counted for each debt; student loans that were serviced under one number when obtained are one debt.
    A call about several debts counts for each, one without recorded debts for all. It never objects: the
    limits on calls count by it.
    """
    return None


@CONTACTS.rule(
    "us.regf.call-misdirected",
    citation="comment to 12 CFR 1006.14(b)(2)",
    jurisdiction="US",
    confidence="G",
    channels=PHONE,
)
def call_misdirected(attempt: ContactAttempt) -> Ruling | None:
    """Calls to a number that turned out not to be the person's are taken out of the count. It never objects: the
    limits on calls count by it.
    """
    return None


@CONTACTS.rule(
    "us.regf.call-pattern",
    citation="12 CFR 1006.14(b)(2) comments",
    jurisdiction="US",
    confidence="P",
    channels=PHONE,
    configured=True,
)
def call_pattern(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Calls within the limit may harass all the same: in rapid succession, after a clear refusal, or highly charged."""
    if not attempt.history and not attempt.facts and not attempt.content:
        return None
    if not covered(attempt) or attempt.party in PROFESSIONALS or asked_for(attempt):
        return None
    if _CHARGED & attempt.content:
        return Ruling.warn("Highly charged words make even a single call look like harassment.")
    soon = timedelta(minutes=settings.rapid_call_minutes)
    heard = attempt.history
    calls = counted_calls(attempt) if heard and attempt.at - heard[0].started_at < soon else []
    if calls and attempt.at - calls[0].started_at < soon:
        apart = int((attempt.at - calls[0].started_at).total_seconds() // 60)
        return Ruling.warn(
            f"The last call was {apart} minutes ago: rapid succession may harass.", facts={"minutes apart": apart}
        )
    refused = in_force(attempt, FactKind.REFUSAL)
    if refused:
        return Ruling.warn(
            "The debtor clearly refused to pay or to speak: a further call may harass.",
            facts={"refused on": day_of(attempt, refused[0].starts_at)},
        )
    return _after_refusal(attempt, days(attempt)[0])


def _after_refusal(attempt: ContactAttempt, today: date) -> Ruling | None:
    """A warning when a contact of the last seven days ended in a refusal."""
    first = window(SPAN, today)[0]
    for event in attempt.history:
        if event.debtor_local_date < first:
            break
        if event.result in _REFUSED:
            day = event.debtor_local_date.isoformat()
            return Ruling.warn(f"The debtor refused on {day}: a further call may harass.", facts={"refused on": day})
    return None


@CONTACTS.rule(
    "us.regf.caller-identity",
    citation="12 CFR 1006.14(g); 15 USC 1692d(6)",
    jurisdiction="US",
    channels=PHONE,
)
def caller_identity(attempt: ContactAttempt) -> Ruling | None:
    """Every call meaningfully discloses who is calling; location inquiries follow their own script."""
    said = attempt.content
    if Content.CALLER_IDENTITY in said or Content.LIMITED_CONTENT in said or attempt.purpose in LOCATING:
        return None
    if not covered(attempt) or attempt.purpose is ContactPurpose.LEGAL_PROCESS:
        return None
    return _SAY_WHO


_SAY_WHO = Ruling.require(content(Content.CALLER_IDENTITY), "Say who is calling, and for which business.")
