"""Somebody who is told of what happened, after it was committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from arrears_sdk.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Is told of events by name, at least once and in order for each subject. Being told twice must change nothing.

    `key` is unique within the plugin and stays over releases: deliveries that failed are found again by it.
    What `handle` raises makes the platform tell it again later, and give up after eight times.
    """

    key: str
    events: tuple[str, ...]
    handle: Callable[[Event], Awaitable[None]]
