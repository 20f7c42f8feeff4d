"""Quoting fees: they are told and not owed yet. The key of account, rule and period lets none come about twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.accounts.model import CLOSED_STATUSES
from arrears.charges.model import FeeState, FeeStep
from arrears.charges.queries import books, charge_settings, debts
from arrears.charges.recording import Happened, note
from arrears.charges.settings import ChargeSettings
from arrears.charges.tables import FeeClaimRow
from arrears.charges.weighing import Fee, fees_on
from arrears.kernel.command import Command, Result, command
from arrears.kernel.transaction import Transaction
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode, NotFoundError, Problem, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

_TWICE = {
    "uq_fee_claim_account_id_rule_period": Problem(
        ErrorCode.CONFLICT, "The fee was charged by somebody else at the same moment.", ("input", "rule")
    )
}


class FeesAssess(Command):
    """Every fee that an account incurs on a day by the rules of its client is to be quoted."""

    account_id: UUID
    on: date


class FeesAssessed(Result):
    """The fees that were quoted, in the order of their rules; none when there is nothing new."""

    account_id: UUID
    fee_claim_ids: tuple[UUID, ...]


class FeeQuote(Command):
    """The fee of one rule is to be quoted on an account, as the debt stands today."""

    account_id: UUID
    rule: str


class FeeQuoted(Result):
    """The fee that was quoted."""

    fee_claim_id: UUID
    account_id: UUID


@command("charges.assess_fees", permission=Permission.LEDGER_WRITE, constraints=_TWICE)
async def assess_fees(tx: Transaction, change: FeesAssess) -> FeesAssessed:
    """Quote what the rules charge on a day that has begun; asked again it quotes nothing more."""
    account = await _locked(tx, change.account_id)
    if change.on > account.today or account.status in CLOSED_STATUSES:
        return FeesAssessed(account_id=account.account_id, fee_claim_ids=())
    settings = await charge_settings(tx.context, account.client_id, account.portfolio_id)
    fees = await _fees(tx, account, settings, change.on)
    quoted = await _quote(tx, account, fees)
    return FeesAssessed(account_id=account.account_id, fee_claim_ids=tuple(fee.id for fee in quoted))


@command("charges.quote_fee", permission=Permission.LEDGER_WRITE, constraints=_TWICE)
async def quote_fee(tx: Transaction, change: FeeQuote) -> FeeQuoted:
    """Quote the fee of one rule; refused when the rule charges nothing today, or has charged it already."""
    account = await _locked(tx, change.account_id)
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    settings = await charge_settings(tx.context, account.client_id, account.portfolio_id)
    rule = settings.rule(change.rule)
    if rule is None:
        names = ", ".join(one.id for one in settings.rules) or "none"
        raise NotFoundError(
            f"The client has no rule {change.rule[:60]!r} of fees; it has: {names}.", field=("input", "rule")
        )
    fees = await _fees(tx, account, ChargeSettings(rules=(rule,)), account.today)
    if not fees:
        raise RefusedError(
            f"The rule {rule.id} charges nothing on this account today: the debt is not late enough, the fee was"
            " charged already, or the fees of the account have come to their most.",
            code=ErrorCode.FEE_NOT_DUE,
            field=("input", "rule"),
        )
    (fee,) = await _quote(tx, account, fees[:1])
    return FeeQuoted(fee_claim_id=fee.id, account_id=account.account_id)


async def _locked(tx: Transaction, account_id: UUID) -> LockedAccount:
    account = (await lock_accounts(tx, [account_id])).get(account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    return account


async def _fees(tx: Transaction, account: LockedAccount, settings: ChargeSettings, day: date) -> list[Fee]:
    """What the rules charge on a day, seen under the account's lock."""
    if not settings.rules:
        return []
    debt = await debts(await tx.connection(), [account.account_id])
    book = (await books(tx, debt, through=day))[account.account_id]
    return fees_on(book.debt, book.late_on(day), settings.rules, book.notices, book.fees)


async def _quote(tx: Transaction, account: LockedAccount, fees: Sequence[Fee]) -> list[FeeClaimRow]:
    version = (await tx.context.service(PluginHost).snapshot()).version
    quoted = []
    for fee in fees:
        row = _row(tx, account, fee, version)
        tx.session.add(row)
        reason = f"{fee.occasion.days_past_due} days past due"
        if fee.cap is not None:
            reason = f"{reason}; {Money(fee.computed_minor, account.currency)} lowered: {fee.cap}"
        await note(tx, row, Happened(step=FeeStep.QUOTED, state=FeeState.QUOTED, on=fee.day, reason=reason))
        quoted.append(row)
    return quoted


def _row(tx: Transaction, account: LockedAccount, fee: Fee, settings_version: int) -> FeeClaimRow:
    return FeeClaimRow(
        id=new_id(),
        client_id=account.client_id,
        account_id=account.account_id,
        debtor_id=account.debtor_id,
        rule=fee.rule.id,
        period=fee.occasion.period,
        kind=fee.rule.kind.value,
        amount_minor=fee.amount_minor,
        currency=account.currency,
        computed_minor=fee.computed_minor,
        base_minor=fee.occasion.base_minor,
        days_past_due=fee.occasion.days_past_due,
        cap=fee.cap,
        settings_version=settings_version,
        state=FeeState.QUOTED.value,
        quoted_on=fee.day,
        claim_on=fee.claim_on,
        ask_on=fee.claim_on,
        created_at=tx.now,
        updated_at=tx.now,
    )
