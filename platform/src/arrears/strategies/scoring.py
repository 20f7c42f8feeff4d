"""Whose scores a strategy sees, and the frame with them. A scorer that fails leaves the score empty and is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears.strategies.settings import StrategySettings
from arrears_sdk.views import Account

HOOK = "score_accounts"
# A scorer has one time budget for a call, however many accounts there are.
AT_ONCE = 1_000


@dataclass(frozen=True)
class Scorer:
    """The plugin whose scores count at a place; without a name there is none, and `problem` may say why."""

    name: str | None
    version: str | None = None
    problem: str | None = None


async def scorer_at(host: PluginHost, place: Place) -> Scorer:
    """The scorer that the settings of a place name, or the only one that is enabled there."""
    settings = await host.config(StrategySettings, place)
    snapshot = await host.snapshot()
    enabled = {
        status.name: status
        for status in host.plugins()
        if HOOK in status.hooks and snapshot.effective(status.name, place).enabled
    }
    if settings.scorer is not None:
        if settings.scorer not in enabled:
            return Scorer(None, problem=f"{settings.scorer} is chosen as the scorer, and is no scorer enabled here")
        return Scorer(settings.scorer, enabled[settings.scorer].version)
    if len(enabled) > 1:
        return Scorer(None, problem=f"several scorers are enabled ({', '.join(sorted(enabled))}), and none is chosen")
    return next((Scorer(status.name, status.version) for status in enabled.values()), Scorer(None))


async def scored(
    host: PluginHost, scorer: Scorer, place: Place, frame: pl.DataFrame, views: Sequence[Account]
) -> tuple[pl.DataFrame, str | None]:
    """The frame with the scores of its accounts, and what went wrong if scores are missing."""
    if scorer.name is None or not views:
        return frame, scorer.problem
    values: dict[str, float] = {}
    for begin in range(0, len(views), AT_ONCE):
        asked = views[begin : begin + AT_ONCE]
        for view, given in zip(asked, await host.score(asked, [place] * len(asked)), strict=True):
            if scorer.name in given:
                values[view.id] = given[scorer.name].value
    known = pl.DataFrame(
        {"account_id": list(values), "score": list(values.values())},
        schema={"account_id": pl.String, "score": pl.Float64},
    )
    columns = frame.columns
    frame = frame.drop("score").join(known, on="account_id", how="left").select(columns)
    return frame, None if len(values) == len(views) else _why_missing(host, scorer.name, len(views) - len(values))


def _why_missing(host: PluginHost, name: str, missing: int) -> str:
    failure = next((status.last_failure for status in host.plugins() if status.name == name), None)
    what = "an account" if missing == 1 else f"{missing:,} accounts"
    return f"{name} gave no score for {what}" + (f": {failure}" if failure else "")
