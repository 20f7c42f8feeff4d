"""Exact money: whole minor units of one currency, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import total_ordering
from typing import TYPE_CHECKING

from pydantic_core import core_schema

from arrears_sdk.currencies import EXPONENTS, Currency, exponent
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = ["EXPONENTS", "Currency", "CurrencyMismatchError", "Money", "exponent"]

SMALLEST_MINOR = -(2**63)
LARGEST_MINOR = 2**63 - 1
# 64 bits are 19 digits; longer texts are refused before they are turned into a number.
_LONGEST_TEXT = 64


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (cents for USD) of one ISO 4217 currency, within 64 bits."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are a whole number (int), not {type(self.minor).__name__}")
        exponent(self.currency)
        if not SMALLEST_MINOR <= self.minor <= LARGEST_MINOR:
            raise InputError("The amount does not fit into 64 bits of minor units.", code=ErrorCode.AMOUNT_OUT_OF_RANGE)

    @classmethod
    def parse(cls, amount: str | int | Decimal, currency: str) -> Money:
        """The exact amount written as decimal text: `Money.parse("12.34", "USD")`.

        Raises `InputError` for a float, for anything but plain digits with a point, and for more decimals than
        the currency has (trailing zeros beyond them included: "1.000" USD may be a thousand in another notation).
        """
        decimals = exponent(currency)
        number = _decimal(amount)
        if -_decimal_exponent(number) > decimals:
            raise InputError(f"{amount} has more than the {decimals} decimals of {currency}.")
        with localcontext() as context:
            context.prec = _LONGEST_TEXT + 8
            return cls(int(number.scaleb(decimals)), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in a currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        digits = tuple(int(digit) for digit in str(abs(self.minor)))
        return Decimal((1 if self.minor < 0 else 0, digits, -exponent(self.currency)))

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def split(self, weights: Sequence[int | Decimal | Fraction]) -> list[Money]:
        """Parts in proportion to the weights, in their order, whose sum is exactly this amount.

        Largest remainder: each part is rounded towards zero, and the units left over go to the parts that lost
        most, the earlier one first. Weights are not negative, and at least one is above zero.
        """
        shares = [_weight(weight) for weight in weights]
        total = sum(shares)
        if total == 0:
            raise ValueError("a split needs at least one weight above zero")
        exact = [abs(self.minor) * share / total for share in shares]
        units = [part.numerator // part.denominator for part in exact]
        left_over = abs(self.minor) - sum(units)
        by_loss = sorted(range(len(units)), key=lambda position: (units[position] - exact[position], position))
        for position in by_loss[:left_over]:
            units[position] += 1
        sign = -1 if self.minor < 0 else 1
        return [Money(sign * unit, self.currency) for unit in units]

    def _same_currency(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise TypeError(f"money is calculated with money, not with {type(other).__name__}")
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} cannot be mixed.")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """In a pydantic model: a `Money`, or `{"amount": "12.34", "currency": "USD"}`, which is also its dump."""
        return core_schema.no_info_plain_validator_function(
            _from_input,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda money: {"amount": f"{money.amount:f}", "currency": money.currency}
            ),
        )


def _from_input(value: object) -> Money:
    if isinstance(value, Money):
        return value
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise ValueError("money is an object with amount and currency")
    try:
        return Money.parse(value["amount"], value["currency"])
    except InputError as error:
        # Pydantic gathers ValueErrors and reports them with their place in the input.
        raise ValueError(str(error)) from error


def _decimal(amount: str | int | Decimal) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise InputError('An amount is exact: write it as text such as "12.34", not as a floating-point number.')
    if isinstance(amount, Decimal):
        # A Decimal may carry an exponent such as 1E+3; written out it obeys the same rules as text.
        if not amount.is_finite() or amount.adjusted() > _LONGEST_TEXT:
            raise InputError(f"{amount} is not an amount.")
        amount = f"{amount:f}"
    text = str(amount) if not isinstance(amount, int) or abs(amount) <= LARGEST_MINOR + 1 else "9" * (_LONGEST_TEXT + 1)
    if len(text) > _LONGEST_TEXT:
        raise InputError("The amount does not fit into 64 bits of minor units.", code=ErrorCode.AMOUNT_OUT_OF_RANGE)
    plain = text.removeprefix("-")
    if not (plain.isascii() and plain.replace(".", "", 1).isdigit() and plain[0] != "." and plain[-1] != "."):
        raise InputError(f'{text!r} is not an amount; write it as digits and a point, such as "12.34".')
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError(f"{text!r} is not an amount.") from error


def _decimal_exponent(number: Decimal) -> int:
    written = number.as_tuple().exponent
    return written if isinstance(written, int) else 0


def _weight(weight: int | Decimal | Fraction) -> Fraction:
    if isinstance(weight, bool | float):
        raise TypeError("a weight is exact: int, Decimal or Fraction")
    share = Fraction(weight)
    if share < 0:
        raise ValueError("a weight is not negative")
    return share
