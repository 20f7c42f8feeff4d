"""Charges over GraphQL: what each outcome of a provider becomes, in amounts of every kind of currency."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import Till


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
