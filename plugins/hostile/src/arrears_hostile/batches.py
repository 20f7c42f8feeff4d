"""Rulings and scores as batches: too few, of the wrong type, swayed by chance, company, order or the clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from arrears_sdk.host import Host
from arrears_sdk.plugin import Config, NoConfig, Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ContactAttempt, Score

ALLOW = Ruling.allow(rule="hostile.rule")
WARN = Ruling.warn("The wind has turned.", rule="hostile.rule")
CROWD, THOUSAND = 10, 1_000


class Failing(Plugin):
    """Raises on ordinary attempts."""

    name = "failing-on-attempts"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Raises."""
        raise KeyError("debtor")


class Miscounting(Plugin):
    """Forgets the last of many."""

    name = "miscounting"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """One too few."""
        return [ALLOW for _ in attempts][: max(1, len(attempts) - 1)]


class Mistyping(Plugin):
    """Answers with words."""

    name = "mistyping"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Texts."""
        return ["ALLOW" for _ in attempts]  # type: ignore[misc]


class Overeager(Plugin):
    """Answers though nothing was asked."""

    name = "overeager"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """At least one."""
        return [ALLOW for _ in attempts] or [ALLOW]


class Meddling(Plugin):
    """Turns round the list that it is given."""

    name = "meddling"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Changes its input."""
        if isinstance(attempts, list):
            attempts.reverse()
        return [ALLOW for _ in attempts]


class Wavering(Plugin):
    """Says something else every other time."""

    name = "wavering"
    asked: ClassVar[int] = 0

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Depends on how often it was asked."""
        type(self).asked += 1
        return [WARN if self.asked % 2 else ALLOW for _ in attempts]


class ClockReading(Plugin):
    """Rules by the machine's clock."""

    name = "clock-reading"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Depends on the year."""
        return [WARN if datetime.now(UTC).year > 2050 else ALLOW for _ in attempts]


class Gregarious(Plugin):
    """Rules otherwise in company."""

    name = "gregarious"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Depends on how many are asked about."""
        return [WARN if len(attempts) > 1 else ALLOW for _ in attempts]


class FirstComes(Plugin):
    """Is harder on the first of many."""

    name = "first-comes"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Depends on the place in the list, where it is long."""
        return [WARN if place == 0 and len(attempts) > CROWD else ALLOW for place in range(len(attempts))]


class LeakingConfig(Config):
    """Whether to warn."""

    warn: bool = False


class Leaking(Plugin[LeakingConfig]):
    """Rules by the settings that were used last, whosever they are."""

    name = "leaking"
    newest: ClassVar[LeakingConfig] = LeakingConfig()

    def __init__(self, config: LeakingConfig, host: Host) -> None:
        super().__init__(config, host)
        type(self).newest = config

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Depends on another client's settings."""
        return [WARN if self.newest.warn else ALLOW for _ in attempts]


class Sluggish(Plugin):
    """Takes too long over a thousand."""

    name = "sluggish"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Sleeps."""
        if len(attempts) >= THOUSAND:
            time.sleep(2.2)
        return [ALLOW for _ in attempts]


class Boundless(Plugin):
    """Gives scores beyond the range."""

    name = "boundless"

    def score_accounts(self, accounts: Sequence[Account]) -> list[Score]:
        """Gets round the check in `Score`."""
        scores = [Score(value=1.0, reasons=("rich",)) for _ in accounts]
        for score in scores:
            object.__setattr__(score, "value", 1.7)
        return scores


class Silent(Plugin):
    """Gives scores without reasons."""

    name = "silent"

    def score_accounts(self, accounts: Sequence[Account]) -> list[Score]:
        """No reasons."""
        return [Score(value=0.5) for _ in accounts]


class Hoarding(Plugin):
    """Keeps something of every attempt that it ever saw."""

    name = "hoarding"

    def __init__(self, config: NoConfig, host: Host) -> None:
        super().__init__(config, host)
        self._seen: dict[str, bytes] = {}

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Grows."""
        self._seen.update((attempt.debtor.id, bytes(1_000)) for attempt in attempts)
        return [ALLOW for _ in attempts]
