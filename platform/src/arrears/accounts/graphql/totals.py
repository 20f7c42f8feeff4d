"""Open and past-due accounts in total, as of a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated

from arrears.access.model import Permission
from arrears.accounts.queries import account_totals
from arrears.graphql.declare import Info, argument, computed, output, plain, queries
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import CurrencyCode, Money
from arrears_sdk import money
from arrears_sdk.ids import decode_id


@output(description="Open and past-due accounts of one currency in total.", permission=Permission.ACCOUNTS_READ)
class AccountCurrencyTotals:
    currency: CurrencyCode = plain(description="The currency.")
    open_count: int = plain(description="How many accounts owe something.")
    open_balance: Money = plain(description="What they owe.")
    past_due_count: int = plain(description="How many of them are past due.")
    past_due_balance: Money = plain(description="What those owe.")


@output(description="Open and past-due accounts in total, as of a day.", permission=Permission.ACCOUNTS_READ)
class AccountTotals:
    as_of: datetime.date = plain(description="The business day at whose end the totals stand.")
    currencies: list[AccountCurrencyTotals] = plain(
        description="One line for each currency in which something is owed, in the order of their codes."
    )


@dataclass(frozen=True)
class CurrencyLine:
    currency: str
    open_count: int
    open_balance: money.Money
    past_due_count: int
    past_due_balance: money.Money


@dataclass(frozen=True)
class TotalsAsOf:
    as_of: datetime.date
    currencies: list[CurrencyLine]


@queries
class AccountTotalsQueries:
    @computed(
        description="How many accounts are open and past due at the end of a day, and what they owe, by currency.",
        permission=Permission.ACCOUNTS_READ,
    )
    async def account_totals(
        self,
        info: Info,
        as_of: Annotated[datetime.date, argument(description="The business day; past due is what was due before it.")],
        client_id: Annotated[ID | None, argument(description="Only this client's accounts.")] = None,
        portfolio_id: Annotated[ID | None, argument(description="Only this portfolio's accounts.")] = None,
    ) -> AccountTotals:
        operation: RunningOperation = info.context
        lines = await account_totals(
            operation.context,
            as_of,
            clients=None if client_id is None else [decode_id("clnt", client_id)],
            portfolios=None if portfolio_id is None else [decode_id("port", portfolio_id)],
        )
        return TotalsAsOf(  # type: ignore[return-value]
            as_of,
            [
                CurrencyLine(
                    line.currency,
                    line.open_count,
                    money.Money(line.open_minor, line.currency),
                    line.past_due_count,
                    money.Money(line.past_due_minor, line.currency),
                )
                for line in lines
            ],
        )
