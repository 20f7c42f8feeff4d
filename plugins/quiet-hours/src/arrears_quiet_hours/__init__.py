"""Contacts only within the hours of the day in which a debtor may be disturbed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from pydantic import Field, model_validator

from arrears_quiet_hours.window import WEEKDAYS, Weekday, next_window
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel

RULE = "quiet-hours.window"
UNDISTURBING = frozenset({CommunicationChannel.LETTER, CommunicationChannel.POSTCARD})


class QuietHoursConfig(Config):
    """The window of each day, in local wall time where the debtor is."""

    earliest: time = Field(default=time(8), description="The window's first minute.")
    latest: time = Field(default=time(21), description="The window's end, which itself is too late.")
    days_off: frozenset[Weekday] = Field(default=frozenset(), description="Days without any contact.")

    @model_validator(mode="after")
    def _leaves_time_for_a_contact(self) -> QuietHoursConfig:
        if self.earliest.tzinfo or self.latest.tzinfo or self.earliest >= self.latest:
            raise ValueError("earliest and latest are local times without a zone, the earliest first")
        if len(self.days_off) == len(WEEKDAYS):
            raise ValueError("at least one day of the week must not be a day off")
        return self


class QuietHours(Plugin[QuietHoursConfig]):
    """Defers a contact until it is neither too early nor too late in every zone in which the debtor may be."""

    name = "quiet-hours"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Allow until the window closes, else defer to the next one."""
        return [self._rule_on(attempt) for attempt in attempts]

    def _rule_on(self, attempt: ContactAttempt) -> Ruling:
        if attempt.channel in UNDISTURBING or attempt.at_debtor_request:
            return ALLOWED
        zones = attempt.debtor.time_zones
        if not zones:
            return Ruling.deny("Nobody knows what time it is for the debtor.", rule=RULE, missing_fact="time zone")
        hours = f"{self.config.earliest:%H:%M} to {self.config.latest:%H:%M} in {' and '.join(zones)}"
        candidate = attempt.at
        # Each round puts the contact off to the last window to open; more than a few rounds means that none overlap.
        for _ in range(50):
            windows = [next_window(candidate, zone, **dict(self.config)) for zone in zones]
            opens, closes = max(opens for opens, _ in windows), min(closes for _, closes in windows)
            if opens > candidate:
                candidate = opens
            elif candidate == attempt.at:
                return Ruling.allow(closes, reason=f"It is {hours}.", rule=RULE)
            else:
                return Ruling.defer(candidate, f"It is not {hours}.", rule=RULE)
        return Ruling.deny(f"No hour is {hours} at once.", rule=RULE, missing_fact="time zone")
