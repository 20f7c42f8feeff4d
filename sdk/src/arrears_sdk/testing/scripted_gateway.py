"""A gateway whose outcomes are written down before: for tests of what stands around a gateway."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending
from arrears_sdk.plugin import Config
from arrears_sdk.ports.gateway import (
    ChargeRequest,
    GatewayCapabilities,
    GatewayNotice,
    NoticeKind,
    Order,
    RefundRequest,
    WebhookRefusedError,
    WebhookRequest,
)
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.provider import DECLINED_TOKEN, GOOD_TOKEN, ProviderDouble, ProviderOrder, signature
from arrears_sdk.vocabulary import PaymentMethodKind


class ScriptedGateway:
    """Answers with the outcomes that `then(...)` was given, in their order, and as its provider says after that.

    An exception among them is raised. The provider behind it takes each key once, whatever the script answers.
    """

    key = "scripted"
    oldest = timedelta(minutes=5)
    """How old a webhook may be."""

    def __init__(self, provider: ProviderDouble | None = None) -> None:
        self.provider = provider or ProviderDouble()
        self.asked: list[ChargeRequest | RefundRequest | Order] = []
        self._script: deque[Outcome | Exception] = deque()

    @property
    def capabilities(self) -> GatewayCapabilities:
        """Everything, in every currency."""
        return GatewayCapabilities(methods=frozenset(PaymentMethodKind))

    def then(self, *outcomes: Outcome | Exception) -> ScriptedGateway:
        """What it is to answer next."""
        self._script.extend(outcomes)
        return self

    async def charge(self, request: ChargeRequest) -> Outcome:
        """Charges at the provider, and answers as written."""
        self.asked.append(request)
        order = self.provider.charge(request.key, request.amount, request.token.get_secret_value())
        return self._written() or outcome_of(order)

    async def refund(self, request: RefundRequest) -> Outcome:
        """Refunds at the provider, and answers as written."""
        self.asked.append(request)
        order = self.provider.refund(request.key, request.amount, request.reference)
        return self._written() or outcome_of(order)

    async def fetch(self, order: Order) -> Outcome:
        """Answers as written, else how the provider keeps the order."""
        self.asked.append(order)
        found = self.provider.orders.get(order.key)
        if written := self._written():
            return written
        return outcome_of(found) if found else NotSent(reason="the provider knows no such key")

    def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
        """What a signed webhook of at most five minutes tells."""
        signed = request.headers.get("signature", "")
        seconds = signed.removeprefix("t=").partition(",")[0]
        if not seconds.isdigit() or not hmac.compare_digest(
            signed, signature(self.provider.secret, int(seconds), request.body)
        ):
            raise WebhookRefusedError("the signature does not fit")
        sent_at = datetime.fromtimestamp(int(seconds), UTC)
        if abs(request.received_at - sent_at) > self.oldest:
            raise WebhookRefusedError("too old")
        told = json.loads(request.body)
        order = self.provider.orders[told["order"]["key"]]
        return [
            GatewayNotice(
                id=told["id"],
                kind=NoticeKind(order.kind.upper()),
                occurred_at=sent_at,
                outcome=outcome_of(order),
                key=order.key,
                reference=order.id,
            )
        ]

    def _written(self) -> Outcome | None:
        if not self._script:
            return None
        outcome = self._script.popleft()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def outcome_of(order: ProviderOrder) -> Outcome:
    """How an order stands, in the platform's words; what nobody has heard of is Pending."""
    if order.status == "succeeded":
        return Done(reference=order.id, amount=order.amount)
    if order.status == "declined":
        return Declined(code=order.code, message=order.message, reference=order.id)
    return Pending(reference=order.id)


class ProviderWorld(GatewayWorld):
    """A world around a `ProviderDouble`. A gateway's own world derives from it and says how to reach the double."""

    def __init__(self, provider: ProviderDouble, config: Config) -> None:
        self.provider = provider
        self._config = config

    @property
    def config(self) -> Config:
        """The settings it was given."""
        return self._config

    @property
    def token(self) -> SecretStr:
        """The token that the double takes."""
        return SecretStr(GOOD_TOKEN)

    @property
    def declined_token(self) -> SecretStr:
        """A token that it declines."""
        return SecretStr(DECLINED_TOKEN)

    def charges(self) -> Sequence[Money]:
        """What the double has taken."""
        return self.provider.charges()

    def answer_unknown_status(self) -> bool:
        """The double can."""
        self.provider.next_status = "awaiting_moonrise"
        return True

    def lose_next_answer(self) -> bool:
        """The double can, where it is reached over HTTP."""
        self.provider.lose_next_answer = True
        return True

    def webhook(self) -> WebhookRequest | None:
        """About the last charge."""
        order = self.provider.last_charge()
        return self.provider.webhook(order) if order else None
