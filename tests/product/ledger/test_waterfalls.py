"""Each order of payments spreads money as its words say, to the cent, and gives its reason for every part."""

from __future__ import annotations

from datetime import date

import pytest

from arrears.ledger.history import Ahead, InstalmentPosition, Stage, Terms, Timing, TraceLine, Turn
from arrears.ledger.model import DebtComponent
from arrears.ledger.waterfalls import PRESETS, USUAL, spread, stage_on, waterfall

PRINCIPAL, INTEREST, FEES, COSTS = DebtComponent
TODAY = date(2026, 3, 2)
OWED = {PRINCIPAL: 10_000, INTEREST: 1_230, FEES: 500, COSTS: 250}
Paid = list[tuple[int | None, DebtComponent | None, int]]

# 1 is past due, 2 is due today, 3 to 5 are due later; 40 of fees and 70 of costs are in none of them.
INSTALMENTS = tuple(
    InstalmentPosition(number, due_on, {PRINCIPAL: 100, INTEREST: 10 + number}, None)
    for number, due_on in enumerate(
        [date(2026, 2, 1), TODAY, date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)], start=1
    )
)
IN_INSTALMENTS = {PRINCIPAL: 500, INTEREST: 65, FEES: 40, COSTS: 70}


def paid(lines: tuple[TraceLine, ...]) -> Paid:
    return [(line.instalment, line.component, line.paid_minor) for line in lines]


def spread_over_instalments(money: int, order: str, direction: tuple[DebtComponent, ...] = ()) -> Paid:
    lines, left = spread(
        money,
        IN_INSTALMENTS,
        PRESETS[order],
        day=TODAY,
        instalments=INSTALMENTS,
        direction=direction,
        due_on=date(2026, 1, 1),
    )
    assert sum(line.paid_minor for line in lines) + left == money
    return paid(lines)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("usual", [(None, COSTS, 250), (None, INTEREST, 1_230), (None, FEES, 500), (None, PRINCIPAL, 20)]),
        (
            "costs-interest-principal",
            [(None, COSTS, 250), (None, FEES, 500), (None, INTEREST, 1_230), (None, PRINCIPAL, 20)],
        ),
        ("interest-then-principal", [(None, INTEREST, 1_230), (None, PRINCIPAL, 770)]),
        (
            "fees-first-then-oldest",
            [(None, FEES, 500), (None, COSTS, 250), (None, INTEREST, 1_230), (None, PRINCIPAL, 20)],
        ),
        ("oldest-first", [(None, COSTS, 250), (None, INTEREST, 1_230), (None, FEES, 500), (None, PRINCIPAL, 20)]),
        ("standard-per-instalment", [(None, INTEREST, 1_230), (None, PRINCIPAL, 770)]),
        ("non-performing", [(None, PRINCIPAL, 2_000)]),
        (
            "by-due-day-then-next",
            [(None, COSTS, 250), (None, FEES, 500), (None, INTEREST, 1_230), (None, PRINCIPAL, 20)],
        ),
    ],
)
def test_a_debt_without_instalments_is_paid_in_the_order_of_the_components(order: str, expected: Paid) -> None:
    # Given 119.80 owed. When 20.00 is paid, then it goes where the order says.
    lines, left = spread(2_000, OWED, PRESETS[order], day=TODAY)
    assert (paid(lines), left) == (expected, 0)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            "usual",
            [
                (None, COSTS, 70),
                (1, INTEREST, 11),
                (2, INTEREST, 12),
                (3, INTEREST, 13),
                (4, INTEREST, 14),
                (5, INTEREST, 15),
                (None, FEES, 40),
                (1, PRINCIPAL, 75),
            ],
        ),
        (
            "costs-interest-principal",
            [
                (None, COSTS, 70),
                (None, FEES, 40),
                (1, INTEREST, 11),
                (2, INTEREST, 12),
                (3, INTEREST, 13),
                (4, INTEREST, 14),
                (5, INTEREST, 15),
                (1, PRINCIPAL, 75),
            ],
        ),
        (
            "interest-then-principal",
            [
                (1, INTEREST, 11),
                (2, INTEREST, 12),
                (3, INTEREST, 13),
                (4, INTEREST, 14),
                (5, INTEREST, 15),
                (1, PRINCIPAL, 100),
                (2, PRINCIPAL, 85),
            ],
        ),
        (
            "fees-first-then-oldest",
            [
                (None, FEES, 40),
                (None, COSTS, 70),
                (1, INTEREST, 11),
                (1, PRINCIPAL, 100),
                (2, INTEREST, 12),
                (2, PRINCIPAL, 17),
            ],
        ),
        (
            "oldest-first",
            [
                (None, COSTS, 70),
                (None, FEES, 40),
                (1, INTEREST, 11),
                (1, PRINCIPAL, 100),
                (2, INTEREST, 12),
                (2, PRINCIPAL, 17),
            ],
        ),
        (
            "standard-per-instalment",
            [
                (1, INTEREST, 11),
                (1, PRINCIPAL, 100),
                (2, INTEREST, 12),
                (2, PRINCIPAL, 100),
                (3, INTEREST, 13),
                (3, PRINCIPAL, 14),
            ],
        ),
        ("non-performing", [(1, PRINCIPAL, 100), (2, PRINCIPAL, 100), (3, PRINCIPAL, 50)]),
        (
            "by-due-day-then-next",
            [
                (None, COSTS, 70),
                (None, FEES, 40),
                (1, INTEREST, 11),
                (1, PRINCIPAL, 100),
                (2, INTEREST, 12),
                (2, PRINCIPAL, 17),
            ],
        ),
    ],
)
def test_a_debt_in_instalments_is_paid_turn_by_turn(order: str, expected: Paid) -> None:
    assert spread_over_instalments(250, order) == expected


def test_money_in_advance_goes_to_the_next_the_last_or_all_instalments() -> None:
    # Given all that is due up to today is 333, when 354 is paid, then 21 are paid in advance.
    due = [
        (None, COSTS, 70),
        (None, FEES, 40),
        (1, INTEREST, 11),
        (1, PRINCIPAL, 100),
        (2, INTEREST, 12),
        (2, PRINCIPAL, 100),
    ]
    assert spread_over_instalments(354, "by-due-day-then-next") == [*due, (3, INTEREST, 13), (4, INTEREST, 8)]
    assert spread_over_instalments(354, "by-due-day-then-last") == [*due, (5, INTEREST, 15), (4, INTEREST, 6)]
    assert spread_over_instalments(354, "by-due-day-then-evenly") == [
        *due,
        (3, INTEREST, 7),
        (4, INTEREST, 7),
        (5, INTEREST, 7),
    ]


def test_evenly_gives_what_an_instalment_cannot_take_to_the_others_and_a_rest_to_the_earlier() -> None:
    # Given 333 due and interest of 13, 14 and 15 ahead, when 374 is paid, then 41 go to interest: 13, 14 and 14.
    assert spread_over_instalments(374, "by-due-day-then-evenly")[6:] == [
        (3, INTEREST, 13),
        (4, INTEREST, 14),
        (5, INTEREST, 14),
    ]
    # When 425 is paid, then all 42 of interest and 50 of principal: 17, 17 and 16.
    assert spread_over_instalments(425, "by-due-day-then-evenly")[6:] == [
        (3, INTEREST, 13),
        (4, INTEREST, 14),
        (5, INTEREST, 15),
        (3, PRINCIPAL, 17),
        (4, PRINCIPAL, 17),
        (5, PRINCIPAL, 16),
    ]


def test_a_custom_order_of_timings_and_components() -> None:
    # Given what is due before anything ahead, principal before interest, and fees only at the end.
    order = waterfall(
        [
            Turn((PRINCIPAL,), frozenset({Timing.DUE})),
            Turn((PRINCIPAL, INTEREST), frozenset({Timing.PAST_DUE}), by_instalment=True),
            Turn((INTEREST,)),
        ],
        name="today's principal first",
        ahead=Ahead.LAST,
    )
    lines, left = spread(900, IN_INSTALMENTS, order, day=TODAY, instalments=INSTALMENTS)
    assert paid(lines) == [
        (2, PRINCIPAL, 100),
        (1, PRINCIPAL, 100),
        (1, INTEREST, 11),
        (2, INTEREST, 12),
        (5, INTEREST, 15),
        (4, INTEREST, 14),
        (3, INTEREST, 13),
        (None, COSTS, 70),
        (None, FEES, 40),
        (5, PRINCIPAL, 100),
        (4, PRINCIPAL, 100),
        (3, PRINCIPAL, 100),
    ]
    assert left == 225
    assert lines[0].reason == (
        "Principal of instalment 2 is paid in turn 1 of 'today's principal first': all of what is owed."
    )
    assert lines[7].reason == (
        "Costs outside the instalments are paid in the usual order, after all turns of 'today's principal first': "
        "all of what is owed."
    )


def test_what_the_debtor_directed_comes_before_every_turn() -> None:
    lines, left = spread(300, OWED, PRESETS["interest-then-principal"], direction=(FEES, COSTS), day=TODAY)
    assert (paid(lines), left) == ([(None, FEES, 300)], 0)
    lines, left = spread(800, OWED, PRESETS["interest-then-principal"], direction=(FEES, COSTS), day=TODAY)
    assert paid(lines) == [(None, FEES, 500), (None, COSTS, 250), (None, INTEREST, 50)]
    assert [line.reason for line in lines] == [
        "Fees are paid first, as the debtor directed: all of what is owed.",
        "Costs are paid first, as the debtor directed: all of what is owed.",
        "Interest is paid in turn 1 of 'interest, then principal': as far as the money goes.",
    ]


def test_every_line_tells_what_was_owed_on_its_part() -> None:
    lines, _ = spread(1_500, OWED, PRESETS["interest-then-principal"], day=TODAY)
    assert lines == (
        TraceLine(
            None,
            INTEREST,
            1_230,
            1_230,
            "Interest is paid in turn 1 of 'interest, then principal': all of what is owed.",
        ),
        TraceLine(
            None,
            PRINCIPAL,
            10_000,
            270,
            "Principal is paid in turn 2 of 'interest, then principal': as far as the money goes.",
        ),
    )


def test_a_part_given_up_says_that_it_is_recovered() -> None:
    lines, left = spread(600, {PRINCIPAL: 500}, USUAL, written_off=True)
    assert left == 100
    assert lines == (
        TraceLine(
            None,
            PRINCIPAL,
            500,
            500,
            "Principal had been written off and is recovered in turn 4 of 'costs, interest, fees, principal': "
            "all of what was given up.",
            recovered=True,
        ),
    )


@pytest.mark.parametrize("order", PRESETS)
def test_money_beyond_the_debt_is_left(order: str) -> None:
    lines, left = spread(12_000, OWED, PRESETS[order], day=TODAY)
    assert left == 20
    assert {line.component: line.paid_minor for line in lines} == OWED


def test_a_component_below_nought_lowers_what_the_others_can_take() -> None:
    # Given 5.00 of principal too little and 8.00 of fees: 3.00 are owed. When 4.00 is paid, then 1.00 is too much.
    lines, left = spread(400, {PRINCIPAL: -500, FEES: 800}, USUAL, day=TODAY)
    assert (paid(lines), left) == ([(None, FEES, 300)], 100)


def test_nothing_owed_takes_nothing() -> None:
    assert spread(400, {}, USUAL) == ((), 400)
    assert spread(400, {PRINCIPAL: -1}, USUAL) == ((), 400)


def test_principal_in_no_instalment_is_due_with_the_debt_and_the_rest_at_once() -> None:
    order = waterfall(
        [Turn((PRINCIPAL,), frozenset({Timing.IN_ADVANCE})), Turn((FEES, PRINCIPAL), frozenset({Timing.PAST_DUE}))]
    )
    # Given a debt due in April: its principal is ahead in March, its fees are due.
    lines, _ = spread(50, {PRINCIPAL: 100, FEES: 30}, order, day=TODAY, due_on=date(2026, 4, 1))
    assert paid(lines) == [(None, PRINCIPAL, 50)]
    # Given it was due in February: nothing is ahead.
    lines, _ = spread(50, {PRINCIPAL: 100, FEES: 30}, order, day=TODAY, due_on=date(2026, 2, 1))
    assert paid(lines) == [(None, FEES, 30), (None, PRINCIPAL, 20)]


def test_instalments_that_come_to_more_than_is_owed_are_cut_from_the_last() -> None:
    # Given 130 of the planned 500 are owed, when 200 is paid, then instalment 2 has 30 left to take.
    lines, left = spread(200, {PRINCIPAL: 130}, USUAL, day=TODAY, instalments=INSTALMENTS)
    assert (paid(lines), left) == ([(1, PRINCIPAL, 100), (2, PRINCIPAL, 30)], 70)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("newest-first", "There is no order of payments named 'newest-first'; there are usual, "),
        ([], "at least one turn"),
        ([Turn(())], "names a component and a timing"),
        ([Turn((PRINCIPAL,), frozenset())], "names a component and a timing"),
    ],
)
def test_an_order_that_is_none_is_refused(order: str | list[Turn], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        waterfall(order)


def test_a_preset_is_found_by_its_name() -> None:
    assert {name: waterfall(name) for name in PRESETS} == PRESETS


@pytest.mark.parametrize(
    ("day", "facts", "stage"),
    [
        (date(2026, 3, 31), {"owed_minor": 1}, Stage.STANDARD),
        (date(2026, 4, 1), {"owed_minor": 1}, Stage.NON_PERFORMING),
        (date(2026, 4, 1), {"owed_minor": 0}, Stage.STANDARD),
        (date(2026, 4, 1), {"owed_minor": 1, "after_judgment": True}, Stage.JUDGMENT),
        (date(2026, 4, 1), {"owed_minor": 1, "written_off_minor": 1}, Stage.NON_PERFORMING),
        (date(2026, 4, 1), {"owed_minor": 0, "written_off_minor": 1, "after_judgment": True}, Stage.WRITTEN_OFF),
        (date(2026, 4, 1), {"owed_minor": 1, "after_judgment": True, "in_settlement": True}, Stage.SETTLEMENT),
    ],
)
def test_the_stage_of_a_debt_due_on_the_first_of_january_and_non_performing_after_ninety_days(
    day: date, facts: dict[str, int], stage: Stage
) -> None:
    terms = Terms(dict.fromkeys(Stage, USUAL), non_performing_after_days=90)
    assert stage_on(day, terms, due_on=date(2026, 1, 1), **facts) is stage  # type: ignore[arg-type]
