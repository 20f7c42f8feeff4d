"""The trial balance of a client, over the API."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from typing import Annotated

from arrears.access.model import Permission
from arrears.graphql.declare import Info, argument, computed, output, plain, queries
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import CurrencyCode, Money
from arrears.graphql.sums import Sum
from arrears.ledger.model import BOOK_OF, DebtComponent, LedgerAccount, LedgerBook
from arrears.ledger.trial_balance import TrialLine, trial_balance
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import decode_id

# The debt book has an account for each component.
_MOST_LINES = sum(1 for book in BOOK_OF.values() if book is LedgerBook.DEBT) * len(DebtComponent)


@output(description="What was posted to one account of a book.", permission=Permission.LEDGER_READ)
class TrialBalanceLine:
    ledger_account: LedgerAccount = plain(description="The account of the book.")
    component: DebtComponent | None = plain(description="The part of the debts; none in the agency's own book.")
    debits: Money = plain(description="All that was debited.")
    credits: Money = plain(description="All that was credited.")
    balance: Money = plain(description="Debits less credits.")


@output(description="One book of a client in one currency, in total.", permission=Permission.LEDGER_READ)
class TrialBalanceBook:
    currency: CurrencyCode = plain(description="The currency.")
    book: LedgerBook = plain(description="The book.")
    debits: Money = plain(description="All that was debited in the book.")
    credits: Money = plain(description="All that was credited in the book.")
    is_balanced: bool = plain(description="Whether both are the same, as they must be.")
    lines: list[TrialBalanceLine] = plain(description="The accounts of the book.", most=_MOST_LINES)


@output(description="The trial balance of a client at the end of a day.", permission=Permission.LEDGER_READ)
class TrialBalance:
    as_of: datetime.date | None = plain(description="The business day; everything posted counts when it is none.")
    known_at: datetime.datetime | None = plain(description="The instant whose knowledge counts; none is the present.")
    books: list[TrialBalanceBook] = plain(description="Both books in every currency that has postings.")


@dataclass(frozen=True)
class LineTotals:
    ledger_account: LedgerAccount
    component: DebtComponent | None
    debits: Sum
    credits: Sum
    balance: Sum


@dataclass(frozen=True)
class BookTotals:
    currency: str
    book: LedgerBook
    debits: Sum
    credits: Sum
    is_balanced: bool
    lines: list[LineTotals]


@dataclass(frozen=True)
class BooksAsOf:
    as_of: datetime.date | None
    known_at: datetime.datetime | None
    books: list[BookTotals]


@queries
class TrialBalanceQueries:
    @computed(
        description="What was debited and credited to every account of a client's books; both sides are the same. Null"
        " where there is no such client.",
        permission=Permission.LEDGER_READ,
    )
    async def trial_balance(
        self,
        info: Info,
        client_id: Annotated[ID, argument(description="The client.")],
        as_of: Annotated[
            datetime.date | None, argument(description="The business day at whose end the books stand.")
        ] = None,
        known_at: Annotated[
            datetime.datetime | None, argument(description="Only what was recorded by this instant counts.")
        ] = None,
    ) -> TrialBalance | None:
        operation: RunningOperation = info.context
        try:
            lines = await trial_balance(operation.context, decode_id("clnt", client_id), as_of=as_of, known_at=known_at)
        except NotFoundError:
            # As every other field by an id answers: unknown and foreign are alike.
            return None
        books = [
            _book(currency, book, list(found))
            for (currency, book), found in itertools.groupby(lines, key=lambda line: (line.currency, line.book))
        ]
        return BooksAsOf(as_of, known_at, books)  # type: ignore[return-value]


def _book(currency: str, book: LedgerBook, lines: list[TrialLine]) -> BookTotals:
    debits, credits_ = sum(line.debit_minor for line in lines), sum(line.credit_minor for line in lines)
    return BookTotals(
        currency=currency,
        book=book,
        debits=Sum.of(debits, currency),
        credits=Sum.of(credits_, currency),
        is_balanced=debits == credits_,
        lines=[
            LineTotals(
                line.ledger_account,
                line.component,
                Sum.of(line.debit_minor, currency),
                Sum.of(line.credit_minor, currency),
                Sum.of(line.balance_minor, currency),
            )
            for line in lines
        ],
    )
