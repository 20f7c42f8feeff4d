"""R12, for interest: ten years of midnights in 20 zones: every day bears its interest once, as a naive count has it.

Clocks go back and forth, days are skipped, years leap: what a night counts is told by calendar days of the client.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from arrears.ledger.history import Compounding, DayCount, InterestTerms, Rounding
from arrears.ledger.interest import begin, extend
from arrears.ledger.model import DebtComponent
from arrears.ledger.nights import next_midnight
from arrears.ledger.rates import statutory
from arrears_sdk.clock import business_date
from tests.faults.test_r12_contact_windows import ZONES
from tests.properties.naive_interest import naive

BEGINS, ENDS = datetime(2011, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
DAY_COUNTS = tuple(DayCount)
COMPOUNDINGS = tuple(Compounding)
OWED = dict.fromkeys(DebtComponent, 0) | {DebtComponent.PRINCIPAL: 1_234_56, DebtComponent.FEES: 40_00}


def rule_of(number: int) -> InterestTerms:
    """Every way to count days and to compound comes up in some zone."""
    german = statutory("de.bgb-288-consumer")
    return InterestTerms(
        name="test",
        rates=tuple(replace(period, percent=period.percent + Decimal(number)) for period in german),
        day_count=DAY_COUNTS[number % len(DAY_COUNTS)],
        compounding=COMPOUNDINGS[number // 4],
        rounding=tuple(Rounding)[number % 4],
    )


@pytest.mark.parametrize(("number", "zone"), list(enumerate(ZONES)))
def test_every_day_of_ten_years_bears_its_interest_once(number: int, zone: str) -> None:
    # given
    rule = rule_of(number)
    began_on = business_date(BEGINS, zone)
    state, owed, at = begin(rule, began_on), dict(OWED), BEGINS
    booked: list[tuple[date, int]] = []
    nights = 0
    # when: each night counts the day that has ended
    while (at := next_midnight(at, zone)) < ENDS:
        nights += 1
        ended = business_date(at, zone) - ONE_DAY
        charged, state = extend(state, owed, rule, ended, principal_at_start_minor=1_234_56)
        owed[DebtComponent.INTEREST] += sum(minor for _, minor in charged)
        booked += charged
    # then
    expected, exact = naive(rule, OWED, began_on, state.through_on, ())
    assert booked == expected
    assert state.exact == exact
    # A day that a zone leaves out, as Samoa did in 2011, has no midnight of its own and bears its interest.
    skipped = (state.through_on - began_on).days + 1 - nights
    assert skipped == (1 if zone == "Pacific/Apia" else 0)
