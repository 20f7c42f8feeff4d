"""Webhooks as the made-up provider sends them: signed with their id and time, in the manner of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from arrears_sandbox_gateway.orders import CHARGE, ProviderOrder
from arrears_sandbox_gateway.scenarios import scenario_of
from arrears_sdk.errors import ArrearsError
from arrears_sdk.events import JsonValue
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, Outcome, Pending
from arrears_sdk.ports.gateway import GatewayNotice, NoticeKind, WebhookRefusedError, WebhookRequest

TOLERANCE = timedelta(minutes=5)
_OUTCOMES = {"settled": "DONE", "declined": "DECLINED", "pending": "PENDING"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook that the provider wants to send: when, under which id, and what it says."""

    at: datetime
    id: str
    body: bytes

    def signed(self, secret: str, at: datetime | None = None) -> Mapping[str, str]:
        """The headers of the webhook when it is sent at an instant: when it is due, unless another is given."""
        seconds = str(int((at or self.at).timestamp()))
        return {
            "webhook-id": self.id,
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{signature(secret, self.id, seconds, self.body)}",
        }


def signature(secret: str, id: str, seconds: str, body: bytes) -> str:
    """The HMAC-SHA256 of id, time and body, in base 64."""
    signed = f"{id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def deliveries(order: ProviderOrder) -> list[Delivery]:
    """The webhooks that the scenario of a charge has the provider send, in the order in which they arrive."""
    plan = scenario_of(order.scenario).webhooks if order.kind == CHARGE else ()
    return [notice(order, what, timedelta(seconds=after)) for what, after in plan]


def notice(order: ProviderOrder, what: str, after: timedelta = timedelta(0)) -> Delivery:
    """The webhook that tells one thing about an order: settled, declined, pending, chargeback or chargeback_won."""
    scenario = scenario_of(order.scenario)
    at = datetime.fromisoformat(order.created_at) + after
    kind = what.upper() if what not in _OUTCOMES else order.kind.upper()
    told: dict[str, JsonValue] = {
        "id": f"evt_{order.reference}_{what}",
        "kind": kind,
        "occurred_at": at.isoformat(),
        "key": order.key,
        "reference": order.reference,
        "outcome": _OUTCOMES.get(what, "DONE"),
        "amount": order.minor,
        "currency": order.currency,
        "code": scenario.code,
        "message": scenario.message,
    }
    return Delivery(at, str(told["id"]), json.dumps({"notices": [told]}, sort_keys=True).encode())


def parse(request: WebhookRequest, secret: str | None) -> Sequence[GatewayNotice]:
    """What a genuine webhook of the last five minutes tells; WebhookRefusedError for every other."""
    if secret is None:
        raise WebhookRefusedError("no secret is set, so that nothing can be genuine")
    _check(request, secret)
    try:
        told = json.loads(request.body)["notices"]
        return [_notice(one) for one in told]
    except (ValueError, KeyError, TypeError, ArrearsError) as error:
        raise WebhookRefusedError(f"not in the form of the sandbox: {type(error).__name__}") from None


def _check(request: WebhookRequest, secret: str) -> None:
    id, seconds = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not id or not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
        raise WebhookRefusedError("without id or time")
    wanted = signature(secret, id, seconds, request.body)
    given = request.headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(one.encode(), f"v1,{wanted}".encode()) for one in given):
        raise WebhookRefusedError("the signature does not fit")
    if abs(request.received_at - datetime.fromtimestamp(int(seconds), UTC)) > TOLERANCE:
        raise WebhookRefusedError("too old, or from the future")


def _notice(told: Mapping[str, str]) -> GatewayNotice:
    amount = Money(int(told["amount"]), told["currency"])
    return GatewayNotice(
        id=told["id"],
        kind=NoticeKind(told["kind"]),
        occurred_at=datetime.fromisoformat(told["occurred_at"]),
        outcome=_outcome(told, amount),
        key=told.get("key"),
        reference=told["reference"],
        amount=amount,
    )


def _outcome(told: Mapping[str, str], amount: Money) -> Outcome:
    if told["outcome"] == "DONE":
        return Done(reference=told["reference"], amount=amount)
    if told["outcome"] == "DECLINED":
        return Declined(code=told["code"], message=told["message"], reference=told["reference"])
    return Pending(reference=told["reference"])
