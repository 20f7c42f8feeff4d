"""Registrations that hand over the wrong things."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_hostile.gateways import World
from arrears_sdk.host import Host
from arrears_sdk.plugin import NoConfig, Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.testing.scripted_gateway import ScriptedGateway


class Awaiting(Plugin):
    """Registers in its own time."""

    name = "awaiting"

    async def register_gateways(self) -> Sequence[Gateway]:  # type: ignore[override]
        """Has to be awaited."""
        return [ScriptedGateway(World.newest)]


class Lacking(Plugin):
    """Hands over half a gateway."""

    name = "lacking"

    class _Half:
        key = "half"

        async def charge(self, request: object) -> None:
            raise NotImplementedError

    def register_gateways(self) -> Sequence[Gateway]:
        """No gateway."""
        return [self._Half()]  # type: ignore[list-item]


class Repeating(Plugin):
    """Hands over two gateways under one key."""

    name = "repeating"

    def register_gateways(self) -> Sequence[Gateway]:
        """Twice the same."""
        return [ScriptedGateway(World.newest), ScriptedGateway(World.newest)]


class Drifting(Plugin):
    """Hands over another key each time."""

    name = "drifting"

    def __init__(self, config: NoConfig, host: Host) -> None:
        super().__init__(config, host)
        self._asked = 0

    def register_gateways(self) -> Sequence[Gateway]:
        """Never the same."""
        self._asked += 1
        gateway = ScriptedGateway(World.newest)
        gateway.key = f"scripted-{self._asked}"
        return [gateway]
