"""The frame that strategies are given, made of what the database sent. Only this module of the domain loads Polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import polars as pl

from arrears.strategies.facts import CHANNELS, HOLD_KINDS, SEPARATOR, RawFacts
from arrears_sdk import frames
from arrears_sdk.ids import encode_id

# As the statement sends them, in its order.
_SENT: Mapping[str, type[pl.DataType]] = {
    "account_id": pl.String,
    "portfolio_id": pl.String,
    "debtor_id": pl.String,
    "status": pl.String,
    "product": pl.String,
    "purpose": pl.String,
    "currency": pl.String,
    "balance_minor": pl.Int64,
    "placed_minor": pl.Int64,
    "due_on": pl.Date,
    "placed_on": pl.Date,
    "last_payment_on": pl.Date,
    "paid_minor": pl.Int64,
    "contacts": pl.Int64,
    "contacts_7_days": pl.Int64,
    "right_party_contacts": pl.Int64,
    "latest": pl.String,
    "sent": pl.String,
    "promise_open": pl.Int64,
    "dispute_open": pl.Int64,
    "contact_blocked": pl.Int64,
    "hold_bits": pl.Int64,
    "channel_bits": pl.Int64,
}


def account_frame(raw: RawFacts) -> pl.DataFrame:
    """The frame `arrears_sdk.frames.ACCOUNTS` of what was read; every score is empty."""
    if not raw.csv:
        return frames.empty(frames.ACCOUNTS)
    sent = pl.read_csv(raw.csv, has_header=False, schema=dict(_SENT))
    day = pl.lit(raw.wanted.day)
    latest = pl.col("latest").str.splitn(" ", 4)
    contacted_at = _instant(pl.concat_str(latest.struct.field("field_0"), pl.lit(" "), latest.struct.field("field_1")))
    frame = (
        sent.lazy()
        .with_columns(
            _public("acct", "account_id"),
            _public("port", "portfolio_id"),
            _public("dbtr", "debtor_id"),
            pl.lit(encode_id("clnt", raw.wanted.client_id)).alias("client_id"),
            pl.when(pl.col("balance_minor") > 0)
            .then((day - pl.col("due_on")).dt.total_days())
            .otherwise(0)
            .alias("days_past_due"),
            (day - pl.col("placed_on")).dt.total_days().alias("days_since_placed"),
            contacted_at.alias("last_contact_at"),
            latest.struct.field("field_2").alias("last_contact_channel"),
            latest.struct.field("field_3").alias("last_result"),
            pl.col("contacts", "contacts_7_days", "right_party_contacts").fill_null(0),
            pl.col("promise_open", "dispute_open", "contact_blocked").cast(pl.Boolean),
            pl.lit(None, pl.Float64).alias("score"),
        )
        .with_columns(_days_since(raw, pl.col("last_contact_at")).alias("days_since_contact"))
        .collect()
    )
    frame = _with_templates(frame, raw)
    frame = _with_words(frame, "hold_bits", "holds", HOLD_KINDS)
    frame = _with_words(frame, "channel_bits", "channels", CHANNELS)
    return frames.check(frame.select([column.name for column in frames.ACCOUNTS]), frames.ACCOUNTS)


def _public(prefix: str, column: str) -> pl.Expr:
    return (pl.lit(f"{prefix}_") + pl.col(column).str.replace_all("-", "", literal=True)).alias(column)


def _instant(text: pl.Expr) -> pl.Expr:
    # Every session's zone is UTC; PostgreSQL leaves out what follows the seconds when it is nought.
    naive = text.str.strip_suffix("+00").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
    return naive.dt.replace_time_zone("UTC")


def _days_since(raw: RawFacts, instant: pl.Expr) -> pl.Expr:
    return (pl.lit(raw.wanted.day) - instant.dt.convert_time_zone(raw.time_zone).dt.date()).dt.total_days()


def _with_templates(frame: pl.DataFrame, raw: RawFacts) -> pl.DataFrame:
    """Names in the order of their instants, the last of them, and how long ago that was."""
    sorted_ = pl.col("sent").str.split(SEPARATOR).list.sort()
    named = frame.lazy().filter(pl.col("sent").is_not_null()).select("account_id", sorted_.alias("sent"))
    templates = named.select(
        "account_id",
        pl.col("sent").list.eval(pl.element().str.splitn(" ", 3).struct.field("field_2")).alias("templates"),
        pl.col("sent").list.last().str.splitn(" ", 3).alias("last"),
    ).with_columns(
        pl.col("templates").list.last().alias("last_template"),
        _days_since(
            raw,
            _instant(
                pl.concat_str(
                    pl.col("last").struct.field("field_0"), pl.lit(" "), pl.col("last").struct.field("field_1")
                )
            ),
        ).alias("days_since_template"),
    )
    found = templates.drop("last").collect()
    none = pl.lit([], pl.List(pl.String))
    return frame.join(found, on="account_id", how="left").with_columns(pl.col("templates").fill_null(none))


def _with_words(frame: pl.DataFrame, bits: str, column: str, words: Sequence[StrEnum]) -> pl.DataFrame:
    """The words that the bits stand for: few combinations occur, so each is spelt out once."""
    occurring = frame[bits].unique().to_list()
    spelt = [[word.value for place, word in enumerate(words) if one >> place & 1] for one in occurring]
    known = pl.DataFrame({bits: occurring, column: spelt}, schema={bits: pl.Int64, column: pl.List(pl.String)})
    return frame.join(known, on=bits, how="left")
