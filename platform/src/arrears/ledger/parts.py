"""The instalments of a debt as the days go by: what of each is unpaid, since when, and what belongs to none of them.

A schedule says what is planned; only what is owed can be unpaid. Where the plan comes to more than the debt, its last
instalments are cut; where it comes to less, the difference belongs to no instalment. Of that the latest charges are
unpaid longest, and each charge since the schedule began is due on its own day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date

from arrears.ledger.history import Amounts, InstalmentPosition, Schedule
from arrears.ledger.model import DebtComponent


class Parts:
    """The instalments that hold from a day on, as payments find and leave them."""

    def __init__(self, schedule: Schedule, due_on: date) -> None:
        self.instalments = sorted(schedule.instalments, key=lambda one: (one.due_on, one.number))
        self._due_on = due_on
        self._index = {instalment.number: index for index, instalment in enumerate(self.instalments)}
        # What is planned and not paid, and what is unpaid of it as the debt stands.
        self._planned = [{c: m for c, m in one.amounts.items() if m > 0} for one in self.instalments]
        self._total: dict[DebtComponent, int] = {}
        for planned in self._planned:
            for component, minor in planned.items():
                self._total[component] = self._total.get(component, 0) + minor
        self._unpaid: list[dict[DebtComponent, int]] = [{} for _ in self.instalments]
        self._seen: dict[DebtComponent, int | None] = dict.fromkeys(self._total)
        self._was_owed = [False] * len(self.instalments)
        self._paid_on: list[date | None] = [None] * len(self.instalments)
        self._charges: dict[DebtComponent, tuple[list[date], list[int]]] = {c: ([], []) for c in DebtComponent}
        self._positions: list[InstalmentPosition | None] = [None] * len(self.instalments)
        self._all: tuple[InstalmentPosition, ...] | None = None
        self._moved = set(range(len(self.instalments)))

    def count_in(self, component: DebtComponent, minor: int, day: date) -> None:
        """Count in what the debt grew by on a day."""
        days, sums = self._charges[component]
        days.append(max(day, self._due_on))
        sums.append((sums[-1] if sums else 0) + minor)

    def has_loose(self, component: DebtComponent, owed: int) -> bool:
        """Whether more of a component is owed than its instalments have planned."""
        return owed > max(0, self._total.get(component, 0))

    def pay(self, number: int, component: DebtComponent, minor: int) -> None:
        """Count in what was paid on an instalment; below nought for what is given back."""
        index = self._index[number]
        self._planned[index][component] = self._planned[index].get(component, 0) - minor
        self._total[component] = self._total.get(component, 0) - minor
        self._was_owed[index] = True
        self._seen[component] = None

    def unpaid_on(self, number: int, component: DebtComponent, owed: Amounts) -> int:
        """What of a component is unpaid on one instalment."""
        self._reduce(owed)
        return self._unpaid[self._index[number]].get(component, 0)

    def positions(self, owed: Amounts) -> tuple[InstalmentPosition, ...]:
        """How each instalment stands, in the order of the due days."""
        self._reduce(owed)
        if self._all is None:
            for index, instalment in enumerate(self.instalments):
                if self._positions[index] is None:
                    unpaid = {component: minor for component, minor in self._unpaid[index].items() if minor}
                    self._positions[index] = InstalmentPosition(
                        instalment.number, instalment.due_on, unpaid, self._paid_on[index]
                    )
            self._all = tuple(position for position in self._positions if position is not None)
        return self._all

    def close_day(self, owed: Amounts, day: date) -> None:
        """Note which instalments are paid in whole at the end of a day, and which are not any more."""
        self._reduce(owed)
        for index in self._moved:
            is_owed = any(self._unpaid[index].values())
            paid_on = self._paid_on[index]
            if is_owed:
                self._was_owed[index] = True
            if is_owed == (paid_on is None) or (not is_owed and not self._was_owed[index]):
                continue
            self._paid_on[index] = None if is_owed else day
            self._positions[index] = self._all = None
        self._moved.clear()

    def oldest_unpaid_on(self, owed: Amounts) -> date | None:
        """The earliest due day of anything owed; none when nothing is."""
        self._reduce(owed)
        unpaid = zip(self.instalments, self._unpaid, strict=True)
        first = next((instalment.due_on for instalment, parts in unpaid if any(parts.values())), None)
        days = [] if first is None else [first]
        for component, minor in owed.items():
            loose = minor - max(0, self._total.get(component, 0))
            if loose > 0:
                days.append(self._loose_due_on(component, loose))
        return min(days, default=None)

    def _loose_due_on(self, component: DebtComponent, loose: int) -> date:
        charged_on, sums = self._charges[component]
        settled = (sums[-1] if sums else 0) - loose
        if settled < 0:
            return self._due_on
        return charged_on[bisect_right(sums, settled)]

    def _reduce(self, owed: Mapping[DebtComponent, int]) -> None:
        """Bring what is unpaid up to date, for the components of which something changed that matters."""
        for component in _changed(self._seen, self._total, owed):
            left = max(0, owed.get(component, 0))
            for index, planned in enumerate(self._planned):
                share = planned.get(component, 0)
                if share > left:
                    share = left
                left -= share
                unpaid = self._unpaid[index]
                if unpaid.get(component, 0) != share:
                    unpaid[component] = share
                    self._positions[index] = self._all = None
                    self._moved.add(index)


def _changed(
    seen: dict[DebtComponent, int | None], total: Mapping[DebtComponent, int], owed: Mapping[DebtComponent, int]
) -> Iterable[DebtComponent]:
    for component, planned in total.items():
        # Beyond the plan, more or less of a component makes no difference to its instalments.
        counts = min(max(0, owed.get(component, 0)), planned)
        if seen.get(component) != counts:
            seen[component] = counts
            yield component
