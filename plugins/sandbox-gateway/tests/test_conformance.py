"""The plugin's conformance suite; its own provider is the double that it is tried against."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from arrears_sandbox_gateway import SandboxConfig, SandboxGateway
from arrears_sandbox_gateway.orders import CHARGE, DECLINED, FileDrawer
from arrears_sandbox_gateway.webhooks import notice
from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import WebhookRequest
from arrears_sdk.testing import conformance
from arrears_sdk.testing.gateway_world import GatewayWorld

SECRET = "whsec_of_the_sandbox"


class SandboxWorld(GatewayWorld):
    """A state file of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.file = Path(self._folder.name) / "sandbox.sqlite"
        self.drawer = FileDrawer(self.file)
        self._next: str | None = None

    @property
    def config(self) -> SandboxConfig:
        return SandboxConfig(state_file=self.file, webhook_secret=SecretStr(SECRET))

    @property
    def token(self) -> SecretStr:
        chosen, self._next = self._next or "tok_ok", None
        return SecretStr(chosen)

    @property
    def declined_token(self) -> SecretStr:
        return SecretStr("tok_decline")

    def charges(self) -> Sequence[Money]:
        orders = self.drawer.orders()
        return [order.amount for order in orders if order.kind == CHARGE and order.status != DECLINED]

    def answer_unknown_status(self) -> bool:
        self._next = "tok_strange"
        return True

    def lose_next_answer(self) -> bool:
        self._next = "tok_unknown"
        return True

    def webhook(self) -> WebhookRequest | None:
        charges = [order for order in self.drawer.orders() if order.kind == CHARGE]
        if not charges:
            return None
        delivery = notice(charges[-1], "settled")
        return WebhookRequest(headers=delivery.signed(SECRET), body=delivery.body, received_at=delivery.at)

    def close(self) -> None:
        self._folder.cleanup()


TestSandboxGateway = conformance(
    SandboxGateway,
    configs=[SandboxConfig(), SandboxConfig(refuse_above=Decimal(100))],
    gateway_world=SandboxWorld,
)
