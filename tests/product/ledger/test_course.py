"""The course of a debt by worked examples: what payments pay, what giving back takes, what is given up."""

from __future__ import annotations

from datetime import date

import pytest

from arrears.ledger.history import (
    Effect,
    Happening,
    Stage,
)
from arrears.ledger.model import EntryKind
from arrears.ledger.waterfalls import PRESETS
from tests.product.ledger.courses import (
    COSTS,
    FEES,
    INTEREST,
    OPENED,
    PRINCIPAL,
    UNTIL,
    about,
    entry,
    given,
    last_of,
    opening,
    owed_at,
    paid,
    run,
    terms,
)


def test_a_payment_larger_than_the_debt_pays_it_and_leaves_a_surplus() -> None:
    found = run(opening({PRINCIPAL: 10_000, FEES: 500}), paid(2, date(2026, 2, 1), 12_000))
    assert found.effects[entry(2)].owed == {FEES: -500, PRINCIPAL: -10_000}
    assert found.effects[entry(2)].surplus_minor == 1_500
    assert last_of(found.effects[entry(2)]) == [(None, FEES, 500), (None, PRINCIPAL, 10_000), (None, None, 1_500)]
    assert (found.last.owed, found.last.surplus_minor, found.last.oldest_unpaid_on) == ({}, 1_500, None)


def test_a_backdated_payment_turns_what_a_later_one_paid() -> None:
    # Given 5.00 of fees and 100.00 of principal, and 5.00 paid in March, which paid the fees.
    later = paid(2, date(2026, 3, 1), 500)
    assert run(opening({PRINCIPAL: 10_000, FEES: 500}), later).effects[entry(2)].owed == {FEES: -500}
    # When 3.00 of February come to be known
    found = run(opening({PRINCIPAL: 10_000, FEES: 500}), later, paid(3, date(2026, 2, 1), 300))
    # Then they pay fees, and the later ones what is left of them.
    assert found.effects[entry(3)].owed == {FEES: -300}
    assert found.effects[entry(2)].owed == {FEES: -200, PRINCIPAL: -300}


def test_on_one_day_charges_come_before_payments_and_write_offs_last_whatever_the_order_of_arrival() -> None:
    day = date(2026, 2, 1)
    happenings = [
        given(2, EntryKind.WRITE_OFF, day, {PRINCIPAL: -4_000}),
        paid(3, day, 2_500),
        given(4, EntryKind.DISCOUNT, day, {PRINCIPAL: -1_000}),
        given(5, EntryKind.FEE, day, {FEES: 700}),
        paid(6, day, 100, direction=(PRINCIPAL,)),
    ]
    for arrived in (happenings, happenings[::-1]):
        found = run(opening({PRINCIPAL: 10_000}), *arrived)
        # The directed payment first, though it is smaller.
        assert found.effects[entry(6)].owed == {PRINCIPAL: -100}
        assert found.effects[entry(3)].owed == {FEES: -700, PRINCIPAL: -1_800}
        assert owed_at(found, day) == {PRINCIPAL: 3_100}
        assert found.last.written_off == {PRINCIPAL: 4_000}


def test_what_the_debtor_directs_and_a_settlement_have_their_own_orders() -> None:
    found = run(
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, date(2026, 2, 1), 300, direction=(PRINCIPAL,)),
        paid(3, date(2026, 2, 2), 400, in_settlement=True),
        paid(4, date(2026, 2, 3), 400),
        on_terms=terms(waterfalls={Stage.SETTLEMENT: PRESETS["non-performing"]}),
    )
    assert [found.effects[entry(n)].owed for n in (2, 3, 4)] == [{PRINCIPAL: -300}, {PRINCIPAL: -400}, {FEES: -400}]
    trace = found.effects[entry(3)].trace
    assert trace is not None
    assert (trace.stage, trace.waterfall) == (Stage.SETTLEMENT, "all principal, interest, fees, costs")


def test_a_debt_turns_non_performing_on_its_day_and_is_paid_in_another_order_from_then_on() -> None:
    # Given a debt due on 1 January that is non-performing after 90 days: from 1 April.
    found = run(
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, date(2026, 3, 31), 100),
        paid(3, date(2026, 4, 1), 100),
        on_terms=terms(waterfalls={Stage.NON_PERFORMING: PRESETS["non-performing"]}),
    )
    assert found.effects[entry(2)].owed == {FEES: -100}
    assert found.effects[entry(3)].owed == {PRINCIPAL: -100}
    # And the turn is a day of change though nothing happens on it.
    quiet = run(opening({PRINCIPAL: 10_000}))
    assert [(one.day, one.stage) for one in quiet.positions] == [
        (OPENED, Stage.STANDARD),
        (date(2026, 4, 1), Stage.NON_PERFORMING),
        (UNTIL, Stage.NON_PERFORMING),
    ]


# Money given back


def test_a_refund_takes_the_surplus_first_and_then_what_was_paid_last() -> None:
    found = run(
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, date(2026, 2, 1), 12_000),
        about(3, EntryKind.REFUND, 2, date(2026, 2, 5), -1_000),
        about(4, EntryKind.REFUND, 2, date(2026, 2, 6), -10_800),
    )
    assert found.effects[entry(3)] == Effect(owed={}, surplus_minor=-1_000)
    assert found.effects[entry(4)] == Effect(owed={PRINCIPAL: 10_000, FEES: 300}, surplus_minor=-500)
    assert (found.last.owed, found.last.surplus_minor) == ({PRINCIPAL: 10_000, FEES: 300}, 0)


def test_a_reversal_takes_all_that_still_stands_of_a_payment() -> None:
    found = run(
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, date(2026, 2, 1), 2_000),
        about(3, EntryKind.REFUND, 2, date(2026, 2, 5), -600),
        about(4, EntryKind.REVERSAL, 2, date(2026, 2, 5), 0),
    )
    assert found.effects[entry(3)].owed == {PRINCIPAL: 600}
    assert found.effects[entry(4)].owed == {PRINCIPAL: 900, FEES: 500}
    assert found.last.owed == {PRINCIPAL: 10_000, FEES: 500}


def test_a_won_chargeback_pays_what_the_payment_paid_at_first_as_far_as_it_is_owed() -> None:
    # Given 20.00 paid 5.00 of fees and 15.00 of principal, and were charged back.
    happenings = (
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, date(2026, 2, 1), 2_000),
        about(3, EntryKind.CHARGEBACK, 2, date(2026, 2, 5), -2_000),
        # Costs came up, and the fees were given up to 2.00.
        given(4, EntryKind.CHARGE, date(2026, 2, 6), {COSTS: 250}),
        given(5, EntryKind.DISCOUNT, date(2026, 2, 6), {FEES: -300}),
        about(6, EntryKind.CHARGEBACK_WON, 2, date(2026, 3, 5), 2_000),
    )
    found = run(*happenings)
    # Then its 2.00 of fees and 15.00 of principal are paid again, and 3.00 go to costs and principal.
    effect = found.effects[entry(6)]
    assert last_of(effect) == [(None, FEES, 200), (None, PRINCIPAL, 1_500), (None, COSTS, 250), (None, PRINCIPAL, 50)]
    assert effect.owed == {FEES: -200, PRINCIPAL: -1_550, COSTS: -250}
    assert effect.trace is not None
    assert effect.trace.lines[0].reason == (
        "Fees are paid again, as before the money was taken back: all of what is owed."
    )
    # When it was charged back once more, then what it paid last goes first.
    again = run(*happenings, about(7, EntryKind.CHARGEBACK, 2, date(2026, 3, 6), -300))
    assert again.effects[entry(7)].owed == {PRINCIPAL: 50, COSTS: 250}


def test_a_payment_undone_on_its_own_day_moves_no_other_payment_of_the_day() -> None:
    day = date(2026, 2, 1)
    # Given 5.00 of fees, and 6.00 paid that were recorded as 60.00 at first.
    found = run(
        opening({PRINCIPAL: 10_000, FEES: 500}),
        paid(2, day, 6_000),
        about(3, EntryKind.REVERSAL, 2, day, -6_000),
        paid(4, day, 600),
    )
    assert found.effects[entry(4)].owed == {FEES: -500, PRINCIPAL: -100}
    assert found.effects[entry(3)].owed == {FEES: 500, PRINCIPAL: 5_500}
    assert found.last.owed == {PRINCIPAL: 9_900}


def test_what_an_earlier_payment_loses_can_be_paid_by_a_payment_of_the_same_day() -> None:
    found = run(
        opening({PRINCIPAL: 1_000}),
        paid(2, date(2026, 2, 1), 1_000),
        about(3, EntryKind.CHARGEBACK, 2, date(2026, 2, 9), -1_000),
        paid(4, date(2026, 2, 9), 1_000),
    )
    assert found.effects[entry(4)].owed == {PRINCIPAL: -1_000}
    assert (found.last.owed, found.last.surplus_minor) == ({}, 0)


def test_more_given_back_than_stands_is_owed_by_the_debtor_until_money_of_the_payment_returns() -> None:
    found = run(
        opening({PRINCIPAL: 1_000}),
        paid(2, date(2026, 2, 1), 400),
        about(3, EntryKind.REFUND, 2, date(2026, 2, 5), -500),
        about(4, EntryKind.CHARGEBACK_WON, 2, date(2026, 2, 9), 500),
    )
    assert found.effects[entry(3)] == Effect(owed={PRINCIPAL: 400}, surplus_minor=-100)
    assert (found.effects[entry(4)].owed, found.effects[entry(4)].surplus_minor) == ({PRINCIPAL: -400}, 100)
    assert (found.last.owed, found.last.surplus_minor) == ({PRINCIPAL: 600}, 0)


def test_a_charge_reversed_on_its_own_day_and_a_payment_that_bounced_leave_nothing_behind() -> None:
    day = date(2026, 2, 1)
    found = run(
        opening({PRINCIPAL: 1_000}),
        given(2, EntryKind.REVERSAL, day, {FEES: -50}, reverses=3),
        given(3, EntryKind.FEE, day, {FEES: 50}),
        about(4, EntryKind.REVERSAL, 5, day, -400),
        paid(5, day, 400),
    )
    assert found.last.owed == {PRINCIPAL: 1_000}
    assert found.effects[entry(2)].owed == {FEES: -50}
    assert found.effects[entry(4)].owed == {PRINCIPAL: 400}


# Given up


def test_a_whole_write_off_gives_up_everything_and_later_money_recovers_it_in_its_order() -> None:
    found = run(
        opening({PRINCIPAL: 1_000, FEES: 50}),
        paid(2, date(2026, 2, 1), 20),
        Happening(entry(3), EntryKind.WRITE_OFF, date(2026, 3, 1), is_whole=True),
        paid(4, date(2026, 4, 1), 100),
        about(5, EntryKind.REFUND, 4, date(2026, 4, 2), -80),
        paid(6, date(2026, 5, 1), 1_100),
    )
    assert found.effects[entry(3)] == Effect(
        owed={PRINCIPAL: -1_000, FEES: -30}, written_off={PRINCIPAL: 1_000, FEES: 30}
    )
    recovered = found.effects[entry(4)]
    assert (recovered.owed, recovered.written_off) == ({}, {FEES: -30, PRINCIPAL: -70})
    assert recovered.trace is not None
    assert recovered.trace.stage is Stage.WRITTEN_OFF
    assert all(line.recovered for line in recovered.trace.lines)
    assert found.effects[entry(5)] == Effect(owed={}, written_off={PRINCIPAL: 70, FEES: 10})
    assert found.effects[entry(6)].written_off == {PRINCIPAL: -1_000, FEES: -10}
    assert (found.last.written_off, found.last.surplus_minor) == ({}, 90)


def test_money_pays_what_is_owed_before_it_recovers_what_was_given_up() -> None:
    found = run(
        opening({PRINCIPAL: 1_000}),
        given(2, EntryKind.WRITE_OFF, date(2026, 2, 1), {PRINCIPAL: -400}),
        paid(3, date(2026, 3, 1), 700),
    )
    effect = found.effects[entry(3)]
    assert (effect.owed, effect.written_off) == ({PRINCIPAL: -600}, {PRINCIPAL: -100})
    assert effect.trace is not None
    assert [(line.paid_minor, line.recovered) for line in effect.trace.lines] == [(600, False), (100, True)]
    assert (found.last.owed, found.last.written_off, found.last.stage) == ({}, {PRINCIPAL: 300}, Stage.WRITTEN_OFF)


def test_a_reversed_write_off_is_owed_again_as_far_as_it_was_not_recovered() -> None:
    found = run(
        opening({PRINCIPAL: 1_000}),
        Happening(entry(2), EntryKind.WRITE_OFF, date(2026, 2, 1), is_whole=True),
        paid(3, date(2026, 3, 1), 100),
        given(4, EntryKind.REVERSAL, date(2026, 4, 1), {}, reverses=2),
    )
    assert found.effects[entry(4)] == Effect(owed={PRINCIPAL: 900}, written_off={PRINCIPAL: -900})
    assert (found.last.owed, found.last.written_off) == ({PRINCIPAL: 900}, {})
    # On its own day too, though it came to be known before what it undoes.
    same_day = run(
        opening({PRINCIPAL: 1_000}),
        given(2, EntryKind.REVERSAL, date(2026, 2, 1), {}, reverses=3),
        Happening(entry(3), EntryKind.WRITE_OFF, date(2026, 2, 1), is_whole=True),
    )
    assert (same_day.last.owed, same_day.last.written_off) == ({PRINCIPAL: 1_000}, {})
    part = run(
        opening({PRINCIPAL: 1_000}),
        given(2, EntryKind.WRITE_OFF, date(2026, 2, 1), {PRINCIPAL: -300}),
        given(3, EntryKind.REVERSAL, date(2026, 3, 1), {PRINCIPAL: 300}, reverses=2),
    )
    assert (part.last.owed, part.last.written_off) == ({PRINCIPAL: 1_000}, {})


def test_an_adjustment_may_leave_a_component_below_nought_but_a_payment_never_does() -> None:
    found = run(
        opening({PRINCIPAL: 100, FEES: 300}),
        given(2, EntryKind.ADJUSTMENT, date(2026, 2, 1), {PRINCIPAL: -250}),
        paid(3, date(2026, 3, 1), 200),
    )
    # 1.50 are owed: that much of the fees is paid, the rest is beyond the debt.
    assert (found.effects[entry(3)].owed, found.effects[entry(3)].surplus_minor) == ({FEES: -150}, 50)
    assert found.last.owed == {PRINCIPAL: -150, FEES: 150}


# The shape of a course


def test_positions_are_those_of_days_of_change_and_of_the_last_day() -> None:
    found = run(opening({PRINCIPAL: 600}), paid(2, date(2026, 2, 1), 600), paid(3, date(2027, 2, 1), 5))
    assert [one.day for one in found.positions] == [OPENED, date(2026, 2, 1), UNTIL]
    assert entry(3) not in found.effects
    assert found.at(date(2025, 12, 31)) is None


def test_before_anything_happened_nothing_is_owed() -> None:
    found = run(opening({PRINCIPAL: 600}), until=date(2025, 6, 1))
    assert (found.last.owed, found.last.stage, found.state, found.effects) == ({}, Stage.STANDARD, None, {})


@pytest.mark.parametrize("kind", [EntryKind.INTEREST, EntryKind.CORRECTION])
def test_what_the_course_computes_is_none_of_what_happened(kind: EntryKind) -> None:
    with pytest.raises(ValueError, match="is computed"):
        run(given(2, kind, OPENED, {INTEREST: 5}))
