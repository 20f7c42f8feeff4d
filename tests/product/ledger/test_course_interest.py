"""Interest and judgments in the course of a debt: every cent, yen and fils computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears.ledger.history import (
    Award,
    Course,
    DayCount,
    Happening,
    InterestTerms,
    Span,
    Stage,
)
from arrears.ledger.model import EntryKind
from arrears.ledger.waterfalls import PRESETS
from tests.product.ledger.courses import (
    COSTS,
    INTEREST,
    OPENED,
    PRINCIPAL,
    entry,
    given,
    opening,
    paid,
    rates,
    run,
    terms,
)


def test_interest_of_a_year_at_five_per_cent_and_of_a_leap_year() -> None:
    # 1,000.00 x 5% = 50.00: 365 days of 365, and of 2024 366/365 of it, 50.14 (50.1369...).
    at_five = rates((date(2000, 1, 1), "5"))
    plain = run(
        opening({PRINCIPAL: 100_000}, date(2025, 1, 1)), on_terms=terms(interest=at_five), until=date(2026, 1, 1)
    )
    assert plain.last.owed == {PRINCIPAL: 100_000, INTEREST: 5_000}
    leap = run(
        opening({PRINCIPAL: 100_000}, date(2024, 1, 1)), on_terms=terms(interest=at_five), until=date(2025, 1, 1)
    )
    assert leap.last.owed == {PRINCIPAL: 100_000, INTEREST: 5_014}
    by_calendar = InterestTerms("calendar", at_five.rates, DayCount.ACTUAL_ACTUAL)
    # 365 of the leap year's days from 2 to 31 January next, then one of 365: 49.86339 + 0.136986 = 50.00.
    leap = run(
        opening({PRINCIPAL: 100_000}, date(2024, 1, 1)), on_terms=terms(interest=by_calendar), until=date(2025, 1, 1)
    )
    assert leap.last.owed == {PRINCIPAL: 100_000, INTEREST: 5_000}
    assert leap.state is not None
    assert (leap.state.through_on, leap.state.accrued_minor) == (date(2025, 1, 1), 5_000)


def test_interest_in_yen_and_dinars_has_their_minor_units() -> None:
    # 100,000 yen x 14.6% / 365 = 40 yen a day.
    yen = run(
        opening({PRINCIPAL: 100_000}),
        on_terms=terms(interest=rates((OPENED, "14.6"))),
        until=date(2026, 1, 4),
        currency="JPY",
    )
    assert dict(yen.interest) == {date(2026, 1, 2): 40, date(2026, 1, 3): 40, date(2026, 1, 4): 40}
    # 10.000 dinars x 7.3% / 365 = 2 fils a day.
    dinars = run(
        opening({PRINCIPAL: 10_000}),
        on_terms=terms(interest=rates((OPENED, "7.3"))),
        until=date(2026, 1, 31),
        currency="KWD",
    )
    assert dinars.last.owed == {PRINCIPAL: 10_000, INTEREST: 60}


def test_the_day_of_a_payment_bears_interest_on_what_it_paid_at_that_days_rate() -> None:
    # Given 3,650.00 at 1%: 10 cents a day, from 10 January at 2%: 20 cents a day.
    found = run(
        opening({PRINCIPAL: 365_000}),
        paid(2, date(2026, 1, 10), 182_500 + 100),
        on_terms=terms(interest=rates((OPENED, "1"), (date(2026, 1, 10), "2"))),
        until=date(2026, 1, 12),
    )
    # Then eight days bear 10 each, the day of the payment and the change 20, and the half after it 10 a day.
    assert found.interest[date(2026, 1, 9)] == 10
    assert found.interest[date(2026, 1, 10)] == 20
    assert found.effects[entry(2)].owed == {INTEREST: -100, PRINCIPAL: -182_500}
    assert found.interest[date(2026, 1, 11)] == 10
    assert found.last.owed == {PRINCIPAL: 182_500, INTEREST: 20}


def test_a_backdated_payment_lowers_the_interest_of_the_days_since() -> None:
    def owing(*payments: Happening) -> Course:
        return run(
            opening({PRINCIPAL: 365_000}),
            *payments,
            on_terms=terms(interest=rates((OPENED, "10"))),
            until=date(2026, 1, 11),
        )

    # 3,650.00 at 10% is 1.00 a day: ten days.
    assert owing().last.owed == {PRINCIPAL: 365_000, INTEREST: 1_000}
    # 1,829.00 on 5 January: 4.00 of interest and half of the principal; 0.50 a day for the other six.
    found = owing(paid(2, date(2026, 1, 5), 182_500 + 400))
    assert found.last.owed == {PRINCIPAL: 182_500, INTEREST: 300}


def test_interest_runs_from_the_day_agreed_and_not_while_it_is_held() -> None:
    at_ten = terms(interest=rates((date(2000, 1, 1), "10")))
    found = run(
        opening({PRINCIPAL: 365_000}), on_terms=at_ten, accrues_from_on=date(2026, 1, 6), until=date(2026, 1, 9)
    )
    assert sorted(found.interest) == [date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 9)]
    # An agreed day before the debt came in: it bears nothing before it is there.
    found = run(
        opening({PRINCIPAL: 365_000}), on_terms=at_ten, accrues_from_on=date(2025, 6, 6), until=date(2026, 1, 3)
    )
    assert dict(found.interest) == {date(2026, 1, 2): 100, date(2026, 1, 3): 100}
    assert found.state is not None
    assert (found.state.began_on, found.state.principal_at_start_minor) == (date(2025, 6, 6), 365_000)
    # An agreed day that has not come: the count is known to begin on it.
    found = run(
        opening({PRINCIPAL: 365_000}), on_terms=at_ten, accrues_from_on=date(2026, 2, 1), until=date(2026, 1, 3)
    )
    assert found.interest == {}
    assert found.state is not None
    assert found.state.through_on == date(2026, 2, 1)
    held = run(
        opening({PRINCIPAL: 365_000}),
        on_terms=at_ten,
        interest_free=(Span(date(2026, 1, 3), date(2026, 1, 5)),),
        until=date(2026, 1, 6),
    )
    assert sorted(held.interest) == [date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 6)]


def test_no_rates_no_interest_and_no_count() -> None:
    found = run(opening({PRINCIPAL: 365_000}))
    assert (dict(found.interest), found.state) == ({}, None)


def test_a_judgment_takes_over_with_what_it_awards_and_its_own_rate() -> None:
    # Given 1.00 of interest a day for ten days, on the tenth the court awards principal, 8.00 of interest and 50.00
    # of costs, at 5%.
    day = date(2026, 1, 11)
    happenings = (
        opening({PRINCIPAL: 365_000}),
        given(2, EntryKind.JUDGMENT, day, {INTEREST: -200, COSTS: 5_000}),
        paid(3, day, 1_000),
    )
    on_terms = terms(
        interest=rates((OPENED, "10")),
        judgment=rates((OPENED, "20")),
        waterfalls={Stage.JUDGMENT: PRESETS["interest-then-principal"]},
    )
    found = run(*happenings, on_terms=on_terms, awards=(Award(entry(2), day, Decimal(5)),), until=date(2026, 1, 13))
    # Then the payment of that day follows the order after a judgment
    assert found.effects[entry(3)].owed == {INTEREST: -800, PRINCIPAL: -200}
    assert found.effects[entry(3)].trace is not None
    # And the day itself bore interest at the old rate, the days after at the court's: 3,648.00 x 5% / 365 = 0.4997.
    assert found.interest[day] == 100
    assert (found.interest[date(2026, 1, 12)], found.interest[date(2026, 1, 13)]) == (50, 50)
    assert found.last.stage is Stage.JUDGMENT
    assert found.state is not None
    assert (found.state.began_on, found.state.accrued_minor) == (day, 100)
    assert found.state.principal_at_start_minor == 364_800
    # Where the court gave no rate, the settled one holds: 20% of 3,648.00 is 1.998904 a day.
    settled = run(*happenings, on_terms=on_terms, until=date(2026, 1, 13))
    assert settled.interest[date(2026, 1, 12)] == 200


def test_a_judgment_that_is_undone_brings_the_agreed_interest_back() -> None:
    day = date(2026, 1, 11)
    found = run(
        opening({PRINCIPAL: 365_000}),
        given(2, EntryKind.JUDGMENT, day, {COSTS: 5_000}),
        given(3, EntryKind.REVERSAL, date(2026, 1, 21), {COSTS: -5_000}, reverses=2),
        on_terms=terms(interest=rates((OPENED, "10"))),
        until=date(2026, 1, 23),
    )
    # A judgment without any rate bears nothing.
    assert max(on for on in found.interest if on <= date(2026, 1, 21)) == day
    assert found.interest[date(2026, 1, 22)] == 100
    assert found.last.stage is Stage.STANDARD
