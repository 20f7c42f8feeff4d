"""The past contacts of a golden case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from arrears_sdk.clock import business_date
from arrears_sdk.law.case_text import Part
from arrears_sdk.law.counting import MESSAGES, NOT_CONNECTED, PHONE, UNANSWERED
from arrears_sdk.law.words import ContactParty, ContactPurpose
from arrears_sdk.views import ContactPoint, Interaction
from arrears_sdk.vocabulary import (
    CommunicationChannel,
    Direction,
    EndpointType,
    Initiator,
    InteractionResult as Result,
    PartyReached,
)

_WRITTEN = frozenset({Result.SENT, Result.DELIVERED, Result.BOUNCED, Result.RETURNED, Result.OPENED})
_OTHERS = frozenset({Result.THIRD_PARTY_REACHED, Result.MESSAGE_WITH_PERSON})
_NOBODY = (MESSAGES | NOT_CONNECTED | UNANSWERED | _WRITTEN) - _OTHERS
ONE_DAY = timedelta(days=1)


def read_history(part: Part, point: ContactPoint | None) -> tuple[Interaction, ...]:
    """The past contacts, the newest first."""
    events = [
        event for number, each in enumerate(part.parts("history")) for event in _events(each, f"h{number}", point)
    ]
    return tuple(sorted(events, key=lambda event: (event.started_at, event.id), reverse=True))


def _events(part: Part, id: str, point: ContactPoint | None) -> Iterator[Interaction]:
    """One event, or one a day for `each_day: [first, last]`, whose `at` is a time of the day."""
    if not part.has("each_day"):
        part.needed("at")
        at = part.instant("at")
        assert at is not None
        part.take("each_day")
        yield _event(part, id, at, point)
        return
    days = part.days("each_day")
    clock = part.wall_time("at")
    if len(days) != 2 or days[0] > days[1] or clock is None:
        raise part.fault("each_day", "the first and the last day are wanted, and `at` as a time of the day")
    first = _event(part, id, datetime.combine(days[0], clock, ZoneInfo(part.zone)).astimezone(UTC), point)
    for number in range((days[1] - days[0]).days + 1):
        day = days[0] + number * ONE_DAY
        starts = datetime.combine(day, clock, ZoneInfo(part.zone)).astimezone(UTC)
        yield replace(first, id=f"{id}-{number}", started_at=starts, debtor_local_date=day)


def _event(part: Part, id: str, at: datetime, point: ContactPoint | None) -> Interaction:
    part.needed("channel")
    channel = part.word("channel", CommunicationChannel)
    assert channel is not None
    direction = part.word("direction", Direction) or Direction.OUTBOUND
    inbound = direction is Direction.INBOUND
    pending = part.flag("pending")
    result = part.word("result", Result) or _result(part, channel, inbound, pending)
    point_id = part.text("point")
    same = point is not None and point_id == point.id
    event = Interaction(
        id=id,
        started_at=at,
        channel=channel,
        direction=direction,
        result=result,
        party_reached=part.word("reached", PartyReached) or _reached(result, inbound),
        initiated_by=part.word("by", Initiator) or (Initiator.DEBTOR if inbound else Initiator.AGENCY),
        debtor_local_date=part.day("day") or business_date(at, part.zone),
        account_ids=part.texts("accounts"),
        endpoint_type=part.word("endpoint", EndpointType)
        or (point.endpoint_type if same and point is not None else EndpointType.UNKNOWN),
        contact_point_id=point_id,
        debt_discussed=part.flag("discussed"),
        at_debtor_request=part.flag("at_debtor_request"),
        required_by_law=part.flag("required_by_law"),
        purpose=part.word("purpose", ContactPurpose) or ContactPurpose.COLLECT,
        party=part.word("party", ContactParty) or ContactParty.DEBTOR,
        pending=pending,
    )
    part.end()
    return event


def _result(part: Part, channel: CommunicationChannel, inbound: bool, pending: bool) -> Result:
    """What is meant where no result is given: an open permit has none yet, and what is written was sent."""
    if inbound:
        return Result.RECEIVED
    if channel not in PHONE:
        return Result.SENT
    if not pending:
        raise part.fault("result", "is missing: how did the call end?")
    return Result.NO_ANSWER


def _reached(result: Result, inbound: bool) -> PartyReached:
    if result in _OTHERS:
        return PartyReached.THIRD_PARTY
    return PartyReached.NONE if result in _NOBODY and not inbound else PartyReached.DEBTOR
