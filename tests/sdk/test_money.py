from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ValidationError

from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError
from arrears_sdk.money import EXPONENTS, LARGEST_MINOR, SMALLEST_MINOR, Money, exponent

CURRENCIES = st.sampled_from(["JPY", "USD", "EUR", "KWD", "CLF"])
MINOR = st.integers(SMALLEST_MINOR, LARGEST_MINOR)
MONEY = st.builds(Money, MINOR, CURRENCIES)
WEIGHTS = st.lists(
    st.one_of(st.integers(0, 10**12), st.fractions(0, 1), st.decimals(0, 1000, places=4)), min_size=1, max_size=40
).filter(any)


class Invoice(BaseModel):
    total: Money


@pytest.mark.parametrize(
    ("text", "currency", "minor", "written"),
    [
        ("12.34", "USD", 1234, "12.34 USD"),
        ("12.3", "USD", 1230, "12.30 USD"),
        ("12", "USD", 1200, "12.00 USD"),
        ("-0.05", "EUR", -5, "-0.05 EUR"),
        ("1500", "JPY", 1500, "1500 JPY"),
        ("0.005", "KWD", 5, "0.005 KWD"),
        ("7.1", "KWD", 7100, "7.100 KWD"),
        ("92233720368547758.07", "USD", LARGEST_MINOR, "92233720368547758.07 USD"),
        ("-92233720368547758.08", "USD", SMALLEST_MINOR, "-92233720368547758.08 USD"),
    ],
)
def test_text_becomes_minor_units_and_is_written_with_the_currencys_decimals(
    text: str, currency: str, minor: int, written: str
) -> None:
    money = Money.parse(text, currency)
    assert (money.minor, str(money)) == (minor, written)


@given(MONEY)
def test_an_amount_survives_being_written_and_read(money: Money) -> None:
    assert Money.parse(str(money.amount), money.currency) == money
    assert Money.parse(money.amount, money.currency) == money
    assert -money.amount.as_tuple().exponent == EXPONENTS[money.currency]


@given(MONEY)
def test_an_amount_survives_json(money: Money) -> None:
    invoice = Invoice(total=money)
    assert Invoice.model_validate_json(invoice.model_dump_json()) == invoice
    assert Invoice.model_validate(invoice.model_dump()) == invoice


@pytest.mark.parametrize(("text", "currency"), [("1.234", "USD"), ("1.000", "USD"), ("1.0", "JPY"), ("0.0001", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(InputError, match=f"more than the {exponent(currency)} decimals of {currency}"):
        Money.parse(text, currency)


@pytest.mark.parametrize("amount", [0.1, 12.0, float("nan"), float("inf"), True])
def test_a_float_is_refused_because_it_is_not_exact(amount: float) -> None:
    with pytest.raises(InputError, match="not as a floating-point number"):
        Money.parse(amount, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1.", ".5", "1,50", "1 000", "+1", "1e3", "--1", "0x10", "٣", "NaN", "1.2.3", "$5", "1_000"]
)
def test_anything_but_plain_digits_and_a_point_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Money.parse(text, "USD")
    assert caught.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize(
    "amount", ["92233720368547758.08", "-92233720368547758.09", "9" * 5000, 10**4000, Decimal("1E+40")]
)
def test_amounts_beyond_64_bits_are_refused(amount: str | int | Decimal) -> None:
    with pytest.raises(InputError) as caught:
        Money.parse(amount, "USD")
    assert caught.value.code is ErrorCode.AMOUNT_OUT_OF_RANGE


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+9999999")])
def test_decimals_that_are_no_amounts_are_refused(amount: Decimal) -> None:
    with pytest.raises(InputError, match="is not an amount"):
        Money.parse(amount, "USD")


def test_a_decimal_with_an_exponent_is_an_exact_amount() -> None:
    assert Money.parse(Decimal("1.5E+3"), "USD") == Money(150_000, "USD")


def test_calculations_that_leave_64_bits_are_refused() -> None:
    for calculate in (
        lambda: Money(LARGEST_MINOR, "USD") + Money(1, "USD"),
        lambda: Money(SMALLEST_MINOR, "USD") - Money(1, "USD"),
        lambda: -Money(SMALLEST_MINOR, "USD"),
        lambda: abs(Money(SMALLEST_MINOR, "USD")),
    ):
        with pytest.raises(InputError) as caught:
            calculate()
        assert caught.value.code is ErrorCode.AMOUNT_OUT_OF_RANGE


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_minor_units_are_an_int_and_nothing_like_one(minor: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["usd", "XAU", "XXX", "", "DEM", "US"])
def test_only_active_codes_with_a_minor_unit_are_currencies(code: str) -> None:
    with pytest.raises(InputError) as caught:
        Money(1, code)
    assert caught.value.code is ErrorCode.UNKNOWN_CURRENCY


def test_the_list_of_currencies_has_the_exponents_of_iso_4217() -> None:
    assert {code: EXPONENTS[code] for code in ("JPY", "ISK", "USD", "GBP", "EUR", "KWD", "BHD", "CLF")} == {
        "JPY": 0, "ISK": 0, "USD": 2, "GBP": 2, "EUR": 2, "KWD": 3, "BHD": 3, "CLF": 4,
    }  # fmt: skip
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
    assert len(EXPONENTS) == 165


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15), CURRENCIES)
def test_sums_and_comparisons_are_those_of_the_minor_units(left: int, right: int, currency: str) -> None:
    one, other = Money(left, currency), Money(right, currency)
    assert (one + other).minor == left + right
    assert (one - other).minor == left - right
    assert (one < other, one <= other, one == other) == (left < right, left <= right, left == right)
    assert one + Money.zero(currency) == one


def test_two_currencies_are_never_added_subtracted_or_compared() -> None:
    dollars, euros = Money(1, "USD"), Money(1, "EUR")
    for mix in (lambda: dollars + euros, lambda: dollars - euros, lambda: dollars < euros, lambda: dollars >= euros):
        with pytest.raises(CurrencyMismatchError, match="USD and EUR cannot be mixed") as caught:
            mix()
        assert caught.value.code is ErrorCode.CURRENCY_MISMATCH
    assert dollars != euros


def test_money_is_not_calculated_with_bare_numbers() -> None:
    with pytest.raises(TypeError, match="not with int"):
        Money(1, "USD") + 1  # type: ignore[operator]


@given(MONEY, WEIGHTS)
def test_a_split_conserves_the_sum_and_stays_within_one_unit_of_each_share(
    money: Money, weights: list[int | Decimal | Fraction]
) -> None:
    parts = money.split(weights)
    assert sum(part.minor for part in parts) == money.minor
    shares = [Fraction(weight) for weight in weights]
    for part, share in zip(parts, shares, strict=True):
        exact = money.minor * share / sum(shares)
        assert abs(part.minor - exact) < 1
        assert part.currency == money.currency
        assert part.minor * money.minor >= 0


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [1, 1, 1], [1, 0, 0]),
        (10, [0, 1], [0, 10]),
        (5, [Decimal("0.1"), Decimal("0.2")], [2, 3]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_a_split_gives_left_over_units_to_the_largest_remainder_and_then_in_order(
    minor: int, weights: list[int | Decimal], parts: list[int]
) -> None:
    assert [part.minor for part in Money(minor, "EUR").split(weights)] == parts


@given(MONEY, WEIGHTS, st.integers(1, 10**6))
def test_a_split_depends_on_proportions_only(
    money: Money, weights: list[int | Decimal | Fraction], factor: int
) -> None:
    assert money.split(weights) == money.split([Fraction(weight) * factor for weight in weights])


@pytest.mark.parametrize(
    ("weights", "error"), [([], ValueError), ([0, 0], ValueError), ([1, -1], ValueError), ([0.5], TypeError)]
)
def test_weights_that_are_empty_negative_or_inexact_are_refused(weights: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        Money(100, "USD").split(weights)


@pytest.mark.parametrize(
    "value",
    [
        {"amount": 1.5, "currency": "USD"},
        {"amount": "1.555", "currency": "USD"},
        {"amount": "1.5", "currency": "usd"},
        {"amount": "1.5"},
        {"amount": None, "currency": "USD"},
        {"amount": "1", "currency": ["USD"]},
        {"amount": "1", "currency": "USD", "minor": 100},
        "1.50 USD",
        150,
    ],
)
def test_a_model_reports_a_malformed_amount_as_a_validation_error(value: object) -> None:
    with pytest.raises(ValidationError):
        Invoice.model_validate({"total": value})
