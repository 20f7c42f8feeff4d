"""One debt while its course is run: what is owed, what was given up, and what each payment paid of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from arrears.ledger.history import (
    Amounts,
    Effect,
    Happening,
    InstalmentPosition,
    Position,
    Schedule,
    Stage,
    Terms,
    Trace,
    TraceLine,
)
from arrears.ledger.model import DebtComponent
from arrears.ledger.parts import Parts
from arrears.ledger.waterfalls import SURPLUS, part_reason, spread, stage_on

_INTEREST = DebtComponent.INTEREST


@dataclass(slots=True)
class _Paid:
    """A part that a payment paid, and how much of that stands. `parts` are the instalments that held then."""

    parts: Parts | None
    line: TraceLine
    stands: int


@dataclass(slots=True)
class _Payment:
    """A payment, what it paid in the order paid, and what of it is beyond the debt."""

    direction: tuple[DebtComponent, ...] = ()
    in_settlement: bool = False
    paid: list[_Paid] = field(default_factory=list)
    surplus: int = 0


class Debt:
    """The state of one debt at a moment, changed by what happens to it; everything in minor units."""

    def __init__(self, terms: Terms, due_on: date) -> None:
        self.owed: dict[DebtComponent, int] = dict.fromkeys(DebtComponent, 0)
        self.written_off: dict[DebtComponent, int] = dict.fromkeys(DebtComponent, 0)
        self._given_up: dict[DebtComponent, int] = dict.fromkeys(DebtComponent, 0)
        self.surplus = 0
        self.after_judgment = False
        self._terms = terms
        self._due_on = due_on
        self._parts: Parts | None = None
        self._payments: dict[UUID, _Payment] = {}

    @property
    def owed_minor(self) -> int:
        """All that is owed."""
        return sum(self.owed.values())

    def take_schedule(self, schedule: Schedule) -> None:
        """From now on these instalments hold; a schedule without any ends them."""
        self._parts = Parts(schedule, self._due_on) if schedule.instalments else None

    def oldest_unpaid_on(self) -> date | None:
        """The earliest due day of what is owed; none when nothing is."""
        if self.owed_minor <= 0:
            return None
        return self._due_on if self._parts is None else self._parts.oldest_unpaid_on(self.owed)

    def stage(self, day: date, *, in_settlement: bool = False) -> Stage:
        """How far the debt has come on a day, as it stands."""
        return self._stage(day, self.oldest_unpaid_on(), in_settlement=in_settlement)

    def _stage(self, day: date, due_on: date | None, *, in_settlement: bool = False) -> Stage:
        return stage_on(
            day,
            self._terms,
            owed_minor=self.owed_minor,
            due_on=due_on,
            in_settlement=in_settlement,
            after_judgment=self.after_judgment,
            written_off_minor=sum(self.written_off.values()),
        )

    def position(self, day: date) -> Position:
        """How the debt stands at the end of a day."""
        if self._parts is not None:
            self._parts.close_day(self.owed, day)
        oldest_unpaid_on = self.oldest_unpaid_on()
        return Position(
            day=day,
            owed={component: minor for component, minor in self.owed.items() if minor},
            written_off={component: minor for component, minor in self.written_off.items() if minor},
            surplus_minor=self.surplus,
            stage=self._stage(day, oldest_unpaid_on),
            oldest_unpaid_on=oldest_unpaid_on,
            instalments=self._instalments(),
        )

    def bear(self, minor: int, day: date) -> bool:
        """Add the interest of a day; gives whether nothing else about the debt changed by it."""
        owed = self.owed[_INTEREST]
        unchanged = owed > 0 and self.owed_minor > 0
        if self._parts is not None:
            unchanged = unchanged and self._parts.has_loose(_INTEREST, owed)
            self._parts.count_in(_INTEREST, minor, day)
        self.owed[_INTEREST] = owed + minor
        return unchanged

    def change(self, changes: Amounts, *, new_on: date | None = None, gives_up: bool = False) -> Effect:
        """Do what an entry says itself; what is `new_on` a day is due on it.

        `gives_up` moves it to what is written off, or back from there.
        """
        owed = {component: minor for component, minor in changes.items() if minor}
        written_off = {component: -minor for component, minor in owed.items()} if gives_up else {}
        for component, minor in owed.items():
            self.owed[component] += minor
            if minor > 0 and new_on is not None and self._parts is not None:
                self._parts.count_in(component, minor, new_on)
        for component, minor in written_off.items():
            self.written_off[component] += minor
            self._given_up[component] += minor
        return Effect(owed=owed, written_off=written_off)

    def write_off_all(self) -> Effect:
        """Give up whatever is owed; nothing when nothing is."""
        if self.owed_minor <= 0:
            return Effect(owed={})
        return self.change({component: -minor for component, minor in self.owed.items()}, gives_up=True)

    def take_up_again(self, given_up: Effect) -> Effect:
        """Undo a write-off, as far as it was not recovered since."""
        again = {
            component: min(minor, max(0, self.written_off[component])) if minor > 0 else minor
            for component, minor in given_up.written_off.items()
        }
        effect = self.change(again, gives_up=True)
        for component, minor in given_up.written_off.items():
            # What was recovered of it is given up no longer either.
            self._given_up[component] += again[component] - minor
        return effect

    def pay(self, happening: Happening, key: UUID) -> Effect:
        """Spread the money of a new payment."""
        payment = _Payment(happening.direction, happening.in_settlement)
        self._payments[key] = payment
        return self._spread(payment, happening.money_minor, [], happening.effective_on)

    def give_back(self, key: UUID, money: int | None) -> Effect:
        """Give back so much of a payment, or all that stands of it: what is beyond the debt, then what it paid last."""
        payment = self._payments.setdefault(key, _Payment())
        stands = payment.surplus + sum(part.stands for part in payment.paid)
        left = stands if money is None else money
        owed: dict[DebtComponent, int] = {}
        written_off: dict[DebtComponent, int] = {}
        surplus = min(left, max(0, payment.surplus))
        left -= surplus
        for part in reversed(payment.paid):
            share = min(left, part.stands)
            if share:
                left -= share
                self._move(part, -share)
                _count(part.line, share, owed, written_off)
        self._owe_again(owed, written_off)
        # More than there was: the debtor owes it, and what comes in for the payment later fills it up first.
        surplus += left
        payment.surplus -= surplus
        self.surplus -= surplus
        return Effect(owed=owed, written_off=written_off, surplus_minor=-surplus)

    def _owe_again(self, owed: dict[DebtComponent, int], written_off: dict[DebtComponent, int]) -> None:
        """Have what is no longer recovered be owed, where the write-off before it was undone meanwhile."""
        for component, minor in written_off.items():
            beyond = min(minor, self.written_off[component] - self._given_up[component])
            if beyond > 0:
                self.written_off[component] -= beyond
                written_off[component] -= beyond
                self.owed[component] += beyond
                owed[component] = owed.get(component, 0) + beyond

    def pay_again(self, key: UUID, happening: Happening) -> Effect:
        """Let money of a payment stand again: for what it paid at first as far as it is owed, then as new money."""
        payment = self._payments.setdefault(key, _Payment())
        left = happening.money_minor
        missing = min(left, max(0, -payment.surplus))
        payment.surplus += missing
        self.surplus += missing
        left -= missing
        lines: list[TraceLine] = []
        if missing:
            lines.append(TraceLine(None, None, missing, missing, "More had been given back than was paid."))
        for part in list(payment.paid):
            owed = self._room(part)
            share = min(left, part.line.paid_minor - part.stands, owed)
            if share > 0:
                left -= share
                self._move(part, share)
                lines.append(_again(part.line, owed, share))
        return self._spread(payment, left, lines, happening.effective_on, surplus=missing)

    def _spread(self, payment: _Payment, money: int, before: list[TraceLine], day: date, *, surplus: int = 0) -> Effect:
        stage = self.stage(day, in_settlement=payment.in_settlement)
        waterfall = self._terms.waterfalls[stage]
        lines, left = spread(
            money,
            self.owed,
            waterfall,
            direction=payment.direction,
            day=day,
            instalments=self._instalments(),
            due_on=self._due_on,
        )
        self._take(payment, lines)
        if left and sum(self.written_off.values()) > 0:
            given_up = self._terms.waterfalls[Stage.WRITTEN_OFF]
            recovered, left = spread(
                left, self.written_off, given_up, direction=payment.direction, day=day, written_off=True
            )
            self._take(payment, recovered)
            lines = (*lines, *recovered)
        payment.surplus += left
        self.surplus += left
        owed: dict[DebtComponent, int] = {}
        written_off: dict[DebtComponent, int] = {}
        lines = (*before, *lines)
        for line in lines:
            _count(line, -line.paid_minor, owed, written_off)
        if left:
            lines = (*lines, TraceLine(None, None, 0, left, SURPLUS))
        return Effect(
            owed=owed,
            written_off=written_off,
            surplus_minor=left + surplus,
            trace=Trace(waterfall.name, stage, lines),
        )

    def _take(self, payment: _Payment, lines: tuple[TraceLine, ...]) -> None:
        for line in lines:
            part = _Paid(self._parts, line, 0)
            payment.paid.append(part)
            self._move(part, line.paid_minor)

    def _move(self, part: _Paid, minor: int) -> None:
        """So much more of a part is paid; below nought it is owed again."""
        line = part.line
        assert line.component is not None
        part.stands += minor
        (self.written_off if line.recovered else self.owed)[line.component] -= minor
        if part.parts is not None and line.instalment is not None and not line.recovered:
            part.parts.pay(line.instalment, line.component, minor)

    def _room(self, part: _Paid) -> int:
        """How much more of a part can be paid as things stand."""
        line = part.line
        assert line.component is not None
        if line.recovered:
            return min(self.written_off[line.component], sum(self.written_off.values()))
        room = min(self.owed[line.component], self.owed_minor)
        if self._parts is not None and part.parts is self._parts and line.instalment is not None:
            room = min(room, self._parts.unpaid_on(line.instalment, line.component, self.owed))
        return max(0, room)

    def _instalments(self) -> tuple[InstalmentPosition, ...]:
        return () if self._parts is None else self._parts.positions(self.owed)


def _count(line: TraceLine, minor: int, owed: dict[DebtComponent, int], written_off: dict[DebtComponent, int]) -> None:
    if line.component is not None:
        counted = written_off if line.recovered else owed
        counted[line.component] = counted.get(line.component, 0) + minor


def _again(line: TraceLine, owed: int, paid: int) -> TraceLine:
    assert line.component is not None
    where = f" of instalment {line.instalment}" if line.instalment is not None else ""
    reason = part_reason(
        f"{line.component.capitalize()}{where}",
        line.component,
        "again, as before the money was taken back",
        line.recovered,
        in_full=paid == owed,
    )
    return TraceLine(line.instalment, line.component, owed, paid, reason, recovered=line.recovered)
