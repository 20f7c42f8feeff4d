"""A collection strategy: what to do next with each account of a whole partition at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import polars


@runtime_checkable
class Strategy(Protocol):
    """What to do with accounts on a day. A pure function: the same accounts and day give the same actions."""

    @property
    def key(self) -> str:
        """The name under which settings choose it; unique in a deployment."""
        ...

    def decide(self, accounts: polars.DataFrame, *, as_of: date) -> polars.DataFrame:
        """The actions proposed for these accounts on a day.

        `accounts` has the columns of `arrears_sdk.frames.ACCOUNTS`, one row an account; the answer those of
        `ACTIONS`, any number of rows for an account, in any order. A row must not depend on other debtors' rows: one
        account asked alone gets what it gets in a crowd, together with the other accounts of its debtor.
        """
        ...
