"""A made-up payment provider that keeps its orders in memory, over HTTP or called directly."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from arrears_sdk.events import JsonValue
from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import WebhookRequest
from arrears_sdk.testing.http import HttpRequest, HttpResponse

SECRET = "whsec_of_the_double"  # noqa: S105 - of a provider that does not exist
GOOD_TOKEN = "tok_good"  # noqa: S105
DECLINED_TOKEN = "tok_declined"  # noqa: S105


@dataclass(slots=True)
class ProviderOrder:
    """A charge or a refund as the provider keeps it. `status` is the provider's own word."""

    kind: str
    id: str
    key: str
    amount: Money
    status: str
    code: str = ""
    message: str = ""
    of: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        """As the provider tells it."""
        return {
            "kind": self.kind,
            "id": self.id,
            "key": self.key,
            "amount": self.amount.minor,
            "currency": self.amount.currency,
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }


class ProviderDouble:
    """Takes charges and refunds, each key once. Over HTTP: `HttpDouble(provider.respond)`.

    POST /charges {amount, currency, token} and POST /refunds {amount, currency, charge} under an `idempotency-key`
    give an order; GET /orders?key=... gives it again, or 404. Statuses are succeeded, declined and processing.
    Webhooks carry `signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of `<seconds>.<body>` under the secret.
    """

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.orders: dict[str, ProviderOrder] = {}
        self.next_status: str | None = None
        self.lose_next_answer = False
        self._webhooks = 0

    def charges(self) -> list[Money]:
        """The amounts of all charges that were taken, in their order."""
        return [order.amount for order in self.orders.values() if order.kind == "charge" and order.status != "declined"]

    def charge(self, key: str, amount: Money, token: str) -> ProviderOrder:
        """Takes money; the same key gives the charge that it made before."""
        if key not in self.orders:
            status, code, message = self.next_status or "succeeded", "", ""
            if token != GOOD_TOKEN:
                status, code, message = "declined", "card_declined", "The card was declined."
            self.next_status = None
            self.orders[key] = ProviderOrder("charge", self._id("ch"), key, amount, status, code, message)
        return self.orders[key]

    def refund(self, key: str, amount: Money, reference: str) -> ProviderOrder:
        """Gives money back; the same key gives the refund that it made before."""
        if key not in self.orders:
            known = any(order.id == reference and order.kind == "charge" for order in self.orders.values())
            status = "succeeded" if known else "declined"
            code = "" if known else "no_such_charge"
            message = "" if known else f"There is no charge {reference}."
            self.orders[key] = ProviderOrder("refund", self._id("re"), key, amount, status, code, message, reference)
        return self.orders[key]

    def respond(self, request: HttpRequest) -> HttpResponse:
        """The provider's HTTP interface."""
        url = urlsplit(request.path)
        if request.method == "GET" and url.path == "/orders":
            (key,) = parse_qs(url.query)["key"]
            order = self.orders.get(key)
            return HttpResponse.json(order.as_json()) if order else HttpResponse.json({"error": "unknown key"}, 404)
        order = self._order(url.path, request)
        if order is None:
            return HttpResponse.json({"error": "no such page"}, 404)
        if self.lose_next_answer:
            self.lose_next_answer = False
            return HttpResponse.none()
        return HttpResponse.json(order.as_json())

    def _order(self, path: str, request: HttpRequest) -> ProviderOrder | None:
        body = json.loads(request.body)
        key, amount = request.headers["idempotency-key"], Money(body["amount"], body["currency"])
        if path == "/charges":
            return self.charge(key, amount, body["token"])
        if path == "/refunds":
            return self.refund(key, amount, body["charge"])
        return None

    def webhook(self, order: ProviderOrder, at: datetime | None = None) -> WebhookRequest:
        """A genuine webhook about an order, signed and received at an instant (now by default)."""
        at = at or datetime.now(UTC)
        self._webhooks += 1
        told = {
            "id": f"evt_{self._webhooks:08d}",
            "type": f"{order.kind}.{order.status}",
            "created": int(at.timestamp()),
            "order": order.as_json(),
        }
        body = json.dumps(told).encode()
        headers = {"signature": signature(self.secret, int(at.timestamp()), body), "content-type": "application/json"}
        return WebhookRequest(headers=headers, body=body, received_at=at)

    def last_charge(self) -> ProviderOrder | None:
        """The charge made last."""
        charges = [order for order in self.orders.values() if order.kind == "charge"]
        return charges[-1] if charges else None

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{len(self.orders) + 1:08d}"


def signature(secret: str, seconds: int, body: bytes) -> str:
    """What a webhook carries as its signature."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"
