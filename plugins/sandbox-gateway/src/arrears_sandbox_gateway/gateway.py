"""The gateway to the made-up provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from arrears_sandbox_gateway.config import SandboxConfig
from arrears_sandbox_gateway.orders import (
    CHARGE,
    DECLINED,
    REFUND,
    SUCCEEDED,
    Drawer,
    FileDrawer,
    ProviderOrder,
    ValuesDrawer,
)
from arrears_sandbox_gateway.scenarios import SCENARIOS, Scenario, scenario_of
from arrears_sandbox_gateway.webhooks import parse
from arrears_sdk.host import Host
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending, Unknown
from arrears_sdk.ports.gateway import (
    ChargeRequest,
    GatewayCapabilities,
    GatewayNotice,
    Order,
    RefundRequest,
    WebhookRequest,
)

CONFIRMATION = "https://sandbox.invalid/confirm/"


class SandboxPort:
    """The provider's orders, its answers, and its webhooks."""

    key = "sandbox"

    def __init__(self, config: SandboxConfig, host: Host) -> None:
        self._config = config
        self._host = host
        self._capabilities = GatewayCapabilities(
            methods=config.methods,
            currencies=config.currencies,
            refunds=config.refunds,
            partial_refunds=config.refunds and config.partial_refunds,
            webhooks=config.webhook_secret is not None,
        )

    @property
    def capabilities(self) -> GatewayCapabilities:
        """What the settings say."""
        return self._capabilities

    async def charge(self, request: ChargeRequest) -> Outcome:
        """The outcome that the token asks for; one key is one charge."""
        token = request.token.get_secret_value()
        # What is no token of the sandbox may be a real one: its text is kept nowhere.
        name = token if token in SCENARIOS else "invalid"
        return await self._place(CHARGE, request.key, request.amount, name, request.client_id)

    async def refund(self, request: RefundRequest) -> Outcome:
        """The outcome that the token of the charge asks for its refunds; one key is one refund."""
        drawer = self._drawer(request.client_id)
        charge = await drawer.find(request.reference.removeprefix("ch_"))
        if charge is None or charge.status_at(self._host.clock.now()) != SUCCEEDED:
            return Declined(code="no_such_charge", message="There is no such charge that could be refunded.")
        name = scenario_of(charge.scenario).refund
        return await self._place(REFUND, request.key, request.amount, name, request.client_id, charge.reference)

    async def fetch(self, order: Order) -> Outcome:
        """How the provider has the order by now."""
        drawer = self._drawer(order.client_id)
        await drawer.called("fetch", order.key)
        found = await drawer.find(order.key)
        return self._told(found) if found is not None else NotSent(reason="The provider never got it.")

    def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
        """What a signed webhook tells."""
        secret = self._config.webhook_secret
        return parse(request, None if secret is None else secret.get_secret_value())

    async def _place(
        self, kind: str, key: str, amount: Money, name: str, client_id: str | None, of: str | None = None
    ) -> Outcome:
        scenario, drawer = scenario_of(name), self._drawer(client_id)
        await drawer.called(kind, key)
        kept = await drawer.find(key)
        if kept is None and scenario.taken:
            kept = await drawer.keep(self._order(kind, key, amount, name, scenario, of))
        if scenario.answer == "hangs":
            await asyncio.sleep(self._config.hangs_for_seconds)
        if scenario.answer == "lost" or (kept is None and scenario.answer == "hangs"):
            return Unknown(reason="The answer was lost.")
        return self._told(kept) if kept is not None else NotSent(reason="The provider was not reached.")

    def _order(
        self, kind: str, key: str, amount: Money, name: str, scenario: Scenario, of: str | None
    ) -> ProviderOrder:
        now = self._host.clock.now()
        settles_at = now + timedelta(seconds=self._config.settles_after_seconds)
        prefix = "ch" if kind == CHARGE else "re"
        return ProviderOrder(
            kind=kind,
            key=key,
            reference=f"{prefix}_{key}",
            minor=amount.minor,
            currency=amount.currency,
            scenario=name,
            status=scenario.status,
            created_at=now.isoformat(),
            settles_at=None if scenario.settles_as is None else settles_at.isoformat(),
            settles_as=scenario.settles_as or SUCCEEDED,
            of=of,
        )

    def _told(self, order: ProviderOrder) -> Outcome:
        scenario = scenario_of(order.scenario)
        status = order.status_at(self._host.clock.now())
        if status == SUCCEEDED:
            return Done(reference=order.reference, amount=order.amount)
        if status == DECLINED:
            return Declined(code=scenario.code, message=scenario.message, reference=order.reference)
        action = f"{CONFIRMATION}{order.reference}" if scenario.action else None
        return Pending(reference=order.reference, action_url=action)

    def _drawer(self, client_id: str | None) -> Drawer:
        if self._config.state_file is not None:
            return FileDrawer(self._config.state_file)
        return ValuesDrawer(self._host.values(client_id))
