"""Token buckets: a steady rate with a burst, for any number of keys in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

SWEPT_AT_ONCE = 4


class TokenBuckets:
    """One bucket for each key, filled at `rate` a second up to `burst`.

    At most `capacity` buckets are kept. A bucket that has filled up again tells nothing and is dropped as new ones
    come; when none has, the one that was used longest ago goes.
    """

    def __init__(
        self, rate: float, burst: float, *, capacity: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if rate <= 0 or burst < 1 or capacity < 1:
            raise ValueError("rate, burst and capacity must be positive")
        self._rate = rate
        self._burst = float(burst)
        self._capacity = capacity
        self._clock = clock  # Real time: a sandbox that moves its clock is limited like any other deployment.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, tokens: float = 1.0) -> float:
        """0 when the tokens were taken, else the seconds until they could be; then none are taken."""
        now = self._clock()
        level = self._level(key, now)
        wait = 0.0 if level >= tokens else (tokens - level) / self._rate
        if not wait:
            level -= tokens
        self._buckets[key] = (level, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._capacity:
            self._sweep(now)
        return wait

    def wait(self, key: str, tokens: float = 1.0) -> float:
        """The seconds until the tokens could be taken, 0 when they could be now; nothing is taken."""
        level = self._level(key, self._clock())
        return 0.0 if level >= tokens else (tokens - level) / self._rate

    def _level(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return self._burst
        level, since = bucket
        return min(self._burst, level + (now - since) * self._rate)

    def _sweep(self, now: float) -> None:
        """Drops a few idle buckets, from the one used longest ago, and always at least that one."""
        self._buckets.popitem(last=False)
        for _ in range(SWEPT_AT_ONCE):
            key, (level, since) = next(iter(self._buckets.items()))
            if level + (now - since) * self._rate < self._burst:
                return
            del self._buckets[key]

    def __len__(self) -> int:
        return len(self._buckets)
