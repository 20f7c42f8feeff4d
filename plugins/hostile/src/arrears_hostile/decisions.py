"""Rulings that say the wrong thing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Finding, Ruling, Verdict
from arrears_sdk.views import ContactAttempt

RULE = "hostile.rule"
HOUR = timedelta(hours=1)


class Nowhere(tzinfo):
    """A zone that does not say how far it is from UTC."""

    def utcoffset(self, at: datetime | None, /) -> None:
        """Nothing."""

    def dst(self, at: datetime | None, /) -> None:
        """Nothing."""

    def tzname(self, at: datetime | None, /) -> str:
        """A name nevertheless."""
        return "nowhere"


class Anonymous(Plugin):
    """Names no rule."""

    name = "anonymous"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Warns in nobody's name."""
        return [Ruling.warn("because") for _ in attempts]


class Zoneless(Plugin):
    """Names instants that are nowhere."""

    name = "zoneless"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Allows until an hour of nowhere."""
        until = datetime(2030, 1, 1, tzinfo=Nowhere())
        return [Ruling.allow(until, rule=RULE) for _ in attempts]


class Backward(Plugin):
    """Defers to the past."""

    name = "backward"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """An hour earlier."""
        return [Ruling.defer(attempt.at - HOUR, "too late", rule=RULE) for attempt in attempts]


class Expired(Plugin):
    """Allows until now."""

    name = "expired"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Over at once."""
        return [Ruling.allow(attempt.at, rule=RULE) for attempt in attempts]


class Procrastinating(Plugin):
    """Always defers by another hour."""

    name = "procrastinating"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """An hour later."""
        return [Ruling.defer(attempt.at + HOUR, "not yet", rule=RULE) for attempt in attempts]


class Overpromising(Plugin):
    """Allows by day until an hour of the night."""

    name = "overpromising"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Denies at night, and says at day that the night were allowed."""
        return [
            Ruling.deny("It is night.", rule=RULE)
            if attempt.at.hour in (22, 23)
            else Ruling.allow(_late(attempt.at), rule=RULE)
            for attempt in attempts
        ]


def _late(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=24)


class Listing(Plugin):
    """Builds rulings out of lists, which cannot be combined."""

    name = "listing"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """A list where a set belongs."""
        finding = Finding(verdict=Verdict.WARN, reason="look", rule=RULE)
        return [Ruling([finding]) for _ in attempts]  # type: ignore[arg-type]


class Trusting(Plugin):
    """Lets go where it does not know the debtor's zone."""

    name = "trusting"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Milder the less it knows."""
        return [Ruling.warn("look", rule=RULE) if attempt.debtor.time_zones else Ruling.allow() for attempt in attempts]


class Presuming(Plugin):
    """Presumes that every debtor lives somewhere."""

    name = "presuming"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Fails where nothing is known."""
        return [Ruling.warn(f"lives in {attempt.debtor.places[0].country}", rule=RULE) for attempt in attempts]
