"""Amounts in Stripe's own units: exact, or refused with a reason."""

from __future__ import annotations

import pytest

from arrears_sdk.money import Money
from arrears_stripe.amounts import CURRENCIES, NotChargeableError, from_stripe, refusal, to_stripe


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("10.00", "USD", 1000),
        ("500", "JPY", 500),
        ("5.120", "KWD", 5120),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("5.00", "MGA", 5),
        ("0.30", "GBP", 30),
    ],
)
def test_an_amount_in_stripes_units_and_back(amount: str, currency: str, units: int) -> None:
    money = Money.parse(amount, currency)
    assert to_stripe(money) == units
    assert from_stripe(units, currency.lower()) == money


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        ("5.124", "KWD", "Stripe takes KWD in steps of 0.010, and 5.124 is none."),
        ("5.50", "MGA", "Stripe takes whole MGA only, and 5.50 is not."),
        ("1.00", "KPW", "Stripe does not charge in KPW."),
        ("1.000", "LYD", "Stripe does not charge in LYD."),
        ("0.00", "USD", "An amount to be charged is more than nothing."),
        ("0.49", "USD", "Stripe charges at least 0.50 USD, and this is 0.49 USD."),
        ("49", "JPY", "Stripe charges at least 50 JPY, and this is 49 JPY."),
        ("174.99", "HUF", "Stripe charges at least 175.00 HUF, and this is 174.99 HUF."),
    ],
)
def test_an_amount_that_stripe_does_not_take_is_refused_with_a_reason(amount: str, currency: str, why: str) -> None:
    assert refusal(Money.parse(amount, currency)) == why


def test_the_smallest_amounts_are_taken() -> None:
    for amount, currency in (("0.50", "USD"), ("0.30", "GBP"), ("50", "JPY"), ("0.010", "KWD")):
        assert refusal(Money.parse(amount, currency)) is None


def test_every_currency_can_be_said_in_both_directions() -> None:
    for currency in CURRENCIES:
        assert to_stripe(from_stripe(1000, currency)) == 1000


def test_units_without_an_exact_amount_are_no_money() -> None:
    with pytest.raises(NotChargeableError):
        from_stripe(501, "isk")
