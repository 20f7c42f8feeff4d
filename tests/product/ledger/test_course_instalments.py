"""Instalments in the course of a debt: what of each is unpaid, since when, and what is in none."""

from __future__ import annotations

from datetime import date

from arrears.ledger.history import (
    Instalment,
    Schedule,
    Stage,
)
from arrears.ledger.model import EntryKind
from arrears.ledger.waterfalls import PRESETS
from tests.product.ledger.courses import (
    FEES,
    INTEREST,
    OPENED,
    PRINCIPAL,
    about,
    entry,
    given,
    last_of,
    months,
    opening,
    owed_at,
    paid,
    rates,
    run,
    standing,
    terms,
)


def test_instalments_are_paid_one_after_another_and_bounce_back() -> None:
    schedule = months({PRINCIPAL: 300, INTEREST: 30}, {PRINCIPAL: 300, INTEREST: 20}, {PRINCIPAL: 300, INTEREST: 10})
    happenings = (
        opening({PRINCIPAL: 900, INTEREST: 60}),
        paid(2, date(2026, 2, 1), 330),
        paid(3, date(2026, 3, 5), 100),
    )
    on_terms = terms(waterfalls={Stage.STANDARD: PRESETS["standard-per-instalment"]})
    found = run(*happenings, on_terms=on_terms, schedules=(schedule,), until=date(2026, 3, 5))
    assert last_of(found.effects[entry(2)]) == [(1, INTEREST, 30), (1, PRINCIPAL, 300)]
    assert last_of(found.effects[entry(3)]) == [(2, INTEREST, 20), (2, PRINCIPAL, 80)]
    assert standing(found.last) == [
        (1, {}, date(2026, 2, 1)),
        (2, {PRINCIPAL: 220}, None),
        (3, {PRINCIPAL: 300, INTEREST: 10}, None),
    ]
    assert found.last.oldest_unpaid_on == date(2026, 3, 1)
    bounced = run(
        *happenings,
        about(4, EntryKind.REVERSAL, 2, date(2026, 3, 6), -330),
        on_terms=on_terms,
        schedules=(schedule,),
        until=date(2026, 3, 6),
    )
    assert standing(bounced.last) == [
        (1, {PRINCIPAL: 300, INTEREST: 30}, None),
        (2, {PRINCIPAL: 220}, None),
        (3, {PRINCIPAL: 300, INTEREST: 10}, None),
    ]
    assert bounced.last.oldest_unpaid_on == date(2026, 2, 1)


def test_what_is_in_no_instalment_is_due_on_its_own_day() -> None:
    schedule = months({PRINCIPAL: 300}, {PRINCIPAL: 300})
    found = run(
        opening({PRINCIPAL: 600}),
        paid(2, date(2026, 2, 1), 300),
        given(3, EntryKind.FEE, date(2026, 2, 10), {FEES: 25}),
        given(4, EntryKind.FEE, date(2026, 2, 20), {FEES: 25}),
        paid(5, date(2026, 2, 25), 30, direction=(FEES,)),
        schedules=(schedule,),
        until=date(2026, 2, 28),
    )
    assert [(one.day, one.oldest_unpaid_on) for one in found.positions] == [
        (OPENED, date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 2, 10), date(2026, 2, 10)),
        (date(2026, 2, 20), date(2026, 2, 10)),
        (date(2026, 2, 25), date(2026, 2, 20)),
        (date(2026, 2, 28), date(2026, 2, 20)),
    ]


def test_a_plan_for_less_than_the_debt_leaves_the_rest_due_with_the_debt_and_for_more_is_cut_at_its_end() -> None:
    less = run(opening({PRINCIPAL: 700}), schedules=(months({PRINCIPAL: 300}, {PRINCIPAL: 300}),), until=OPENED)
    assert less.last.oldest_unpaid_on == OPENED
    more = run(opening({PRINCIPAL: 500}), schedules=(months({PRINCIPAL: 300}, {PRINCIPAL: 300}),), until=OPENED)
    assert standing(more.last) == [(1, {PRINCIPAL: 300}, None), (2, {PRINCIPAL: 200}, None)]
    assert more.last.oldest_unpaid_on == date(2026, 2, 1)


def test_planned_interest_is_unpaid_only_as_it_comes_to_be_owed() -> None:
    # Given 3,650.00 at 10%: 1.00 a day, of which two instalments plan 20.00 each.
    found = run(
        opening({PRINCIPAL: 365_000}),
        paid(2, date(2026, 1, 31), 1_000, direction=(INTEREST,)),
        on_terms=terms(interest=rates((OPENED, "10"))),
        schedules=(months({PRINCIPAL: 182_500, INTEREST: 2_000}, {PRINCIPAL: 182_500, INTEREST: 2_000}),),
        until=date(2026, 1, 31),
    )
    before = found.at(date(2026, 1, 30))
    assert before is not None
    assert standing(before) == [
        (1, {PRINCIPAL: 182_500, INTEREST: 2_000}, None),
        (2, {PRINCIPAL: 182_500, INTEREST: 900}, None),
    ]
    # 30 days have borne 30.00; of the first 20.00 half are paid.
    assert standing(found.last) == [
        (1, {PRINCIPAL: 182_500, INTEREST: 1_000}, None),
        (2, {PRINCIPAL: 182_500, INTEREST: 1_000}, None),
    ]


def test_a_new_schedule_replaces_the_old_and_an_empty_one_ends_it() -> None:
    first = months({PRINCIPAL: 300}, {PRINCIPAL: 300})
    second = Schedule(date(2026, 2, 15), (Instalment(1, date(2026, 6, 1), {PRINCIPAL: 300}),))
    ended = Schedule(date(2026, 3, 1), ())
    found = run(
        opening({PRINCIPAL: 600}),
        paid(2, date(2026, 2, 1), 300),
        about(3, EntryKind.CHARGEBACK, 2, date(2026, 2, 20), -100),
        schedules=(first, second, ended),
        until=date(2026, 3, 1),
    )
    at_second = found.at(date(2026, 2, 15))
    assert at_second is not None
    assert (standing(at_second), at_second.oldest_unpaid_on) == ([(1, {PRINCIPAL: 300}, None)], date(2026, 6, 1))
    # What comes back of the old instalments is in none of the new: due with the debt.
    assert owed_at(found, date(2026, 2, 20)) == {PRINCIPAL: 400}
    charged_back = found.at(date(2026, 2, 20))
    assert charged_back is not None
    assert (standing(charged_back), charged_back.oldest_unpaid_on) == ([(1, {PRINCIPAL: 300}, None)], OPENED)
    assert (found.last.instalments, found.last.oldest_unpaid_on) == ((), OPENED)
