"""What the layers above the kernel put into a context, found by its type: the plugin host, for instance."""

from __future__ import annotations

from typing import TypeVar

from arrears_sdk.errors import FaultError

ServiceT = TypeVar("ServiceT")


class Services:
    """One object of each kind. It is filled while a deployment opens, and only read afterwards."""

    def __init__(self, *services: object) -> None:
        self._by_type: dict[type, object] = {type(service): service for service in services}

    def add(self, service: object) -> None:
        """Make a service known by its class; a second of the same class takes the place of the first."""
        self._by_type[type(service)] = service

    def offers(self, kind: type) -> bool:
        """Whether there is a service of that class."""
        return isinstance(self._by_type.get(kind), kind)

    def find(self, kind: type[ServiceT]) -> ServiceT:
        """The service of that class; FaultError when the deployment was opened without it."""
        found = self._by_type.get(kind)
        if not isinstance(found, kind):
            raise FaultError(f"This context has no {kind.__name__}.")
        return found
