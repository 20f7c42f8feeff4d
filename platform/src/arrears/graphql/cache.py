"""A mapping that forgets what was asked for longest ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most `most` entries that together weigh at most `most_weight`; asking for one keeps it.

    An entry that is too heavy by itself is not kept.
    """

    def __init__(self, most: int, *, most_weight: int, weigh: Callable[[K, V], int]) -> None:
        self.most = most
        self.most_weight = most_weight
        self.weight = 0
        self._weigh = weigh
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V) -> None:
        """Keep a value, forgetting those longest unused when full."""
        weight = self._weigh(key, value)
        if weight > self.most_weight:
            return
        replaced = self._entries.pop(key, None)
        self.weight += weight - (replaced[1] if replaced else 0)
        self._entries[key] = (value, weight)
        while len(self._entries) > self.most or self.weight > self.most_weight:
            _, (_, forgotten) = self._entries.popitem(last=False)
            self.weight -= forgotten

    def __len__(self) -> int:
        return len(self._entries)
