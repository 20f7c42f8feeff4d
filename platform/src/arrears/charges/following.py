"""Fees follow the ledger: paid when the fees paid on the account cover them, and owed again when that is taken back."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from arrears.access.model import Permission
from arrears.charges.covering import Cover, covers
from arrears.charges.model import FeeState, FeeStep
from arrears.charges.queries import fee_moves
from arrears.charges.recording import Happened, note
from arrears.charges.tables import FeeClaimRow
from arrears.kernel.command import Command, Result, command
from arrears.kernel.transaction import Transaction
from arrears.ledger.posting import LockedAccount, lock_accounts

_FOLLOWED = (FeeState.CLAIMED.value, FeeState.PAID.value, FeeState.WAIVED.value)


class FeesFollow(Command):
    """The fees of an account are to be looked at again, since money moved."""

    account_id: UUID


class FeesFollowed(Result):
    """How many fees of the account got another state."""

    account_id: UUID
    changed: int


@command("charges.follow_ledger", permission=Permission.LEDGER_WRITE)
async def follow_ledger(tx: Transaction, change: FeesFollow) -> FeesFollowed:
    """Give each fee of an account the state that the ledger says; asked again it changes nothing more."""
    account = (await lock_accounts(tx, [change.account_id])).get(change.account_id)
    changed = 0 if account is None else await follow(tx, account)
    return FeesFollowed(account_id=change.account_id, changed=changed)


async def follow(tx: Transaction, account: LockedAccount) -> int:
    """Gives the fees of a locked account the states that the ledger says; gives how many were changed."""
    await tx.session.flush()
    fees = await _followed(tx, account.account_id)
    if not fees:
        return 0
    told = await fee_moves(await tx.connection(), account.account_id)
    found = covers(told.moves)
    changed = 0
    for fee in fees:
        assert fee.entry_id is not None
        cover = found.get(fee.entry_id)
        if fee.state == FeeState.WAIVED:
            # One of which nothing was unpaid was waived without an entry, and stays so.
            if not fee.forgiven_minor or fee.entry_id in told.waived or fee.entry_id in told.undone:
                continue
            await _reinstate(tx, account, fee)
        elif fee.entry_id in told.undone:
            await _undo(tx, account, fee)
        elif cover is not None and cover.is_paid != (fee.state == FeeState.PAID):
            await _turn(tx, account, fee, cover)
        else:
            continue
        changed += 1
    return changed


async def cover_of(tx: Transaction, fee: FeeClaimRow) -> Cover | None:
    """What of a claimed fee was paid and forgiven; none when its entry was reversed."""
    told = await fee_moves(await tx.connection(), fee.account_id)
    return None if fee.entry_id is None else covers(told.moves).get(fee.entry_id)


async def _followed(tx: Transaction, account_id: UUID) -> list[FeeClaimRow]:
    statement = (
        select(FeeClaimRow)
        .where(
            col(FeeClaimRow.account_id) == account_id,
            col(FeeClaimRow.state).in_(_FOLLOWED),
            col(FeeClaimRow.entry_id).is_not(None),
        )
        .order_by(col(FeeClaimRow.claimed_on), col(FeeClaimRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await tx.session.execute(statement)).scalars())


async def _turn(tx: Transaction, account: LockedAccount, fee: FeeClaimRow, cover: Cover) -> None:
    if cover.is_paid:
        on = cover.closed_on or account.today
        reason = "The fees paid on the account cover it"
        await note(tx, fee, Happened(step=FeeStep.PAID, state=FeeState.PAID, on=on, reason=reason))
        return
    reason = "The fees paid on the account no longer cover it"
    await note(tx, fee, Happened(step=FeeStep.UNPAID, state=FeeState.CLAIMED, on=account.today, reason=reason))


async def _reinstate(tx: Transaction, account: LockedAccount, fee: FeeClaimRow) -> None:
    """Whoever reversed the entry of a waiver has taken the waiver back."""
    fee.forgiven_minor = 0
    reason = "The entry by which it was waived was reversed"
    await note(tx, fee, Happened(step=FeeStep.UNPAID, state=FeeState.CLAIMED, on=account.today, reason=reason))


async def _undo(tx: Transaction, account: LockedAccount, fee: FeeClaimRow) -> None:
    """Whoever reversed the entry of a fee has waived it."""
    reason = "Its entry was reversed"
    if fee.state == FeeState.PAID:
        await note(tx, fee, Happened(step=FeeStep.UNPAID, state=FeeState.CLAIMED, on=account.today, reason=reason))
    fee.forgiven_minor = fee.amount_minor
    await note(tx, fee, Happened(step=FeeStep.WAIVED, state=FeeState.WAIVED, on=account.today, reason=reason))
