"""What a client, or one of its portfolios, chooses: the strategy that works its accounts, and the scorer it goes by."""

from __future__ import annotations

from pydantic import Field

from arrears.plugins.settings import setting_groups
from arrears_sdk.plugin import Config

GROUP = "strategies"


class StrategySettings(Config):
    """Which strategy and which scorer work accounts."""

    strategy: str | None = Field(
        default=None, min_length=1, max_length=80, description="The key of the strategy, such as dunning-ladder."
    )
    scorer: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="The plugin whose scores the strategy sees; when only one is enabled it need not be named.",
    )


setting_groups.declare(GROUP, StrategySettings, "Which strategy works the accounts, and whose scores it goes by.")
