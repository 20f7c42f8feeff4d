"""How the modules of this pack add a rule to each kind of attempt that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from arrears_sdk.law.counting import ELECTRONIC, PHONE, VISITS, WRITTEN
from arrears_sdk.rules import AttemptT, Confidence, RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel as Channel
from arrears_us_states.changes import until_it_objects
from arrears_us_states.packs import ACTIONS, CONTACTS, PAYMENTS

FunctionT = TypeVar("FunctionT", bound=Callable[..., Ruling | None])

EVERY_CHANNEL = frozenset(Channel)
TIMED = PHONE | ELECTRONIC | VISITS
LETTERS = frozenset({Channel.LETTER, Channel.FAX, Channel.EMAIL})
IN_WRITING = WRITTEN | {Channel.EMAIL}
MESSAGES = frozenset({Channel.SMS, Channel.EMAIL, Channel.SOCIAL_PRIVATE})
CALLS_AND_TEXTS = PHONE | {Channel.SMS}

EVERY_ACTION = frozenset(ActionKind)
SUITS = frozenset({ActionKind.SUE, ActionKind.THREATEN_SUIT})
DEMANDS = frozenset({ActionKind.DEMAND_PAYMENT, ActionKind.OFFER_SETTLEMENT, ActionKind.ACCEPT_PAYMENT})
COLLECTING = frozenset(
    {
        ActionKind.SUE,
        ActionKind.THREATEN_SUIT,
        ActionKind.SEEK_DEFAULT_JUDGMENT,
        ActionKind.ENFORCE_JUDGMENT,
        ActionKind.REPOSSESS,
        ActionKind.EVICT,
        ActionKind.CHARGE_FEE,
        ActionKind.CHARGE_INTEREST,
        ActionKind.FURNISH,
        ActionKind.DEMAND_PAYMENT,
        ActionKind.OFFER_SETTLEMENT,
        ActionKind.DEPOSIT_INSTRUMENT,
    }
)
"""The acts that collect: what a stop of collection stops. To take what a debtor pays unasked is none of them."""


def law(
    id: str,
    *,
    place: str,
    citation: str,
    confidence: Confidence = "S",
    contacts: Iterable[Channel] = (),
    actions: Iterable[ActionKind] = (),
    payments: bool = False,
    effective_from: date = date.min,
    effective_to: date = date.max,
    presumption: bool = False,
    configured: bool = False,
) -> Callable[[FunctionT], FunctionT]:
    """Adds the decorated function as one rule about contacts by these channels, these acts, and payments taken."""
    channels, kinds = frozenset(contacts), frozenset(actions)

    def add(function: FunctionT) -> FunctionT:
        watched = until_it_objects(function, configured=configured)

        def into(
            pack: RulePack[AttemptT], channels: Iterable[Channel] = (), actions: Iterable[ActionKind] = ()
        ) -> None:
            pack.rule(
                id,
                citation=citation,
                jurisdiction=place,
                effective_from=effective_from,
                effective_to=effective_to,
                confidence=confidence,
                channels=channels,
                actions=actions,
                presumption=presumption,
                configured=configured,
            )(watched)

        # A rule about everything is bound to nothing, which the pack looks up faster.
        if channels:
            into(CONTACTS, channels=() if channels == EVERY_CHANNEL else channels)
        if kinds:
            into(ACTIONS, actions=() if kinds == EVERY_ACTION else kinds)
        if payments:
            into(PAYMENTS)
        return function

    return add
