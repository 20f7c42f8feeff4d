"""Refunds: in full and in part, never above what is left, each outcome of the provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import Till


def codes(payload: dict[str, object]) -> list[str]:
    errors = payload["userErrors"]
    assert isinstance(errors, list)
    return [error["code"] for error in errors]


async def test_a_full_refund_reverses_the_payment(till: Till) -> None:
    intent_id = await till.charged()

    made = await till.refund(intent_id)

    assert made["userErrors"] == []
    assert (made["refund"]["status"], made["refund"]["amount"]["amount"]) == ("SETTLED", "40.00")
    assert made["refund"]["providerReference"] == f"re_{made['refund']['id']}"
    assert made["paymentIntent"] == {
        "id": intent_id,
        "status": "REFUNDED",
        "refunded": {"amount": "40.00"},
        "payment": {"state": "REVERSED"},
    }
    assert made["account"]["balance"]["amount"] == "100.00"
    entries = (await till.intent(intent_id))["payment"]["entries"]["nodes"]
    assert [(one["kind"], one["amount"]["amount"]) for one in entries] == [("PAYMENT", "-40.00"), ("REVERSAL", "40.00")]
    assert await till.booked_minor() == till.captured_minor() == 0


BY_HAND = """
mutation ($refund: PaymentRefundRecordInput!, $chargeback: PaymentChargebackRecordInput!, $move: PaymentMoveInput!) {
  refund: paymentRefundRecord(input: $refund) { userErrors { code field } }
  chargeback: paymentChargebackRecord(input: $chargeback) { userErrors { code field } }
  move: paymentMove(input: $move) { userErrors { code field } }
}
"""


async def test_what_a_gateway_took_is_neither_given_back_nor_moved_by_hand(till: Till) -> None:
    payment = (await till.intent(await till.charged()))["payment"]
    given = {"paymentId": payment["id"], "reason": "x"}
    other = encode_id("acct", await till.books.account(await till.books.client()))

    answer = await till.api(
        BY_HAND,
        {
            "refund": {"idempotencyKey": "1", **given},
            "chargeback": {"idempotencyKey": "2", **given},
            "move": {"idempotencyKey": "3", "toAccountId": other, **given},
        },
    )

    assert [codes(payload) for payload in answer["data"].values()] == [["PAYMENT_THROUGH_GATEWAY"]] * 3
    assert await till.booked_minor() == till.captured_minor() == 4000


async def test_parts_are_refunded_until_nothing_is_left(till: Till) -> None:
    intent_id = await till.charged()

    first = await till.refund(intent_id, "15.00", key="first")
    too_much = await till.refund(intent_id, "25.01", key="too much")
    rest = await till.refund(intent_id, key="rest")
    nothing_left = await till.refund(intent_id, key="once more")

    assert (first["paymentIntent"]["status"], first["account"]["balance"]["amount"]) == ("SETTLED", "75.00")
    assert codes(too_much) == codes(nothing_left) == ["REFUND_EXCEEDS_PAYMENT"]
    assert (rest["refund"]["amount"]["amount"], rest["paymentIntent"]["status"]) == ("25.00", "REFUNDED")
    assert rest["account"]["balance"]["amount"] == "100.00"
    entries = (await till.intent(intent_id))["payment"]["entries"]["nodes"]
    assert [one["kind"] for one in entries] == ["PAYMENT", "REFUND", "REFUND"]
    assert await till.booked_minor() == till.captured_minor() == 0


@pytest.mark.parametrize(
    ("token", "status", "left"),
    [
        ("tok_refund_decline", "DECLINED", "60.00"),
        ("tok_refund_pending", "PENDING", "60.00"),
        ("tok_refund_unknown", "UNKNOWN", "60.00"),
        ("tok_refund_lost", "UNKNOWN", "60.00"),
    ],
)
async def test_what_is_not_known_to_be_given_back_stays_paid(till: Till, token: str, status: str, left: str) -> None:
    intent_id = await till.charged(token)

    made = await till.refund(intent_id)

    assert (made["refund"]["status"], made["paymentIntent"]["status"]) == (status, "SETTLED")
    assert made["account"]["balance"]["amount"] == left


async def test_a_refund_under_way_counts_against_what_is_left(till: Till) -> None:
    intent_id = await till.charged("tok_refund_unknown")
    await till.refund(intent_id, "30.00", key="under way")

    assert codes(await till.refund(intent_id, "10.01", key="second")) == ["REFUND_EXCEEDS_PAYMENT"]


@pytest.mark.parametrize(
    ("token", "status", "left"),
    [
        ("tok_refund_pending", "SETTLED", "100.00"),
        ("tok_refund_unknown", "SETTLED", "100.00"),
        ("tok_refund_lost", "NOT_SENT", "60.00"),
    ],
)
async def test_one_sweep_finds_out_how_a_refund_ended(till: Till, token: str, status: str, left: str) -> None:
    intent_id = await till.charged(token)
    await till.refund(intent_id)

    await till.sweep()

    intent = await till.intent(intent_id)
    assert [one["status"] for one in intent["refunds"]["nodes"]] == [status]
    assert intent["account"]["balance"]["amount"] == left
    if status == "SETTLED":
        assert await till.booked_minor() == till.captured_minor() == 0
    assert [method for method, _ in till.drawer.calls()] == ["charge", "refund", "fetch"]


async def test_a_key_sent_again_gives_the_same_refund(till: Till) -> None:
    intent_id = await till.charged()

    assert await till.refund(intent_id, "10.00") == await till.refund(intent_id, "10.00")
    assert len(till.orders("refund")) == 1


@pytest.mark.parametrize("token", ["tok_pending", "tok_decline", "tok_unknown"])
async def test_what_was_not_taken_is_not_refunded(till: Till, token: str) -> None:
    intent_id = (await till.charge(token))["paymentIntent"]["id"]

    assert codes(await till.refund(intent_id)) == ["PAYMENT_NOT_SETTLED"]
    assert till.orders("refund") == []


@pytest.mark.parametrize(("refunds", "amount"), [(False, None), (True, "10.00")])
async def test_a_gateway_refunds_only_as_it_can(
    deployment: Deployment, api: Api, tmp_path: Path, refunds: bool, amount: str | None
) -> None:
    till = await Till.open(deployment, api, tmp_path, refunds=refunds, partial_refunds=False)
    intent_id = await till.charged()

    assert codes(await till.refund(intent_id, amount)) == ["GATEWAY_NOT_USABLE"]


async def test_taking_payments_is_no_right_to_give_them_back(till: Till) -> None:
    intent_id = await till.charged()
    till.api.keys["ADMIN"] = await till.api.sign_in("COLLECTOR")

    with pytest.raises(AssertionError, match="FORBIDDEN"):
        await till.refund(intent_id)
