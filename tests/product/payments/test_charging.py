"""Charges over GraphQL: what each outcome of a provider becomes, in amounts of every kind of currency."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import CHARGE_MUTATION, Till


@pytest.mark.parametrize(
    ("currency", "owed", "amount", "left"),
    [("USD", "100.00", "40.25", "59.75"), ("JPY", "100", "40", "60"), ("KWD", "100.000", "40.125", "59.875")],
)
async def test_a_charge_that_the_provider_takes_is_in_the_ledger_to_the_last_unit(
    deployment: Deployment, api: Api, tmp_path: Path, currency: str, owed: str, amount: str, left: str
) -> None:
    till = await Till.open(deployment, api, tmp_path, currency=currency, owed=owed)

    made = await till.charge("tok_ok", amount, currency=currency)

    assert made["userErrors"] == []
    intent = made["paymentIntent"]
    assert (intent["status"], intent["outcome"]) == ("SETTLED", "DONE")
    assert intent["captured"] == {"amount": amount}
    assert intent["payment"]["amount"] == {"amount": amount, "currency": currency}
    assert (intent["payment"]["state"], intent["payment"]["method"]) == ("RECORDED", "CARD")
    assert intent["payment"]["reference"] == intent["providerReference"] == f"ch_{intent['id']}"
    assert intent["attempts"] == [{"kind": "CHARGE", "outcome": "DONE", "problem": None}]
    assert made["account"] == {"balance": {"amount": left, "currency": currency}}
    assert [str(order.amount) for order in till.orders()] == [f"{amount} {currency}"]
    assert await till.booked_minor() == till.captured_minor()


@pytest.mark.parametrize(
    ("token", "status", "problem_code", "taken"),
    [
        ("tok_decline", "DECLINED", "card_declined", 0),
        ("not a token", "DECLINED", "invalid_token", 0),
        ("tok_pending", "PENDING", None, 4000),
        ("tok_strange", "PENDING", None, 4000),
        ("tok_unknown", "UNKNOWN", None, 4000),
        ("tok_unknown_lost", "UNKNOWN", None, 0),
        ("tok_not_sent", "NOT_SENT", None, 0),
    ],
)
async def test_what_is_not_known_to_be_taken_stays_out_of_the_ledger(
    till: Till, token: str, status: str, problem_code: str | None, taken: int
) -> None:
    made = await till.charge(token)

    intent = made["paymentIntent"]
    assert (intent["status"], intent["problemCode"], intent["payment"]) == (status, problem_code, None)
    assert made["account"]["balance"]["amount"] == "100.00"
    assert till.captured_minor() == taken
    assert await till.booked_minor() == 0


async def test_a_provider_that_does_not_answer_in_time_leaves_the_charge_unknown(till: Till) -> None:
    till.settings["payments"]["call_seconds"] = 0.3
    till.host.change(till.settings)

    intent = (await till.charge("tok_timeout"))["paymentIntent"]

    assert (intent["status"], intent["payment"]) == ("UNKNOWN", None)
    assert "took longer than 0.3 s" in intent["problem"]


async def test_a_payer_who_has_to_confirm_is_shown_where(till: Till) -> None:
    intent_id = await till.charged("tok_action")

    pending = (await till.charge("tok_action"))["paymentIntent"]
    assert pending["actionUrl"] == f"https://sandbox.invalid/confirm/ch_{intent_id}"
    await till.sweep()
    assert (await till.charge("tok_action"))["paymentIntent"]["actionUrl"] is None


@pytest.mark.parametrize("token", ["tok_ok", "tok_pending", "tok_unknown", "tok_decline"])
async def test_a_key_sent_again_shows_how_it_stands_and_never_calls_again(till: Till, token: str) -> None:
    first = await till.charge(token)

    again = await till.charge(token)

    assert again == first
    assert [method for method, _ in till.drawer.calls()] == ["charge"]


async def test_a_key_sent_again_shows_what_was_learned_since_even_when_the_gateway_is_gone(till: Till) -> None:
    await till.charge("tok_unknown")
    await till.sweep()
    till.host.change({})

    intent = (await till.charge("tok_unknown"))["paymentIntent"]

    assert (intent["status"], intent["timesAsked"]) == ("SETTLED", 1)


@pytest.mark.parametrize(
    "other", [{"amount": {"amount": "41.00", "currency": "USD"}}, {"token": "tok_pending"}, {"method": "WALLET"}]
)
async def test_a_key_with_other_input_is_refused(till: Till, other: dict[str, object]) -> None:
    await till.charged()

    given = {**till.charge_input("tok_ok", "40.00"), **other}
    answer = await till.api(CHARGE_MUTATION, {"input": given})

    assert [error["code"] for error in answer["data"]["paymentCharge"]["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert len(till.orders()) == 1


async def test_two_keys_are_two_charges(till: Till) -> None:
    first, second = await till.charged(key="one"), await till.charged(key="two")

    assert first != second
    assert await till.booked_minor() == till.captured_minor() == 8000
