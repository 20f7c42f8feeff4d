"""Counts and durations of calls, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

_PER_DOUBLING = 8
_SHORTEST_SECONDS = 1e-6
_BUCKETS = 30 * _PER_DOUBLING  # up to about eighteen minutes


@dataclass(slots=True)
class Durations:
    """A histogram whose buckets grow by nine per cent, from a microsecond to many minutes."""

    counts: list[int] = field(default_factory=lambda: [0] * (_BUCKETS + 1))
    total: int = 0
    sum_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more duration."""
        bucket = 0
        if seconds > _SHORTEST_SECONDS:
            bucket = min(_BUCKETS, 1 + int(math.log2(seconds / _SHORTEST_SECONDS) * _PER_DOUBLING))
        self.counts[bucket] += 1
        self.total += 1
        self.sum_seconds += seconds

    def merge(self, other: Durations) -> None:
        """Count what another histogram counted."""
        for bucket, count in enumerate(other.counts):
            self.counts[bucket] += count
        self.total += other.total
        self.sum_seconds += other.sum_seconds

    def quantile(self, share: float) -> float | None:
        """The duration that this share of calls did not exceed; None when there was no call."""
        if not self.total:
            return None
        wanted = share * self.total
        seen = 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if count and seen >= wanted:
                return float(_SHORTEST_SECONDS * 2 ** (bucket / _PER_DOUBLING))
        return None


@dataclass(slots=True)
class Measurements:
    """What is known of the calls of one plugin for one purpose: a hook, or a port's method."""

    calls: int = 0
    failures: int = 0
    durations: Durations = field(default_factory=Durations)
    last_failure: str | None = None
    last_failure_at: datetime | None = None

    def answered(self, seconds: float) -> None:
        """A call that went well."""
        self.calls += 1
        self.durations.add(seconds)

    def failed(self, seconds: float, why: str, at: datetime) -> None:
        """A call that did not."""
        self.calls += 1
        self.failures += 1
        self.durations.add(seconds)
        self.last_failure, self.last_failure_at = why, at
