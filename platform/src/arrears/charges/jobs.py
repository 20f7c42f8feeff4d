"""What happens to fees by itself: they are charged after each client's midnight, and follow every movement of money."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from arrears.charges.following import FeesFollow, follow_ledger
from arrears.charges.queries import PARTS, accounts_with_fees
from arrears.charges.running import run_part
from arrears.kernel.context import Context
from arrears.kernel.events import RecordedEvent, on
from arrears.kernel.jobs import job
from arrears.kernel.transaction import begin
from arrears.ledger.accruing import count_interest
from arrears.ledger.nights import every_night

RUN_PART: Final = "charges.run_part"

MOVEMENTS: Final = (
    "BalanceAdjusted",
    "BalanceTransferred",
    "ChargeRecorded",
    "ChargebackWon",
    "DebtReplayed",
    "DiscountGranted",
    "EntryReversed",
    "JudgmentRecorded",
    "PaymentChargedBack",
    "PaymentRecorded",
    "PaymentRefunded",
    "PaymentReversed",
)
"""The events after which other fees may be paid than before."""


async def _moved(context: Context, event: RecordedEvent) -> None:
    """Give the fees of the account the states that the ledger says; told twice, it changes nothing more."""
    told = event.payload.get("account_id")
    account_id = event.subject_id if told is None else UUID(str(told))
    async with begin(context) as tx:
        concerned = await accounts_with_fees(await tx.connection(), [account_id])
    for one in concerned:
        await follow_ledger(context, FeesFollow(account_id=one))


for _name in MOVEMENTS:
    on(_name, name=f"charges.follow_ledger_after_{_name}")(_moved)


@every_night("charges.run")
async def charge_client(context: Context, client_id: UUID, day: date) -> None:
    """Have a client's accounts charged for the day that begins after the one that has ended."""
    through = day + timedelta(days=1)
    async with begin(context) as tx:
        for part in range(PARTS):
            await tx.defer(RUN_PART, client_id=str(client_id), part=part, through=through.isoformat())


@job(RUN_PART, attempts=10)
async def charge_part(context: Context, client_id: str, part: int, through: str) -> None:
    """Charge one part of a client's accounts for each day since its last run.

    The interest of the days before is booked first, as it is when every night is kept: a fee that is caught up with
    would else book it along with itself.
    """
    await count_interest(context, UUID(client_id), date.fromisoformat(through) - timedelta(days=1))
    await run_part(context, UUID(client_id), part, date.fromisoformat(through))
