"""Strategies that decide by chance, company or the clock, or answer what nobody can read."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time

import polars as pl

from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.strategy import Strategy

NOON = time(12)


def letters(accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """A letter for everybody: what a sound strategy answers."""
    return accounts.select(
        pl.col("account_id"),
        pl.lit("CONTACT").alias("action"),
        pl.lit("LETTER").alias("channel"),
        pl.lit("reminder").alias("template"),
        pl.lit(datetime.combine(as_of, NOON, UTC)).cast(pl.Datetime("us", "UTC")).alias("due_at"),
        pl.lit("reminder").alias("step"),
        pl.lit(0.5).alias("score"),
        pl.lit("It is due.").alias("reason"),
        pl.concat_list("account_id").alias("account_ids"),
    )


class _Deciding:
    """A strategy out of a function."""

    key = "hostile"

    def __init__(self, function: Callable[[pl.DataFrame, date], pl.DataFrame]) -> None:
        self._function = function

    def decide(self, accounts: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
        """What the function says."""
        return self._function(accounts, as_of)


class _Planning(Plugin):
    """Hands over one strategy."""

    name = "planning"

    def register_strategies(self) -> Sequence[Strategy]:
        """The strategy of the class."""
        return [_Deciding(self._decide)]

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts, as_of)


class Shortened(_Planning):
    """Leaves a column out."""

    name = "shortened"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts, as_of).drop("reason")


class Neologistic(_Planning):
    """Proposes an action that nobody knows."""

    name = "neologistic"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts, as_of).with_columns(pl.lit("CALL").alias("action"))


class Mingling(_Planning):
    """Covers everybody's accounts by each action."""

    name = "mingling"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        everybody = sorted(accounts["account_id"].to_list())
        actions = letters(accounts, as_of)
        return actions.with_columns(pl.Series("account_ids", [everybody] * actions.height, pl.List(pl.String())))


class Hungry(_Planning):
    """Fails where there is nothing to do."""

    name = "hungry"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        accounts.row(0)
        return letters(accounts, as_of)


class Defacing(_Planning):
    """Writes into the frame."""

    name = "defacing"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        actions = letters(accounts, as_of)
        accounts.replace_column(accounts.get_column_index("contacts"), (accounts["contacts"] + 1).alias("contacts"))
        return actions


class Dicing(_Planning):
    """Throws dice."""

    name = "dicing"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts, as_of).with_columns(pl.lit(random.random()).alias("score"))


class Watching(_Planning):
    """Decides by the machine's clock."""

    name = "watching"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts, date.today())  # noqa: DTZ011 - that is what is wrong with it


class Comparing(_Planning):
    """Judges a debtor by all others."""

    name = "comparing"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        reason = f"One of {accounts.height}."
        return letters(accounts, as_of).with_columns(pl.lit(reason).alias("reason"))


class Queueing(_Planning):
    """Lets the account lead that comes first in the frame."""

    name = "queueing"

    def _decide(self, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
        return letters(accounts.unique("debtor_id", keep="first", maintain_order=True), as_of)
