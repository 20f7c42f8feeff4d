"""Charges, refunds and lost answers, against the stateful double."""

from __future__ import annotations

from datetime import timedelta

from orders import TEN, charge, gateway_of, order_of, refund
from pydantic import SecretStr
from world import StripeWorld

from arrears_sdk.clock import FixedClock
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Pending, Unknown
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.vocabulary import PaymentMethodKind
from arrears_stripe import StripeConfig


async def test_a_charge_is_done_with_the_amount_and_the_reference(double: StripeWorld, host: FakeHost) -> None:
    request = charge()
    outcome = await gateway_of(double.config, host).charge(request)
    assert isinstance(outcome, Done)
    assert (outcome.amount, outcome.fee) == (TEN, None)
    intent = double.get(f"/v1/payment_intents/{outcome.reference}")
    assert (intent["amount"], intent["currency"], intent["status"]) == (1000, "usd", "succeeded")
    assert intent["metadata"] == {
        "arrears_key": request.key,
        "arrears_payment": request.payment_id,
        "arrears_account": request.account_id,
    }
    customer = double.get(f"/v1/customers/{intent['customer']}")
    assert (customer["name"], customer["email"], customer["metadata"]) == (
        None,
        None,
        {"arrears_debtor": request.debtor_id},
    )


async def test_a_debtor_is_one_customer_over_many_charges(double: StripeWorld, host: FakeHost) -> None:
    gateway, first = gateway_of(double.config, host), charge()
    second = charge(debtor_id=first.debtor_id)
    customers = [
        double.get(f"/v1/payment_intents/{outcome.reference}")["customer"]
        for outcome in (await gateway.charge(first), await gateway.charge(second))
        if isinstance(outcome, Done)
    ]
    assert len(customers) == 2
    assert len(set(customers)) == 1


async def test_what_is_kept_about_a_debtor_is_kept_under_that_debtor(double: StripeWorld, host: FakeHost) -> None:
    request = charge()
    await gateway_of(double.config, host).charge(request)
    kept = host.kept()
    assert list(kept) == ["clnt_1"]
    assert [(value.key, value.debtor_id) for value in kept["clnt_1"]] == [
        (f"account/{request.account_id}", request.debtor_id),
        (f"customer/{request.debtor_id}", request.debtor_id),
        (f"order/CHARGE/{request.key}", request.debtor_id),
    ]


async def test_the_same_key_is_the_same_charge(double: StripeWorld, host: FakeHost) -> None:
    gateway, request = gateway_of(double.config, host), charge()
    first = await gateway.charge(request)
    before = double.asked("/v1/payment_intents")
    assert await gateway.charge(request) == first
    assert double.asked("/v1/payment_intents") == before


async def test_a_declined_card_is_declined_with_the_providers_code(double: StripeWorld, host: FakeHost) -> None:
    request = charge("pm_card_chargeCustomerFail")
    gateway = gateway_of(double.config, host)
    assert await gateway.charge(request) == Declined(code="card_declined", message="Your card was declined.")
    stands = await gateway.fetch(order_of(request))
    assert isinstance(stands, Declined)
    assert (stands.code, (stands.reference or "")[:3]) == ("card_declined", "pi_")


async def test_a_card_that_needs_the_debtor_is_pending(double: StripeWorld, host: FakeHost) -> None:
    token = double.post(
        "/v1/payment_methods",
        type="card",
        card__number="4000002500003155",
        card__exp_month="12",
        card__exp_year="2030",
        card__cvc="123",
    )["id"]
    request = charge(token)
    gateway = gateway_of(double.config, host)
    outcome = await gateway.charge(request)
    assert isinstance(outcome, Pending)
    intent = double.get(f"/v1/payment_intents/{outcome.reference}")
    double.post(
        f"/v1/payment_intents/{intent['id']}/_authenticate", client_secret=intent["client_secret"], success="true"
    )
    assert await gateway.fetch(order_of(request, outcome.reference)) == Done(reference=intent["id"], amount=TEN)


async def test_a_bank_debit_is_taken_in_the_currency_of_its_scheme(double: StripeWorld, host: FakeHost) -> None:
    debit = double.post("/v1/payment_methods", type="sepa_debit", sepa_debit__iban="DE89370400440532013000")
    request = charge(debit["id"], amount=Money.parse("12.50", "EUR"), method=PaymentMethodKind.BANK_DEBIT)
    outcome = await gateway_of(double.config, host).charge(request)
    # The double calls it paid at once, where Stripe would say `processing`.
    assert isinstance(outcome, Done)
    assert outcome.amount == Money.parse("12.50", "EUR")


async def test_an_answer_that_was_lost_is_unknown_and_found_again_by_its_key(
    double: StripeWorld, host: FakeHost, clock: FixedClock
) -> None:
    gateway, request = gateway_of(double.config, host), charge()
    double.lose_next_answer()
    assert await gateway.charge(request) == Unknown(reason="The answer of Stripe was lost.")
    clock.advance(timedelta(minutes=5))
    stands = await gateway.fetch(order_of(request))
    assert isinstance(stands, Done)
    assert stands.amount == TEN
    # Sent again under the same key, it is asked for and not made again.
    before = double.asked("/v1/payment_intents")
    assert await gateway.charge(request) == stands
    assert double.asked("/v1/payment_intents") == before


async def test_an_order_that_never_arrived_is_not_sent_once_it_cannot_be_under_way(
    double: StripeWorld, host: FakeHost, clock: FixedClock
) -> None:
    gateway, request = gateway_of(double.config, host), charge()
    double.post_json("/_config/faults", {"answer": "503"})
    assert await gateway.charge(request) == Unknown(reason="Stripe had a fault: overloaded")
    early = Unknown(reason="The order was sent a moment ago and may still be under way.")
    assert await gateway.fetch(order_of(request)) == early
    clock.advance(timedelta(seconds=76))
    assert await gateway.fetch(order_of(request)) == NotSent(reason="Stripe has no order under this key.")


async def test_an_order_that_was_never_noted_is_looked_for_all_the_same(
    double: StripeWorld, host: FakeHost, clock: FixedClock
) -> None:
    request = charge()
    outcome = await gateway_of(double.config, host).charge(request)
    forgetful = gateway_of(double.config, FakeHost(clock))
    assert await forgetful.fetch(order_of(request)) == outcome
    assert await forgetful.fetch(order_of(charge())) == NotSent(reason="Stripe has no order under this key.")


async def test_a_refund_in_part_and_again_under_its_key(double: StripeWorld, host: FakeHost) -> None:
    gateway = gateway_of(double.config, host)
    paid = await gateway.charge(charge())
    assert isinstance(paid, Done)
    request = refund(paid.reference, amount=Money.parse("4.00", "USD"))
    outcome = await gateway.refund(request)
    assert isinstance(outcome, Done)
    assert outcome.amount == Money.parse("4.00", "USD")
    made = double.get(f"/v1/refunds/{outcome.reference}")
    assert made["metadata"] == {"arrears_key": request.key, "arrears_payment": request.payment_id}
    assert "Miller" not in str(made)
    assert await gateway.refund(request) == outcome
    assert await gateway.fetch(order_of(request, outcome.reference)) == outcome


async def test_a_refund_whose_answer_was_lost_is_found_among_those_of_its_charge(
    double: StripeWorld, host: FakeHost
) -> None:
    gateway = gateway_of(double.config, host)
    paid = await gateway.charge(charge())
    assert isinstance(paid, Done)
    request = refund(paid.reference)
    double.lose_next_answer()
    assert await gateway.refund(request) == Unknown(reason="The answer of Stripe was lost.")
    stands = await gateway.fetch(order_of(request))
    assert isinstance(stands, Done)
    assert stands.amount == TEN
    assert stands.reference.startswith("re_")


async def test_without_a_key_or_with_a_wrong_one_nothing_is_sent(double: StripeWorld, host: FakeHost) -> None:
    assert await gateway_of(StripeConfig(), host).charge(charge()) == NotSent(
        reason="No key of a Stripe account is set."
    )
    wrong = double.config.model_copy(update={"api_key": SecretStr("pk_test_public")})
    refused = await gateway_of(wrong, host).charge(charge())
    assert refused == NotSent(reason="Stripe did not take the debtor as a customer: Unauthorized")


async def test_nobody_at_the_other_end_is_not_sent(host: FakeHost) -> None:
    nowhere = StripeConfig(api_key=SecretStr("sk_test_1"), api_base="http://127.0.0.1:9")
    outcome = await gateway_of(nowhere, host).charge(charge())
    assert isinstance(outcome, NotSent)


async def test_amounts_and_means_that_stripe_does_not_take_are_not_sent(double: StripeWorld, host: FakeHost) -> None:
    gateway = gateway_of(double.config, host)
    small = await gateway.charge(charge(amount=Money.parse("0.49", "USD")))
    assert small == NotSent(reason="Stripe charges at least 0.50 USD, and this is 0.49 USD.")
    odd = await gateway.charge(charge(amount=Money.parse("5.124", "KWD")))
    assert odd == NotSent(reason="Stripe takes KWD in steps of 0.010, and 5.124 is none.")
    debit = charge(amount=Money.parse("500", "JPY"), method=PaymentMethodKind.BANK_DEBIT)
    assert await gateway.charge(debit) == NotSent(reason="Stripe takes no BANK_DEBIT in JPY.")
    other = await gateway.charge(charge(method=PaymentMethodKind.OTHER))
    assert other == NotSent(reason="Stripe takes no OTHER in USD.")


async def test_three_decimals_and_none_arrive_as_stripe_counts(double: StripeWorld, host: FakeHost) -> None:
    gateway = gateway_of(double.config, host)
    for amount, currency, units in (("5.120", "KWD", 5120), ("500", "JPY", 500), ("7", "ISK", 700)):
        outcome = await gateway.charge(charge(amount=Money.parse(amount, currency)))
        assert isinstance(outcome, Done)
        assert outcome.amount == Money.parse(amount, currency)
        assert double.get(f"/v1/payment_intents/{outcome.reference}")["amount"] == units
