"""Asking providers how open orders stand, until it is known or for people to find out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.transaction import Transaction, begin
from arrears.payments.calling import fetch_through, find_gateway, payment_settings
from arrears.payments.model import (
    INTENT,
    OPEN_OUTCOMES,
    REFUND,
    PaymentStatus,
    RefundStatus,
    Told,
    pause_before_asking,
    provider_key,
    told,
)
from arrears.payments.outcomes import OutcomeLearn, learn_outcome, tell_of_status
from arrears.payments.settings import PaymentSettings
from arrears.payments.tables import IntentRow, RefundRow
from arrears_sdk.errors import RefusedError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.outcome import Unknown
from arrears_sdk.ports.gateway import Order, OrderKind

ASK_INTENT, ASK_REFUND = "payment.ask", "payment.ask_about_refund"


class Answered(Command):
    """What a provider answered to a question, and how it is asked again if need be."""

    intent_id: UUID
    refund_id: UUID | None
    told: Told
    fetched_at: datetime
    settings: PaymentSettings


class Noted(Result):
    """Whether the provider may still take or give money, as far as is known now."""

    is_open: bool


async def schedule_asking(tx: Transaction, asked: IntentRow | RefundRow, *, seconds: float) -> None:
    """Has a provider asked how an order stands, if nobody has told by then; a call may take so many seconds."""
    kind = ASK_INTENT if isinstance(asked, IntentRow) else ASK_REFUND
    # The first question comes well after the end of the call: what is still on its way looks as if it never came.
    pause = pause_before_asking(asked.times_asked, timedelta(seconds=2 * seconds))
    payload = {"times_asked": asked.times_asked}
    await tx.schedule(kind, subject_id=asked.id, due_at=tx.now + pause, payload=payload, client_id=asked.client_id)


async def ask_about(
    context: Context, intent_id: UUID | None, refund_id: UUID | None, *, times_asked: int | None = None
) -> None:
    """Asks the provider about an order that is open, and takes in the answer.

    With `times_asked` only if it was asked about so often till now: a question that comes twice is put once.
    """
    context = context.acting_as(Principal.system("payments"))
    async with begin(context) as tx:
        refund = None if refund_id is None else await load(tx, RefundRow, refund_id, kind=REFUND)
        intent = await load(tx, IntentRow, refund.intent_id if refund else intent_id or UUID(int=0), kind=INTENT)
    asked = refund or intent
    if asked.status == PaymentStatus.REFUSED or asked.outcome not in OPEN_OUTCOMES:
        return
    if times_asked is not None and asked.times_asked != times_asked:
        return
    settings = await payment_settings(context, intent.client_id, intent.portfolio_id)
    fetched_at = context.clock.now()
    answer = await _fetch(context, intent, refund, settings)
    answered = Answered(intent_id=intent.id, refund_id=refund_id, told=answer, fetched_at=fetched_at, settings=settings)
    await note_answer(context, answered)


async def _fetch(context: Context, intent: IntentRow, refund: RefundRow | None, settings: PaymentSettings) -> Told:
    asked = refund or intent
    order = Order(
        kind=OrderKind.CHARGE if refund is None else OrderKind.REFUND,
        key=provider_key(INTENT if refund is None else REFUND, asked.id),
        client_id=encode_id("clnt", intent.client_id),
        reference=asked.provider_reference,
        amount=Money(asked.amount_minor, asked.currency),
    )
    try:
        gateway = await find_gateway(context, intent.gateway, intent.client_id, intent.portfolio_id)
    except RefusedError as error:
        return told(Unknown(reason=error.problems[0].message))
    return await fetch_through(gateway, order, seconds=settings.call_seconds)


@command("payment.note_answer", permission=Permission.PAYMENTS_CHARGE)
async def note_answer(tx: Transaction, change: Answered) -> Noted:
    """Takes in what was answered; what is open still is asked about again, and after some days shown to people."""
    learning = OutcomeLearn(
        intent_id=change.intent_id, refund_id=change.refund_id, told=change.told, fetched_at=change.fetched_at
    )
    learned = await learn_outcome.within(tx, learning)
    asked: IntentRow | RefundRow
    if change.refund_id is None:
        asked = await load(tx, IntentRow, change.intent_id, kind=INTENT)
    else:
        asked = await load(tx, RefundRow, change.refund_id, kind=REFUND)
    asked.times_asked += 1
    if not learned.is_open:
        return Noted(is_open=False)
    if tx.now < asked.created_at + timedelta(days=change.settings.attention_after_days):
        await schedule_asking(tx, asked, seconds=change.settings.call_seconds)
    elif asked.attention_at is None:
        before, asked.attention_at = asked.status, tx.now
        asked.status = RefundStatus.NEEDS_ATTENTION.value
        tell_of_status(tx, asked, before)
    return Noted(is_open=True)
