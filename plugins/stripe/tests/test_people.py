"""What Stripe has of a debtor is handed out, erased, and let go of when nothing is left to collect."""

from __future__ import annotations

import urllib.error

import pytest
from orders import charge
from world import StripeWorld

from arrears_sdk.clock import FixedClock
from arrears_sdk.events import Event
from arrears_sdk.outcome import Done
from arrears_sdk.ports.gateway import ChargeRequest
from arrears_sdk.testing.hosts import START, FakeHost
from arrears_sdk.views import DataSubject
from arrears_stripe import StripeConfig, StripePlugin
from arrears_stripe.people import KeyMissingError


def subject(request: ChargeRequest) -> DataSubject:
    return DataSubject(request_id="dreq_1", debtor_id=request.debtor_id, client_id=request.client_id)


async def paid(double: StripeWorld, plugin: StripePlugin, request: ChargeRequest) -> str:
    """The customer of a charge, with a means of payment attached to it."""
    (gateway,) = plugin.register_gateways()
    outcome = await gateway.charge(request)
    assert isinstance(outcome, Done)
    customer = double.get(f"/v1/payment_intents/{outcome.reference}")["customer"]
    double.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)
    return str(customer)


def means_of(double: StripeWorld, customer: str) -> int:
    return len(double.get(f"/v1/payment_methods?customer={customer}")["data"])


def closed(account_id: str, after: str = "CLOSED", client_id: str = "clnt_1") -> Event:
    return Event(
        id="evnt_1",
        name="AccountStatusChanged",
        subject_id=account_id,
        client_id=client_id,
        occurred_at=START,
        payload={"before": "ACTIVE", "after": after},
    )


async def test_everything_is_handed_out(double: StripeWorld, host: FakeHost) -> None:
    plugin, request = StripePlugin(double.config, host), charge()
    customer = await paid(double, plugin, request)
    answer = await plugin.export_personal_data(subject(request))
    assert sorted(answer) == ["customer", "kept", "meansOfPayment", "payments"]
    told = answer["customer"]
    assert isinstance(told, dict)
    assert (told["id"], told["metadata"]) == (customer, {"arrears_debtor": request.debtor_id})
    (payment,) = answer["payments"]  # type: ignore[misc]
    assert isinstance(payment, dict)
    assert (payment["amount"], payment["currency"], payment["status"]) == (1000, "usd", "succeeded")
    assert len(answer["meansOfPayment"]) == 1  # type: ignore[arg-type]
    kept = answer["kept"]
    assert isinstance(kept, dict)
    assert kept[f"customer/{request.debtor_id}"] == {"customer": customer, "accounts": {request.account_id: True}}


async def test_nothing_is_handed_out_of_somebody_who_never_paid(double: StripeWorld, host: FakeHost) -> None:
    assert await StripePlugin(double.config, host).export_personal_data(subject(charge())) == {}


async def test_erasing_deletes_the_customer_at_stripe_and_what_is_kept_and_can_be_repeated(
    double: StripeWorld, host: FakeHost
) -> None:
    plugin, request, other = StripePlugin(double.config, host), charge(), charge()
    customer, stays = await paid(double, plugin, request), await paid(double, plugin, other)
    await plugin.erase_personal_data(subject(request))
    await plugin.erase_personal_data(subject(request))
    with pytest.raises(urllib.error.HTTPError, match="404"):
        double.get(f"/v1/customers/{customer}")
    assert {value.debtor_id for value in host.kept()["clnt_1"]} == {other.debtor_id}
    assert double.get(f"/v1/customers/{stays}")["id"] == stays


async def test_a_customer_that_is_gone_at_stripe_is_erased_all_the_same(double: StripeWorld, host: FakeHost) -> None:
    plugin, request = StripePlugin(double.config, host), charge()
    await paid(double, plugin, request)
    gone = FakeHost(FixedClock(START), name="stripe")
    await gone.values("clnt_1").put(
        f"customer/{request.debtor_id}", {"customer": "cus_gone", "accounts": {}}, debtor_id=request.debtor_id
    )
    await StripePlugin(double.config, gone).erase_personal_data(subject(request))
    assert gone.kept() == {}


async def test_a_customer_is_never_forgotten_for_want_of_a_key(double: StripeWorld, host: FakeHost) -> None:
    request = charge()
    await paid(double, StripePlugin(double.config, host), request)
    keyless = StripePlugin(StripeConfig(), host)
    with pytest.raises(KeyMissingError):
        await keyless.erase_personal_data(subject(request))
    assert len(host.kept()["clnt_1"]) == 3
    await keyless.erase_personal_data(subject(charge()))


async def test_means_of_payment_are_let_go_when_every_account_is_over(double: StripeWorld, host: FakeHost) -> None:
    plugin, first = StripePlugin(double.config, host), charge()
    second = charge(debtor_id=first.debtor_id)
    customer = await paid(double, plugin, first)
    (gateway,) = plugin.register_gateways()
    assert isinstance(await gateway.charge(second), Done)
    (subscriber,) = plugin.register_subscribers()
    await subscriber.handle(closed(first.account_id))
    assert means_of(double, customer) == 1
    await subscriber.handle(closed(second.account_id, "ACTIVE"))
    assert means_of(double, customer) == 1
    for _ in range(2):
        await subscriber.handle(closed(second.account_id))
        assert means_of(double, customer) == 0
    await subscriber.handle(closed("acct_of_somebody_who_never_paid"))
