"""A declarative collection strategy: steps by days past due, configured for each client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from arrears_dunning_ladder.acts import rule_on_act
from arrears_dunning_ladder.config import Conditions, LadderConfig, PauseReason, Step
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt

if TYPE_CHECKING:
    from arrears_sdk.ports.strategy import Strategy

__all__ = ["Conditions", "DunningLadder", "LadderConfig", "PauseReason", "Step"]


class DunningLadder(Plugin[LadderConfig]):
    """Proposes the next step of each account, and objects to acts that come sooner than the ladder allows."""

    name = "dunning-ladder"

    def register_strategies(self) -> Sequence[Strategy]:
        """One strategy, `dunning-ladder`, with this client's steps."""
        # Polars loads only where a strategy is really used.
        from arrears_dunning_ladder.ladder import Ladder

        return [Ladder(self.config)]

    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> list[Ruling]:
        """Deferred until the ladder's day, or for as long as the ladder waits."""
        return [rule_on_act(self.config, attempt) for attempt in attempts]
