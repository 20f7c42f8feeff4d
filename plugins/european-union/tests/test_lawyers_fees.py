"""The table of fees by value: every figure printed with the act (annex 2) is one that the steps give."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from arrears_european_union.lawyers_fees import full_fee

VALUES = (500, 1_000, 1_500, 2_000, 3_000, 4_000, 10_000, 13_000, 25_000, 30_000, 50_000, 65_000, 200_000, 230_000)
OLD = ("49", "88", "127", "166", "222", "278", "614", "666", "874", "955", "1279", "1373", "2219", "2351")
NEW = ("51.50", "93", "134.50", "176", "235.50", "295", "652", "707", "927", "1013", "1357", "1456.50", "2352", "2492")


@pytest.mark.parametrize(("value", "fee"), list(zip(VALUES, OLD, strict=True)))
def test_fees_until_the_end_of_may_2025(value: int, fee: str) -> None:
    assert full_fee(Decimal(value), date(2025, 5, 31)) == Decimal(fee)


@pytest.mark.parametrize(("value", "fee"), list(zip(VALUES, NEW, strict=True)))
def test_fees_since_june_2025(value: int, fee: str) -> None:
    assert full_fee(Decimal(value), date(2025, 6, 1)) == Decimal(fee)


def test_a_part_of_a_step_that_is_begun_counts_whole() -> None:
    assert full_fee(Decimal("500.01"), date(2025, 6, 1)) == Decimal(93)
    assert full_fee(Decimal("0.01"), date(2025, 6, 1)) == Decimal("51.50")


def test_beyond_half_a_million_the_steps_are_wider() -> None:
    most = full_fee(Decimal(500_000), date(2025, 6, 1))
    assert most == Decimal(3752)
    assert full_fee(Decimal("500000.01"), date(2025, 6, 1)) == most + 175


def test_no_fee_is_known_before_the_first_table() -> None:
    assert full_fee(Decimal(100), date(2020, 12, 31)) is None
