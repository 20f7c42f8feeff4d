"""Charges and refunds through Stripe, and how they stand when an answer was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import stripe

from arrears_sdk.errors import ArrearsError
from arrears_sdk.outcome import Declined, NotSent, Outcome, Unknown
from arrears_sdk.ports.gateway import (
    ChargeRequest,
    GatewayCapabilities,
    GatewayNotice,
    Order,
    OrderKind,
    RefundRequest,
    WebhookRequest,
)
from arrears_sdk.vocabulary import PaymentMethodKind
from arrears_stripe.amounts import CURRENCIES, refusal, to_stripe
from arrears_stripe.memory import KnownCustomer, Memory, SentOrder
from arrears_stripe.outcomes import KEY, charge_outcome, error_outcome, refund_outcome
from arrears_stripe.search import find_charge, find_refund
from arrears_stripe.webhooks import notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

    from arrears_sdk.host import Host
    from arrears_stripe.account import StripeAccount
    from arrears_stripe.settings import StripeConfig

_BANK_DEBITS = {
    "AUD": "au_becs_debit",
    "CAD": "acss_debit",
    "EUR": "sepa_debit",
    "GBP": "bacs_debit",
    "NZD": "nz_bank_account",
    "USD": "us_bank_account",
}
_EXPANDED = ["latest_charge.balance_transaction"]
_NO_KEY = "No key of a Stripe account is set."
# How long after the wait for an answer Stripe may still be at an order that nobody sees yet.
_UNDER_WAY = timedelta(seconds=60)


class StripeGateway:
    """Stripe for one set of settings. Each order is noted before it is sent, so that it can be found again."""

    key = "stripe"
    capabilities = GatewayCapabilities(
        methods=frozenset({PaymentMethodKind.CARD, PaymentMethodKind.WALLET, PaymentMethodKind.BANK_DEBIT}),
        currencies=CURRENCIES,
    )

    def __init__(self, config: StripeConfig, host: Host, account: StripeAccount) -> None:
        self._config = config
        self._host = host
        self._account = account

    async def charge(self, request: ChargeRequest) -> Outcome:
        """Take the money, or learn that it was taken already under the same key."""
        memory = Memory(self._host.values(request.client_id))
        kind = _method(request)
        if kind is None:
            return NotSent(reason=f"Stripe takes no {request.method} in {request.amount.currency}.")
        why_not = refusal(request.amount) if self._account.has_key else _NO_KEY
        if why_not is not None:
            return NotSent(reason=why_not)
        try:
            before = await memory.order(OrderKind.CHARGE, request.key)
            # Stripe remembers a key for a day only: what was sent before is asked for, not sent again.
            if before is not None:
                stands = await self._charge_stands(before.reference, request.key, before)
                if not isinstance(stands, NotSent):
                    return stands
            known = await self._customer(memory, request)
            order = SentOrder(self._host.clock.now(), known.customer)
            await memory.keep_order(OrderKind.CHARGE, request.key, order, request.debtor_id)
        except stripe.StripeError as error:
            return NotSent(reason=f"Stripe did not take the debtor as a customer: {error.user_message}")
        except ArrearsError as error:
            return NotSent(reason=f"The order could not be noted: {error}")
        outcome = await self._send_charge(memory, request, kind, known.customer)
        await self._note(memory, OrderKind.CHARGE, request.key, order, outcome, request.debtor_id)
        return outcome

    async def refund(self, request: RefundRequest) -> Outcome:
        """Give money back; the reason stays here, since it may speak of a person."""
        memory = Memory(self._host.values(request.client_id))
        if not self._account.has_key:
            return NotSent(reason=_NO_KEY)
        try:
            before = await memory.order(OrderKind.REFUND, request.key)
            if before is not None:
                stands = await self._refund_stands(before.reference, request.key, before)
                if not isinstance(stands, NotSent):
                    return stands
            order = SentOrder(self._host.clock.now(), request.reference)
            await memory.keep_order(OrderKind.REFUND, request.key, order, None)
            asked: RefundCreateParams = {
                "amount": to_stripe(request.amount),
                "metadata": {KEY: request.key, "arrears_payment": request.payment_id},
            }
        except ValueError as error:
            return NotSent(reason=str(error))
        except ArrearsError as error:
            return NotSent(reason=f"The order could not be noted: {error}")
        if request.reference.startswith("ch_"):
            asked["charge"] = request.reference
        else:
            asked["payment_intent"] = request.reference
        try:
            made = await self._account.client.v1.refunds.create_async(asked, {"idempotency_key": request.key})
            outcome = refund_outcome(made.to_dict())
        except stripe.StripeError as error:
            outcome = error_outcome(error)
        await self._note(memory, OrderKind.REFUND, request.key, order, outcome, None)
        return outcome

    async def fetch(self, order: Order) -> Outcome:
        """How an order stands now; `NotSent` only when Stripe certainly has none under its key."""
        if not self._account.has_key:
            return Unknown(reason=_NO_KEY, reference=order.reference)
        sent = await Memory(self._host.values(order.client_id)).order(order.kind, order.key)
        reference = order.reference or (sent.reference if sent else None)
        if order.kind is OrderKind.CHARGE:
            return await self._charge_stands(reference, order.key, sent)
        return await self._refund_stands(reference, order.key, sent)

    def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
        """What a webhook tells, after Stripe's library checked its signature and age."""
        return notices(request, self._config)

    async def _send_charge(self, memory: Memory, request: ChargeRequest, kind: str, customer: str) -> Outcome:
        asked: PaymentIntentCreateParams = {
            "amount": to_stripe(request.amount),
            "currency": request.amount.currency.lower(),
            "confirm": True,
            "customer": customer,
            "description": request.description,
            "expand": _EXPANDED,
            "metadata": {
                KEY: request.key,
                "arrears_payment": request.payment_id,
                "arrears_account": request.account_id,
            },
            "payment_method": request.token.get_secret_value(),
            "allowed_payment_method_types": [kind],
        }
        if self._config.off_session:
            asked["off_session"] = True
        if self._config.return_url is not None and not self._config.off_session:
            asked["return_url"] = self._config.return_url
        if self._config.statement_descriptor is not None:
            asked["statement_descriptor_suffix"] = self._config.statement_descriptor
        try:
            made = await self._account.client.v1.payment_intents.create_async(asked, {"idempotency_key": request.key})
            return charge_outcome(made.to_dict())
        except stripe.InvalidRequestError as error:
            if error.param == "customer" and error.code == "resource_missing":
                await memory.forget_customer(request.debtor_id)
                return NotSent(reason="The debtor's customer is gone at Stripe; a new one is made with the next try.")
            return error_outcome(error, token=request.token)
        except stripe.StripeError as error:
            return error_outcome(error, token=request.token)

    async def _charge_stands(self, reference: str | None, key: str, sent: SentOrder | None) -> Outcome:
        try:
            if reference is not None:
                intents = self._account.client.v1.payment_intents
                return charge_outcome((await intents.retrieve_async(reference, {"expand": _EXPANDED})).to_dict())
            found = await find_charge(self._account, key, sent.belongs_to if sent else None)
        except stripe.StripeError as error:
            return _untold("charge", error, reference)
        if found.thing is not None:
            return charge_outcome(found.thing)
        return self._absent(sent, certain=found.certain)

    async def _refund_stands(self, reference: str | None, key: str, sent: SentOrder | None) -> Outcome:
        try:
            if reference is not None:
                return refund_outcome((await self._account.client.v1.refunds.retrieve_async(reference)).to_dict())
            found = await find_refund(self._account, key, sent.belongs_to if sent else None)
        except stripe.StripeError as error:
            return _untold("refund", error, reference)
        if found.thing is not None:
            return refund_outcome(found.thing)
        return self._absent(sent, certain=found.certain)

    def _absent(self, sent: SentOrder | None, *, certain: bool) -> Outcome:
        if not certain:
            return Unknown(reason="Stripe has too many orders to be sure that this is not among them.")
        waits = timedelta(seconds=self._config.timeout_seconds) + _UNDER_WAY
        if sent is not None and self._host.clock.now() < sent.sent_at + waits:
            return Unknown(reason="The order was sent a moment ago and may still be under way.")
        return NotSent(reason="Stripe has no order under this key.")

    async def _customer(self, memory: Memory, request: ChargeRequest) -> KnownCustomer:
        known = await memory.customer(request.debtor_id)
        if known is None:
            made = await self._account.client.v1.customers.create_async(
                {"metadata": {"arrears_debtor": request.debtor_id}}
            )
            known = KnownCustomer(made.id, request.debtor_id)
        if known.accounts.get(request.account_id) is not True:
            known = KnownCustomer(known.customer, known.debtor_id, {**known.accounts, request.account_id: True})
            await memory.keep_customer(known)
        return known

    async def _note(
        self, memory: Memory, kind: OrderKind, key: str, order: SentOrder, outcome: Outcome, debtor_id: str | None
    ) -> None:
        """Keep the reference; an outcome is not lost because that failed, since the order can still be searched for."""
        reference = None if isinstance(outcome, NotSent) else outcome.reference
        if reference is None or isinstance(outcome, Unknown | Declined):
            return
        try:
            noted = SentOrder(order.sent_at, order.belongs_to, reference)
            await memory.keep_order(kind, key, noted, debtor_id)
        except ArrearsError as error:
            self._host.log.warning("the reference of an order could not be noted: %s", type(error).__name__)


def _untold(what: str, error: stripe.StripeError, reference: str | None) -> Unknown:
    return Unknown(reason=f"Stripe did not say how the {what} stands: {error.user_message}", reference=reference)


def _method(request: ChargeRequest) -> str | None:
    match request.method:
        case PaymentMethodKind.CARD | PaymentMethodKind.WALLET:
            return "card"
        case PaymentMethodKind.BANK_DEBIT:
            return _BANK_DEBITS.get(request.amount.currency)
        case _:
            return None
