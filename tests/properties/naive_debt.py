"""A debt run day by day and paid one minor unit at a time: slow, plain, and written apart from the course itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from arrears.ledger.history import Ahead, Happening, History, InterestTerms, Schedule, Stage, Timing, Turn, Waterfall
from arrears.ledger.model import DebtComponent, EntryKind

K = EntryKind
PAYING = (K.PAYMENT, K.RECOVERY)
RETURNS = (K.REFUND, K.CHARGEBACK, K.REVERSAL)
USUAL = (DebtComponent.COSTS, DebtComponent.INTEREST, DebtComponent.FEES, DebtComponent.PRINCIPAL)
ADDS = (K.CHARGE, K.FEE, K.TRANSFER, K.ADJUSTMENT, K.JUDGMENT)


@dataclass
class Unit:
    """One minor unit of a payment: of which component, and which instalment of which schedule; none is a surplus."""

    component: DebtComponent | None
    instalment: int | None = None
    schedule: Schedule | None = None
    recovered: bool = False
    stands: bool = True


@dataclass
class NaivePayment:
    happening: Happening
    units: list[Unit] = field(default_factory=list)


@dataclass
class Place:
    """Where a unit could go: a component of an instalment, or of what is in none."""

    instalment: int | None
    component: DebtComponent
    timing: Timing
    order: tuple[date, bool, bool, int]


class NaiveDebt:
    """The same rules as the course of a debt, followed one day and one minor unit at a time."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.owed = dict.fromkeys(DebtComponent, 0)
        self.off = dict.fromkeys(DebtComponent, 0)
        self.judged = False
        self.schedule: Schedule | None = None
        self.paid_on_instalments: dict[tuple[int, DebtComponent], int] = {}
        self.paid_on: dict[int, date] = {}
        self.touched: set[int] = set()
        self.charges: list[tuple[DebtComponent, date, int]] = []
        self.payments: dict[UUID, NaivePayment] = {}
        self.interest: dict[date, int] = {}
        self.counting: InterestTerms | None = None
        self.exact = Fraction(0)
        self.charged = 0

    def run(self, until: date) -> None:
        happenings = self.history.happenings
        day = min(one.effective_on for one in happenings)
        day = min([day, *(schedule.from_on for schedule in self.history.schedules)])
        opened_on = min(one.effective_on for one in happenings if one.kind is K.OPENING_BALANCE)
        begins_on = max(opened_on, self.history.accrues_from_on or opened_on)
        while day <= until:
            self.bear(day)
            for schedule in self.history.schedules:
                if schedule.from_on == day:
                    self.schedule = schedule if schedule.instalments else None
                    self.paid_on_instalments, self.paid_on, self.touched = {}, {}, set()
                    self.charges = []
            self.live(day, [one for one in happenings if one.effective_on == day])
            if day == begins_on and not self.judged:
                self.counting = self.history.terms.interest
            self.close(day)
            day += timedelta(days=1)

    def close(self, day: date) -> None:
        """Note the instalments that were owed or paid before and of which nothing is unpaid this evening."""
        unpaid = self.unpaid()
        for number in {number for number, _ in unpaid}:
            if any(minor for (of, _), minor in unpaid.items() if of == number):
                self.touched.add(number)
                self.paid_on.pop(number, None)
            elif number in self.touched:
                self.paid_on.setdefault(number, day)

    @property
    def surplus(self) -> int:
        return sum(unit.stands and unit.component is None for one in self.payments.values() for unit in one.units)

    def bear(self, day: date) -> None:
        """Simple interest on the principal of the evening before, a year being 365 days, rounded half to even."""
        rates = [] if self.counting is None else [one for one in self.counting.rates if one.from_on <= day]
        held = any(
            span.from_on <= day and (span.until_on is None or day < span.until_on)
            for span in self.history.interest_free
        )
        if not rates or held:
            return
        percent = max(rates, key=lambda one: one.from_on).percent
        self.exact += Fraction(percent) * max(0, self.owed[DebtComponent.PRINCIPAL]) / 100 / 365
        minor = round(self.exact) - self.charged
        if minor:
            self.charged += minor
            self.interest[day] = minor
            self.add(DebtComponent.INTEREST, minor, day)

    def add(self, component: DebtComponent, minor: int, due_on: date | None) -> None:
        self.owed[component] += minor
        if minor > 0 and due_on is not None:
            self.charges.append((component, max(due_on, self.history.due_on), minor))

    def live(self, day: date, happenings: list[Happening]) -> None:
        reversals = [one for one in happenings if one.kind is K.REVERSAL and one.payment_id is None]
        for kinds in ((K.OPENING_BALANCE,), (K.CHARGE, K.FEE, K.TRANSFER, K.ADJUSTMENT), (K.JUDGMENT,), (K.DISCOUNT,)):
            for one in happenings:
                if one.kind in kinds or (K.CHARGE in kinds and one in reversals):
                    for component, minor in one.changes.items():
                        self.add(component, minor, day if one.kind in ADDS else None)
                if one.kind in kinds and one.kind is K.JUDGMENT:
                    self.judged, self.counting = True, self.history.terms.judgment_interest
                    self.exact, self.charged = Fraction(0), 0
        self.money(day, happenings)
        for one in happenings:
            if one.kind is K.WRITE_OFF and not one.is_whole:
                self.give_up({component: -minor for component, minor in one.changes.items()})
        if any(one.kind is K.WRITE_OFF and one.is_whole for one in happenings) and sum(self.owed.values()) > 0:
            self.give_up(dict(self.owed))

    def money(self, day: date, happenings: list[Happening]) -> None:
        new = {one.payment_id: one for one in happenings if one.kind in PAYING}
        returns = [one for one in happenings if one.kind in RETURNS and one.payment_id is not None]
        returns.sort(key=lambda one: (one.kind is K.REVERSAL, one.kind, one.money_minor))
        returned = {one.payment_id for one in returns}
        for one in returns:
            if one.payment_id not in new:
                self.take_back(one)
        for payment in sorted(
            new.values(),
            key=lambda one: (
                one.payment_id not in returned,
                one.direction == (),
                -one.money_minor,
                one.direction,
                one.in_settlement,
            ),
        ):
            assert payment.payment_id is not None
            self.payments[payment.payment_id] = NaivePayment(payment)
            self.pay(self.payments[payment.payment_id], payment.money_minor, day)
            for one in returns:
                if one.payment_id == payment.payment_id:
                    self.take_back(one)
        won = [one for one in happenings if one.kind is K.CHARGEBACK_WON]
        for one in sorted(won, key=lambda one: -one.money_minor):
            self.pay_again(one, day)

    def give_up(self, amounts: dict[DebtComponent, int]) -> None:
        for component, minor in amounts.items():
            self.owed[component] -= minor
            self.off[component] += minor

    # Money, unit by unit

    def take_back(self, one: Happening) -> None:
        assert one.payment_id is not None
        units = self.payments[one.payment_id].units
        standing = [unit for unit in units if unit.stands]
        standing.sort(key=lambda unit: unit.component is None)
        for _ in range(-one.money_minor or len(standing)):
            self.move(standing.pop(), stands=False)

    def pay_again(self, one: Happening, day: date) -> None:
        assert one.payment_id is not None
        payment = self.payments[one.payment_id]
        left = one.money_minor
        for unit in payment.units:
            if left and not unit.stands and unit.component is not None and self.has_room(unit):
                self.move(unit, stands=True)
                left -= 1
        self.pay(payment, left, day)

    def has_room(self, unit: Unit) -> bool:
        assert unit.component is not None
        amounts = self.off if unit.recovered else self.owed
        if amounts[unit.component] <= 0 or sum(amounts.values()) <= 0:
            return False
        if unit.recovered or unit.instalment is None or unit.schedule is not self.schedule:
            return True
        return self.unpaid().get((unit.instalment, unit.component), 0) > 0

    def move(self, unit: Unit, *, stands: bool) -> None:
        unit.stands = stands
        if unit.component is None:
            return
        change = -1 if stands else 1
        (self.off if unit.recovered else self.owed)[unit.component] += change
        if unit.instalment is not None and unit.schedule is self.schedule:
            key = (unit.instalment, unit.component)
            self.paid_on_instalments[key] = self.paid_on_instalments.get(key, 0) - change
            self.touched.add(unit.instalment)

    def pay(self, payment: NaivePayment, money: int, day: date) -> None:
        stage = self.stage(day, in_settlement=payment.happening.in_settlement)
        for recovered in (False, True):
            order = self.history.terms.waterfalls[Stage.WRITTEN_OFF if recovered else stage]
            turns = [Turn((one,)) for one in payment.happening.direction]
            turns += [*order.turns, *(Turn((one,)) for one in USUAL)]
            received: dict[tuple[object, ...], int] = {}
            while money and sum((self.off if recovered else self.owed).values()) > 0:
                place = self.next_place(turns, order, received, day, recovered=recovered)
                unit = Unit(place.component, place.instalment, self.schedule, recovered)
                payment.units.append(unit)
                self.move(unit, stands=True)
                money -= 1
        payment.units += [Unit(None) for _ in range(money)]

    def next_place(
        self,
        turns: list[Turn],
        order: Waterfall,
        received: dict[tuple[object, ...], int],
        day: date,
        *,
        recovered: bool,
    ) -> Place:
        places = self.places_off() if recovered else self.places(day)
        for number, turn in enumerate(turns):
            found: list[tuple[tuple[object, ...], tuple[object, ...], Place]] = []
            for place in places:
                if place.component not in turn.components or place.timing not in turn.timings:
                    continue
                rank = turn.components.index(place.component)
                part: tuple[object, ...] = (number, None if turn.by_instalment else rank, place.instalment)
                is_ahead = place.timing is Timing.IN_ADVANCE
                due_on, *rest = place.order
                when: tuple[object, ...] = place.order
                if is_ahead and order.ahead is Ahead.LAST:
                    when = (-due_on.toordinal(), *(-int(one) for one in rest))
                elif is_ahead and order.ahead is Ahead.EVENLY:
                    when = (received.get(part, 0), *place.order)
                key = (is_ahead, *when, rank) if turn.by_instalment else (rank, is_ahead, *when)
                found.append((key, part, place))
            if found:
                _, part, place = min(found, key=lambda one: one[0])
                received[part] = received.get(part, 0) + 1
                return place
        raise AssertionError("something is owed, but nowhere")

    def places_off(self) -> list[Place]:
        nowhere = (date.min, False, False, 0)
        return [Place(None, component, Timing.PAST_DUE, nowhere) for component, minor in self.off.items() if minor > 0]

    def places(self, day: date) -> list[Place]:
        unpaid = self.unpaid()
        due_on = {} if self.schedule is None else {one.number: one.due_on for one in self.schedule.instalments}
        places = []
        for (number, component), minor in unpaid.items():
            if minor > 0:
                timing = timing_of(due_on[number], day)
                places.append(
                    Place(number, component, timing, (due_on[number], timing is not Timing.PAST_DUE, True, number))
                )
        for component in DebtComponent:
            if self.loose(component) > 0:
                due = self.history.due_on if component is DebtComponent.PRINCIPAL else min(self.history.due_on, day)
                timing = timing_of(due, day) if component is DebtComponent.PRINCIPAL else Timing.PAST_DUE
                places.append(Place(None, component, timing, (due, timing is not Timing.PAST_DUE, False, 0)))
        return places

    # How the debt stands

    def unpaid(self) -> dict[tuple[int, DebtComponent], int]:
        left = {component: max(0, minor) for component, minor in self.owed.items()}
        found = {}
        instalments = [] if self.schedule is None else list(self.schedule.instalments)
        for one in sorted(instalments, key=lambda one: (one.due_on, one.number)):
            for component, minor in one.amounts.items():
                key = (one.number, component)
                found[key] = min(left[component], minor - self.paid_on_instalments.get(key, 0))
                left[component] -= found[key]
        return found

    def loose(self, component: DebtComponent) -> int:
        return max(0, self.owed[component]) - sum(
            minor for (_, planned), minor in self.unpaid().items() if planned is component
        )

    def oldest_unpaid_on(self) -> date | None:
        if sum(self.owed.values()) <= 0:
            return None
        if self.schedule is None:
            return self.history.due_on
        unpaid = self.unpaid()
        days = [
            one.due_on
            for one in self.schedule.instalments
            if any(unpaid.get((one.number, component)) for component in DebtComponent)
        ]
        for component in DebtComponent:
            loose = self.loose(component)
            for charged, due_on, minor in reversed(self.charges):
                if loose > 0 and charged is component:
                    days.append(due_on)
                    loose -= minor
            if loose > 0:
                days.append(self.history.due_on)
        return min(days, default=None)

    def stage(self, day: date, *, in_settlement: bool = False) -> Stage:
        owed = sum(self.owed.values())
        oldest = self.oldest_unpaid_on()
        if in_settlement:
            return Stage.SETTLEMENT
        if sum(self.off.values()) > 0 and owed <= 0:
            return Stage.WRITTEN_OFF
        if self.judged:
            return Stage.JUDGMENT
        if oldest is not None and day >= oldest + timedelta(days=self.history.terms.non_performing_after_days):
            return Stage.NON_PERFORMING
        return Stage.STANDARD


def timing_of(due_on: date, day: date) -> Timing:
    if due_on == day:
        return Timing.DUE
    return Timing.PAST_DUE if due_on < day else Timing.IN_ADVANCE
