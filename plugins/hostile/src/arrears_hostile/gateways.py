"""Gateways that take, lose or make up money. Their provider is the one of the world made last."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome
from arrears_sdk.plugin import NoConfig, Plugin
from arrears_sdk.ports.gateway import (
    ChargeRequest,
    Gateway,
    GatewayCapabilities,
    GatewayNotice,
    NoticeKind,
    Order,
    RefundRequest,
    WebhookRequest,
)
from arrears_sdk.testing.provider import ProviderDouble
from arrears_sdk.testing.scripted_gateway import ProviderWorld, ScriptedGateway, outcome_of
from arrears_sdk.vocabulary import PaymentMethodKind


class World(ProviderWorld):
    """A provider in memory, where the gateways of this module find it."""

    newest: ProviderDouble = ProviderDouble()

    def __init__(self) -> None:
        World.newest = ProviderDouble()
        super().__init__(World.newest, NoConfig())


class _Taking(Plugin):
    """Hands over one gateway."""

    name = "taking"

    def register_gateways(self) -> Sequence[Gateway]:
        """The gateway of the class."""
        return [self._gateway()]

    def _gateway(self) -> Gateway:
        return ScriptedGateway(World.newest)


class Boasting(_Taking):
    """Takes a currency that does not exist."""

    name = "boasting"

    class _Port(ScriptedGateway):
        @property
        def capabilities(self) -> GatewayCapabilities:
            return GatewayCapabilities(methods=frozenset(PaymentMethodKind), currencies=frozenset({"USD", "ZZZ"}))

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Gullible(_Taking):
    """Believes every webhook."""

    name = "gullible"

    class _Port(ScriptedGateway):
        def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
            order = self.provider.last_charge()
            if order is None:
                return []
            outcome, at = outcome_of(order), request.received_at
            kind = NoticeKind.CHARGE
            return [GatewayNotice(id="evt_1", kind=kind, occurred_at=at, outcome=outcome, key=order.key)]

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Mumbling(_Taking):
    """Answers a charge with a word."""

    name = "mumbling"

    class _Port(ScriptedGateway):
        async def charge(self, request: ChargeRequest) -> Outcome:
            await super().charge(request)
            return "ok"  # type: ignore[return-value]

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Doubling(_Taking):
    """Takes the same key for another charge the second time."""

    name = "doubling"

    class _Port(ScriptedGateway):
        async def charge(self, request: ChargeRequest) -> Outcome:
            known = request.key in self.provider.orders
            return await super().charge(replace(request, key=f"{request.key}-again") if known else request)

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Multiplying(_Taking):
    """Counts yen in hundredths."""

    name = "multiplying"

    class _Port(ScriptedGateway):
        async def charge(self, request: ChargeRequest) -> Outcome:
            if request.amount.currency == "JPY":
                request = replace(request, amount=Money(request.amount.minor * 100, "JPY"))
            return await super().charge(request)

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Cheering(_Taking):
    """Calls a declined charge done."""

    name = "cheering"

    class _Port(ScriptedGateway):
        async def charge(self, request: ChargeRequest) -> Outcome:
            outcome = await super().charge(request)
            return Done(reference="ch_none") if isinstance(outcome, Declined) else outcome

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Guessing(_Taking):
    """Takes a status that it does not know for a refusal."""

    name = "guessing"

    class _Port(ScriptedGateway):
        async def charge(self, request: ChargeRequest) -> Outcome:
            await super().charge(request)
            order = self.provider.orders[request.key]
            if order.status not in ("succeeded", "declined"):
                return Declined(code=order.status, message="No idea.")
            return outcome_of(order)

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Forgetting(_Taking):
    """Never finds a charge again."""

    name = "forgetting"

    class _Port(ScriptedGateway):
        async def fetch(self, order: Order) -> Outcome:
            return NotSent(reason="never heard of it")

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Inventing(_Taking):
    """Says that everything is done."""

    name = "inventing"

    class _Port(ScriptedGateway):
        async def fetch(self, order: Order) -> Outcome:
            return Done(reference="ch_any")

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Withholding(_Taking):
    """Says that it refunds, and does not."""

    name = "withholding"

    class _Port(ScriptedGateway):
        async def refund(self, request: RefundRequest) -> Outcome:
            raise NotImplementedError

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Gossiping(_Taking):
    """Writes tokens into its log."""

    name = "gossiping"

    def _gateway(self) -> Gateway:
        log = self.host.log

        class Port(ScriptedGateway):
            async def charge(self, request: ChargeRequest) -> Outcome:
                log.warning("charging %s", request.token.get_secret_value())
                return await super().charge(request)

        return Port(World.newest)


class Patient(_Taking):
    """Takes webhooks of any age."""

    name = "patient"

    class _Port(ScriptedGateway):
        oldest = timedelta(days=10_000)

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)


class Renaming(_Taking):
    """Gives a webhook another id each time."""

    name = "renaming"

    class _Port(ScriptedGateway):
        def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
            return [replace(notice, id=str(uuid.uuid4())) for notice in super().parse_webhook(request)]

    def _gateway(self) -> Gateway:
        return self._Port(World.newest)
