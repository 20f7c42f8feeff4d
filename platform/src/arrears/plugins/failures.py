"""How plugins fail, as the platform tells of it."""

from __future__ import annotations

from enum import StrEnum

from arrears_sdk.errors import InputError


class FailureKind(StrEnum):
    """In what way a plugin failed to answer."""

    RAISED = "RAISED"
    TIMED_OUT = "TIMED_OUT"
    BUSY = "BUSY"
    WRONG_ANSWER = "WRONG_ANSWER"
    WRONG_SETTINGS = "WRONG_SETTINGS"
    NOT_STARTED = "NOT_STARTED"
    BREAKER_OPEN = "BREAKER_OPEN"
    GIVEN_UP = "GIVEN_UP"
    DIED = "DIED"


class PluginFailedError(Exception):
    """A plugin did not answer, or not as it has to. `reason` is one sentence, fit for a log and for the audit."""

    def __init__(self, plugin: str, kind: FailureKind, reason: str) -> None:
        super().__init__(f"{plugin}: {reason}")
        self.plugin = plugin
        self.kind = kind
        self.reason = reason


class PluginStartError(InputError):
    """A deployment does not start because of a plugin; the message names it and says what to do."""
