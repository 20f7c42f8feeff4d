"""Runs a client's strategy over a frame of accounts, beside the event loop, and checks what it proposes."""

from __future__ import annotations

import asyncio
from datetime import date

import polars as pl

from arrears.plugins.bound import BoundPort
from arrears.plugins.failures import PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears.strategies.settings import StrategySettings
from arrears_sdk import frames
from arrears_sdk.errors import ErrorCode, InputError, RefusedError
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

CONTACT, TASK, PAUSE = "CONTACT", "TASK", "PAUSE"
ACTIONS = frozenset({CONTACT, TASK, PAUSE, *(kind.value for kind in ActionKind)})
DECIDE_SECONDS = 60.0


async def strategy_at(host: PluginHost, place: Place) -> BoundPort[Strategy]:
    """The strategy that the settings of a place choose; RefusedError when there is none that can be used."""
    settings = await host.config(StrategySettings, place)
    offered = await host.strategies(place)
    if settings.strategy is None:
        raise _unusable(f"No strategy is chosen{_where(place)}; {_offered(offered)}")
    if settings.strategy not in offered:
        raise _unusable(
            f"No enabled plugin offers the strategy {settings.strategy!r}{_where(place)}; {_offered(offered)}"
        )
    return offered[settings.strategy]


async def decide(
    bound: BoundPort[Strategy], accounts: pl.DataFrame, as_of: date, *, budget_seconds: float = DECIDE_SECONDS
) -> pl.DataFrame:
    """The actions that a strategy proposes for accounts on a day, in the columns `arrears_sdk.frames.ACTIONS`.

    RefusedError that names the plugin when it raises, takes too long, or proposes what cannot be.
    """
    try:
        proposed = await bound.call("decide", accounts, as_of=as_of, budget_seconds=budget_seconds)
    except PluginFailedError as failure:
        raise _failed(bound, failure.reason) from failure
    # A few rows are not worth a thread.
    if accounts.height < 1_000:
        return _checked(bound, proposed, accounts)
    return await asyncio.to_thread(_checked, bound, proposed, accounts)


def _checked(bound: BoundPort[Strategy], proposed: object, accounts: pl.DataFrame) -> pl.DataFrame:
    try:
        actions = frames.check(proposed, frames.ACTIONS)
    except InputError as error:
        raise _failed(bound, str(error)) from error
    for wrong, why in (
        (~pl.col("action").is_in(sorted(ACTIONS)), "an action of another name than there is"),
        (
            (pl.col("action") == CONTACT)
            & ~pl.col("channel").is_in([channel.value for channel in CommunicationChannel]).fill_null(False),
            "a CONTACT without a channel that there is",
        ),
        ((pl.col("action") != CONTACT) & pl.col("channel").is_not_null(), "a channel for what is no CONTACT"),
        (~pl.col("account_ids").list.contains(pl.col("account_id")), "accounts without the one that leads"),
    ):
        found = actions.filter(wrong).head(1)
        if found.height:
            raise _failed(bound, f"it proposes {why}, for {found['account_id'][0]}")
    _check_accounts(bound, actions, accounts)
    return actions


def _check_accounts(bound: BoundPort[Strategy], actions: pl.DataFrame, accounts: pl.DataFrame) -> None:
    """Only accounts that were asked about are acted on, and those of one debtor together."""
    covered = actions.select("account_ids").with_row_index("action").explode("account_ids")
    # Texts are compared once their hashes meet: several times quicker than a join by the texts themselves.
    hashed = covered.with_columns(pl.col("account_ids").hash().alias("hash"))
    known = accounts.select("account_id", "debtor_id", pl.col("account_id").hash().alias("hash"))
    found = hashed.join(known, on="hash").filter(pl.col("account_ids") == pl.col("account_id"))
    if found.height != covered.height:
        unknown = covered.join(found, on="account_ids", how="anti")
        raise _failed(bound, f"it proposes something for {unknown['account_ids'][0]!r}, which it was not asked about")
    # Most actions cover one account, and need no second look.
    grouped = found.filter(pl.col("action").is_duplicated())
    mixed = grouped.filter(pl.col("debtor_id") != pl.col("debtor_id").first().over("action"))
    if mixed.height:
        raise _failed(bound, f"it groups accounts of several debtors, with {mixed['account_ids'][0]}")


def _failed(bound: BoundPort[Strategy], reason: str) -> RefusedError:
    who = f"The strategy {bound.key} of the plugin {bound.plugin} {bound.version}"
    return RefusedError(
        f"{who} gave no answer that can be used: {reason}",
        code=ErrorCode.STRATEGY_FAILED,
        detail_code=bound.plugin,
    )


def _unusable(message: str) -> RefusedError:
    return RefusedError(message, code=ErrorCode.STRATEGY_NOT_USABLE)


def _where(place: Place) -> str:
    return " for the portfolio" if place.portfolio_id is not None else " for the client"


def _offered(offered: dict[str, BoundPort[Strategy]]) -> str:
    if not offered:
        return "no plugin that is enabled there offers any."
    return f"there {'are' if len(offered) > 1 else 'is'} {', '.join(sorted(offered))}."
