"""Giving money back through the gateway that took it: the refund and its key are stored first, then it is called."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.kernel.command import Command, Result, load
from arrears.kernel.context import Context
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction, begin
from arrears.payments.asking import schedule_asking
from arrears.payments.calling import find_gateway, payment_settings, refund_through
from arrears.payments.model import INTENT, REFUND, OutcomeKind, RefundStatus, provider_key
from arrears.payments.queries import charged_back, refunds_of
from arrears.payments.sending import AskingCommand, Sent
from arrears.payments.settings import PaymentSettings
from arrears.payments.tables import AttemptRow, IntentRow, RefundRow
from arrears.plugins.bound import BoundPort
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError, RefusedError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import Gateway, RefundRequest


class PaymentRefund(Command):
    """Money of a settled charge to be given back: so much, or all that is left when no amount is given."""

    intent_id: UUID
    reason: str
    amount: Money | None = None


class PaymentRefunded(Result):
    """The refund that was made; how it stands is read from the refund itself."""

    refund_id: UUID
    intent_id: UUID
    account_id: UUID
    amount: Money


@dataclass(frozen=True)
class PreparedRefund:
    """Everything that is found out before the refund is stored."""

    settings: PaymentSettings
    gateway: BoundPort[Gateway]
    client_id: UUID
    reference: str
    reason: str


class Refunding(AskingCommand[PaymentRefund, PaymentRefunded, PreparedRefund]):
    """`payment.refund`."""

    async def prepare(self, context: Context, change: PaymentRefund) -> PreparedRefund:
        """Checks the input and finds the gateway; nothing is written."""
        reason = mask_card_numbers(checked_text(change.reason, ("input", "reason")))
        async with begin(context) as tx:
            intent = await load(tx, IntentRow, change.intent_id, kind=INTENT, field=("input", "intentId"))
        if intent.outcome != OutcomeKind.DONE:
            raise RefusedError(
                f"The payment is {intent.status}: nothing was taken that could be given back.",
                code=ErrorCode.PAYMENT_NOT_SETTLED,
                field=("input", "intentId"),
            )
        settings = await payment_settings(context, intent.client_id, intent.portfolio_id)
        gateway = await find_gateway(context, intent.gateway, intent.client_id, intent.portfolio_id)
        can = gateway.port.capabilities
        in_part = change.amount is not None and change.amount.minor != intent.captured_minor
        if not can.refunds or (in_part and not can.partial_refunds):
            kind = "refunds" if not can.refunds else "refunds of a part"
            raise RefusedError(
                f"The gateway {gateway.key} makes no {kind}.",
                code=ErrorCode.GATEWAY_NOT_USABLE,
                field=("input", "amount"),
            )
        reference = intent.provider_reference or provider_key(INTENT, intent.id)
        return PreparedRefund(settings, gateway, intent.client_id, reference, reason)

    async def store(self, tx: Transaction, change: PaymentRefund, prepared: PreparedRefund) -> PaymentRefunded:
        """Stores the refund; the provider has not been asked yet."""
        intent = await load(tx, IntentRow, change.intent_id, kind=INTENT, field=("input", "intentId"), lock=True)
        amount = await _amount(tx, change, intent)
        refund = RefundRow(
            id=new_id(),
            client_id=intent.client_id,
            account_id=intent.account_id,
            intent_id=intent.id,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=prepared.reason,
            status=RefundStatus.CREATED.value,
            principal_id=tx.context.principal.id,
            created_at=tx.now,
            updated_at=tx.now,
        )
        tx.session.add(refund)
        await tx.session.flush()
        call = AttemptRow(
            client_id=intent.client_id,
            account_id=intent.account_id,
            intent_id=intent.id,
            refund_id=refund.id,
            kind="REFUND",
            started_at=tx.now,
        )
        tx.session.add(call)
        await schedule_asking(tx, refund, seconds=prepared.settings.call_seconds)
        after = {"intent": intent.id, "amount": amount, "reason": refund.reason, "status": refund.status}
        tx.audit(subject=REFUND, subject_id=refund.id, client_id=refund.client_id, after=after)
        payload = {
            "accountId": str(intent.account_id),
            "debtorId": str(intent.debtor_id),
            "intentId": str(intent.id),
            "amountMinor": amount.minor,
            "currency": amount.currency,
            "status": refund.status,
        }
        tx.emit(Event("PaymentRefundCreated", REFUND, refund.id, refund.client_id, payload))
        return PaymentRefunded(refund_id=refund.id, intent_id=intent.id, account_id=intent.account_id, amount=amount)

    async def send(self, change: PaymentRefund, prepared: PreparedRefund, result: PaymentRefunded) -> Sent | None:
        """Calls the provider."""
        request = RefundRequest(
            key=provider_key(REFUND, result.refund_id),
            payment_id=provider_key(INTENT, result.intent_id),
            client_id=encode_id("clnt", prepared.client_id),
            reference=prepared.reference,
            amount=result.amount,
            reason=prepared.reason,
        )
        answer = await refund_through(prepared.gateway, request, seconds=prepared.settings.call_seconds)
        return Sent(result.intent_id, result.refund_id, answer)


refund_payment = Refunding("payment.refund", Permission.PAYMENTS_REFUND, PaymentRefund, PaymentRefunded)


async def _amount(tx: Transaction, change: PaymentRefund, intent: IntentRow) -> Money:
    """How much is given back: never more than was taken less what went out, or is under way to."""
    field = ("input", "amount")
    refunds = await refunds_of(tx, intent.id)
    held_back = await charged_back(tx, intent.id, intent.captured_minor)
    left = Money(max(intent.captured_minor - refunds.done - refunds.under_way - held_back, 0), intent.currency)
    amount = left if change.amount is None else change.amount
    if amount.currency != intent.currency:
        raise CurrencyMismatchError(f"The payment was made in {intent.currency}.", field=field)
    if amount.minor > left.minor or left.minor == 0:
        raise RefusedError(
            f"Of this payment {left} can be refunded, refunds under way and chargebacks left out.",
            code=ErrorCode.REFUND_EXCEEDS_PAYMENT,
            field=field,
        )
    if amount.minor <= 0:
        raise InputError("The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=field)
    return amount
