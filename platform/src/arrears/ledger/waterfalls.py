"""Orders in which money is spread over a debt: the known ones as data, and the one computation that follows them all.

A debt is spread over its parts: each instalment, and what belongs to none. Of the latter principal is due on the day
of the whole debt, while interest, fees and costs are due as soon as they are owed. Pure functions of whole minor units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from arrears.ledger.history import (
    Ahead,
    Amounts,
    InstalmentPosition,
    Stage,
    Terms,
    Timing,
    TraceLine,
    Turn,
    Waterfall,
)
from arrears.ledger.model import ALLOCATION_ORDER, DebtComponent

_PRINCIPAL = DebtComponent.PRINCIPAL
_INTEREST = DebtComponent.INTEREST
_FEES = DebtComponent.FEES
_COSTS = DebtComponent.COSTS


def _by_timing(name: str, ahead: Ahead) -> Waterfall:
    components = (_COSTS, _FEES, _INTEREST, _PRINCIPAL)
    return Waterfall(name, tuple(Turn(components, frozenset({timing})) for timing in Timing), ahead)


USUAL = Waterfall("costs, interest, fees, principal", tuple(Turn((component,)) for component in ALLOCATION_ORDER))
"""The order that holds where nothing else is settled, and for whatever the turns of another order leave out."""

PRESETS: Mapping[str, Waterfall] = MappingProxyType(
    {
        "usual": USUAL,
        # German Civil Code, section 367 (1): costs, among which fees count, then interest, then the principal.
        "costs-interest-principal": Waterfall(
            "costs, interest, principal", (Turn((_COSTS, _FEES)), Turn((_INTEREST,)), Turn((_PRINCIPAL,)))
        ),
        "interest-then-principal": Waterfall("interest, then principal", (Turn((_INTEREST,)), Turn((_PRINCIPAL,)))),
        "fees-first-then-oldest": Waterfall(
            "fees first, then the oldest",
            (Turn((_FEES, _COSTS)), Turn((_INTEREST, _PRINCIPAL), by_instalment=True)),
        ),
        "oldest-first": Waterfall("oldest first", (Turn(ALLOCATION_ORDER, by_instalment=True),)),
        "standard-per-instalment": Waterfall(
            "instalment by instalment, then fees, then costs",
            (Turn((_INTEREST, _PRINCIPAL), by_instalment=True), Turn((_FEES,)), Turn((_COSTS,))),
        ),
        "non-performing": Waterfall(
            "all principal, interest, fees, costs",
            (Turn((_PRINCIPAL,)), Turn((_INTEREST,)), Turn((_FEES,)), Turn((_COSTS,))),
        ),
        "by-due-day-then-next": _by_timing("past due, due, then the next instalment", Ahead.NEXT),
        "by-due-day-then-last": _by_timing("past due, due, then the last instalment", Ahead.LAST),
        "by-due-day-then-evenly": _by_timing("past due, due, then all instalments evenly", Ahead.EVENLY),
    }
)
"""The orders that clients choose from, by the name that settings give them."""

SURPLUS = "Nothing more is owed: this is beyond the debt, and owed back to the debtor."
"""Why money of a payment went to no part of the debt."""


def waterfall(
    order: str | Sequence[Turn], *, name: str = "an order of its own", ahead: Ahead = Ahead.NEXT
) -> Waterfall:
    """The preset of this name, or these turns under a name for people.

    Raises `ValueError` for a name that is no preset's, for no turns at all, and for a turn without a component.
    """
    if isinstance(order, str):
        if order not in PRESETS:
            raise ValueError(f"There is no order of payments named {order!r}; there are {', '.join(PRESETS)}.")
        return PRESETS[order]
    if not order:
        raise ValueError("An order of payments has at least one turn.")
    if any(not turn.components or not turn.timings for turn in order):
        raise ValueError("Every turn of an order of payments names a component and a timing.")
    return Waterfall(name, tuple(order), ahead)


def stage_on(
    day: date,
    terms: Terms,
    *,
    owed_minor: int,
    due_on: date | None,
    in_settlement: bool = False,
    after_judgment: bool = False,
    written_off_minor: int = 0,
) -> Stage:
    """How far a debt has come on a day, of which so much is owed; `due_on` is the earliest due day of what is owed."""
    if in_settlement:
        return Stage.SETTLEMENT
    if written_off_minor > 0 and owed_minor <= 0:
        return Stage.WRITTEN_OFF
    if after_judgment:
        return Stage.JUDGMENT
    if owed_minor > 0 and due_on is not None and (day - due_on).days >= max(1, terms.non_performing_after_days):
        return Stage.NON_PERFORMING
    return Stage.STANDARD


def timing_on(day: date | None, due_on: date | None) -> Timing:
    """How something due on one day stands on another; past due where either is not given."""
    if day is None or due_on is None or due_on < day:
        return Timing.PAST_DUE
    return Timing.DUE if due_on == day else Timing.IN_ADVANCE


def spread(
    money: int,
    owed: Amounts,
    waterfall: Waterfall,
    *,
    direction: tuple[DebtComponent, ...] = (),
    day: date | None = None,
    instalments: Sequence[InstalmentPosition] = (),
    due_on: date | None = None,
    written_off: bool = False,
) -> tuple[tuple[TraceLine, ...], int]:
    """How money is spread over what is owed, part by part in the order paid, and how much of it is left.

    The debtor's `direction` comes before the turns of the waterfall, the usual order after them. What is owed and in no
    instalment is due on `due_on`. No part gets more than is owed on it, and all together no more than the sum owed.
    `written_off` says that these are parts given up, which the money recovers.
    """
    able = max(0, min(money, sum(owed.values())))
    parts = _parts(owed, day, instalments, due_on)
    spreading = _Spreading(able, parts, waterfall.ahead, has_instalments=bool(instalments), written_off=written_off)
    for component in direction:
        spreading.take(Turn((component,)), "first, as the debtor directed")
    for number, turn in enumerate(waterfall.turns, start=1):
        spreading.take(turn, f"in turn {number} of '{waterfall.name}'")
    for turn in USUAL.turns:
        spreading.take(turn, f"in the usual order, after all turns of '{waterfall.name}'")
    return tuple(spreading.lines), money - able + spreading.left


@dataclass(slots=True)
class _Part:
    instalment: int | None
    due_on: date
    timing: Timing
    unpaid: dict[DebtComponent, int]


def _parts(
    owed: Amounts, day: date | None, instalments: Sequence[InstalmentPosition], due_on: date | None
) -> list[_Part]:
    """The parts of a debt in the order of their due days; together they are what is owed, or less than nothing."""
    loose = {component: minor for component, minor in owed.items() if minor > 0}
    parts: list[_Part] = []
    for position in sorted(instalments, key=lambda one: (one.due_on, one.number)):
        unpaid: dict[DebtComponent, int] = {}
        for component, minor in position.unpaid.items():
            taken = min(minor, loose.get(component, 0))
            if taken > 0:
                unpaid[component] = taken
                loose[component] -= taken
        if unpaid:
            parts.append(_Part(position.number, position.due_on, timing_on(day, position.due_on), unpaid))
    timing = timing_on(day, due_on)
    principal = {_PRINCIPAL: loose.pop(_PRINCIPAL)} if timing is not Timing.PAST_DUE and _PRINCIPAL in loose else {}
    already = [_Part(None, min(due_on or date.min, day or date.min), Timing.PAST_DUE, loose)]
    if principal:
        already.append(_Part(None, due_on or date.min, timing, principal))
    if not parts:
        return already
    # What belongs to no instalment comes before the instalments of its day.
    return sorted((*already, *parts), key=lambda part: (part.due_on, part.timing is not Timing.PAST_DUE))


class _Spreading:
    """Money on its way over the parts of one debt."""

    def __init__(
        self, money: int, parts: Sequence[_Part], ahead: Ahead, *, has_instalments: bool, written_off: bool
    ) -> None:
        self.left = money
        self.lines: list[TraceLine] = []
        self._now = [part for part in parts if part.timing is not Timing.IN_ADVANCE]
        self._ahead = [part for part in parts if part.timing is Timing.IN_ADVANCE]
        if ahead is Ahead.LAST:
            self._ahead.reverse()
        self._evenly = ahead is Ahead.EVENLY and len(self._ahead) > 1
        self._way = {Ahead.NEXT: "ahead of its day ", Ahead.LAST: "ahead, the last instalment first, "}.get(ahead, "")
        self._has_instalments = has_instalments
        self._written_off = written_off

    def take(self, turn: Turn, when: str) -> None:
        """Pay what a turn takes up, as far as the money goes."""
        if self.left == 0:
            return
        now = [part for part in self._now if part.timing in turn.timings]
        ahead = self._ahead if Timing.IN_ADVANCE in turn.timings else []
        rounds = [turn.components] if turn.by_instalment else [(component,) for component in turn.components]
        for components in rounds:
            for part in now:
                self._pay(part, components, self.left, when)
            if self._evenly and ahead:
                for part, share in _even_shares(self.left, ahead, components):
                    self._pay(part, components, share, f"ahead, evenly with the other instalments to come, {when}")
            else:
                for part in ahead:
                    self._pay(
                        part, components, self.left, f"{self._way}{when}" if part.instalment is not None else when
                    )

    def _pay(self, part: _Part, components: Sequence[DebtComponent], limit: int, when: str) -> None:
        for component in components:
            owed = part.unpaid.get(component, 0)
            paid = min(owed, limit)
            if paid <= 0:
                continue
            limit -= paid
            self.left -= paid
            part.unpaid[component] = owed - paid
            reason = self._reason(part, component, when, in_full=paid == owed)
            self.lines.append(TraceLine(part.instalment, component, owed, paid, reason, recovered=self._written_off))

    def _reason(self, part: _Part, component: DebtComponent, when: str, *, in_full: bool) -> str:
        where = f" of instalment {part.instalment}" if part.instalment is not None else ""
        if not where and self._has_instalments:
            where = " outside the instalments"
        return part_reason(f"{component.capitalize()}{where}", component, when, self._written_off, in_full=in_full)


def part_reason(subject: str, component: DebtComponent, when: str, written_off: bool, *, in_full: bool) -> str:
    """The sentence that says why a part of a debt is paid, and how far."""
    verb = "are" if component in (_FEES, _COSTS) else "is"
    how_far = "all of what is owed." if in_full else "as far as the money goes."
    if written_off:
        had = "had been written off and"
        how_far = "all of what was given up." if in_full else how_far
        return f"{subject} {had} {verb} recovered {when}: {how_far}"
    return f"{subject} {verb} paid {when}: {how_far}"


def _even_shares(
    money: int, parts: Sequence[_Part], components: Sequence[DebtComponent]
) -> Iterator[tuple[_Part, int]]:
    """How much each part gets when all get the same, but none more than it can take.

    What cannot be divided goes to the earlier parts, one minor unit each.
    """
    room = {index: sum(part.unpaid.get(component, 0) for component in components) for index, part in enumerate(parts)}
    shares: dict[int, int] = {}
    left = min(money, sum(room.values()))
    # The part with the least room first: what it cannot take is shared among the others.
    waiting = sorted((index for index in room if room[index]), key=lambda index: (room[index], -index))
    while waiting:
        index = waiting[0]
        if room[index] * len(waiting) > left:
            break
        shares[index] = room[index]
        left -= room[index]
        waiting.pop(0)
    if waiting:
        each, over = divmod(left, len(waiting))
        for place, index in enumerate(sorted(waiting)):
            shares[index] = each + (place < over)
    for index in sorted(shares):
        yield parts[index], shares[index]
