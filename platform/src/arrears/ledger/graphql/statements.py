"""Statements of account and positions in the schema: what was owed on a day, what moved it, and how it came to be."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Argument,
    Info,
    argument,
    batched,
    computed,
    describe_enum,
    extend,
    output,
    plain,
    queries,
)
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import CurrencyCode, Money
from arrears.ledger.history import Stage
from arrears.ledger.model import EntryKind
from arrears.ledger.positions import AccountPosition as FoundPosition, DebtFigure, positions
from arrears.ledger.statements import (
    MOST_CORRECTIONS,
    MOST_LINES,
    Period,
    Statement as FoundStatement,
    StatementCorrections,
    statements,
)
from arrears_sdk.ids import decode_id

if TYPE_CHECKING:
    from arrears.kernel.context import Context

MOST_PARTS = 40
# All entries of the account are read for it, of which years of daily interest have thousands.
READING_ENTRIES = FieldCost(once=5_000)

describe_enum(
    DebtFigure,
    "A figure of a debt that entries make up.",
    {
        "PRINCIPAL": "Principal owed.",
        "INTEREST": "Interest owed.",
        "FEES": "Fees owed.",
        "COSTS": "Costs owed.",
        "WRITTEN_OFF": "What was given up and not recovered since.",
        "SURPLUS": "What was paid beyond the debt and is owed back to the debtor.",
    },
)
describe_enum(
    StatementCorrections,
    "What a statement does with entries that correct earlier ones.",
    {
        "SHOWN": "Each line stands as it was booked at first; what later knowledge changed stands under it.",
        "MERGED": "Each line has what it comes to with everything that corrects it.",
    },
)


@output(description="An amount of each component of a debt, and all together.", permission=Permission.ACCOUNTS_READ)
class DebtAmounts:
    principal: Money = plain(description="Principal.")
    interest: Money = plain(description="Interest.")
    fees: Money = plain(description="Fees.")
    costs: Money = plain(description="Costs.")
    total: Money = plain(description="All components together.")


@output(
    description="Entries of one kind that make a part of a figure; interest apart for each period of its rate.",
    permission=Permission.ACCOUNTS_READ,
)
class FigureLine:
    kind: EntryKind = plain(description="Their kind.")
    words: str = plain(description="The part in words: what, how often, and on which days.")
    from_on: datetime.date = plain(description="The day of the first of them.")
    until_on: datetime.date = plain(description="The day of the last of them.")
    entries: int = plain(description="How many they are; for interest, on how many days it was charged.")
    rate_percent: Decimal | None = plain(description="For interest: the yearly rate in per cent.")
    amount: Money = plain(description="What they add to the figure.")


@output(description="A figure and the parts that it is the sum of.", permission=Permission.ACCOUNTS_READ)
class ExplainedFigure:
    figure: DebtFigure = plain(description="Which figure.")
    amount: Money = plain(description="What it comes to.")
    lines: list[FigureLine] = plain(description="Its parts, in the order in which they began.", most=MOST_PARTS)


@output(
    description="How an account stood at the end of a day, according to what was recorded by an instant.",
    permission=Permission.ACCOUNTS_READ,
)
class AccountPosition:
    on: datetime.date = plain(description="The day, in the client's zone.")
    known_at: datetime.datetime | None = plain(description="The instant; null when all that is recorded counts.")
    owed: DebtAmounts = plain(description="What was owed.")
    written_off: Money = plain(description="What had been given up and not recovered since.")
    surplus: Money = plain(description="What had been paid beyond the debt and was owed back to the debtor.")
    days_past_due: int = plain(description="Whole days since the earliest due day of what was owed.")
    stage: Stage = plain(description="How far the debt had come, as far as the order of its payments asks.")
    interest_rule: str | None = plain(description="By which rule it bore interest on the day; null when it bore none.")
    interest_rate_percent: Decimal | None = plain(description="At which yearly rate, in per cent.")
    interest_rate_source: str | None = plain(description="Where the rate is from.")
    how: list[ExplainedFigure] = plain(
        description="How each figure came to be; figures that nothing ever moved are left out.", most=len(DebtFigure)
    )


@output(
    description="How a debt stands at the beginning or the end of a statement.", permission=Permission.ACCOUNTS_READ
)
class StatementBalances:
    owed: DebtAmounts = plain(description="What is owed.")
    written_off: Money = plain(description="What was given up and not recovered since.")
    surplus: Money = plain(description="What was paid beyond the debt and is owed back to the debtor.")


@output(description="By how much later knowledge changed a line of a statement.", permission=Permission.ACCOUNTS_READ)
class StatementCorrection:
    recorded_at: datetime.datetime = plain(description="When that was recorded.")
    words: str = plain(description="What it corrects, in words.")
    change: DebtAmounts = plain(description="By how much what is owed rose.")
    written_off: Money = plain(description="By how much what is written off rose.")
    surplus: Money = plain(description="By how much what is owed back to the debtor rose.")
    balance: Money = plain(description="All that is owed after it.")


@output(
    description="One entry of a statement, or the interest of days in a row at one rate.",
    permission=Permission.ACCOUNTS_READ,
)
class StatementLine:
    from_on: datetime.date = plain(description="The first day of interest; else the day itself.")
    day: datetime.date = plain(description="The day from which it counts; of interest, the last day.")
    kind: EntryKind = plain(description="What it is.")
    words: str = plain(description="What it is, in words.")
    reason: str | None = plain(description="Why, in the words of whoever made it.", permission=Permission.LEDGER_READ)
    entry_id: ID | None = plain(
        description="The ledger entry; null for the interest of days.", permission=Permission.LEDGER_READ
    )
    days: int | None = plain(description="For interest: on how many days it was charged.")
    rate_percent: Decimal | None = plain(description="For interest: the yearly rate in per cent.")
    paid: Money | None = plain(description="What was paid, or given back when below zero; null where no money moved.")
    change: DebtAmounts = plain(description="By how much what is owed rose.")
    written_off: Money = plain(description="By how much what is written off rose.")
    surplus: Money = plain(description="By how much what is owed back to the debtor rose.")
    balance: Money = plain(description="All that is owed after it, before what corrects it.")
    corrections: list[StatementCorrection] = plain(
        description="What later knowledge changed of it, in the order of recording; the earliest ones together where"
        f" there are more than {MOST_CORRECTIONS}.",
        most=MOST_CORRECTIONS,
    )


@output(description="Everything of one kind in the period of a statement.", permission=Permission.ACCOUNTS_READ)
class StatementTotal:
    kind: EntryKind = plain(description="The kind.")
    words: str = plain(description="The kind in words.")
    entries: int = plain(description="How many entries there are of it, without those that correct them.")
    change: DebtAmounts = plain(description="By how much they raised what is owed, with what corrects them.")
    written_off: Money = plain(description="By how much they raised what is written off.")
    surplus: Money = plain(description="By how much they raised what is owed back to the debtor.")


@output(
    description="A statement of account: how the debt stood before a period, what moved it, and how it stood after.",
    permission=Permission.ACCOUNTS_READ,
)
class AccountStatement:
    reference: str = plain(description="The client's reference of the debt.")
    currency: CurrencyCode = plain(description="The currency of all amounts.")
    creditor: str = plain(description="To whom the debt is owed.")
    debtor: str | None = plain(description="The primary debtor's name.")
    from_on: datetime.date = plain(description="The first day.")
    to_on: datetime.date = plain(description="The last day.")
    known_at: datetime.datetime = plain(description="What was recorded by this instant counts.")
    opening: StatementBalances = plain(description="How it stood at the end of the day before the first.")
    lines: list[StatementLine] = plain(description="What moved it, in the order in which it counts.", most=MOST_LINES)
    totals: list[StatementTotal] = plain(description="What each kind comes to.", most=len(EntryKind))
    closing: StatementBalances = plain(description="How it stood at the end of the last day.")


_KNOWN_AT_WORDS = "Count only what was recorded by this instant; left out, all that is recorded."
_FROM_WORDS = "The first day; left out, the beginning of the debt."
_TO_WORDS = "The last day; left out, the client's day of `knownAt`, or today."
_CORRECTIONS_WORDS = "Whether corrections stand under the lines that they correct, which is usual, or are counted in."


async def _positions(
    context: Context, account_ids: Sequence[UUID], arguments: Mapping[str, Any]
) -> Sequence[FoundPosition | None]:
    return await positions(context, account_ids, arguments.get("on"), arguments.get("known_at"))


async def _statements(
    context: Context, account_ids: Sequence[UUID], arguments: Mapping[str, Any]
) -> Sequence[FoundStatement | None]:
    corrections = StatementCorrections(arguments.get("corrections") or StatementCorrections.SHOWN)
    period = Period(arguments.get("from"), arguments.get("to"), arguments.get("known_at"), corrections)
    return await statements(context, account_ids, period)


@extend("Account", permission=Permission.ACCOUNTS_READ)
class AccountStatements:
    position: AccountPosition | None = batched(
        _positions,
        description="How it stood at the end of a day, and how each figure came to be; null when it did not exist yet.",
        arguments=[
            Argument("on", datetime.date | None, "The day; left out, the client's day of `knownAt`, or today."),
            Argument("known_at", datetime.datetime | None, _KNOWN_AT_WORDS),
        ],
        cost=READING_ENTRIES,
    )
    statement: AccountStatement | None = batched(
        _statements,
        description=f"Its statement for a period, of at most {MOST_LINES} lines.",
        arguments=[
            Argument("from", datetime.date | None, _FROM_WORDS),
            Argument("to", datetime.date | None, _TO_WORDS),
            Argument("known_at", datetime.datetime | None, _KNOWN_AT_WORDS),
            Argument("corrections", StatementCorrections | None, _CORRECTIONS_WORDS),
        ],
        cost=READING_ENTRIES,
    )


@queries
class StatementQueries:
    @computed(
        permission=Permission.ACCOUNTS_READ,
        description=f"The statement of an account for a period, of at most {MOST_LINES} lines; null when there is no"
        " such account that you may see. Its closing balances are those as of its last day.",
        cost=READING_ENTRIES,
    )
    async def account_statement(
        self,
        info: Info,
        account_id: Annotated[ID, argument(description="The account.")],
        first: Annotated[datetime.date | None, argument(name="from", description=_FROM_WORDS)] = None,
        last: Annotated[datetime.date | None, argument(name="to", description=_TO_WORDS)] = None,
        known_at: Annotated[datetime.datetime | None, argument(description=_KNOWN_AT_WORDS)] = None,
        corrections: Annotated[
            StatementCorrections, argument(description=_CORRECTIONS_WORDS)
        ] = StatementCorrections.SHOWN,
    ) -> AccountStatement | None:
        operation: RunningOperation = info.context
        wanted = [decode_id("acct", account_id)]
        found = await statements(operation.context, wanted, Period(first, last, known_at, corrections))
        return found[0]  # type: ignore[return-value]
