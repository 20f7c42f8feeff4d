"""One Stripe account as the plugin talks to it: the library's client, pages of lists, objects as plain JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import stripe

from arrears_stripe.outcomes import StripeData, text

if TYPE_CHECKING:
    from arrears_stripe.settings import StripeConfig

PAGE = 100


class Page(Protocol):
    """What the library gives for one page of a list."""

    def to_dict(self) -> Mapping[str, object]:
        """The page as plain JSON."""
        ...


class StripeAccount:
    """Gives the library's client for the running event loop. A lost answer is never asked for again by itself."""

    def __init__(self, config: StripeConfig) -> None:
        self._config = config
        # Connections belong to the loop on which they were made.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[stripe.StripeClient, stripe.HTTPXClient]] = (
            WeakKeyDictionary()
        )

    @property
    def has_key(self) -> bool:
        """Whether there is a key to ask with."""
        return bool(self._config.api_key.get_secret_value())

    @property
    def client(self) -> stripe.StripeClient:
        """The library's client, which tries nothing twice: the platform asks how an order stands instead."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            connections = stripe.HTTPXClient(timeout=self._config.timeout_seconds)
            client = stripe.StripeClient(
                self._config.api_key.get_secret_value(),
                base_addresses={"api": self._config.api_base},
                http_client=connections,
                max_network_retries=0,
            )
            self._clients[loop] = (client, connections)
        return self._clients[loop][0]

    async def close(self) -> None:
        """Close the connections of this loop."""
        found = self._clients.pop(asyncio.get_running_loop(), None)
        if found is not None:
            await found[1].close_async()  # type: ignore[no-untyped-call]


async def every(read: Callable[[str | None], Awaitable[Page]], most_pages: int) -> tuple[list[StripeData], bool]:
    """The things of a list from the newest on, and whether these are all of them.

    `read` is given the id after which its page starts, None for the first one.
    """
    things: list[StripeData] = []
    after: str | None = None
    for _ in range(most_pages):
        page = (await read(after)).to_dict()
        data = page.get("data")
        found = [thing for thing in data if isinstance(thing, Mapping)] if isinstance(data, list) else []
        things += found
        if not page.get("has_more") or not found:
            return things, True
        after = text(found[-1], "id")
    return things, False
