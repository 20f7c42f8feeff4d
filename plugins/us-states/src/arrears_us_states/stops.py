"""The tests that the laws of several states share: lawyers, limits, deadlines of notices, hours, fees, barred debts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta

from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.counting import PHONE, Counting, about_debt, first_day, free_day, recent
from arrears_sdk.law.days import business_days_after, days_after
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import every_day, start_of_day
from arrears_sdk.law.known import Attempt, account_ids, day_of, days, in_force
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.us_limitation import first_barred, next_expiry
from arrears_sdk.law.us_periods import table
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content, NoticeKind
from arrears_sdk.rules import CHANGES_SOON, first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Interaction, PaymentAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Initiator
from arrears_us_states.reach import CONSUMER_SIDE, facts_about, given_about, only, permitted
from arrears_us_states.settings import UsStatesConfig

EIGHT_TO_NINE = every_day(time(8), time(21))
EIGHT_TO_NINE_WORDS = "between 08:00 and 21:00"
_LEGAL = frozenset({ContactPurpose.LEGAL_PROCESS, ContactPurpose.CEASE_CONFIRMATION})
Reached = Callable[[Account], bool]


def stopped_by(
    attempt: Attempt, kind: FactKind, reached: Reached, reason: str, words: Iterable[str] = ()
) -> Ruling | None:
    """A refusal while such a fact holds for a debt that is reached."""
    if not attempt.facts:
        return None
    wanted = frozenset(words)
    for account in debts(attempt):
        if reached(account) and (found := facts_about(attempt, account, kind, wanted)):
            since = day_of(attempt, found[0].starts_at).isoformat()
            return Ruling.deny(reason, facts={kind.value.lower().replace("_", " "): f"since {since}"})
    return None


def represented(attempt: ContactAttempt, reached: Reached, silence_days: int | None) -> Ruling | None:
    """A refusal to contact a debtor who has a lawyer, unless that one consents or, where it lifts the bar, is silent.

    `silence_days` is after how many days without an answer; None where silence changes nothing.
    """
    if not attempt.facts or attempt.party not in CONSUMER_SIDE or attempt.required_by_law:
        return None
    if attempt.purpose in _LEGAL:
        return None
    for account in debts(attempt):
        acting = facts_about(attempt, account, FactKind.ATTORNEY) if reached(account) else ()
        if not acting or facts_about(attempt, account, FactKind.ATTORNEY_CONSENT):
            continue
        letters = [fact.on for fact in facts_about(attempt, account, FactKind.ATTORNEY_SILENT) if fact.on]
        told: dict[str, object] = {"lawyer": f"since {day_of(attempt, acting[0].starts_at).isoformat()}"}
        if silence_days is None or not letters:
            return Ruling.deny("A lawyer acts for the debtor: write to the lawyer.", facts=told)
        lifted = days_after(max(letters), silence_days + 1)
        if days(attempt)[0] < lifted:
            told["unanswered letter"] = max(letters).isoformat()
            return Ruling.deny(
                f"A lawyer acts for the debtor, and has until {lifted - timedelta(days=1)} to answer.", facts=told
            )
    return None


def frequency(
    attempt: ContactAttempt,
    events: Sequence[Interaction],
    *,
    limit: int,
    span: int,
    by_debt: bool,
    what: str,
) -> Ruling | None:
    """A deferral to the first day on which one more keeps to so many in so many days."""
    if not events:
        return None
    full = full_until(attempt, events, limit=limit, span=span, by_debt=by_debt)
    if full is None:
        return None
    free, most = full
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"No more than {limit} {what} in {span} days; so far: {most}.",
        facts={"counted": most, "limit": f"{limit} in {span} days"},
    )


def full_until(
    attempt: ContactAttempt, events: Sequence[Interaction], *, limit: int, span: int, by_debt: bool
) -> tuple[date, int] | None:
    """The first free day and how many count, asked of each day that it may be for the debtor; None if all are free."""
    if len(events) < limit:
        return None
    found = [(day, free_day(attempt, events, day, limit=limit, span=span, by_debt=by_debt)) for day in days(attempt)]
    full = [(free, most) for day, (free, most) in found if free > day]
    return max(full) if full else None


def first_contact_day(attempt: Attempt, account: Account) -> date | None:
    """The day on which the agency first reached the debtor about a debt; None when it has not."""
    if not attempt.history:
        return None
    return first_day(attempt, Counting.COMMUNICATION, account.id)


def notice_due(
    attempt: Attempt, reached: Reached, kind: NoticeKind, *, within: int, business: bool, what: str
) -> Ruling | None:
    """A requirement of a notice that was due so many days after the first communication about a debt."""
    today = days(attempt)[-1]
    until: date | None = None
    for account in debts(attempt):
        first = first_contact_day(attempt, account) if reached(account) else None
        if first is None or given_about(attempt, account, kind) is not None:
            continue
        due = business_days_after(first, within, us_federal_holiday) if business else days_after(first, within)
        if today > due:
            return Ruling.require(
                notice_requirement(kind),
                f"{what} was due by {due}, {within} {'business ' if business else ''}days after the first contact.",
                missing_fact=notice_requirement(kind),
                facts={"first contact": first, "due": due},
            )
        until = due if until is None else min(until, due)
    if until is None:
        return None
    ends = first_of_day(until + timedelta(days=1), attempt.debtor.time_zones)
    return Ruling.allow(ends, reason=f"{what} is due by {until}.")


def plan_unconfirmed(attempt: Attempt, reached: Reached, *, within: int, business: bool) -> Ruling | None:
    """A requirement of the written confirmation of a plan, once the days for it are over."""
    if not attempt.facts or not any(reached(account) for account in debts(attempt)):
        return None
    for account in debts(attempt):
        for plan in facts_about(attempt, account, FactKind.PLAN_AGREED):
            agreed = plan.on or day_of(attempt, plan.starts_at)
            due = business_days_after(agreed, within, us_federal_holiday) if business else days_after(agreed, within)
            sent = given_about(attempt, account, NoticeKind.PLAN_CONFIRMATION)
            if sent is not None and day_of(attempt, sent.sent_at) >= agreed:
                continue
            if days(attempt)[-1] > due:
                wanted = notice_requirement(NoticeKind.PLAN_CONFIRMATION)
                reason = f"The plan of {agreed} was to be confirmed in writing by {due}."
                return Ruling.require(wanted, reason, missing_fact=wanted, facts={"agreed": agreed, "due": due})
            return Ruling.allow(
                first_of_day(due + timedelta(days=1), attempt.debtor.time_zones),
                reason=f"The plan is to be confirmed in writing by {due}.",
            )
    return None


def time_barred(attempt: Attempt, settings: UsStatesConfig, state: str, reason: str) -> Ruling | None:
    """A refusal because a debt is barred by time; while it is not, allowed until it is."""
    barred = first_barred(attempt, settings, forum=state)
    if barred is None:
        return _until_expiry(attempt, settings, state)
    return Ruling.deny(
        f"{reason} The period ended on {barred.expires_on}.",
        citation="" if barred.periods is table().get(state) else barred.periods.citation,
        missing_fact=barred.missing_fact,
        facts=barred.told,
    )


def suit_on_barred_debt(attempt: Attempt, settings: UsStatesConfig, state: str) -> Ruling | None:
    """A refusal to sue, or to threaten it, for a debt that is barred by time."""
    if isinstance(attempt, ContactAttempt) and Content.THREATENS_SUIT not in attempt.content:
        return None
    if not isinstance(attempt, PaymentAttempt) and Content.PROOF_OF_CLAIM in attempt.content:
        return None
    return time_barred(attempt, settings, state, "The debt is barred by time: no suit, and no threat of one.")


def barred_notice(
    attempt: Attempt, settings: UsStatesConfig, state: str, *, reached: Reached, each: bool
) -> Ruling | None:
    """A requirement to say that a debt is barred by time; with `each` in every communication, else once.

    What is allowed without it is allowed until the debt expires.
    """
    if not isinstance(attempt, PaymentAttempt) and Content.TIME_BARRED_NOTICE in attempt.content:
        return None
    if not any(reached(account) for account in debts(attempt)):
        return None
    barred = first_barred(attempt, settings, forum=state)
    if barred is None:
        return _until_expiry(attempt, settings, state)
    debt = next(account for account in debts(attempt) if account.id == barred.account_id)
    speaks = isinstance(attempt, ContactAttempt)
    if not (each and speaks) and given_about(attempt, debt, NoticeKind.TIME_BARRED) is not None:
        return None
    return Ruling.require(
        f"content:{Content.TIME_BARRED_NOTICE}" if speaks else notice_requirement(NoticeKind.TIME_BARRED),
        f"The debt has been barred by time since {barred.expires_on}: the debtor has to be told.",
        missing_fact=barred.missing_fact,
        facts=barred.told,
    )


def _until_expiry(attempt: Attempt, settings: UsStatesConfig, state: str) -> Ruling | None:
    expires = next_expiry(attempt, settings, forum=state)
    if expires is None or expires - days(attempt)[0] > CHANGES_SOON:
        return None
    begins = first_of_day(expires + timedelta(days=1), attempt.debtor.time_zones)
    return Ruling.allow(begins, reason=f"The debt is barred by time after {expires}.")


def waiting_period(
    attempt: Attempt, since: date, wait: int, reason: str, *, planned_on: date | None = None
) -> Ruling | None:
    """A deferral to the day after so many whole days since an event, whose own day does not count."""
    free = days_after(since, wait + 1)
    if (planned_on or days(attempt)[0]) >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones), reason, facts={"since": since, "days to wait": wait}
    )


def fee_refused(attempt: ActionAttempt, words: Sequence[str], reason: str) -> Ruling | None:
    """A refusal of a charge that no clause of the agreement or law with one of these words allows, or above its cap."""
    clauses = facts_about(attempt, attempt.account, FactKind.AMOUNT_CLAUSE, words)
    if not clauses:
        return Ruling.deny(reason, missing_fact=fact_requirement(FactKind.AMOUNT_CLAUSE))
    caps = [clause.amount for clause in clauses if clause.amount is not None]
    if attempt.amount is None or len(caps) < len(clauses):
        return None
    if any(cap.currency == attempt.amount.currency and attempt.amount <= cap for cap in caps):
        return None
    return Ruling.deny(f"{reason} The clause allows no more than {caps[0]}.", facts={"charge": attempt.amount})


def share_of(attempt: ActionAttempt, percent: int) -> bool:
    """Whether the charge is more than so many per cent of the debt."""
    amount, balance = attempt.amount, attempt.account.balance
    return amount is not None and amount.minor * 100 > balance.minor * percent


def speaks_with_employer(attempt: ContactAttempt) -> bool:
    """Whether the contact tells an employer of the debt, and does not only ask of employment or address."""
    if attempt.party is not ContactParty.EMPLOYER:
        return False
    asks = attempt.purpose in {ContactPurpose.EMPLOYMENT_CHECK, ContactPurpose.LOCATION_INQUIRY}
    return not asks or Content.REVEALS_DEBT in attempt.content


def without_judgment(attempt: ContactAttempt, reached: Reached) -> ContactAttempt | None:
    """The contact as far as it is about debts that are reached and have no judgment; None when each has one."""
    if not attempt.accounts:
        return None if permitted(attempt, reached, FactKind.JUDGMENT) else attempt
    return only(attempt, lambda account: reached(account) and not facts_about(attempt, account, FactKind.JUDGMENT))


def earlier_with(attempt: ContactAttempt, party: ContactParty) -> Interaction | None:
    """The newest earlier contact of the agency's with such a party about a debt of the attempt."""
    named = account_ids(attempt)
    return next(
        (
            event
            for event in attempt.history
            if event.party is party
            and event.direction.value == "OUTBOUND"
            and (not named or any(about_debt(event, debt) for debt in named))
        ),
        None,
    )


def calls_on(attempt: ContactAttempt, span: int) -> int:
    """How many calls were placed in so many days that end today."""
    return len(recent(attempt, Counting.PLACED_CALL, days(attempt)[-1] - timedelta(days=span - 1)))


def call_pattern(attempt: ContactAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A warning of calls so many that they may seem meant to annoy."""
    if not attempt.history or attempt.channel not in PHONE or attempt.initiated_by is Initiator.DEBTOR:
        return None
    today, week = calls_on(attempt, 1), calls_on(attempt, 7)
    if today < settings.calls_a_day and week < settings.calls_a_week:
        return None
    return Ruling.warn(
        f"Calls today: {today}, in seven days: {week}. One more may seem meant to annoy.",
        facts={"calls today": today, "calls in seven days": week},
    )


def consented(attempt: ContactAttempt, channel: Channel) -> bool:
    """Whether the latest record about a channel, and the endpoint where one is named, grants consent."""
    point = None if attempt.contact_point is None else attempt.contact_point.id
    known = [
        consent
        for consent in attempt.debtor.consents
        if consent.channel is channel and consent.given_at <= attempt.at and consent.contact_point_id in (None, point)
    ]
    latest = max(known, key=lambda consent: consent.given_at, default=None)
    if latest is None or latest.state.value != "GRANTED":
        return False
    return latest.expires_at is None or attempt.at < latest.expires_at


def opted_out(attempt: ContactAttempt, channels: Iterable[Channel], words: Iterable[str] = ()) -> bool:
    """Whether the debtor asked not to be contacted by such channels."""
    if not attempt.facts:
        return False
    barred, wanted = frozenset(channels), frozenset(words)
    return any(
        (fact.channel is None or fact.channel in barred) and (not wanted or fact.word in wanted)
        for fact in in_force(attempt, FactKind.MEDIUM_OPT_OUT)
    )
