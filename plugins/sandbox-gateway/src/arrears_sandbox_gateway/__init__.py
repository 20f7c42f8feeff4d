"""A payment gateway that takes no money: the token says how each charge comes out."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sandbox_gateway.config import SandboxConfig
from arrears_sandbox_gateway.gateway import SandboxPort
from arrears_sdk.host import Host
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import PaymentAttempt

__all__ = ["SandboxConfig", "SandboxGateway", "SandboxPort"]

RULE = "sandbox-gateway.refuse-above"


class SandboxGateway(Plugin[SandboxConfig]):
    """Every outcome of a payment at will, for trying out a deployment and for tests."""

    name = "sandbox-gateway"

    def __init__(self, config: SandboxConfig, host: Host) -> None:
        super().__init__(config, host)
        self._port = SandboxPort(config, host)

    def register_gateways(self) -> Sequence[Gateway]:
        """The one gateway, `sandbox`."""
        return (self._port,)

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Sequence[Ruling]:
        """Refuses what is above the limit of the settings."""
        return [self._ruling(attempt) for attempt in attempts]

    def _ruling(self, attempt: PaymentAttempt) -> Ruling:
        limit = self.config.refuse_above
        if limit is None or attempt.amount.amount <= limit:
            return Ruling.allow()
        return Ruling.deny(f"The sandbox takes at most {limit} at once.", rule=RULE)
