"""A debt counted day by day with pencil and paper: simple interest on the principal, payments in the usual order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

USUAL_ORDER = ("costs", "interest", "fees", "principal")
Parts = dict[str, int]


@dataclass(frozen=True)
class Event:
    """What happened on a day: `pay`, `return` (of an earlier payment, by its name) or `give up`."""

    day: date
    kind: str
    name: str = ""
    minor: int = 0


@dataclass
class PlainDebt:
    """What was owed when the debt was placed, the dated yearly rates, and what happened since."""

    placed_on: date
    placed: Parts
    rates: Sequence[tuple[date, Fraction]]
    events: list[Event] = field(default_factory=list)

    def on(self, day: date, interest_through: date) -> tuple[Parts, int]:
        """What is owed at the end of a day by component, and what is written off; interest is booked through a day."""
        owed, given_up = dict(self.placed), dict.fromkeys(self.placed, 0)
        paid: dict[str, list[tuple[str, int]]] = {}
        exact, charged = Fraction(0), 0
        today = self.placed_on
        if day < today:
            return dict.fromkeys(self.placed, 0), 0
        while True:
            for event in sorted(self.events, key=lambda one: one.day):
                if event.day == today:
                    self._happen(event, owed, given_up, paid)
            if today == day:
                return owed, sum(given_up.values())
            today += timedelta(days=1)
            if today <= interest_through or any(event.day >= today for event in self.events):
                rate = [percent for since, percent in self.rates if since <= today][-1]
                exact += max(0, owed["principal"]) * rate / 100 / 365
                due = round(exact) - charged
                charged += due
                owed["interest"] += due

    def _happen(self, event: Event, owed: Parts, given_up: Parts, paid: dict[str, list[tuple[str, int]]]) -> None:
        if event.kind == "give up":
            for component in owed:
                given_up[component] += owed[component]
                owed[component] = 0
            return
        if event.kind == "return":
            for component, share in reversed(paid[event.name]):
                owed[component] += share
            return
        left = event.minor
        pocket = owed if any(owed.values()) else given_up
        paid[event.name] = []
        for component in USUAL_ORDER:
            share = min(left, pocket[component])
            pocket[component] -= share
            left -= share
            paid[event.name].append((component, share))
