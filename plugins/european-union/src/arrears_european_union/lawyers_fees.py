"""The statutory fees of German lawyers by the value of the claim (RVG section 13), on which collection fees are capped.

Source: RVG section 13(1) as amended with effect from 1 January 2021 and 1 June 2025. Confidence G: compare with the
text in force before relying on it.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import NamedTuple

FIRST_STEP = Decimal(500)
SMALL_CLAIM = Decimal(50)


class Step(NamedTuple):
    """Up to this value, each further part of that size that is begun adds that much."""

    up_to: Decimal
    each: Decimal
    adds: Decimal


class FeeTable(NamedTuple):
    """One full fee for claims to 500 euros, and how it grows."""

    first: Decimal
    steps: tuple[Step, ...]


_BEYOND = Decimal("Infinity")


def _steps(*adds: str) -> tuple[Step, ...]:
    sizes = ((2_000, 500), (10_000, 1_000), (25_000, 3_000), (50_000, 5_000), (200_000, 15_000), (500_000, 30_000))
    known = [Step(Decimal(up_to), Decimal(each), Decimal(add)) for (up_to, each), add in zip(sizes, adds, strict=False)]
    return (*known, Step(_BEYOND, Decimal(50_000), Decimal(adds[-1])))


TABLES = {
    date(2021, 1, 1): FeeTable(Decimal("49.00"), _steps("39", "56", "52", "81", "94", "132", "165")),
    date(2025, 6, 1): FeeTable(Decimal("51.50"), _steps("41.50", "59.50", "55", "86", "99.50", "140", "175")),
}


def full_fee(value: Decimal, on: date) -> Decimal | None:
    """One full fee for a claim of this value on a day; None before the first table."""
    begins = max((first for first in TABLES if first <= on), default=None)
    if begins is None:
        return None
    table = TABLES[begins]
    fee = table.first
    borders = (FIRST_STEP, *(step.up_to for step in table.steps))
    for step, (below, above) in zip(table.steps, pairwise(borders), strict=True):
        within = min(value, above) - below
        if within <= 0:
            break
        fee += step.adds * (within / step.each).to_integral_value(ROUND_CEILING)
    return fee
