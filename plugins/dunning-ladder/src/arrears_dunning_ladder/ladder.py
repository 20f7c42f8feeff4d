"""The ladder as a strategy: column expressions over all accounts at once, no loop over accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from operator import and_
from zoneinfo import ZoneInfo

import polars as pl

from arrears_dunning_ladder.config import CONTACT, PAUSE, Conditions, LadderConfig, PauseReason, Step
from arrears_sdk import frames
from arrears_sdk.money import EXPONENTS
from arrears_sdk.vocabulary import HoldKind

KEY = "dunning-ladder"
UNSCORED = 0.5
_MOST_MINOR = 2**63 - 1
_DEBTOR = ["client_id", "debtor_id"]


class Ladder:
    """Proposes the next step of each account, one for a debtor at a time, or says why it has to wait.

    The next step is the first one above the highest that was taken whose day has come and whose conditions hold. Of a
    debtor's accounts the one with the lowest step leads; others with the same step are covered with it.
    """

    key = KEY

    def __init__(self, config: LadderConfig) -> None:
        self._config = config

    def decide(self, accounts: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
        """The steps to be taken on a day, and pauses of accounts whose step is due and has to wait."""
        steps = self._config.steps
        if not steps or accounts.is_empty():
            return frames.empty(frames.ACTIONS)
        due = (
            accounts.lazy()
            .filter((pl.col("balance_minor") > 0) & pl.col("status").is_in([s.value for s in self._config.statuses]))
            .with_columns(self._climbed().alias("climbed"))
            .with_columns(self._next().alias("place"))
            .filter(pl.col("place").is_not_null())
            .collect()
        )
        recent = accounts.filter(pl.col("days_since_template") < self._config.minimum_gap_days)
        due = due.join(recent.select(_DEBTOR).unique(), on=_DEBTOR, how="anti")
        if due.is_empty():
            return frames.empty(frames.ACTIONS)
        due = due.with_columns(
            self._of_step(lambda step: step.name).alias("step"),
            self._of_step(lambda step: step.recorded_as).alias("template"),
            self._of_step(lambda step: step.action).alias("action"),
            self._channel().alias("channel"),
            _amount().alias("owed"),
        ).with_columns(self._why_paused().alias("paused"))
        waiting = self._pauses(due.filter(pl.col("paused").is_not_null()))
        taken = self._grouped(due.filter(pl.col("paused").is_null()))
        named = [column.name for column in frames.ACTIONS]
        due_at = datetime.combine(as_of, self._config.at, ZoneInfo(self._config.time_zone)).astimezone(UTC)
        return (
            pl.concat([taken, waiting])
            .with_columns(pl.lit(due_at, pl.Datetime("us", "UTC")).alias("due_at"))
            .select(named)
            .sort("account_id", "action")
        )

    def _climbed(self) -> pl.Expr:
        """How many steps lie behind the account: the place of the highest one that was taken."""
        taken = [
            pl.when(pl.col("templates").list.contains(step.recorded_as)).then(place).otherwise(0)
            for place, step in enumerate(self._config.steps, 1)
        ]
        return pl.max_horizontal(taken)

    def _next(self) -> pl.Expr:
        """The place of the step that is due, from 1; null when there is none."""
        return pl.coalesce(
            pl.when(self._is_due(place, step)).then(pl.lit(place, pl.Int32))
            for place, step in enumerate(self._config.steps, 1)
        )

    def _is_due(self, place: int, step: Step) -> pl.Expr:
        ahead = pl.col("climbed") < place
        if step.repeat_every_days is not None:
            again = (pl.col("climbed") == place) & (pl.col("days_since_template") >= step.repeat_every_days)
            ahead |= again.fill_null(False)
        return ahead & _all(_within("days_past_due", step.from_days, step.last_day)) & _all(_met(step.when))

    def _of_step(self, told: Callable[[Step], str]) -> pl.Expr:
        """A text of each row's step."""
        texts = {place: told(step) for place, step in enumerate(self._config.steps, 1)}
        return pl.col("place").replace_strict(texts, return_dtype=pl.String)

    def _channel(self) -> pl.Expr:
        """The first channel of the row's step that can be used; null when none can, or none is wanted."""
        chosen = [
            pl.when((pl.col("place") == place) & pl.col("channels").list.contains(channel.value)).then(
                pl.lit(channel.value)
            )
            for place, step in enumerate(self._config.steps, 1)
            for channel in step.channels
        ]
        return pl.coalesce(*chosen, pl.lit(None, pl.String))

    def _why_paused(self) -> pl.Expr:
        pause_on = self._config.pause_on
        reasons: list[pl.Expr] = []
        if PauseReason.PROMISE in pause_on:
            reasons.append(pl.when(pl.col("promise_open")).then(pl.lit("a promise to pay stands")))
        if PauseReason.DISPUTE in pause_on:
            reasons.append(pl.when(pl.col("dispute_open")).then(pl.lit("the debt is disputed")))
        if PauseReason.HOLD in pause_on:
            counted = [kind.value for kind in HoldKind if kind not in self._config.ignored_holds]
            holds = pl.col("holds").list.set_intersection(pl.lit(counted, pl.List(pl.String))).list.sort()
            named = pl.lit("held: ") + holds.list.join(", ")
            reasons.append(pl.when(holds.list.len() > 0).then(named))
        unreachable = (pl.col("action") == CONTACT) & pl.col("channel").is_null()
        wanted = self._of_step(lambda step: " or ".join(step.channels))
        reasons.append(pl.when(unreachable).then(pl.lit("there is no usable contact point for ") + wanted))
        return pl.coalesce(*reasons)

    def _pauses(self, due: pl.DataFrame) -> pl.DataFrame:
        reason = pl.format("{} waits: {}. {}", pl.col("step"), pl.col("paused"), _standing())
        return due.select(
            "account_id",
            pl.lit(PAUSE).alias("action"),
            pl.lit(None, pl.String).alias("channel"),
            pl.lit(None, pl.String).alias("template"),
            "step",
            _worth().alias("score"),
            reason.alias("reason"),
            pl.concat_list("account_id").alias("account_ids"),
        )

    def _grouped(self, due: pl.DataFrame) -> pl.DataFrame:
        """One row for each debtor: the lowest step; of its accounts the one that owes most leads, then the oldest."""
        ordered = due.sort(
            [*_DEBTOR, "place", "balance_minor", "due_on", "account_id"],
            descending=[False, False, False, True, False, False],
        )
        lowest = ordered.filter(pl.col("place") == pl.col("place").first().over(_DEBTOR))
        first = ["account_id", "action", "channel", "template", "step", "balance_minor", "currency", "score"]
        first += ["owed", "days_past_due", "last_template", "days_since_template", "place"]
        leading = lowest.group_by(_DEBTOR, maintain_order=True).agg(
            *(pl.col(name).first() for name in first), pl.col("account_id").alias("account_ids")
        )
        others = pl.col("account_ids").list.len() - 1
        covered = (
            pl.when(others == 1)
            .then(pl.lit("; covers one more account of the debtor"))
            .when(others > 1)
            .then(pl.format("; covers {} more accounts of the debtor", others))
            .otherwise(pl.lit(""))
        )
        last = (
            pl.when(pl.col("last_template").is_null())
            .then(pl.lit("nothing was sent before"))
            .when(pl.col("days_since_template").is_null())
            .then(pl.format("{} went before", "last_template"))
            .otherwise(pl.format("{} went {} days ago", "last_template", "days_since_template"))
        )
        reason = pl.format(
            "Step {} of {}: {}; {}{}.", "place", pl.lit(len(self._config.steps)), _standing(), last, covered
        )
        return leading.select(
            "account_id",
            "action",
            "channel",
            "template",
            "step",
            _worth().alias("score"),
            reason.alias("reason"),
            "account_ids",
        )


def _all(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(and_, conditions, pl.lit(True))


def _within(column: str, least: float | None, most: float | None) -> Iterable[pl.Expr]:
    if least is not None:
        yield pl.col(column) >= least
    if most is not None:
        yield pl.col(column) <= most


def _met(when: Conditions) -> Iterable[pl.Expr]:
    """What has to hold, each true or false for every row: an empty value counts as the description says."""
    if when.balance_from is not None:
        yield pl.col("balance_minor") >= _minor(when.balance_from, up=True)
    if when.balance_to is not None:
        yield pl.col("balance_minor") <= _minor(when.balance_to, up=False)
    for column, allowed in (("status", when.statuses), ("product", when.products), ("last_result", when.last_results)):
        if allowed:
            yield pl.col(column).is_in([word.value for word in allowed]).fill_null(False)
    if when.score_from is not None:
        yield (pl.col("score") >= when.score_from).fill_null(False)
    if when.score_to is not None:
        yield (pl.col("score") <= when.score_to).fill_null(False)
    if when.last_contact_days_from is not None:
        yield (pl.col("days_since_contact") >= when.last_contact_days_from).fill_null(True)
    if when.last_contact_days_to is not None:
        yield (pl.col("days_since_contact") <= when.last_contact_days_to).fill_null(False)


def _minor(amount: Decimal, *, up: bool) -> pl.Expr:
    """An amount in the minor units of each row's currency, rounded so that the bound stays exact."""
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    whole = {
        code: min(int((amount * 10**decimals).to_integral_value(rounding)), _MOST_MINOR)
        for code, decimals in EXPONENTS.items()
    }
    return pl.col("currency").replace_strict(whole, default=None, return_dtype=pl.Int64)


def _decimals() -> pl.Expr:
    return pl.col("currency").replace_strict(EXPONENTS, default=2, return_dtype=pl.Int64)


def _amount() -> pl.Expr:
    """What is owed, as text: 120.50 USD."""
    digits = pl.col("balance_minor").cast(pl.String).str.zfill(_decimals() + 1)
    parts = pl.concat_str(
        digits.str.head(digits.str.len_chars() - _decimals()), pl.lit("."), digits.str.tail(_decimals())
    )
    exact = pl.when(_decimals() == 0).then(digits).otherwise(parts)
    return pl.concat_str(exact, pl.lit(" "), pl.col("currency"))


def _worth() -> pl.Expr:
    """What may be expected of the account, in its currency: the score's share of what is owed."""
    return pl.col("score").fill_null(UNSCORED) * pl.col("balance_minor") / 10.0 ** _decimals()


def _standing() -> pl.Expr:
    days = pl.col("days_past_due")
    told = (
        pl.when(days > 0)
        .then(pl.format("{} days past due", days))
        .when(days == 0)
        .then(pl.lit("due today"))
        .otherwise(pl.format("due in {} days", -days))
    )
    return pl.format("{}, {} owed", told, pl.col("owed"))
