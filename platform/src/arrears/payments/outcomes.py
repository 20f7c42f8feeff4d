"""What a provider says about an order, taken in: its state, and the ledger brought to what stands of the money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.ledger.commands import PaymentRecord, PaymentReverse, record_payment, reverse_payment
from arrears.ledger.model import EntryKind, PaymentMethod
from arrears.ledger.queries import payment_postings
from arrears.ledger.standing import PaymentRestate, restate_payment
from arrears.payments.model import (
    INTENT,
    OPEN_OUTCOMES,
    REFUND,
    OutcomeKind,
    PaymentStatus,
    RefundStatus,
    Told,
    intent_status,
    learned,
    provider_key,
    refund_status,
    standing,
)
from arrears.payments.queries import charged_back, end_call, refunds_of
from arrears.payments.tables import Asked, AttemptRow, IntentRow, RefundRow
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import PaymentMethodKind

_METHODS = {
    PaymentMethodKind.CARD: PaymentMethod.CARD,
    PaymentMethodKind.BANK_DEBIT: PaymentMethod.DIRECT_DEBIT,
    PaymentMethodKind.WALLET: PaymentMethod.OTHER,
    PaymentMethodKind.OTHER: PaymentMethod.OTHER,
}
_REASONS = {
    EntryKind.REFUND: "Refunded through the gateway.",
    EntryKind.CHARGEBACK: "Taken back by the debtor's bank.",
    EntryKind.CHARGEBACK_WON: "The chargeback was won.",
}


class OutcomeLearn(Command):
    """What a provider said about an intent, or about one of its refunds.

    It answers the call by which the order was sent, or a question that was asked at `fetched_at`.
    """

    intent_id: UUID
    refund_id: UUID | None = None
    told: Told
    answers_call: bool = False
    fetched_at: datetime | None = None


class OutcomeLearned(Result):
    """Whether the provider may still take or give money, as far as is known now."""

    is_open: bool


@command("payment.learn", permission=Permission.PAYMENTS_CHARGE)
async def learn_outcome(tx: Transaction, change: OutcomeLearn) -> OutcomeLearned:
    """Takes in an outcome; saying the same again, or something older, changes nothing."""
    told = change.told
    if told.reference is not None:
        await lock_reference(tx, told.reference)
    intent = await load(tx, IntentRow, change.intent_id, kind=INTENT, lock=True)
    refund = None
    if change.refund_id is not None:
        refund = await load(tx, RefundRow, change.refund_id, kind=REFUND, lock=True)
    if change.answers_call:
        await end_call(tx, intent.id, change.refund_id, told.kind.value, told.problem, tx.now)
    elif change.fetched_at is not None:
        tx.session.add(_fetched(tx, intent, change.refund_id, change.fetched_at, told))
    await take_in(tx, intent, refund, told)
    return OutcomeLearned(is_open=(refund or intent).outcome in OPEN_OUTCOMES)


async def lock_reference(tx: Transaction, reference: str) -> None:
    """Lets nobody else learn or look up a provider's reference until this transaction ends.

    Else a notice that names the order by it, and the answer that brings it, could each miss the other. Always taken
    before the lock on the intent.
    """
    connection = await tx.connection()
    await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 715))", [reference])


async def take_in(tx: Transaction, intent: IntentRow, refund: RefundRow | None, told: Told) -> None:
    """Adds what was told to what is known of a locked intent or refund, and brings the ledger to it."""
    asked: Asked = refund or intent
    before = asked.status
    told, contradiction = _consistent(asked, told)
    knew_reference = asked.provider_reference is not None
    _note(asked, told, tx.now)
    if contradiction:
        asked.attention_at = asked.attention_at or tx.now
    if refund is None and told.kind is OutcomeKind.DONE:
        captured = told.amount.minor if told.amount is not None else intent.amount_minor
        intent.captured_minor = max(intent.captured_minor, captured)
        if told.fee is not None and told.fee.currency == intent.currency:
            intent.fee_minor = max(intent.fee_minor or 0, told.fee.minor)
    if refund is not None:
        refund.status = refund_status(_outcome(refund), attention=refund.attention_at is not None).value
    await settle(tx, intent, EntryKind.REFUND)
    if asked.status != before:
        tell_of_status(tx, asked, before)
    if not knew_reference and asked.provider_reference is not None:
        from arrears.payments.notices import take_waiting

        await take_waiting(tx, intent, refund)


async def settle(tx: Transaction, intent: IntentRow, cause: EntryKind) -> None:
    """Brings status and ledger of a locked intent to what is known of its money; doing it again changes nothing.

    `cause` says why less of the payment may stand than before.
    """
    stood = standing(intent.captured_minor, intent.refunded_minor, intent.charged_back_minor)
    if _outcome(intent) is OutcomeKind.DONE and intent.payment_id is None:
        # Before anything of the intent is written: the database refuses one that is done and not in the ledger.
        intent.payment_id = await _record(tx, intent)
        stood = intent.captured_minor
    await tx.session.flush()
    if _outcome(intent) is OutcomeKind.DONE and intent.payment_id is not None:
        intent.refunded_minor = (await refunds_of(tx, intent.id)).done
        intent.charged_back_minor = await charged_back(tx, intent.id, intent.captured_minor)
        stands = standing(intent.captured_minor, intent.refunded_minor, intent.charged_back_minor)
        kind = EntryKind.CHARGEBACK_WON if stands > stood else cause
        await _restate(tx, intent, intent.payment_id, stands, kind)
    intent.status = intent_status(
        _outcome(intent),
        attention=intent.attention_at is not None,
        captured=intent.captured_minor,
        refunded=intent.refunded_minor,
        charged_back=intent.charged_back_minor,
    ).value
    await tx.session.flush()


_INTENT_EVENTS: Mapping[str, str] = {
    PaymentStatus.UNKNOWN: "PaymentIntentUnknown",
    PaymentStatus.PENDING: "PaymentIntentPending",
    PaymentStatus.NEEDS_ATTENTION: "PaymentIntentNeedsAttention",
    PaymentStatus.NOT_SENT: "PaymentIntentNotSent",
    PaymentStatus.DECLINED: "PaymentIntentDeclined",
    PaymentStatus.SETTLED: "PaymentIntentSettled",
    PaymentStatus.REFUNDED: "PaymentIntentRefunded",
    PaymentStatus.CHARGED_BACK: "PaymentIntentChargedBack",
}
_REFUND_EVENTS: Mapping[str, str] = {
    RefundStatus.UNKNOWN: "PaymentRefundUnknown",
    RefundStatus.PENDING: "PaymentRefundPending",
    RefundStatus.NEEDS_ATTENTION: "PaymentRefundNeedsAttention",
    RefundStatus.NOT_SENT: "PaymentRefundNotSent",
    RefundStatus.DECLINED: "PaymentRefundDeclined",
    RefundStatus.SETTLED: "PaymentRefundSettled",
}


def tell_of_status(tx: Transaction, asked: Asked, before: str) -> None:
    """Tells the audit and the outbox that an intent or a refund has another status."""
    kind = INTENT if isinstance(asked, IntentRow) else REFUND
    assert isinstance(asked, IntentRow | RefundRow)
    tx.audit(
        subject=kind,
        subject_id=asked.id,
        client_id=asked.client_id,
        before={"status": before},
        after={"status": asked.status, "outcome": asked.outcome, "reference": asked.provider_reference},
    )
    payload = {
        **({"debtorId": str(asked.debtor_id)} if isinstance(asked, IntentRow) else {}),
        "accountId": str(asked.account_id),
        "intentId": str(asked.id if isinstance(asked, IntentRow) else asked.intent_id),
        "amountMinor": asked.amount_minor,
        "currency": asked.currency,
        "status": asked.status,
    }
    name = _INTENT_EVENTS[asked.status] if kind == INTENT else _REFUND_EVENTS[asked.status]
    tx.emit(Event(name, kind, asked.id, asked.client_id, payload))


def _outcome(asked: Asked) -> OutcomeKind | None:
    return None if asked.outcome is None else OutcomeKind(asked.outcome)


def _consistent(asked: Asked, told: Told) -> tuple[Told, bool]:
    """What was told, unless it speaks of another currency: money that cannot be booked is for people to look into."""
    if told.amount is None or told.amount.currency == asked.currency:
        return told, False
    problem = f"The provider speaks of {told.amount}; the order is in {asked.currency}."
    return replace(told, kind=OutcomeKind.PENDING, amount=None, fee=None, problem=problem), True


def _note(asked: Asked, told: Told, now: datetime) -> None:
    known = _outcome(asked)
    outcome = learned(known, told.kind)
    asked.provider_reference = asked.provider_reference or told.reference
    if told.kind is outcome:
        # Of two that tell as much, the one that sorts last is kept, so that their order does not matter.
        kept = max((told.code or "", told.problem or ""), (asked.problem_code or "", asked.problem or ""))
        code, problem = kept if outcome is known else (told.code, told.problem)
        asked.problem_code, asked.problem = code or None, problem or None
    asked.outcome = outcome.value
    if isinstance(asked, IntentRow):
        url = told.action_url or asked.action_url
        asked.action_url = url if outcome is OutcomeKind.PENDING else None
    if outcome is OutcomeKind.DONE and asked.settled_at is None:
        asked.settled_at = now
    if outcome not in OPEN_OUTCOMES:
        asked.attention_at = None


async def _record(tx: Transaction, intent: IntentRow) -> UUID:
    payment = PaymentRecord(
        account_id=intent.account_id,
        amount=Money(intent.captured_minor, intent.currency),
        method=_METHODS[PaymentMethodKind(intent.method)],
        reference=intent.provider_reference or provider_key(INTENT, intent.id),
        accepts_surplus=True,
        through_gateway=True,
    )
    return (await record_payment.within(tx, payment)).payment_id


async def _restate(tx: Transaction, intent: IntentRow, payment_id: UUID, stands: int, kind: EntryKind) -> None:
    posted = await payment_postings(tx, payment_id)
    if posted.is_reversed or posted.standing_minor == stands:
        # Reversed as a whole: by a full refund, which is final, or by a person, who then answers for the rest.
        return
    if stands == 0 and kind is EntryKind.REFUND and not posted.is_restated:
        await reverse_payment.within(tx, PaymentReverse(payment_id=payment_id, reason=_REASONS[kind]))
        return
    change = PaymentRestate(
        payment_id=payment_id, standing=Money(stands, intent.currency), kind=kind, reason=_REASONS[kind]
    )
    await restate_payment.within(tx, change)


def _fetched(
    tx: Transaction, intent: IntentRow, refund_id: UUID | None, fetched_at: datetime, told: Told
) -> AttemptRow:
    return AttemptRow(
        client_id=intent.client_id,
        account_id=intent.account_id,
        intent_id=intent.id,
        refund_id=refund_id,
        kind="FETCH",
        started_at=fetched_at,
        ended_at=tx.now,
        outcome=told.kind.value,
        problem=told.problem,
    )
