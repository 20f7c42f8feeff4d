"""The words of the contact log and how each result counts under the rules of contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from arrears_sdk.vocabulary import (
    Direction as Direction,
    EndpointType as EndpointType,
    Initiator as Initiator,
    InteractionResult as InteractionResult,
    PartyReached as PartyReached,
)

RIGHT_PARTIES = frozenset({PartyReached.DEBTOR, PartyReached.SPOUSE, PartyReached.REPRESENTATIVE})
"""The person the debt is of, and those who speak as that person: spouse, guardian, executor."""


class InteractionState(StrEnum):
    """Whether an interaction counts, or a correction in its place."""

    STANDING = "STANDING"
    SUPERSEDED = "SUPERSEDED"


class Reach(StrEnum):
    """How far an attempt came: a dead end, nobody, somebody else, or the intended person."""

    FAIL = "FAIL"
    ATTEMPT = "ATTEMPT"
    REACH = "REACH"
    SUCCESS = "SUCCESS"


class Conversation(StrEnum):
    """Whether a call with a result is a conversation."""

    ALWAYS = "ALWAYS"
    IF_DEBT_DISCUSSED = "IF_DEBT_DISCUSSED"
    NEVER = "NEVER"


@dataclass(frozen=True)
class ResultTraits:
    """How one result counts."""

    reach: Reach
    connected: bool = True
    conversation: Conversation = Conversation.NEVER
    worked: bool = True


_ATTEMPT = ResultTraits(Reach.ATTEMPT)
_TALK = ResultTraits(Reach.SUCCESS, conversation=Conversation.ALWAYS)

# The shared table of call results of the rule sheet (section 0.2), as data; a call "connected" when it reached the
# dialled number, whoever was there. What a system does by itself (sent, delivered, opened) is not work of a person's.
TRAITS: dict[InteractionResult, ResultTraits] = {
    InteractionResult.NO_ANSWER: _ATTEMPT,
    InteractionResult.BUSY: ResultTraits(Reach.ATTEMPT, connected=False),
    InteractionResult.OUT_OF_SERVICE: ResultTraits(Reach.FAIL, connected=False),
    # Learned later, it takes the call out of the debtor's count: the correction that says so carries this result.
    InteractionResult.WRONG_NUMBER: ResultTraits(Reach.FAIL, connected=False),
    InteractionResult.VOICEMAIL_LEFT: _ATTEMPT,
    InteractionResult.VOICEMAIL_NO_MESSAGE: _ATTEMPT,
    InteractionResult.MESSAGE_WITH_PERSON: ResultTraits(Reach.REACH),
    InteractionResult.LIMITED_CONTENT_MESSAGE: _ATTEMPT,
    InteractionResult.HUNG_UP: ResultTraits(Reach.SUCCESS, conversation=Conversation.IF_DEBT_DISCUSSED),
    InteractionResult.THIRD_PARTY_REACHED: ResultTraits(Reach.REACH),
    InteractionResult.TALKED: _TALK,
    InteractionResult.PROMISE: _TALK,
    InteractionResult.PAYMENT_TAKEN: _TALK,
    InteractionResult.REFUSES: _TALK,
    InteractionResult.DISPUTES: _TALK,
    InteractionResult.CLAIMS_PAID: _TALK,
    InteractionResult.HARDSHIP: _TALK,
    InteractionResult.REQUESTS_VALIDATION: _TALK,
    InteractionResult.CEASE: _TALK,
    InteractionResult.ATTORNEY: _TALK,
    InteractionResult.BANKRUPT: _TALK,
    # Who says that the debtor died is another person; a conversation about the debt it is only with who stands for him.
    InteractionResult.DECEASED: ResultTraits(Reach.REACH, conversation=Conversation.IF_DEBT_DISCUSSED),
    InteractionResult.CALL_BACK: ResultTraits(Reach.SUCCESS, conversation=Conversation.IF_DEBT_DISCUSSED),
    InteractionResult.LANGUAGE: ResultTraits(Reach.SUCCESS, conversation=Conversation.IF_DEBT_DISCUSSED),
    InteractionResult.COMPLAINT: _TALK,
    InteractionResult.THREAT: _TALK,
    InteractionResult.SELF_HARM: _TALK,
    InteractionResult.SENT: ResultTraits(Reach.ATTEMPT, worked=False),
    InteractionResult.DELIVERED: ResultTraits(Reach.ATTEMPT, worked=False),
    InteractionResult.BOUNCED: ResultTraits(Reach.FAIL, connected=False, worked=False),
    InteractionResult.RETURNED: ResultTraits(Reach.FAIL, connected=False, worked=False),
    InteractionResult.OPENED: ResultTraits(Reach.ATTEMPT, worked=False),
    InteractionResult.REPLIED: ResultTraits(Reach.SUCCESS, worked=False),
    InteractionResult.OPTED_OUT: ResultTraits(Reach.SUCCESS, worked=False),
    InteractionResult.RECEIVED: ResultTraits(Reach.SUCCESS, worked=False),
}


@dataclass(frozen=True)
class Contact:
    """What of an interaction decides how it counts; `channel` is the value of the debtors' `Channel`."""

    channel: str
    direction: Direction
    party_reached: PartyReached
    result: InteractionResult
    debt_discussed: bool


CALL_CHANNELS = frozenset({"PHONE_CALL", "PHONE_AUTODIALED", "PHONE_PRERECORDED", "RINGLESS_VOICEMAIL"})
"""Channels whose use is a telephone call under Regulation F (12 CFR 1006.14(b))."""

UNCOUNTED_PARTIES = frozenset({PartyReached.ATTORNEY})
"""Calls to these are not calls to the person (12 CFR 1006.14(b)(3)(iii))."""


def is_placed_call(contact: Contact) -> bool:
    """Whether it counts as a telephone call placed to the person: dialled by us and connected to the dialled number."""
    return (
        contact.direction is Direction.OUTBOUND
        and contact.channel in CALL_CHANNELS
        and TRAITS[contact.result].connected
        and contact.party_reached not in UNCOUNTED_PARTIES
    )


def is_conversation(contact: Contact) -> bool:
    """Whether it counts as a telephone conversation about the debt with the person, whoever called.

    An inbound call, and one answered and hung up at once, counts only when the debt was discussed.
    """
    kind = TRAITS[contact.result].conversation
    if contact.channel not in CALL_CHANNELS or kind is Conversation.NEVER or not is_right_party(contact):
        return False
    outbound = contact.direction is Direction.OUTBOUND
    return contact.debt_discussed or (kind is Conversation.ALWAYS and outbound)


def is_reached(contact: Contact) -> bool:
    """Whether a person was at the other end, the intended one or another."""
    return TRAITS[contact.result].reach in {Reach.REACH, Reach.SUCCESS}


def is_right_party(contact: Contact) -> bool:
    """Whether the person whom the debt is of, or who speaks as that person, was at the other end."""
    return is_reached(contact) and contact.party_reached in RIGHT_PARTIES


def is_worked(contact: Contact) -> bool:
    """Whether it shows that somebody worked the account, as a machine's own report does not."""
    return TRAITS[contact.result].worked


def is_contacted(contact: Contact) -> bool:
    """Whether the intended person took part; leaving a message or ringing out is not being in contact."""
    return TRAITS[contact.result].reach is Reach.SUCCESS and contact.party_reached in RIGHT_PARTIES


_CALL_RESULTS = frozenset(
    {
        InteractionResult.BUSY,
        InteractionResult.OUT_OF_SERVICE,
        InteractionResult.VOICEMAIL_LEFT,
        InteractionResult.VOICEMAIL_NO_MESSAGE,
        InteractionResult.LIMITED_CONTENT_MESSAGE,
        InteractionResult.HUNG_UP,
    }
)
_MESSAGE_RESULTS = frozenset(
    {
        InteractionResult.SENT,
        InteractionResult.DELIVERED,
        InteractionResult.BOUNCED,
        InteractionResult.RETURNED,
        InteractionResult.OPENED,
        InteractionResult.REPLIED,
        InteractionResult.RECEIVED,
    }
)


def fits(channel: str, result: InteractionResult) -> bool:
    """Whether a contact by the channel can end so: a letter is not busy, a live call is not returned to sender."""
    if result in _CALL_RESULTS:
        return channel in CALL_CHANNELS
    if result in _MESSAGE_RESULTS:
        return channel not in CALL_CHANNELS
    return True


def usual_party(result: InteractionResult) -> PartyReached:
    """Who was reached when only the result was told."""
    match TRAITS[result].reach:
        case Reach.SUCCESS:
            return PartyReached.DEBTOR
        case Reach.REACH:
            return PartyReached.THIRD_PARTY
        case Reach.ATTEMPT if result in _MESSAGE_RESULTS:
            return PartyReached.UNKNOWN
        case _:
            return PartyReached.NONE


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant at a place, given as an IANA zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _listed(values: Iterable[StrEnum | str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _results(wanted: Callable[[ResultTraits], bool]) -> str:
    return _listed(result for result, traits in TRAITS.items() if wanted(traits))


_REACHED = "{row}.result in " + _results(lambda traits: traits.reach in {Reach.REACH, Reach.SUCCESS})
_RIGHT = "{row}.party_reached in " + _listed(sorted(RIGHT_PARTIES))
_CALL = "{row}.channel in " + _listed(sorted(CALL_CHANNELS))

COUNTING_SQL: dict[str, str] = {
    "placed_call": (
        f"{{row}}.direction = 'OUTBOUND' and {_CALL} and {{row}}.result in {_results(lambda traits: traits.connected)}"
        f" and {{row}}.party_reached not in {_listed(sorted(UNCOUNTED_PARTIES))}"
    ),
    "conversation": (
        f"{_CALL} and {_REACHED} and {_RIGHT}"
        f" and {{row}}.result in {_results(lambda traits: traits.conversation is not Conversation.NEVER)}"
        " and ({row}.debt_discussed or {row}.direction = 'OUTBOUND'"
        f" and {{row}}.result in {_results(lambda traits: traits.conversation is Conversation.ALWAYS)})"
    ),
    "reached": _REACHED,
    "right_party": f"{_REACHED} and {_RIGHT}",
    "worked": f"{{row}}.result in {_results(lambda traits: traits.worked)}",
    "contacted": f"{{row}}.result in {_results(lambda traits: traits.reach is Reach.SUCCESS)} and {_RIGHT}",
}
"""The functions above as SQL conditions over {row}, made of the same table; a test holds both to the same answers."""
