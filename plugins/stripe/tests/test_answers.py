"""Every answer of Stripe that the stateful double does not give, from a scripted one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from orders import TEN, charge, gateway_of, order_of, refund
from scripted import Answer, Scripted, error, intent, page

from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending, Unknown
from arrears_sdk.testing.hosts import FakeHost

CUSTOMER = {"id": "cus_1", "object": "customer"}
INTENTS = "/v1/payment_intents"


@pytest.fixture
def script() -> Iterator[Scripted]:
    with Scripted() as running:
        running.lay("/v1/customers", CUSTOMER)
        yield running


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (intent("succeeded", amount_received=1000), Done(reference="pi_1", amount=TEN)),
        (
            intent(
                "succeeded",
                latest_charge={
                    "id": "ch_1",
                    "object": "charge",
                    "balance_transaction": {
                        "id": "txn_1",
                        "object": "balance_transaction",
                        "fee": 59,
                        "currency": "usd",
                    },
                },
            ),
            Done(reference="pi_1", amount=TEN, fee=Money.parse("0.59", "USD")),
        ),
        (intent("processing"), Pending(reference="pi_1")),
        (intent("requires_capture"), Pending(reference="pi_1")),
        (intent("requires_confirmation"), Pending(reference="pi_1")),
        (intent("requires_payment_method"), Pending(reference="pi_1")),
        (intent("a_status_of_next_year"), Pending(reference="pi_1")),
        (
            intent(
                "requires_action",
                next_action={"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/confirm"}},
            ),
            Pending(reference="pi_1", action_url="https://bank.example/confirm"),
        ),
        (
            intent("requires_action", next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}}),
            Pending(reference="pi_1"),
        ),
        (
            intent("canceled", cancellation_reason="fraudulent"),
            Declined(code="canceled", message="The payment was cancelled: fraudulent.", reference="pi_1"),
        ),
        (
            intent("requires_payment_method", last_payment_error={"code": "card_declined", "message": "No."}),
            Declined(code="card_declined", message="No.", reference="pi_1"),
        ),
    ],
)
async def test_every_status_of_a_payment_intent(
    script: Scripted, host: FakeHost, answer: dict[str, Any], outcome: Outcome
) -> None:
    script.lay(INTENTS, answer)
    assert await gateway_of(script.config, host).charge(charge()) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            Answer(
                error(
                    "card_error",
                    "Your card has insufficient funds.",
                    code="card_declined",
                    decline_code="insufficient_funds",
                    payment_intent=intent("requires_payment_method"),
                ),
                402,
            ),
            Declined(code="insufficient_funds", message="Your card has insufficient funds.", reference="pi_1"),
        ),
        (
            Answer(
                error("invalid_request_error", "No such PaymentMethod: 'pm_card_visa'", code="resource_missing"), 400
            ),
            Declined(code="resource_missing", message="No such PaymentMethod: 'the means of payment'"),
        ),
        (
            Answer(error("invalid_request_error", "This key may not do that."), 403),
            NotSent(reason="Stripe refused the key: This key may not do that."),
        ),
        (
            Answer(error("invalid_request_error", "Too many requests."), 429),
            NotSent(reason="Stripe takes no more at the moment: Too many requests."),
        ),
        (
            Answer(error("idempotency_error", "Used with other parameters."), 400),
            Unknown(reason="Stripe has another order under this key: Used with other parameters."),
        ),
        (
            Answer(error("invalid_request_error", "Another request is in progress."), 409),
            Unknown(reason="Stripe had a fault: Another request is in progress."),
        ),
        (Answer(error("api_error", "Oh."), 500), Unknown(reason="Stripe had a fault: Oh.")),
        (Answer(intent("succeeded"), after_seconds=1.0), Unknown(reason="The answer of Stripe was lost.")),
    ],
)
async def test_every_error_in_the_answer_to_a_charge(
    script: Scripted, host: FakeHost, answer: Answer, outcome: Outcome
) -> None:
    script.lay(INTENTS, answer)
    assert await gateway_of(script.config, host).charge(charge()) == outcome
    # Nothing was tried twice.
    assert [path for method, path, _ in script.asked if method == "POST"] == ["/v1/customers", INTENTS]


async def test_what_is_asked_for(script: Scripted, host: FakeHost) -> None:
    script.lay(INTENTS, intent("succeeded"))
    config = script.config.model_copy(update={"statement_descriptor": "ACME", "return_url": "https://acme.example"})
    request = charge()
    await gateway_of(config, host).charge(request)
    assert script.asked[-1] == (
        "POST",
        INTENTS,
        {
            "amount": "1000",
            "currency": "usd",
            "confirm": "true",
            "customer": "cus_1",
            "description": "Account 4711",
            "expand[0]": "latest_charge.balance_transaction",
            "metadata[arrears_key]": request.key,
            "metadata[arrears_payment]": request.payment_id,
            "metadata[arrears_account]": request.account_id,
            "payment_method": "pm_card_visa",
            "allowed_payment_method_types[0]": "card",
            "return_url": "https://acme.example",
            "statement_descriptor_suffix": "ACME",
        },
    )


async def test_a_customer_that_is_gone_is_forgotten_and_made_anew_with_the_next_try(
    script: Scripted, host: FakeHost
) -> None:
    gone = error("invalid_request_error", "No such customer: 'cus_1'", code="resource_missing", param="customer")
    script.lay(INTENTS, Answer(gone, 400), intent("succeeded"))
    script.lay("/v1/customers", {"id": "cus_2", "object": "customer"})
    gateway, request = gateway_of(script.config, host), charge()
    assert await gateway.charge(request) == NotSent(
        reason="The debtor's customer is gone at Stripe; a new one is made with the next try."
    )
    again = charge(debtor_id=request.debtor_id)
    assert await gateway.charge(again) == Done(reference="pi_1", amount=TEN)
    assert script.asked[-1][2]["customer"] == "cus_2"


async def test_a_charge_that_was_never_noted_is_found_by_stripes_search(script: Scripted, host: FakeHost) -> None:
    request = charge(key="it's a key")
    script.lay(
        f"{INTENTS}/search",
        {**page(intent("succeeded", metadata={"arrears_key": "it's a key"})), "object": "search_result"},
    )
    assert await gateway_of(script.config, host).fetch(order_of(request)) == Done(reference="pi_1", amount=TEN)
    assert script.asked == [("GET", f"{INTENTS}/search", {"query": r"metadata['arrears_key']:'it\'s a key'"})]


async def test_not_sent_is_said_only_when_every_page_was_read(script: Scripted, host: FakeHost) -> None:
    gateway, request = gateway_of(script.config, host), charge()
    no_search = Answer(error("invalid_request_error", "Search is not available in your region."), 400)
    script.lay(f"{INTENTS}/search", no_search, no_search)
    script.lay(INTENTS, *[page(intent("succeeded", id=f"pi_{number}"), more=True) for number in range(20)])
    assert await gateway.fetch(order_of(request)) == Unknown(
        reason="Stripe has too many orders to be sure that this is not among them."
    )
    assert script.asked[-1][2] == {"limit": "100", "starting_after": "pi_18"}
    script.lay(INTENTS, page(intent("succeeded"), more=True), page())
    assert await gateway.fetch(order_of(request)) == NotSent(reason="Stripe has no order under this key.")


async def test_what_stripe_does_not_say_is_unknown(script: Scripted, host: FakeHost) -> None:
    gateway = gateway_of(script.config, host)
    script.lay(f"{INTENTS}/pi_1", Answer(error("api_error", "Oh."), 500))
    assert await gateway.fetch(order_of(charge(), "pi_1")) == Unknown(
        reason="Stripe did not say how the charge stands: Oh.", reference="pi_1"
    )
    script.lay("/v1/refunds/re_1", Answer(error("invalid_request_error", "No such refund: re_1"), 404))
    assert await gateway.fetch(order_of(refund("pi_1"), "re_1")) == Unknown(
        reason="Stripe did not say how the refund stands: No such refund: re_1", reference="re_1"
    )


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"status": "succeeded"}, Done(reference="re_1", amount=TEN)),
        ({"status": "pending"}, Pending(reference="re_1")),
        ({"status": "new"}, Pending(reference="re_1")),
        (
            {"status": "failed", "failure_reason": "expired_or_canceled_card"},
            Declined(
                code="expired_or_canceled_card",
                message="The refund failed: expired_or_canceled_card.",
                reference="re_1",
            ),
        ),
        (
            {"status": "canceled"},
            Declined(code="canceled", message="The refund was cancelled.", reference="re_1"),
        ),
    ],
)
async def test_every_status_of_a_refund(
    script: Scripted, host: FakeHost, more: dict[str, str], outcome: Outcome
) -> None:
    script.lay("/v1/refunds", {"id": "re_1", "object": "refund", "amount": 1000, "currency": "usd", **more})
    assert await gateway_of(script.config, host).refund(refund("pi_1")) == outcome


async def test_a_refund_of_what_was_refunded_already_is_declined(script: Scripted, host: FakeHost) -> None:
    refused = error("invalid_request_error", "Charge ch_1 has already been refunded.", code="charge_already_refunded")
    script.lay("/v1/refunds", Answer(refused, 400))
    assert await gateway_of(script.config, host).refund(refund("pi_1")) == Declined(
        code="charge_already_refunded", message="Charge ch_1 has already been refunded."
    )
