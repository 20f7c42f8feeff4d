"""A circuit breaker: after repeated failures a plugin is left alone for a while, then tried once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES = 5
COOL_DOWN_SECONDS = 30.0


@dataclass(slots=True)
class Breaker:
    """Opens after so many failures in a row. When the cool-down is over it lets one call through: the trial.

    The cool-down is real time: a sandbox whose clock jumps does not make a plugin healthy.
    """

    failures_allowed: int = FAILURES
    cool_down_seconds: float = COOL_DOWN_SECONDS
    now: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float | None = None
    _trial: bool = field(default=False, repr=False)

    @property
    def open(self) -> bool:
        """Whether calls are refused, but for the trial."""
        return self.opened_at is not None

    def admits(self) -> bool:
        """Whether a call may be made now. Whoever is let in reports how it went."""
        if self.opened_at is None:
            return True
        if self._trial or self.now() - self.opened_at < self.cool_down_seconds:
            return False
        self._trial = True
        return True

    def succeeded(self) -> bool:
        """A call was answered; whether that closed an open breaker."""
        was_open, self.failures, self.opened_at, self._trial = self.open, 0, None, False
        return was_open

    def failed(self) -> bool:
        """A call failed; whether that opened the breaker."""
        self.failures += 1
        if self.open:
            self.opened_at, self._trial = self.now(), False
            return False
        if self.failures < self.failures_allowed:
            return False
        self.opened_at = self.now()
        return True

    def undecided(self) -> None:
        """A call ended without telling anything about the plugin: its caller went away."""
        self._trial = False

    @property
    def seconds_left(self) -> float:
        """How long calls are still refused."""
        return 0.0 if self.opened_at is None else max(0.0, self.opened_at + self.cool_down_seconds - self.now())
