"""The inbox of the webhooks: every notice is kept once, and has its effect in the same transaction.

A notice whose order is not known yet (a provider may be quicker than its own answer) waits, and is taken in as soon as
the order's reference is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic.dataclasses import dataclass

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction
from arrears.ledger.model import EntryKind
from arrears.payments.model import INTENT, REFUND, OutcomeKind, Told, order_of_key, told
from arrears.payments.outcomes import lock_reference, settle, take_in, tell_of_status
from arrears.payments.queries import note_chargeback
from arrears.payments.tables import IntentRow, NoticeRow, RefundRow
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import GatewayNotice, NoticeKind

_LONGEST_ID = 200
_INSERT = """
insert into webhook_notice (id, client_id, gateway, notice_id, kind, order_key, provider_reference, outcome,
                            amount_minor, currency, fee_minor, problem_code, problem, chargeback, occurred_at,
                            received_at)
values (%(id)s, %(client)s, %(gateway)s, %(notice)s, %(kind)s, %(key)s, %(reference)s, %(outcome)s, %(amount)s,
        %(currency)s, %(fee)s, %(code)s, %(problem)s, %(chargeback)s, %(occurred_at)s, %(received_at)s)
on conflict (client_id, gateway, notice_id) do nothing
returning id
"""
_FIND_INTENT = """
select id, null::uuid from payment_intent
where client_id = %(client)s and gateway = %(gateway)s and id = coalesce(%(order)s, id)
  and (%(order)s is not null or provider_reference = %(reference)s)
"""
_FIND_REFUND = """
select refund.intent_id, refund.id from payment_refund refund join payment_intent intent on intent.id = refund.intent_id
where refund.client_id = %(client)s and intent.gateway = %(gateway)s and refund.id = coalesce(%(order)s, refund.id)
  and (%(order)s is not null or refund.provider_reference = %(reference)s)
"""
_WAITING = """
select id from webhook_notice
where client_id = %s and gateway = %s and provider_reference = %s and intent_id is null and kind = any (%s::text[])
order by received_at, id for update
"""
_OF_INTENT = [kind.value for kind in NoticeKind if kind is not NoticeKind.REFUND]


@dataclass(frozen=True)
class Notice:
    """One notice as it is kept."""

    id: str
    kind: NoticeKind
    occurred_at: datetime
    told: Told
    key: str | None
    reference: str | None
    amount: Money | None
    chargeback: str


class NoticesTake(Command):
    """What one webhook of a gateway told for a client."""

    client_id: UUID
    gateway: str
    notices: tuple[Notice, ...]


class NoticesTaken(Result):
    """How many of them were new."""

    new: int


async def take_webhook(context: Context, client_id: UUID, gateway: str, given: Sequence[GatewayNotice]) -> int:
    """Takes in the notices of a verified webhook under the scope of its client alone; gives how many were new."""
    scope = Scope("limited", staff=True, clients=(client_id,))
    principal = replace(Principal.system(f"webhooks of {gateway}"), scope=scope)
    notices = tuple(_kept(notice) for notice in given)
    change = NoticesTake(client_id=client_id, gateway=gateway, notices=notices)
    return (await take_notices(context.acting_as(principal), change)).result.new


@command("payment.take_notices", permission=Permission.PAYMENTS_CHARGE)
async def take_notices(tx: Transaction, change: NoticesTake) -> NoticesTaken:
    """Keeps each notice that is new, and takes it in when its order is known."""
    new = 0
    for notice in change.notices:
        if notice.reference is not None:
            await lock_reference(tx, notice.reference)
        row_id = await _keep(tx, change, notice)
        if row_id is None:
            continue
        new += 1
        found = await _find(tx, change, notice)
        if found is not None:
            intent = await load(tx, IntentRow, found[0], kind=INTENT, lock=True)
            refund = None if found[1] is None else await load(tx, RefundRow, found[1], kind=REFUND, lock=True)
            await _apply(tx, await load(tx, NoticeRow, row_id, kind="hook"), intent, refund)
    tx.audit(
        subject="clnt",
        subject_id=change.client_id,
        client_id=change.client_id,
        after={"gateway": change.gateway, "notices": [notice.id for notice in change.notices], "new": new},
    )
    return NoticesTaken(new=new)


async def take_waiting(tx: Transaction, intent: IntentRow, refund: RefundRow | None) -> None:
    """Takes in the notices that came before the reference of a locked order was known."""
    asked = refund or intent
    kinds = _OF_INTENT if refund is None else [NoticeKind.REFUND.value]
    connection = await tx.connection()
    cursor = await connection.execute(_WAITING, [intent.client_id, intent.gateway, asked.provider_reference, kinds])
    for (row_id,) in await cursor.fetchall():
        await _apply(tx, await load(tx, NoticeRow, row_id, kind="hook"), intent, refund)


async def _apply(tx: Transaction, notice: NoticeRow, intent: IntentRow, refund: RefundRow | None) -> None:
    notice.intent_id = intent.id
    if notice.kind in (NoticeKind.CHARGE, NoticeKind.REFUND):
        await take_in(tx, intent, refund, _told(notice))
        return
    won = notice.kind == NoticeKind.CHARGEBACK_WON
    await note_chargeback(tx, _chargeback(notice, intent, won=won))
    before = intent.status
    await settle(tx, intent, EntryKind.CHARGEBACK)
    if intent.status != before:
        tell_of_status(tx, intent, before)


def _kept(given: GatewayNotice) -> Notice:
    said = told(given.outcome)
    reference = _storable(given.reference or said.reference or "") or None
    return Notice(
        id=_storable(given.id),
        kind=given.kind,
        occurred_at=given.occurred_at,
        told=replace(said, reference=reference),
        key=None if given.key is None else _storable(given.key),
        reference=reference,
        amount=given.amount or said.amount,
        chargeback=_storable(given.details.get("chargeback", "")),
    )


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST_ID]


async def _keep(tx: Transaction, change: NoticesTake, notice: Notice) -> UUID | None:
    values: dict[str, Any] = {
        "id": new_id(),
        "client": change.client_id,
        "gateway": change.gateway,
        "notice": notice.id,
        "kind": notice.kind.value,
        "key": notice.key,
        "reference": notice.reference,
        "outcome": notice.told.kind.value,
        "amount": None if notice.amount is None else notice.amount.minor,
        "currency": None if notice.amount is None else notice.amount.currency,
        "fee": None if notice.told.fee is None else notice.told.fee.minor,
        "code": notice.told.code,
        "problem": notice.told.problem,
        "chargeback": notice.chargeback,
        "occurred_at": notice.occurred_at,
        "received_at": tx.now,
    }
    row = await (await (await tx.connection()).execute(_INSERT, values)).fetchone()
    return None if row is None else row[0]


async def _find(tx: Transaction, change: NoticesTake, notice: Notice) -> tuple[UUID, UUID | None] | None:
    is_refund = notice.kind is NoticeKind.REFUND
    order = order_of_key(REFUND if is_refund else INTENT, notice.key)
    values = {"client": change.client_id, "gateway": change.gateway, "order": order, "reference": notice.reference}
    if order is None and notice.reference is None:
        return None
    cursor = await (await tx.connection()).execute(_FIND_REFUND if is_refund else _FIND_INTENT, values)
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


def _told(notice: NoticeRow) -> Told:
    currency = notice.currency
    amount = None if notice.amount_minor is None or currency is None else Money(notice.amount_minor, currency)
    fee = None if notice.fee_minor is None or currency is None else Money(notice.fee_minor, currency)
    kind = OutcomeKind(notice.outcome)
    return Told(kind, notice.provider_reference, amount, fee, notice.problem_code, notice.problem)


def _chargeback(notice: NoticeRow, intent: IntentRow, *, won: bool) -> dict[str, object]:
    ours = notice.currency == intent.currency
    return {
        "id": new_id(),
        "client": intent.client_id,
        "account": intent.account_id,
        "intent": intent.id,
        "reference": notice.chargeback,
        "amount": notice.amount_minor if ours else None,
        "currency": intent.currency,
        "won": won,
        "opened_at": None if won else notice.occurred_at,
        "won_at": notice.occurred_at if won else None,
    }
