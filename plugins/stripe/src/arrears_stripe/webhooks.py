"""What Stripe's signed webhooks tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from arrears_sdk.outcome import Done
from arrears_sdk.ports.gateway import GatewayNotice, NoticeKind, WebhookRefusedError, WebhookRequest
from arrears_stripe.outcomes import StripeData, charge_outcome, key_of, money, part, refund_outcome, text

if TYPE_CHECKING:
    from arrears_stripe.settings import StripeConfig

_INTENT_EVENTS = frozenset(
    f"payment_intent.{what}" for what in ("succeeded", "payment_failed", "canceled", "processing", "requires_action")
)
_REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
_DISPUTE_EVENTS = frozenset({"charge.dispute.created", "charge.dispute.closed"})


def notices(request: WebhookRequest, config: StripeConfig) -> Sequence[GatewayNotice]:
    """What a genuine webhook tells about our orders; nothing for events of others and of kinds that we do not need.

    Raises WebhookRefusedError for a wrong or missing signature, one that is too old, and what is no event of Stripe.
    """
    event = _verified(request, config)
    # A test event sent to the endpoint of the live account, or the other way round.
    if event.get("livemode") is not None and event.get("livemode") != _is_live(config):
        return []
    kind, thing = text(event, "type"), part(part(event, "data"), "object")
    if kind in _INTENT_EVENTS:
        return _of_intent(event, thing)
    if kind in _REFUND_EVENTS:
        return _of_refunds(event, [thing], key_of(thing))
    if kind == "charge.refunded":
        refunds = part(thing, "refunds").get("data")
        found = [one for one in refunds if isinstance(one, Mapping)] if isinstance(refunds, list) else []
        return _of_refunds(event, found, key_of(thing))
    if kind in _DISPUTE_EVENTS:
        return _of_dispute(event, thing)
    return []


def _verified(request: WebhookRequest, config: StripeConfig) -> StripeData:
    secret = config.webhook_secret.get_secret_value()
    if not secret:
        raise WebhookRefusedError("No signing secret of a Stripe webhook is set.")
    try:
        event = stripe.Webhook.construct_event(
            request.body,
            request.headers.get("stripe-signature"),
            secret,
            tolerance=config.webhook_tolerance_seconds,
            # Only kept beside the event; nothing is asked with it.
            api_key="unused",
        )
    except stripe.SignatureVerificationError as error:
        raise WebhookRefusedError(f"The webhook is not genuine or too old: {error.user_message}") from None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise WebhookRefusedError("The webhook is no event of Stripe.") from None
    # The library compares with the time of now; a webhook may also have waited here before it is read.
    age_seconds = request.received_at.timestamp() - _signed_at(request)
    if age_seconds > config.webhook_tolerance_seconds:
        raise WebhookRefusedError(f"The webhook was {age_seconds:.0f} seconds old when it arrived.")
    told: StripeData = event.to_dict()
    return told


def _signed_at(request: WebhookRequest) -> int:
    """The instant of the signature, from a header that the library has read already."""
    parts = (part.partition("=") for part in request.headers["stripe-signature"].split(","))
    return int(next(value for name, _, value in parts if name == "t"))


def _is_live(config: StripeConfig) -> bool:
    return "_live_" in config.api_key.get_secret_value()


def _of_intent(event: StripeData, intent: StripeData) -> Sequence[GatewayNotice]:
    key = key_of(intent)
    if key is None:
        return []
    return [
        GatewayNotice(
            id=_id(event),
            kind=NoticeKind.CHARGE,
            occurred_at=_instant(event),
            outcome=charge_outcome(intent),
            key=key,
            reference=text(intent, "id"),
            amount=money(intent, "amount"),
        )
    ]


def _of_refunds(event: StripeData, refunds: Sequence[StripeData], of_ours: str | None) -> Sequence[GatewayNotice]:
    """One notice for each refund of a charge of ours; one made in Stripe's dashboard has no key of its own."""
    if of_ours is None:
        return []
    return [
        GatewayNotice(
            id=f"{_id(event)}:{text(refund, 'id') or ''}",
            kind=NoticeKind.REFUND,
            occurred_at=_instant(event),
            outcome=refund_outcome(refund),
            key=key_of(refund),
            reference=text(refund, "id"),
            amount=money(refund, "amount"),
            details=_details(refund, "payment_intent", "charge"),
        )
        for refund in refunds
    ]


def _of_dispute(event: StripeData, dispute: StripeData) -> Sequence[GatewayNotice]:
    """A chargeback, or one that was won. What is only an enquiry of the bank (`warning_...`) moves no money."""
    dispute_id, status = text(dispute, "id"), text(dispute, "status") or ""
    reference = text(dispute, "payment_intent")
    if dispute_id is None or reference is None or status.startswith("warning_"):
        return []
    closed = text(event, "type") == "charge.dispute.closed"
    if closed and status not in ("won", "lost"):
        return []
    won = closed and status == "won"
    amount = money(dispute, "amount")
    return [
        GatewayNotice(
            # The same for the loss as for the beginning: the money is taken back once.
            id=f"{dispute_id}:{'won' if won else 'chargeback'}",
            kind=NoticeKind.CHARGEBACK_WON if won else NoticeKind.CHARGEBACK,
            occurred_at=_instant(event),
            outcome=Done(reference=dispute_id, amount=amount),
            reference=reference,
            amount=amount,
            details=_details(dispute, "reason", "status", "charge"),
        )
    ]


def _details(thing: StripeData, *fields: str) -> dict[str, str]:
    found = {field: text(thing, field) for field in fields}
    return {field: value for field, value in found.items() if value is not None}


def _id(event: StripeData) -> str:
    found = text(event, "id")
    if found is None:
        raise WebhookRefusedError("The event has no id.")
    return found


def _instant(event: StripeData) -> datetime:
    created = event.get("created")
    if not isinstance(created, int):
        raise WebhookRefusedError("The event does not say when it happened.")
    return datetime.fromtimestamp(created, UTC)
