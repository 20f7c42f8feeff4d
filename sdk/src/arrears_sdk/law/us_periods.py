"""The limitation periods of the states of the United States: the table of the rule sheet, `us_limitation.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Revival(StrEnum):
    """What begins a period anew; the words of the table."""

    ALWAYS = "yes"
    BEFORE_EXPIRY = "before_expiry_only"
    NEVER_AFTER_EXPIRY = "no"
    WRITTEN_ACKNOWLEDGMENT = "no_written_ack_required"
    NOTE_PAYMENT = "note_principal_or_interest_only"
    WRITTEN_ENTRY = "written_payment_entry_only"
    NOT_FOR_DEBT_BUYERS = "not_for_debt_buyers"
    NEW_PROMISE = "no_new_promise_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """One row of the table: the years of each kind of claim in a state; `sale` is that of sold goods, if known."""

    state: str
    written: int
    open_account: int
    oral: int
    note: int
    card: int
    extinguishes: bool
    revival: Revival
    citation: str
    confidence: str
    notes: str
    sale: int | None = None

    @property
    def shortest(self) -> int:
        """The period of a claim of which nobody knows what it rests on."""
        named = (self.written, self.open_account, self.oral, self.note, self.card)
        return min(named) if self.sale is None else min(*named, self.sale)


@cache
def table() -> Mapping[str, Periods]:
    """The periods of every state, by its two letters."""
    text = files("arrears_sdk.law").joinpath("us_limitation.csv").read_text(encoding="utf-8")
    return {row["state"]: _row(row) for row in csv.DictReader(text.splitlines())}


def _row(row: Mapping[str, str]) -> Periods:
    return Periods(
        state=row["state"],
        written=int(row["written_contract_years"]),
        open_account=int(row["open_account_years"]),
        oral=int(row["oral_years"]),
        note=int(row["promissory_note_years"]),
        card=int(row["credit_card_years"]),
        extinguishes=row["extinguishes"] == "true",
        revival=Revival(row["revives_on_payment"]),
        citation=row["citation"],
        confidence=row["confidence"],
        notes=row["notes"],
    )


@cache
def other_new_york() -> Periods:
    """New York's periods of claims that are no consumer credit: six years, four for goods that were sold."""
    return replace(
        table()["NY"],
        written=6,
        open_account=6,
        oral=6,
        note=6,
        card=6,
        sale=4,
        revival=Revival.ALWAYS,
        citation="CPLR 213(2); UCC 2-725",
    )
