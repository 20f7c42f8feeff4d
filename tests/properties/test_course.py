"""The course of any debt: no minor unit made or lost, the same however it came to be known, as a naive run has it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.ledger.course import course
from arrears.ledger.history import (
    Ahead,
    Course,
    Happening,
    History,
    Instalment,
    InstalmentPosition,
    InterestTerms,
    Position,
    RatePeriod,
    Schedule,
    Span,
    Stage,
    Terms,
    Timing,
    Turn,
    Waterfall,
)
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.waterfalls import PRESETS, spread
from tests.properties.naive_debt import NaiveDebt, NaivePayment

FIRST = date(2024, 2, 20)
DAYS = 15
UNTIL = FIRST + timedelta(days=DAYS + 18)
RUNS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

days = st.integers(0, DAYS).map(lambda number: FIRST + timedelta(days=number))
components = st.sampled_from(list(DebtComponent))
amounts = st.dictionaries(components, st.integers(1, 60), min_size=1)
directions = st.lists(components, unique=True, max_size=2).map(tuple)
turns = st.builds(
    Turn,
    components=st.lists(components, unique=True, min_size=1, max_size=4).map(tuple),
    timings=st.frozensets(st.sampled_from(Timing), min_size=1),
    by_instalment=st.booleans(),
)
waterfalls = st.one_of(
    st.sampled_from(list(PRESETS.values())),
    st.builds(
        Waterfall,
        name=st.just("drawn"),
        turns=st.lists(turns, min_size=1, max_size=3).map(tuple),
        ahead=st.sampled_from(Ahead),
    ),
)


@st.composite
def interest_terms(draw: st.DrawFn) -> InterestTerms:
    changes = draw(st.lists(st.tuples(days, st.integers(0, 3000)), max_size=3, unique_by=lambda one: one[0]))
    return InterestTerms("drawn", tuple(RatePeriod(day, Decimal(percent), "drawn") for day, percent in changes))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    due = draw(st.lists(days, max_size=4))
    instalments = (Instalment(number, on, draw(amounts)) for number, on in enumerate(due, start=1))
    return Schedule(draw(days), tuple(instalments))


@st.composite
def payments(draw: st.DrawFn, number: int) -> list[Happening]:
    """A payment and what becomes of it: never more is given back than stands of it."""
    day, minor = draw(days), draw(st.integers(1, 150))
    payment_id = UUID(int=1_000 + number)
    found = [
        Happening(
            UUID(int=0),
            EntryKind.PAYMENT,
            day,
            money_minor=minor,
            payment_id=payment_id,
            direction=draw(directions),
            in_settlement=draw(st.booleans()),
        )
    ]

    def more(kind: EntryKind, money: int) -> None:
        after = found[-1].effective_on + timedelta(days=draw(st.integers(0, 3)))
        found.append(Happening(UUID(int=0), kind, after, money_minor=money, payment_id=payment_id))

    refunded = draw(st.integers(0, minor))
    if refunded:
        more(EntryKind.REFUND, -refunded)
    if refunded < minor and draw(st.booleans()):
        taken = draw(st.integers(1, minor - refunded))
        more(EntryKind.CHARGEBACK, -taken)
        # A day later, so that it was taken before it was won back.
        found.append(
            Happening(
                UUID(int=0),
                EntryKind.CHARGEBACK_WON,
                found[-1].effective_on + timedelta(days=1 + draw(st.integers(0, 2))),
                money_minor=taken,
                payment_id=payment_id,
            )
        )
    if refunded < minor and draw(st.booleans()):
        more(EntryKind.REVERSAL, 0)
        if found[-1].effective_on == found[-2].effective_on and found[-2].kind is EntryKind.CHARGEBACK_WON:
            found.pop()
    return found


@st.composite
def given_entries(draw: st.DrawFn, *, lowering: bool) -> Happening:
    kinds = [EntryKind.CHARGE, EntryKind.FEE]
    if lowering:
        kinds += [EntryKind.ADJUSTMENT, EntryKind.DISCOUNT, EntryKind.JUDGMENT, EntryKind.WRITE_OFF, EntryKind.REVERSAL]
    kind = draw(st.sampled_from(kinds))
    changes = draw(amounts)
    if kind not in (EntryKind.CHARGE, EntryKind.FEE):
        changes = {component: -minor for component, minor in changes.items()}
    return Happening(UUID(int=0), kind, draw(days), changes)


@st.composite
def histories(draw: st.DrawFn, *, lowering: bool = True) -> History:
    happenings = [Happening(UUID(int=0), EntryKind.OPENING_BALANCE, draw(days), draw(amounts))]
    happenings += draw(st.lists(given_entries(lowering=lowering), max_size=4))
    for number in range(draw(st.integers(0, 4))):
        happenings += draw(payments(number))
    if draw(st.booleans()):
        happenings.append(Happening(UUID(int=0), EntryKind.WRITE_OFF, draw(days), is_whole=True))
    return History(
        account_id=UUID(int=1),
        client_id=UUID(int=2),
        currency="USD",
        due_on=draw(days),
        terms=Terms(
            {stage: draw(waterfalls) for stage in Stage},
            draw(st.integers(1, 20)),
            draw(interest_terms()),
            draw(interest_terms()),
        ),
        happenings=renumbered(happenings, draw(st.permutations(range(len(happenings))))),
        schedules=tuple(draw(st.lists(schedules(), max_size=2, unique_by=lambda one: one.from_on))),
        accrues_from_on=draw(st.one_of(st.none(), days)),
        interest_free=draw(
            st.one_of(st.just(()), st.builds(Span, days, st.one_of(st.none(), days)).map(lambda one: (one,)))
        ),
    )


def renumbered(happenings: list[Happening], order: list[int]) -> tuple[Happening, ...]:
    """The same happenings as they came to be known in this order."""
    return tuple(replace(happenings[index], entry_id=UUID(int=number)) for number, index in enumerate(order, start=1))


def as_of(found: Course, day: date) -> Position | None:
    """How the debt stood at a day, whichever day's position tells."""
    position = found.at(day)
    return None if position is None else replace(position, day=day)


@RUNS
@given(histories())
def test_no_minor_unit_of_any_payment_is_made_or_lost(history: History) -> None:
    found = course(history, UNTIL)

    owed = dict.fromkeys(DebtComponent, 0)
    owed[DebtComponent.INTEREST] += sum(found.interest.values())
    written_off = dict.fromkeys(DebtComponent, 0)
    for happening in history.happenings:
        effect = found.effects[happening.entry_id]
        for component in DebtComponent:
            owed[component] += effect.owed.get(component, 0)
            written_off[component] += effect.written_off.get(component, 0)
        money = effect.surplus_minor - sum(effect.owed.values()) - sum(effect.written_off.values())
        if happening.kind is EntryKind.REVERSAL and happening.payment_id is not None:
            assert money <= 0
        elif happening.payment_id is not None:
            assert money == happening.money_minor
        if effect.trace is not None:
            assert sum(line.paid_minor for line in effect.trace.lines) == happening.money_minor
            assert all(line.paid_minor > 0 and line.reason.endswith(".") for line in effect.trace.lines)
            assert all(line.paid_minor <= line.owed_minor for line in effect.trace.lines if line.component is not None)
    assert found.last.owed == {component: minor for component, minor in owed.items() if minor}
    assert found.last.written_off == {component: minor for component, minor in written_off.items() if minor}
    assert found.last.surplus_minor == sum(effect.surplus_minor for effect in found.effects.values())


@RUNS
@given(histories())
def test_all_that_stood_of_a_reversed_payment_is_given_back(history: History) -> None:
    found = course(history, UNTIL)

    for reversal in history.happenings:
        if reversal.kind is EntryKind.REVERSAL and reversal.payment_id is not None:
            effects = [
                found.effects[one.entry_id]
                for one in history.happenings
                if one.payment_id == reversal.payment_id and one.effective_on <= reversal.effective_on
            ]
            assert sum(sum(effect.owed.values()) + sum(effect.written_off.values()) for effect in effects) == sum(
                effect.surplus_minor for effect in effects
            )
            assert sum(effect.surplus_minor for effect in effects) == 0


@RUNS
@given(histories(lowering=False))
def test_no_payment_brings_anything_below_nought(history: History) -> None:
    for position in course(history, UNTIL).positions:
        assert all(minor > 0 for minor in position.owed.values())
        assert all(minor > 0 for minor in position.written_off.values())
        assert position.surplus_minor >= 0


@RUNS
@given(histories())
def test_instalments_and_what_is_in_none_are_the_debt(history: History) -> None:
    for position in course(history, UNTIL).positions:
        for component in DebtComponent:
            unpaid = sum(instalment.unpaid.get(component, 0) for instalment in position.instalments)
            assert 0 <= unpaid <= max(0, position.owed.get(component, 0))
        for instalment in position.instalments:
            assert all(minor > 0 for minor in instalment.unpaid.values())
            assert instalment.paid_on is None or not instalment.unpaid


@RUNS
@given(histories(), st.data())
def test_the_order_in_which_happenings_come_to_be_known_makes_no_difference(
    history: History, data: st.DataObject
) -> None:
    happenings = list(history.happenings)
    again = replace(history, happenings=renumbered(happenings, data.draw(st.permutations(range(len(happenings))))))

    before, after = course(history, UNTIL), course(again, UNTIL)

    assert before.positions == after.positions
    assert before.interest == after.interest
    assert before.state == after.state


@RUNS
@given(histories())
def test_how_it_stood_on_a_day_is_the_same_whenever_one_looks(history: History) -> None:
    long = course(history, UNTIL)

    for number in range(DAYS + 5):
        day = FIRST + timedelta(days=number)
        short = course(history, day)
        seen = as_of(long, day)
        if seen is not None:
            assert short.last == seen
        assert dict(short.interest) == {on: minor for on, minor in long.interest.items() if on <= day}
        assert short.effects == {entry: effect for entry, effect in long.effects.items() if entry in short.effects}


@RUNS
@given(histories(), st.lists(days, min_size=1, max_size=6))
def test_looking_in_on_the_way_changes_nothing(history: History, stops: list[date]) -> None:
    # Entries that change nothing split the counting of interest at their days.
    opened_on = min(one.effective_on for one in history.happenings)
    idle = tuple(
        Happening(UUID(int=5_000 + number), EntryKind.ADJUSTMENT, max(day, opened_on))
        for number, day in enumerate(stops)
    )
    plain, split = course(history, UNTIL), course(replace(history, happenings=(*history.happenings, *idle)), UNTIL)

    assert dict(split.interest) == dict(plain.interest)
    assert split.state == plain.state
    assert all(split.at(position.day) == position for position in plain.positions)


@RUNS
@given(histories())
def test_a_naive_run_day_by_day_and_unit_by_unit_comes_to_the_same(history: History) -> None:
    found = course(history, UNTIL)

    naive = NaiveDebt(history)
    naive.run(UNTIL)

    assert found.last.owed == {component: minor for component, minor in naive.owed.items() if minor}
    assert found.last.written_off == {component: minor for component, minor in naive.off.items() if minor}
    assert found.last.surplus_minor == naive.surplus
    assert dict(found.interest) == naive.interest
    assert found.last.stage is naive.stage(UNTIL)
    assert found.last.oldest_unpaid_on == naive.oldest_unpaid_on()
    assert {
        (instalment.number, component): minor
        for instalment in found.last.instalments
        for component, minor in instalment.unpaid.items()
    } == {key: minor for key, minor in naive.unpaid().items() if minor}
    assert {one.number: one.paid_on for one in found.last.instalments if one.paid_on is not None} == naive.paid_on


@given(waterfalls, st.lists(st.tuples(days, amounts), min_size=2, max_size=5), st.integers(1, 400), directions, days)
@settings(max_examples=300, deadline=None)
def test_money_goes_over_instalments_as_it_does_unit_by_unit(
    order: Waterfall,
    planned: list[tuple[date, dict[DebtComponent, int]]],
    money: int,
    direction: tuple[DebtComponent, ...],
    day: date,
) -> None:
    instalments = tuple(Instalment(number, due_on, of) for number, (due_on, of) in enumerate(planned, start=1))
    naive = NaiveDebt(
        History(
            account_id=UUID(int=1),
            client_id=UUID(int=2),
            currency="USD",
            due_on=FIRST + timedelta(days=5),
            terms=Terms(dict.fromkeys(Stage, order), 90),
            happenings=(),
        )
    )
    naive.schedule = Schedule(FIRST, instalments)
    # Some of the debt is in no instalment.
    naive.owed = {component: 3 + sum(of.get(component, 0) for _, of in planned) for component in DebtComponent}
    owed = dict(naive.owed)
    payment = NaivePayment(Happening(UUID(int=3), EntryKind.PAYMENT, day, money_minor=money, direction=direction))

    lines, left = spread(
        money,
        owed,
        order,
        direction=direction,
        day=day,
        instalments=[InstalmentPosition(one.number, one.due_on, one.amounts, None) for one in instalments],
        due_on=FIRST + timedelta(days=5),
    )
    naive.pay(payment, money, day)

    expected = Counter((unit.instalment, unit.component) for unit in payment.units if unit.component is not None)
    found: Counter[tuple[int | None, DebtComponent | None]] = Counter()
    for line in lines:
        found[line.instalment, line.component] += line.paid_minor
    assert found == expected
    assert left == money - expected.total()
