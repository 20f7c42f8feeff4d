"""What keeps the buckets of debts up to date by itself: every movement of money, and the end of each client's day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from arrears.delinquency.evaluating import evaluate
from arrears.delinquency.queries import Part, parts_of, rules_at, stale_accounts
from arrears.kernel.context import Context
from arrears.kernel.events import RecordedEvent, on
from arrears.kernel.jobs import job
from arrears.kernel.transaction import begin
from arrears.ledger.nights import every_night
from arrears.ledger.posting import lock_accounts
from arrears.ledger.unpaid import keep_unpaid_since

EVALUATE: Final = "delinquency.evaluate"
PART = 10_000
BATCH = 500

MOVEMENTS: Final = (
    "OpeningBalanceRecorded",
    "ChargeRecorded",
    "PaymentRecorded",
    "PaymentReversed",
    "EntryReversed",
    "BalanceAdjusted",
    "BalanceTransferred",
    "DiscountGranted",
    "DebtWrittenOff",
    "JudgmentRecorded",
    "PaymentRefunded",
    "PaymentChargedBack",
    "ChargebackWon",
    "DebtReplayed",
    "InstalmentScheduleSet",
    # The day on which a debt fell due may have been put right.
    "AccountUpdated",
)
"""The events after which an account's days may be others."""


async def _moved(context: Context, event: RecordedEvent) -> None:
    """Evaluate the account that an event is about; told twice, it changes nothing more."""
    told = event.payload.get("account_id")
    account_id = event.subject_id if told is None else UUID(str(told))
    async with begin(context) as tx:
        if event.name == "AccountUpdated":
            # Under the account's lock, since whoever books on it writes the same.
            await keep_unpaid_since(tx, list(await lock_accounts(tx, [account_id])))
        await evaluate(tx, [account_id])


for _name in MOVEMENTS:
    on(_name, name=f"{EVALUATE}_after_{_name}")(_moved)


@every_night("delinquency.close_day")
async def close_day(context: Context, client_id: UUID, day: datetime.date) -> None:
    """Have a client's accounts evaluated up to the day that has ended.

    However many days have passed since the last time, one evaluation tells all that happened in them.
    """
    async with begin(context) as tx:
        connection = await tx.connection()
        for whole in await parts_of(connection, client_id):
            rule = (await rules_at(context, whole.client_id, whole.portfolio_id)).digest
            for part in _parted(whole, await stale_accounts(connection, whole, rule, day)):
                await tx.defer(
                    EVALUATE,
                    client_id=str(part.client_id),
                    portfolio_id=None if part.portfolio_id is None else str(part.portfolio_id),
                    after=None if part.after is None else str(part.after),
                    until=None if part.until is None else str(part.until),
                    through=day.isoformat(),
                )


def _parted(whole: Part, stale: Sequence[UUID]) -> list[Part]:
    """Parts with so many of these accounts each; none when there are no accounts."""
    found: list[Part] = []
    for accounts in _slices(stale, PART):
        after = found[-1].until if found else None
        found.append(Part(whole.client_id, whole.portfolio_id, after, accounts[-1]))
    return found


def _slices(accounts: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (accounts[start : start + size] for start in range(0, len(accounts), size))


@job(EVALUATE, attempts=10)
async def evaluate_part(
    context: Context, client_id: str, portfolio_id: str | None, after: str | None, until: str | None, through: str
) -> None:
    """Evaluate the accounts of a part that need it, some hundreds in each transaction.

    One that dies goes on where it stopped: accounts that are evaluated need it no more.
    """
    part = Part(
        UUID(client_id),
        None if portfolio_id is None else UUID(portfolio_id),
        None if after is None else UUID(after),
        None if until is None else UUID(until),
    )
    day = datetime.date.fromisoformat(through)
    rule = (await rules_at(context, part.client_id, part.portfolio_id)).digest
    async with begin(context) as tx:
        stale = await stale_accounts(await tx.connection(), part, rule, day)
    for accounts in _slices(stale, BATCH):
        async with begin(context) as tx:
            await evaluate(tx, accounts, through=day)
