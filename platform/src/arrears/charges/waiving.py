"""Waiving fees: one that was only quoted comes to nothing, of one that is owed what is unpaid is forgiven."""

from __future__ import annotations

from uuid import UUID

from arrears.access.model import Permission
from arrears.charges.following import cover_of
from arrears.charges.model import FEE, FeeState, FeeStep
from arrears.charges.recording import Happened, check_step, note, shown
from arrears.charges.tables import FeeClaimRow
from arrears.clients.model import checked_text
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears_sdk.errors import NotFoundError

_FEE = ("input", "feeClaimId")


class FeeWaive(Command):
    """A fee that the creditor lets the debtor off, and why."""

    fee_claim_id: UUID
    reason: str


class FeeWaived(Result):
    """The fee, and the entry by which what was unpaid of it was forgiven, if anything was owed."""

    fee_claim_id: UUID
    account_id: UUID
    entry_id: UUID | None = None


@command("charges.waive_fee", permission=Permission.LEDGER_WRITE)
async def waive_fee(tx: Transaction, change: FeeWaive) -> FeeWaived:
    """Waive a fee that is quoted or claimed; what was paid of it stays paid."""
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=500))
    fee = await load(tx, FeeClaimRow, change.fee_claim_id, kind=FEE, field=_FEE)
    account = (await lock_accounts(tx, [fee.account_id])).get(fee.account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=_FEE)
    fee = await load(tx, FeeClaimRow, fee.id, kind=FEE, field=_FEE, lock=True)
    check_step(fee, FeeState.WAIVED)
    entry_id = None
    if fee.state == FeeState.QUOTED:
        fee.forgiven_minor = fee.amount_minor
    else:
        entry_id = await _forgive(tx, fee, account, reason)
    happened = Happened(step=FeeStep.WAIVED, state=FeeState.WAIVED, on=account.today, reason=reason, entry_id=entry_id)
    await note(tx, fee, happened)
    return FeeWaived(fee_claim_id=fee.id, account_id=fee.account_id, entry_id=entry_id)


async def _forgive(tx: Transaction, fee: FeeClaimRow, account: LockedAccount, reason: str) -> UUID | None:
    """Books the discount of what is unpaid of a fee; none when nothing of it is owed any more."""
    cover = await cover_of(tx, fee)
    unpaid = 0 if cover is None else min(cover.open_minor, account.owed[DebtComponent.FEES])
    if unpaid <= 0:
        return None
    fee.forgiven_minor = unpaid
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.DISCOUNT,
        event="DiscountGranted",
        changes={DebtComponent.FEES: -unpaid},
        reason=f"Fee {shown(fee)} waived: {reason}",
    )
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    return booked.entry_id
