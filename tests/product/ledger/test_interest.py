"""The interest of days by hand-worked examples: years of every length, thirty-day months, rates that change, caps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from arrears.ledger.history import (
    Amounts,
    Compounding,
    DayCount,
    InterestState,
    InterestTerms,
    RatePeriod,
    Rounding,
    Span,
)
from arrears.ledger.interest import begin, extend, mark_of, rate_on
from arrears.ledger.model import DebtComponent
from arrears.ledger.rates import NAMES, keeps_first, statutory
from arrears_sdk.errors import InputError

PRINCIPAL, INTEREST, FEES = DebtComponent.PRINCIPAL, DebtComponent.INTEREST, DebtComponent.FEES


def terms(percent: str, day_count: DayCount = DayCount.ACTUAL_365, **more: object) -> InterestTerms:
    rates = (RatePeriod(date(1990, 1, 1), Decimal(percent), "test"),)
    return InterestTerms(name="simple", rates=rates, day_count=day_count, **more)  # type: ignore[arg-type]


def run(
    rule: InterestTerms, owed: Amounts, on: date, through: date, *free: Span
) -> tuple[list[tuple[date, int]], InterestState]:
    principal = owed.get(PRINCIPAL, 0)
    return extend(begin(rule, on), owed, rule, through, principal_at_start_minor=principal, free=free)


def total(rule: InterestTerms, owed: Amounts, on: date, through: date, *free: Span) -> int:
    return sum(minor for _, minor in run(rule, owed, on, through, *free)[0])


@pytest.mark.parametrize(
    ("day_count", "on", "through", "expected"),
    [
        # 1,000.00 at 5 %: 365 days are 50.00; on 360 days 50.69; on 364 days 50.14.
        (DayCount.ACTUAL_365, date(2025, 1, 1), date(2026, 1, 1), 50_00),
        (DayCount.ACTUAL_360, date(2025, 1, 1), date(2026, 1, 1), 50_69),
        (DayCount.ACTUAL_364, date(2025, 1, 1), date(2026, 1, 1), 50_14),
        # A leap year has 366 days: 50.14 by 365ths, 50.00 by its own.
        (DayCount.ACTUAL_365, date(2023, 12, 31), date(2024, 12, 31), 50_14),
        (DayCount.ACTUAL_ACTUAL, date(2023, 12, 31), date(2024, 12, 31), 50_00),
        # 184 days of 2023 in 365ths (25.21) and 182 of 2024 in 366ths (24.86).
        (DayCount.ACTUAL_ACTUAL, date(2023, 6, 30), date(2024, 6, 30), 50_07),
        # Twelve months of thirty days, whatever they have; a month is a twelfth.
        (DayCount.THIRTY_360, date(2024, 1, 15), date(2025, 1, 15), 50_00),
        (DayCount.THIRTY_360, date(2023, 1, 31), date(2023, 2, 28), 4_17),
        (DayCount.THIRTY_360, date(2024, 1, 31), date(2024, 2, 29), 4_17),
        (DayCount.THIRTY_360, date(2025, 2, 28), date(2025, 3, 31), 4_17),
        (DayCount.THIRTY_360, date(2025, 3, 30), date(2025, 3, 31), 0),
    ],
)
def test_a_year_is_counted_as_agreed(day_count: DayCount, on: date, through: date, expected: int) -> None:
    # when
    charged = total(terms("5", day_count), {PRINCIPAL: 1_000_00}, on, through)
    # then
    assert charged == expected


def test_the_day_of_the_beginning_bears_nothing_and_the_last_day_does() -> None:
    # given: 3,650.00 at 10 % bears 1.00 a day
    rule = terms("10")
    # when
    days, state = run(rule, {PRINCIPAL: 3_650_00}, date(2026, 3, 1), date(2026, 3, 3))
    # then
    assert days == [(date(2026, 3, 2), 1_00), (date(2026, 3, 3), 1_00)]
    assert state.through_on == date(2026, 3, 3)
    assert (state.exact, state.accrued_minor) == (Fraction(2_00), 2_00)


def test_a_rate_that_changes_counts_from_its_own_day() -> None:
    # given: 7.27 % to 30 June 2025 and 6.27 % from 1 July, as between a consumer and a creditor in Germany
    rule = InterestTerms(name="simple", rates=statutory("de.bgb-288-consumer"))
    # when: 10,000.00 from 20 June to 10 July, ten days at each rate
    first = total(rule, {PRINCIPAL: 10_000_00}, date(2025, 6, 20), date(2025, 6, 30))
    both = total(rule, {PRINCIPAL: 10_000_00}, date(2025, 6, 20), date(2025, 7, 10))
    # then: that is 19.9178, and 17.1781 more
    assert (first, both) == (19_92, 37_10)


def test_yen_and_dinars_bear_whole_minor_units() -> None:
    # given: 100,000 yen and 1,000.000 dinars at 4 %, a day of which is 10.96 yen and 0.1096 dinars
    rule = terms("4")
    # when
    yen, _ = run(rule, {PRINCIPAL: 100_000}, date(2026, 1, 1), date(2026, 1, 4))
    dinars, _ = run(rule, {PRINCIPAL: 1_000_000}, date(2026, 1, 1), date(2026, 1, 4))
    # then: the sums so far are 10.96, 21.92, 32.88 and 109.59, 219.18, 328.77
    assert [minor for _, minor in yen] == [11, 11, 11]
    assert [minor for _, minor in dinars] == [110, 109, 110]


def test_small_amounts_are_charged_on_the_day_on_which_they_come_to_a_minor_unit() -> None:
    # given: 50.00 at 2 % bears 0.274 of a cent a day
    days, _ = run(terms("2"), {PRINCIPAL: 50_00}, date(2026, 1, 1), date(2026, 1, 10))
    # then: 0.55 on the second day, 1.64 on the sixth
    assert days == [(date(2026, 1, 3), 1), (date(2026, 1, 7), 1)]


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (Rounding.HALF_EVEN, [0, 1, 2, 2]),
        (Rounding.HALF_UP, [1, 1, 2, 2]),
        (Rounding.DOWN, [0, 1, 1, 2]),
        (Rounding.UP, [1, 1, 2, 2]),
    ],
)
def test_half_a_minor_unit_is_rounded_as_agreed(rounding: Rounding, expected: list[int]) -> None:
    # given: 18.25 at 10 % bears exactly half a cent a day
    days, _ = run(terms("10", rounding=rounding), {PRINCIPAL: 18_25}, date(2026, 1, 1), date(2026, 1, 5))
    # when
    sums = [sum(minor for day, minor in days if day <= date(2026, 1, end)) for end in (2, 3, 4, 5)]
    # then
    assert sums == expected


def test_a_year_compounds_once() -> None:
    # given
    rule = terms("5", DayCount.ACTUAL_ACTUAL, compounding=Compounding.YEARLY)
    # when
    charged = total(rule, {PRINCIPAL: 1_000_000_00}, date(2019, 12, 31), date(2024, 12, 31))
    # then: 1,000,000.00 at 5 % for five years, two of them leap years
    assert charged == 276_281_56


@pytest.mark.parametrize("on", [date(2023, 1, 15), date(2023, 1, 31), date(2024, 1, 30)])
def test_months_compound_twelve_times_a_year(on: date) -> None:
    # given
    rule = terms("12", DayCount.THIRTY_360, compounding=Compounding.MONTHLY)
    # when
    charged = total(rule, {PRINCIPAL: 1_000_00}, on, on.replace(year=on.year + 1))
    # then: 1.01 to the twelfth is 1.126825
    assert charged == 126_83


def test_only_unpaid_interest_bears_interest_and_payments_pay_the_running_period_first() -> None:
    # given: a year at 10 % left 100.00 unpaid, which bear interest themselves from then on
    rule = terms("10", compounding=Compounding.YEARLY)
    _, state = run(rule, {PRINCIPAL: 1_000_00}, date(2025, 1, 1), date(2026, 1, 1))
    _, whole = extend(
        state, {PRINCIPAL: 1_000_00, INTEREST: 100_00}, rule, date(2026, 1, 2), principal_at_start_minor=1_000_00
    )
    # when: 40.00 of the interest are paid during the second year
    _, less = extend(
        whole, {PRINCIPAL: 1_000_00, INTEREST: 60_00}, rule, date(2026, 1, 3), principal_at_start_minor=1_000_00
    )
    # then
    assert state.capitalised_minor == 0
    assert whole.capitalised_minor == 100_00
    assert less.capitalised_minor == 60_00
    assert less.exact - whole.exact == Fraction(1_060_00, 3650)


def test_interest_free_days_bear_nothing_and_the_day_after_does() -> None:
    # given: a dollar a day, and a hold from 3 to 5 January
    span = Span(date(2026, 1, 3), date(2026, 1, 6))
    # when
    days, _ = run(terms("10"), {PRINCIPAL: 3_650_00}, date(2026, 1, 1), date(2026, 1, 7), span)
    # then
    assert [day.day for day, _ in days] == [2, 6, 7]
    assert (
        total(terms("10"), {PRINCIPAL: 3_650_00}, date(2026, 1, 1), date(2027, 1, 1), Span(date(2026, 1, 1), None)) == 0
    )


def test_a_cap_ends_interest_at_its_share_of_the_principal() -> None:
    # given: 1,000.00 at 100 %, of which a fifth may be charged at most
    rule = terms("100", cap_percent=Decimal(20))
    # when
    days, state = run(rule, {PRINCIPAL: 1_000_00}, date(2026, 1, 1), date(2026, 12, 31))
    # then
    assert sum(minor for _, minor in days) == 200_00
    assert days[-1][0] == date(2026, 3, 15)
    assert state.accrued_minor == 200_00


def test_interest_stands_still_while_as_much_is_owed_as_principal() -> None:
    # given
    rule = terms("100", no_more_than_principal=True)
    _, state = run(rule, {PRINCIPAL: 100_00}, date(2025, 1, 1), date(2027, 1, 1))
    assert state.accrued_minor == 100_00
    # when: half the interest is paid, so that there is room again
    owed = {PRINCIPAL: 100_00, INTEREST: 50_00}
    days, _ = extend(state, owed, rule, date(2027, 1, 3), principal_at_start_minor=100_00)
    # then
    assert [minor for _, minor in days] == [27, 28]


def test_nothing_bears_interest_that_is_not_owed() -> None:
    # given
    rule = terms("10", bears=frozenset({PRINCIPAL, FEES}))
    # when / then
    assert total(rule, {PRINCIPAL: -500_00, FEES: 100_00}, date(2025, 1, 1), date(2026, 1, 1)) == 0
    assert total(rule, {PRINCIPAL: 900_00, FEES: 100_00}, date(2025, 1, 1), date(2026, 1, 1)) == 100_00
    assert total(InterestTerms(), {PRINCIPAL: 900_00}, date(2025, 1, 1), date(2026, 1, 1)) == 0


def test_a_debt_of_64_bits_is_counted_exactly() -> None:
    # given
    largest = 2**63 - 1
    # when
    charged = total(terms("0.000001"), {PRINCIPAL: largest}, date(2025, 1, 1), date(2026, 1, 1))
    # then
    assert charged == 92233720369


def test_a_law_may_keep_the_first_rate() -> None:
    # given: the half-year in which a debt between British businesses is late fixes its rate
    rule = InterestTerms(rates=statutory("uk.late-payment"), keeps_first_rate=keeps_first("uk.late-payment"))
    # when: 13 % from July 2023 go on in 2024, when others bear 13.25 %
    charged = total(rule, {PRINCIPAL: 10_000_00}, date(2023, 12, 31), date(2024, 1, 10))
    kept = total(rule, {PRINCIPAL: 10_000_00}, date(2023, 12, 30), date(2024, 1, 9))
    # then
    assert (charged, kept) == (36_30, 35_62)


def test_statutory_rates_have_days_and_sources() -> None:
    # given
    german = InterestTerms(rates=statutory("de.bgb-288-business"))
    york = InterestTerms(rates=statutory("us-ny.cplr-5004-consumer"))
    # when
    before, first, later = (rate_on(german, day) for day in (date(2014, 7, 28), date(2014, 7, 29), date(2030, 1, 1)))
    old, new = rate_on(york, date(2022, 4, 29)), rate_on(york, date(2022, 4, 30))
    # then
    assert before is None
    assert first is not None
    assert first.percent == Decimal("8.27")
    assert later is not None
    assert (later.from_on, later.percent) == (date(2025, 7, 1), Decimal("10.27"))
    assert later.source == "BGB 288(2); base rate announced by the Deutsche Bundesbank"
    assert old is not None
    assert old.percent == 9
    assert new is not None
    assert new.percent == 2
    for name in NAMES:
        periods = statutory(name)
        assert list(periods) == sorted(periods, key=lambda period: period.from_on)
        assert all(period.source for period in periods)
    with pytest.raises(InputError, match="no statutory rate"):
        statutory("de.nothing")


def test_the_mark_of_terms_changes_with_the_past_alone() -> None:
    # given
    now = InterestTerms(rates=(RatePeriod(date(2020, 1, 1), Decimal(5), "a"),))
    more = InterestTerms(rates=(*now.rates, RatePeriod(date(2026, 7, 1), Decimal(6), "b")))
    # when / then
    assert mark_of(now, date(2026, 6, 30)) == mark_of(more, date(2026, 6, 30))
    assert mark_of(now, date(2026, 7, 1)) != mark_of(more, date(2026, 7, 1))
