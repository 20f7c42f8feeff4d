"""The columns of the frames that strategies read and write: name, type and meaning. Polars loads only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears_sdk.errors import ErrorCode, InputError, Problem

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the name of its Polars type, what it means, and whether it may be null."""

    name: str
    dtype: str
    meaning: str
    nullable: bool = False


ACCOUNTS: tuple[Column, ...] = (
    Column("account_id", "String", "The account, as in `acct_0192...`."),
    Column("client_id", "String", "Its client."),
    Column("portfolio_id", "String", "Its portfolio.", nullable=True),
    Column("debtor_id", "String", "The primary debtor; actions of one debtor can be grouped by it."),
    Column("status", "String", "An `AccountStatus`."),
    Column("product", "String", "A `Product`."),
    Column("purpose", "String", "A `Purpose`."),
    Column("currency", "String", "The ISO 4217 code of the amounts."),
    Column("balance_minor", "Int64", "What is owed on the day, in minor units of the currency."),
    Column("placed_minor", "Int64", "What was owed when the account was placed."),
    Column("due_on", "Date", "When the debt fell due."),
    Column("placed_on", "Date", "When the client placed it."),
    Column("days_past_due", "Int64", "Whole days since it fell due; negative before, nought when nothing is owed."),
    Column("days_since_placed", "Int64", "Whole days since it was placed."),
    Column("last_payment_on", "Date", "When a payment last came in.", nullable=True),
    Column("paid_minor", "Int64", "What was paid since it was placed, in minor units."),
    Column("last_contact_at", "Datetime", "The last outbound contact or attempt, UTC.", nullable=True),
    Column("last_contact_channel", "String", "Its `CommunicationChannel`.", nullable=True),
    Column("last_result", "String", "Its `InteractionResult`.", nullable=True),
    Column("days_since_contact", "Int64", "Whole days since it.", nullable=True),
    Column("contacts", "Int64", "How many outbound contacts and attempts there were."),
    Column("contacts_7_days", "Int64", "How many of them in the last seven days."),
    Column("right_party_contacts", "Int64", "How often the debtor was reached."),
    Column("last_template", "String", "The template of the last message that had one.", nullable=True),
    Column("days_since_template", "Int64", "Whole days since that message.", nullable=True),
    Column("templates", "List(String)", "Every template that was recorded, in order; how a ladder knows its step."),
    Column("promise_open", "Boolean", "Whether a promise to pay of the last 14 days stands and nothing came since."),
    Column("dispute_open", "Boolean", "Whether a dispute holds the account or its debtor."),
    Column("holds", "List(String)", "The kinds of all holds in force on the account or its debtor."),
    Column("contact_blocked", "Boolean", "Whether one of them stops contact on every channel."),
    Column("channels", "List(String)", "Each `CommunicationChannel` with a usable contact point or address."),
    Column("score", "Float64", "The client's scorer's answer, 0 to 1.", nullable=True),
)

ACTIONS: tuple[Column, ...] = (
    Column("account_id", "String", "The account; of a grouped action, the one that leads."),
    Column("action", "String", "CONTACT, TASK, an `ActionKind`, or PAUSE when nothing may happen and why."),
    Column("channel", "String", "The `CommunicationChannel` of a CONTACT, null otherwise.", nullable=True),
    Column("template", "String", "The template of a message, or the name of a task.", nullable=True),
    Column("due_at", "Datetime", "When it is to happen, UTC."),
    Column("step", "String", "The step of the strategy that proposes it."),
    Column("score", "Float64", "What puts it before others: higher first.", nullable=True),
    Column("reason", "String", "Why, for a person."),
    Column("account_ids", "List(String)", "All accounts of the debtor that a grouped action covers; one otherwise."),
)


def schema(columns: Sequence[Column]) -> dict[str, polars.DataType]:
    """The Polars schema of a frame with these columns."""
    import polars

    types: dict[str, polars.DataType] = {
        "String": polars.String(),
        "Int64": polars.Int64(),
        "Float64": polars.Float64(),
        "Boolean": polars.Boolean(),
        "Date": polars.Date(),
        "Datetime": polars.Datetime("us", "UTC"),
        "List(String)": polars.List(polars.String()),
    }
    return {column.name: types[column.dtype] for column in columns}


def empty(columns: Sequence[Column]) -> polars.DataFrame:
    """A frame without rows; what a strategy gives when there is nothing to do."""
    import polars

    return polars.DataFrame(schema=schema(columns))


def check(frame: object, columns: Sequence[Column]) -> polars.DataFrame:
    """The frame with exactly these columns in their order; InputError names every column that is missing or wrong."""
    import polars

    if not isinstance(frame, polars.DataFrame):
        raise InputError(f"A frame was expected, and {type(frame).__name__} was given.")
    problems = []
    for column, (name, dtype) in zip(columns, schema(columns).items(), strict=True):
        if name not in frame.columns:
            problems.append(Problem(ErrorCode.REQUIRED, f"The column {name} is missing.", (name,)))
        elif frame.schema[name] != dtype:
            found = frame.schema[name]
            if found == polars.Null() and column.nullable:
                frame = frame.with_columns(polars.col(name).cast(dtype))
                continue
            problems.append(Problem(ErrorCode.INVALID_INPUT, f"The column {name} is {found}, not {dtype}.", (name,)))
        elif not column.nullable and frame[name].null_count():
            problems.append(Problem(ErrorCode.REQUIRED, f"The column {name} has empty values.", (name,)))
    unknown = [name for name in frame.columns if name not in {column.name for column in columns}]
    problems += [Problem(ErrorCode.INVALID_INPUT, f"No column is called {name}.", (name,)) for name in unknown]
    if problems:
        raise InputError.of(problems)
    return frame.select([column.name for column in columns])
