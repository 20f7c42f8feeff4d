"""Claiming fees: what was quoted becomes owed once the gate lets it; what it refuses stays quoted, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from arrears.access.model import Permission
from arrears.accounts.model import CLOSED_STATUSES
from arrears.charges.following import follow
from arrears.charges.model import FEE, FeeState, FeeStep
from arrears.charges.recording import Happened, note, shown
from arrears.charges.tables import FeeClaimRow
from arrears.compliance.acting import ask_about_act
from arrears.compliance.deciding import decide, until_facts_stand
from arrears.compliance.model import ActAnswer, ActQuestion
from arrears.compliance.permits import check_accounts, lock_person, refused
from arrears.compliance.redeeming import redeem
from arrears.kernel.command import Command, CommandFunction, Receipt, Result, load
from arrears.kernel.context import Context
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.plugins.host import PluginHost
from arrears_sdk.clock import business_date
from arrears_sdk.errors import AccessError, ErrorCode, FaultError, NotFoundError, RefusedError
from arrears_sdk.money import Money
from arrears_sdk.ruling import Finding
from arrears_sdk.vocabulary import ActionKind

ASK_AGAIN_DAYS = 7
_PERMIT = ("input", "permitId")
_FEE = ("input", "feeClaimId")


class FeeClaim(Command):
    """A quoted fee that is to be owed from now on; on a permit for just that, or else the gate is asked."""

    fee_claim_id: UUID
    permit_id: UUID | None = None


class FeeObjection(Result):
    """Why a fee may not be claimed: one finding of a rule."""

    rule: str
    plugin: str
    reason: str


class FeeClaimed(Result):
    """The fee, its entry when it is owed now, and what the rules objected when it is not."""

    fee_claim_id: UUID
    account_id: UUID
    entry_id: UUID | None = None
    objections: tuple[FeeObjection, ...] = ()


@dataclass(frozen=True)
class _Wanted:
    """A fee as it was read before anything is locked."""

    account_id: UUID
    debtor_id: UUID
    amount: Money
    is_quoted: bool


_READ = "select account_id, debtor_id, amount_minor, currency, state from fee_claim where id = %(id)s"
_PERMITTED = "select amount_minor, currency from decision where id = %s"


class Claiming(CommandFunction[FeeClaim, FeeClaimed]):
    """`charges.claim_fee`. It asks plugins, and has no place within another command's transaction."""

    def __init__(self) -> None:
        super().__init__("charges.claim_fee", Permission.LEDGER_WRITE, self._refuse)
        vars(self)["_hints"] = (FeeClaim, FeeClaimed)

    async def __call__(
        self, context: Context, change: FeeClaim, *, idempotency_key: str | None = None
    ) -> Receipt[FeeClaimed]:
        """Claim it once; the same key gives the first result, and asks nobody again."""
        if not context.principal.may(self.permission):
            raise AccessError(f"This needs the permission {self.permission}.", code=ErrorCode.FORBIDDEN)
        earlier = await self.replay(context, change, idempotency_key)
        if earlier is not None:
            return earlier
        return await until_facts_stand(lambda: self._decided(context, change, idempotency_key))

    async def _decided(self, context: Context, change: FeeClaim, key: str | None) -> Receipt[FeeClaimed]:
        """Plugins are asked before the transaction begins, so that a slow one keeps no connection from others."""
        wanted = await _wanted(context, change.fee_claim_id)
        answer = None
        if wanted.is_quoted and change.permit_id is None:
            question = ActQuestion(
                at=context.clock.now(),
                action=ActionKind.CHARGE_FEE,
                account_id=wanted.account_id,
                debtor_id=wanted.debtor_id,
                amount=wanted.amount,
            )
            answer = await ask_about_act(context, context.service(PluginHost), question)

        async def store(tx: Transaction, given: FeeClaim) -> FeeClaimed:
            return await _claim(tx, given, wanted, answer)

        storing = CommandFunction(self.name, self.permission, store)
        vars(storing)["_hints"] = self._hints
        return await storing(context, change, idempotency_key=key)

    async def _refuse(self, tx: Transaction, change: FeeClaim) -> FeeClaimed:
        raise FaultError(f"{self.name} asks rules and cannot be part of another command.")


claim_fee = Claiming()


async def _wanted(context: Context, fee_claim_id: UUID) -> _Wanted:
    rows = await context.database.read(context.principal.scope, _READ, {"id": fee_claim_id})
    if not rows:
        raise NotFoundError(f"There is no such record ({FEE}) that you may see.", field=_FEE)
    account_id, debtor_id, minor, currency, state = rows[0]
    return _Wanted(account_id, debtor_id, Money(minor, currency), state == FeeState.QUOTED)


async def _claim(tx: Transaction, change: FeeClaim, wanted: _Wanted, answer: ActAnswer | None) -> FeeClaimed:
    # The person before the account, as everybody does who takes both.
    await lock_person(tx, wanted.debtor_id)
    accounts = await lock_accounts(tx, [wanted.account_id])
    account = accounts.get(wanted.account_id)
    fee = await load(tx, FeeClaimRow, change.fee_claim_id, kind=FEE, field=_FEE, lock=True)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=_FEE)
    _check(fee, account)
    if change.permit_id is not None:
        decision_id = await _redeemed(tx, change.permit_id, fee)
    else:
        assert answer is not None, "the gate is asked about every fee that is quoted"
        decision_id, permit = await decide(tx, answer)
        if permit is None:
            return await _keep_quoted(tx, fee, account, answer, decision_id)
        permit.used_at = permit.recorded_at = tx.now
    return await _owe(tx, fee, account, decision_id)


def _check(fee: FeeClaimRow, account: LockedAccount) -> None:
    if fee.state != FeeState.QUOTED:
        message = f"The fee is {fee.state}: only a fee that is quoted can be claimed."
        raise RefusedError(message, code=ErrorCode.STATUS_NOT_REACHABLE, field=_FEE)
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=_FEE)
    if account.today < fee.claim_on:
        message = f"The debtor was told of this fee first: it may be claimed from {fee.claim_on} on."
        raise RefusedError(message, code=ErrorCode.FEE_NOT_DUE, field=_FEE)


async def _redeemed(tx: Transaction, permit_id: UUID, fee: FeeClaimRow) -> UUID:
    """The decision of a permit, which is used for this fee; RefusedError when it is for anything else."""
    permit = await redeem(tx, permit_id, at=None, field=_PERMIT)
    if permit.action != ActionKind.CHARGE_FEE:
        raise refused(ErrorCode.PERMIT_MISMATCH, f"The permit is for {permit.action or 'a contact'}.", _PERMIT)
    check_accounts(permit, [fee.account_id], _PERMIT)
    row = await (await (await tx.connection()).execute(_PERMITTED, [permit.decision_id])).fetchone()
    if row is None or row != (fee.amount_minor, fee.currency):
        amount = Money(fee.amount_minor, fee.currency)
        raise refused(ErrorCode.PERMIT_MISMATCH, f"The permit is not for a fee of {amount}.", _PERMIT)
    permit.used_at = permit.recorded_at = tx.now
    return permit.decision_id


async def _owe(tx: Transaction, fee: FeeClaimRow, account: LockedAccount, decision_id: UUID) -> FeeClaimed:
    """Books the fee from the day on which it was to be owed; from today when the gate had put it off."""
    on = fee.claim_on if fee.ask_on == fee.claim_on else account.today
    reason = f"Fee {shown(fee)}"
    wish = Wish(
        account_id=account.account_id,
        kind=EntryKind.FEE,
        event="ChargeRecorded",
        effective_on=on,
        changes={DebtComponent.FEES: fee.amount_minor},
        reason=reason,
    )
    (booked,) = await book(tx, [wish], accounts={account.account_id: account})
    fee.entry_id, fee.claimed_on, fee.decision_id = booked.entry_id, on, decision_id
    happened = Happened(
        step=FeeStep.CLAIMED,
        state=FeeState.CLAIMED,
        on=on,
        reason="The gate allowed it",
        entry_id=booked.entry_id,
        decision_id=decision_id,
    )
    await note(tx, fee, happened)
    await follow(tx, account)
    return FeeClaimed(fee_claim_id=fee.id, account_id=fee.account_id, entry_id=booked.entry_id)


async def _keep_quoted(
    tx: Transaction, fee: FeeClaimRow, account: LockedAccount, answer: ActAnswer, decision_id: UUID
) -> FeeClaimed:
    """Writes down why a fee is not owed, and when the daily run asks again."""
    said = answer.ruling.deciding
    fee.decision_id = decision_id
    fee.ask_on = max(fee.claim_on + timedelta(days=1), _again_on(account, answer.until, tx))
    happened = Happened(
        step=FeeStep.REFUSED,
        state=FeeState.QUOTED,
        on=account.today,
        reason=_reason(said) or "The gate did not allow it",
        decision_id=decision_id,
    )
    await note(tx, fee, happened)
    objections = tuple(FeeObjection(rule=one.rule, plugin=one.plugin, reason=one.reason) for one in said)
    return FeeClaimed(fee_claim_id=fee.id, account_id=fee.account_id, objections=objections)


def _again_on(account: LockedAccount, until: datetime | None, tx: Transaction) -> date:
    """The day on which it is worth asking again: when the gate says, or after a week."""
    if until is None:
        return account.today + timedelta(days=ASK_AGAIN_DAYS)
    # What was put off until an instant of a day is asked on the next day at the latest, whatever the client's zone.
    return business_date(until, "UTC") + timedelta(days=1)


def _reason(findings: Iterable[Finding]) -> str:
    return mask_card_numbers("; ".join(f"{one.rule or one.plugin}: {one.reason}" for one in findings))
