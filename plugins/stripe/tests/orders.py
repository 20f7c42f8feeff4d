"""Orders for the tests."""

from __future__ import annotations

from pydantic import SecretStr

from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import ChargeRequest, Order, OrderKind, RefundRequest
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.vocabulary import PaymentMethodKind
from arrears_stripe import StripeConfig, StripeGateway, StripePlugin

TEN = Money.parse("10.00", "USD")


def gateway_of(config: StripeConfig, host: FakeHost) -> StripeGateway:
    (gateway,) = StripePlugin(config, host).register_gateways()
    assert isinstance(gateway, StripeGateway)
    return gateway


def charge(
    token: str = "pm_card_visa",
    *,
    key: str | None = None,
    amount: Money = TEN,
    debtor_id: str | None = None,
    account_id: str | None = None,
    client_id: str | None = "clnt_1",
    method: PaymentMethodKind = PaymentMethodKind.CARD,
) -> ChargeRequest:
    return ChargeRequest(
        key=key or f"charge-{new_id()}",
        payment_id=encode_id("pmnt", new_id()),
        account_id=account_id or encode_id("acct", new_id()),
        debtor_id=debtor_id or encode_id("dbtr", new_id()),
        amount=amount,
        method=method,
        token=SecretStr(token),
        description="Account 4711",
        client_id=client_id,
        permit=Builder().permit(f"PAYMENT of {amount}"),
    )


def refund(reference: str, *, key: str | None = None, amount: Money = TEN) -> RefundRequest:
    return RefundRequest(
        key=key or f"refund-{new_id()}",
        payment_id=encode_id("pmnt", new_id()),
        reference=reference,
        amount=amount,
        reason="Mr Miller paid twice",
        client_id="clnt_1",
    )


def order_of(request: ChargeRequest | RefundRequest, reference: str | None = None) -> Order:
    kind = OrderKind.CHARGE if isinstance(request, ChargeRequest) else OrderKind.REFUND
    return Order(kind=kind, key=request.key, reference=reference, amount=request.amount, client_id=request.client_id)
