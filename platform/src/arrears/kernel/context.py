"""What a command is given besides its input: who acts, where, when and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from arrears.kernel.database import Database
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears_sdk.clock import Clock

if TYPE_CHECKING:
    from arrears.kernel.vault import Vault

ServiceT = TypeVar("ServiceT")


@dataclass(frozen=True)
class Context:
    """The circumstances of one request or job. `reason` is the caller's own words, kept in the audit."""

    database: Database
    principal: Principal
    clock: Clock
    vault: Vault
    request_id: str
    reason: str | None = None
    services: Services = field(default_factory=Services)

    def acting_as(self, principal: Principal) -> Context:
        """The same circumstances with another principal."""
        return replace(self, principal=principal)

    def service(self, kind: type[ServiceT]) -> ServiceT:
        """What the deployment offers beside the kernel, by its class; FaultError when it offers none."""
        return self.services.find(kind)
