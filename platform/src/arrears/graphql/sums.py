"""Sums of money that may be larger than any single amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arrears_sdk.money import exponent


@dataclass(frozen=True)
class Sum:
    """Money of any size, as the API tells it: a sum over a whole book may be beyond the 64 bits of an amount."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, minor: int, currency: str) -> Sum:
        """The exact amount of so many minor units."""
        digits = tuple(int(digit) for digit in str(abs(minor)))
        return cls(Decimal((1 if minor < 0 else 0, digits, -exponent(currency))), currency)
