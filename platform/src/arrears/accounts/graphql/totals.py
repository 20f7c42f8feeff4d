"""Open and past-due accounts in total, as of a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated

from arrears.access.model import Permission
from arrears.accounts.totals import CurrencyTotals, account_totals
from arrears.graphql.declare import Info, argument, computed, output, plain, queries
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import CurrencyCode, Money
from arrears.graphql.sums import Sum
from arrears_sdk.ids import decode_id


@output(description="Open and past-due accounts of one currency in total.", permission=Permission.ACCOUNTS_READ)
class AccountCurrencyTotals:
    currency: CurrencyCode = plain(description="The currency.")
    open_count: int = plain(description="How many accounts owe something.")
    open_balance: Money = plain(description="What they owe.")
    past_due_count: int = plain(description="How many of them are past due.")
    past_due_balance: Money = plain(description="What those owe.")
    principal: Money = plain(description="The principal that open accounts owe.")
    interest: Money = plain(description="The interest that open accounts owe.")
    fees: Money = plain(description="The fees that open accounts owe.")
    costs: Money = plain(description="The costs that open accounts owe.")
    written_off: Money = plain(
        description="What was written off and has not been recovered, on open accounts and others."
    )


@output(description="Open and past-due accounts in total, as of a day.", permission=Permission.ACCOUNTS_READ)
class AccountTotals:
    as_of: datetime.date = plain(description="The business day at whose end the totals stand.")
    known_at: datetime.datetime | None = plain(description="The instant whose knowledge counts; none is the present.")
    currencies: list[AccountCurrencyTotals] = plain(
        description="One line for each currency in which something is owed or written off, in the order of their codes."
    )


@dataclass(frozen=True)
class CurrencyLine:
    currency: str
    open_count: int
    open_balance: Sum
    past_due_count: int
    past_due_balance: Sum
    principal: Sum
    interest: Sum
    fees: Sum
    costs: Sum
    written_off: Sum


@dataclass(frozen=True)
class TotalsAsOf:
    as_of: datetime.date
    known_at: datetime.datetime | None
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
        known_at: Annotated[
            datetime.datetime | None,
            argument(description="Only what was recorded by this instant counts; everything when it is left out."),
        ] = None,
    ) -> AccountTotals:
        operation: RunningOperation = info.context
        lines = await account_totals(
            operation.context,
            as_of,
            clients=None if client_id is None else [decode_id("clnt", client_id)],
            portfolios=None if portfolio_id is None else [decode_id("port", portfolio_id)],
            known_at=known_at,
        )
        return TotalsAsOf(as_of, known_at, [_line(line) for line in lines])  # type: ignore[return-value]


def _line(totals: CurrencyTotals) -> CurrencyLine:
    def money(minor: int) -> Sum:
        return Sum.of(minor, totals.currency)

    return CurrencyLine(
        currency=totals.currency,
        open_count=totals.open_count,
        open_balance=money(totals.open_minor),
        past_due_count=totals.past_due_count,
        past_due_balance=money(totals.past_due_minor),
        principal=money(totals.principal_minor),
        interest=money(totals.interest_minor),
        fees=money(totals.fees_minor),
        costs=money(totals.costs_minor),
        written_off=money(totals.written_off_minor),
    )
