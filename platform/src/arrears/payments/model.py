"""Payments through gateways: their states, and the pure rules by which they change.

What is known of an order at a provider only ever grows: nothing < UNKNOWN < NOT_SENT < PENDING < DECLINED < DONE. An
outcome is taken in by keeping the greater one, wherever it comes from (the answer to the call, a webhook, a question
asked later) and in whatever order, so that all orders and repetitions end alike:

    CREATED -> UNKNOWN -> NOT_SENT -> PENDING -> DECLINED -> SETTLED -> REFUNDED | CHARGED_BACK
    CREATED, UNKNOWN, PENDING -> NEEDS_ATTENTION, when nobody could tell for long: any later news leads on from there.

NOT_SENT stands low since a request may have been under way while the provider was asked about it, and DECLINED below
DONE since providers report a failed try of an order that a later try fulfils. How much of the money stands is what was
taken less what was refunded less what is charged back: sums, which have no order either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import SecretStr

from arrears.kernel.personal import contains_card_number, is_card_number, mask_card_numbers
from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending, Unknown

INTENT, REFUND = "pmnt", "rfnd"
LONGEST_TOKEN = 500
_LONGEST_REFERENCE = 200
_LONGEST_PROBLEM = 500
_LONGEST_URL = 2000


class OutcomeKind(StrEnum):
    """What is known of an order at a provider, from the least."""

    UNKNOWN = "UNKNOWN"
    NOT_SENT = "NOT_SENT"
    PENDING = "PENDING"
    DECLINED = "DECLINED"
    DONE = "DONE"

    @property
    def knowledge(self) -> int:
        """How much it tells: of two, the greater one holds."""
        return _KNOWLEDGE[self]


_KNOWLEDGE = {kind: place for place, kind in enumerate(OutcomeKind, start=1)}


class PaymentStatus(StrEnum):
    """Where a payment through a gateway stands."""

    CREATED = "CREATED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    NOT_SENT = "NOT_SENT"
    DECLINED = "DECLINED"
    SETTLED = "SETTLED"
    REFUNDED = "REFUNDED"
    CHARGED_BACK = "CHARGED_BACK"


class RefundStatus(StrEnum):
    """Where a refund stands."""

    CREATED = "CREATED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    NOT_SENT = "NOT_SENT"
    DECLINED = "DECLINED"
    SETTLED = "SETTLED"


class AttemptKind(StrEnum):
    """What a provider was called for."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    FETCH = "FETCH"


OPEN_OUTCOMES = frozenset({None, OutcomeKind.UNKNOWN, OutcomeKind.PENDING})
"""With these the provider may still take or give money: it is asked until that is known."""
OPEN_STATUSES = ("CREATED", "UNKNOWN", "PENDING", "NEEDS_ATTENTION")

"""Who may not take money while a hold stops payments; whoever wants to pay by himself may."""


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome as the platform keeps it, whoever told it: texts masked and shortened, one field for each fact."""

    kind: OutcomeKind
    reference: str | None = None
    amount: Money | None = None
    fee: Money | None = None
    code: str | None = None
    problem: str | None = None
    action_url: str | None = None


def told(outcome: Outcome) -> Told:
    """What an outcome of a gateway says."""
    match outcome:
        case Done():
            return Told(OutcomeKind.DONE, _reference(outcome.reference), outcome.amount, outcome.fee)
        case Declined():
            return Told(
                OutcomeKind.DECLINED,
                _reference(outcome.reference),
                code=_text(outcome.code, _LONGEST_REFERENCE),
                problem=_text(outcome.message, _LONGEST_PROBLEM),
            )
        case Pending():
            return Told(OutcomeKind.PENDING, _reference(outcome.reference), action_url=_url(outcome.action_url))
        case NotSent():
            return Told(OutcomeKind.NOT_SENT, problem=_text(outcome.reason, _LONGEST_PROBLEM))
        case Unknown():
            reason = _text(outcome.reason, _LONGEST_PROBLEM)
            return Told(OutcomeKind.UNKNOWN, _reference(outcome.reference), problem=reason)


def learned(known: OutcomeKind | None, news: OutcomeKind) -> OutcomeKind:
    """What is known after news: the one that tells more."""
    return news if known is None or news.knowledge > known.knowledge else known


def intent_status(
    outcome: OutcomeKind | None, *, attention: bool, captured: int, refunded: int, charged_back: int
) -> PaymentStatus:
    """The status of an intent that was allowed, from what is known."""
    if outcome is OutcomeKind.DONE:
        if charged_back > 0:
            return PaymentStatus.CHARGED_BACK
        return PaymentStatus.REFUNDED if refunded >= captured else PaymentStatus.SETTLED
    return PaymentStatus(refund_status(outcome, attention=attention))


def refund_status(outcome: OutcomeKind | None, *, attention: bool) -> RefundStatus:
    """The status of a refund, from what is known."""
    if outcome is OutcomeKind.DONE:
        return RefundStatus.SETTLED
    if outcome not in OPEN_OUTCOMES:
        return RefundStatus(str(outcome))
    if attention:
        return RefundStatus.NEEDS_ATTENTION
    return RefundStatus.CREATED if outcome is None else RefundStatus(outcome)


def standing(captured: int, refunded: int, charged_back: int) -> int:
    """How much of what was taken stands, in minor units; what went out beyond it is for people to look into."""
    return max(captured - refunded - charged_back, 0)


# Doubled again and again up to half a day: a provider that is down is not asked in vain, and one that is slow is asked.
_LONGEST_PAUSE = timedelta(hours=12)


def pause_before_asking(times_asked: int, first: timedelta) -> timedelta:
    """How long to wait before a provider is asked again how an order stands."""
    return min(first * (1 << min(times_asked, 30)), _LONGEST_PAUSE)


def provider_key(kind: str, id: UUID) -> str:
    """The idempotency key under which a provider knows an order: it follows from the order's id, and never changes."""
    return encode_id(kind, id)


def order_of_key(kind: str, key: str | None) -> UUID | None:
    """The id of the order that has this key; None for a key that is none of ours."""
    try:
        return None if key is None else decode_id(kind, key)
    except InputError:
        return None


def checked_token(token: SecretStr, field: tuple[str, ...]) -> SecretStr:
    """The provider's token as given, without blanks around it. InputError for a card number, which is named nowhere."""
    text = token.get_secret_value().strip()
    if not text:
        raise InputError("The provider's token is missing.", code=ErrorCode.REQUIRED, field=field)
    digits = "".join(character for character in text if character.isdigit())
    if contains_card_number(text) or is_card_number(digits):
        raise InputError(
            "This is a card number. Send the token that the provider made of it; card numbers are never taken here.",
            code=ErrorCode.CARD_NUMBER_GIVEN,
            field=field,
        )
    if len(text) > LONGEST_TOKEN or not text.isprintable():
        raise InputError(f"A token has at most {LONGEST_TOKEN} printable characters.", field=field)
    return SecretStr(text)


def _text(text: str, most: int) -> str:
    # What the database cannot store may not keep it from storing the outcome.
    storable = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return mask_card_numbers(storable)[:most]


def _reference(reference: str | None) -> str | None:
    return None if not reference else _text(reference, _LONGEST_REFERENCE)


def _url(url: str | None) -> str | None:
    # It is shown to debtors as a link: anything but a plain web address is worth nothing to them.
    return url if url is not None and url.startswith("https://") and len(url) <= _LONGEST_URL else None
