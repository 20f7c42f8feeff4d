"""Somebody who is told of what happened, after it was committed."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from arrears_sdk.events import EVENTS, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Is told of events by name, at least once and in order for each subject. Being told twice must change nothing.

    `key` is unique within the plugin and stays over releases: deliveries that failed are found again by it.
    What `handle` raises makes the platform tell it again later, and give up after eight times: then the event becomes
    a dead letter, which people can have told again, and later events of its subject go on. A name that is not in
    `arrears_sdk.events.EVENTS` raises ValueError with the nearest one.
    """

    key: str
    events: tuple[str, ...]
    handle: Callable[[Event], Awaitable[None]]

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a subscriber has a key that stays over releases")
        if not self.events:
            raise ValueError(f"the subscriber {self.key!r} names no event")
        for name in self.events:
            if name not in EVENTS:
                [nearest] = difflib.get_close_matches(name, EVENTS, n=1, cutoff=0.0)
                raise ValueError(
                    f"the subscriber {self.key!r} asks for {name!r}, which is no event; the nearest is {nearest!r}"
                )
