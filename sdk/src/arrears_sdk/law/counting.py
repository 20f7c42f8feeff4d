"""Which past contacts count, by table 0.2 of the rule sheet, and how many there were in a span of days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import compress
from operator import attrgetter

from arrears_sdk.law.days import ONE_DAY, count_in, first_free_day, window
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, account_ids, days, make_room, of_kind
from arrears_sdk.views import ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Direction, Initiator, InteractionResult as Result

PHONE = frozenset({Channel.PHONE_CALL, Channel.PHONE_AUTODIALED, Channel.PHONE_PRERECORDED, Channel.RINGLESS_VOICEMAIL})
ELECTRONIC = frozenset(
    {Channel.SMS, Channel.EMAIL, Channel.SOCIAL_PRIVATE, Channel.SOCIAL_PUBLIC, Channel.PUSH_OR_PORTAL}
)
VISITS = frozenset({Channel.IN_PERSON_HOME, Channel.IN_PERSON_WORK, Channel.IN_PERSON_PUBLIC})
WRITTEN = frozenset({Channel.LETTER, Channel.POSTCARD, Channel.FAX})
NOT_CONNECTED = frozenset({Result.BUSY, Result.OUT_OF_SERVICE, Result.WRONG_NUMBER})
UNANSWERED = frozenset({Result.NO_ANSWER, Result.VOICEMAIL_NO_MESSAGE})
NOT_DELIVERED = frozenset({Result.BOUNCED, Result.RETURNED, Result.OUT_OF_SERVICE, Result.WRONG_NUMBER})
ANSWERED_BRIEFLY = frozenset({Result.HUNG_UP})
MESSAGES = frozenset({Result.VOICEMAIL_LEFT, Result.LIMITED_CONTENT_MESSAGE, Result.MESSAGE_WITH_PERSON})


class Counting(StrEnum):
    """The ways of counting that laws have."""

    PLACED_CALL = "PLACED_CALL"
    CONVERSATION = "CONVERSATION"
    CALL_DC = "CALL_DC"
    COMPLETED_CALL = "COMPLETED_CALL"
    COMMUNICATION = "COMMUNICATION"
    CONTACT_OR_ATTEMPT = "CONTACT_OR_ATTEMPT"
    ELECTRONIC_MESSAGE = "ELECTRONIC_MESSAGE"
    VISIT = "VISIT"
    PHONE_ATTEMPT = "PHONE_ATTEMPT"


def outbound(event: Interaction) -> bool:
    """Whether the agency reached out; a call back that the debtor asked for is not counted by any of the laws."""
    return event.direction is Direction.OUTBOUND


def talked(event: Interaction) -> bool:
    """Whether a live conversation took place: answered, and not cut off before the debt was spoken of (table 0.2)."""
    result = event.result
    if result in UNANSWERED or result in NOT_CONNECTED or result in MESSAGES or result in _WRITTEN_RESULTS:
        return False
    return event.debt_discussed if result in ANSWERED_BRIEFLY else True


_WRITTEN_RESULTS = frozenset(
    {Result.SENT, Result.DELIVERED, Result.BOUNCED, Result.RETURNED, Result.OPENED, Result.RECEIVED, Result.REPLIED}
)


def _placed_call(event: Interaction) -> bool:
    return outbound(event) and event.channel in PHONE and (event.pending or event.result not in NOT_CONNECTED)


def _conversation(event: Interaction) -> bool:
    return event.channel in PHONE and not event.pending and event.debt_discussed and talked(event)


def _call_dc(event: Interaction) -> bool:
    # The exemption is for no connection *or ability to leave a message*: a ring-out counts (table 0.2, note).
    return _placed_call(event)


def _completed_call(event: Interaction) -> bool:
    return outbound(event) and event.channel in PHONE and not event.pending and talked(event)


def _communication(event: Interaction) -> bool:
    """Something reached the debtor: unanswered and undelivered attempts do not count; an open permit does."""
    if not outbound(event) or event.initiated_by is Initiator.DEBTOR or event.at_debtor_request:
        return False
    return event.pending or (event.result not in UNANSWERED and event.result not in NOT_CONNECTED | NOT_DELIVERED)


def _contact_or_attempt(event: Interaction) -> bool:
    return outbound(event) and event.initiated_by is not Initiator.DEBTOR and not event.at_debtor_request


def _electronic(event: Interaction) -> bool:
    return _contact_or_attempt(event) and event.channel in ELECTRONIC and event.result not in NOT_DELIVERED


def _visit(event: Interaction) -> bool:
    return outbound(event) and event.channel in VISITS


def _phone_attempt(event: Interaction) -> bool:
    return outbound(event) and event.channel in PHONE


_TESTS: dict[Counting, Callable[[Interaction], bool]] = {
    Counting.PLACED_CALL: _placed_call,
    Counting.CONVERSATION: _conversation,
    Counting.CALL_DC: _call_dc,
    Counting.COMPLETED_CALL: _completed_call,
    Counting.COMMUNICATION: _communication,
    Counting.CONTACT_OR_ATTEMPT: _contact_or_attempt,
    Counting.ELECTRONIC_MESSAGE: _electronic,
    Counting.VISIT: _visit,
    Counting.PHONE_ATTEMPT: _phone_attempt,
}
_BITS = {counting: 1 << number for number, counting in enumerate(Counting)}
_LOOKED_AT = attrgetter(
    "direction", "channel", "result", "pending", "debt_discussed", "initiated_by", "at_debtor_request"
)
"""Everything that the ways of counting look at: what they say of an event follows from these words alone."""
_MASKS: dict[object, int] = {}
_COUNTED: dict[int, tuple[object, list[int], dict[object, tuple[Interaction, ...]]]] = {}
_NUMBERS: dict[int, tuple[object, dict[str | None, list[int]]]] = {}
_MOST_KEPT = 1_536


def _masks(history: Sequence[Interaction]) -> list[int]:
    """For each event the ways of counting that count it, as bits; each combination of words is tried once."""
    looks = list(map(_LOOKED_AT, history))
    try:
        return list(map(_MASKS.__getitem__, looks))
    except KeyError:
        return list(map(_mask, history))


def counted(attempt: Attempt, counting: Counting) -> tuple[Interaction, ...]:
    """The past contacts that a way of counting counts, newest first, without those to endpoints that turned out to be
    somebody else's (removed retroactively).
    """
    history = attempt.history
    if not history:
        return ()
    kept = _COUNTED.get(id(history))
    if kept is None or kept[0] is not history:
        make_room(_COUNTED, _MOST_KEPT)
        kept = (history, _masks(history), {})
        _COUNTED[id(history)] = kept
    strangers = misdirected(attempt)
    key = (counting, strangers) if strangers else counting
    found = kept[2].get(key)
    if found is None:
        bit = _BITS[counting]
        masks = kept[1]
        counting_ones = {mask for mask in set(masks) if mask & bit}
        found = tuple(compress(history, map(counting_ones.__contains__, masks)))
        if strangers:
            found = tuple([event for event in found if event.contact_point_id not in strangers])
        kept[2][key] = found
    return found


def newest(attempt: Attempt, counting: Counting, first: date) -> Iterator[Interaction]:
    """What a way of counting counts, newest first, back to a day; some of the day before it may be among them.

    Only so much of the history is looked at: limits of a week have no need of a year.
    """
    bit, strangers = _BITS[counting], misdirected(attempt)
    oldest = first - ONE_DAY
    for event in attempt.history:
        if event.debtor_local_date < oldest:
            # The newest come first; by the date line the day of a later one may be a day earlier.
            return
        mask = _MASKS.get(_LOOKED_AT(event))
        if (_mask(event) if mask is None else mask) & bit and event.contact_point_id not in strangers:
            yield event


def _mask(event: Interaction) -> int:
    """The ways of counting that count an event, as bits."""
    look = _LOOKED_AT(event)
    found = _MASKS.get(look)
    if found is None:
        found = _MASKS[look] = sum([_BITS[counting] for counting, counts in _TESTS.items() if counts(event)])
    return found


def recent(attempt: Attempt, counting: Counting, first: date) -> tuple[Interaction, ...]:
    """What a way of counting counts from a day on, newest first."""
    return tuple([event for event in newest(attempt, counting, first) if event.debtor_local_date >= first])


def lately(attempt: Attempt, counting: Counting, span: int) -> tuple[Interaction, ...]:
    """What a way of counting counts of the last so many days, of which today is one; of two days that it may be today
    the earlier.
    """
    return recent(attempt, counting, days(attempt)[0] - timedelta(days=span - 1))


def first_day(attempt: Attempt, counting: Counting, account_id: str) -> date | None:
    """The first day on which something counts that was about a debt; None when nothing does."""
    bit, strangers = _BITS[counting], misdirected(attempt)
    found: date | None = None
    for event in reversed(attempt.history):
        day = event.debtor_local_date
        if found is not None:
            if day > found + ONE_DAY:
                break
            if day >= found:
                continue
        if _mask(event) & bit and about_debt(event, account_id) and event.contact_point_id not in strangers:
            found = day
    return found


def misdirected(attempt: Attempt) -> frozenset[str | None]:
    """The endpoints that are known not to be the debtor's. Never holds None: contacts without an endpoint count."""
    if not attempt.facts:
        return _NO_STRANGERS
    found = of_kind(attempt, FactKind.NOT_THE_DEBTORS)
    if not found:
        return _NO_STRANGERS
    at = attempt.at
    return frozenset(
        fact.contact_point_id
        for fact in found
        if fact.contact_point_id is not None and fact.starts_at <= at and (fact.ends_at is None or at < fact.ends_at)
    )


_NO_STRANGERS: frozenset[str | None] = frozenset()


def about_debt(event: Interaction, account_id: str) -> bool:
    """Whether a past contact was about a debt; one of which nobody recorded the debts counts for each."""
    return not event.account_ids or account_id in event.account_ids


def day_numbers(events: Sequence[Interaction], account_id: str | None = None) -> list[int]:
    """The sorted day numbers of contacts, all of them or those about one debt. Not to be changed by who asks."""
    if not events:
        return []
    kept = _NUMBERS.get(id(events))
    if kept is None or kept[0] is not events:
        make_room(_NUMBERS, _MOST_KEPT)
        kept = (events, {})
        _NUMBERS[id(events)] = kept
    found = kept[1].get(account_id)
    if found is None:
        found = [
            event.debtor_local_date.toordinal()
            for event in events
            if account_id is None or not event.account_ids or account_id in event.account_ids
        ]
        found.sort()
        # A tuple cannot be changed afterwards; a list could be.
        if isinstance(events, tuple):
            kept[1][account_id] = found
    return found


def fullest(attempt: ContactAttempt, events: Sequence[Interaction], *, by_debt: bool) -> list[list[int]]:
    """The day numbers to be held against a limit: of the person, or of each debt of the attempt by itself."""
    if not events:
        return []
    debts = account_ids(attempt)
    return [day_numbers(events, debt) for debt in debts] if by_debt and debts else [day_numbers(events)]


def free_day(
    attempt: ContactAttempt,
    events: Sequence[Interaction],
    today: date,
    *,
    limit: int,
    span: int,
    by_debt: bool = True,
) -> tuple[date, int]:
    """The first day on which one more contact keeps the limit for every debt, and how many count today at most."""
    day, most = today, 0
    for numbers in fullest(attempt, events, by_debt=by_debt):
        day = max(day, first_free_day(numbers, today, limit=limit, span=span))
        most = max(most, count_in(numbers, *window(span, today)))
    return day, most


def last_about(events: Sequence[Interaction], debts: Sequence[str]) -> Interaction | None:
    """The newest of the contacts that was about one of the debts; about any, where no debt is named."""
    return next(
        (event for event in events if not debts or any(about_debt(event, debt) for debt in debts)),
        None,
    )


def since(events: Sequence[Interaction], instant: datetime) -> tuple[Interaction, ...]:
    """The contacts that began at an instant or later."""
    return tuple(event for event in events if event.started_at >= instant)
