"""The course of a debt: what each payment paid, the interest of each day and how the debt stood, from what happened.

Pure: the same history has the same course, in whatever order its entries came to be known. Work grows with the entries
and the days on which interest comes to be charged, not with the days of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from arrears.ledger.debt import Debt
from arrears.ledger.history import (
    Award,
    Course,
    Effect,
    Happening,
    History,
    InterestState,
    Position,
    Schedule,
    Stage,
)
from arrears.ledger.interest import begin, extend, terms_of_count
from arrears.ledger.model import PAYING, DebtComponent, EntryKind

_ORDER = {
    EntryKind.OPENING_BALANCE: 2,
    EntryKind.CHARGE: 3,
    EntryKind.FEE: 3,
    EntryKind.TRANSFER: 3,
    EntryKind.ADJUSTMENT: 3,
    EntryKind.JUDGMENT: 4,
    EntryKind.DISCOUNT: 5,
    EntryKind.REFUND: 6,
    EntryKind.CHARGEBACK: 6,
    EntryKind.PAYMENT: 6,
    EntryKind.RECOVERY: 6,
    EntryKind.CHARGEBACK_WON: 7,
    EntryKind.WRITE_OFF: 9,
}
"""The order within one day; the day's interest comes before all of it.

What earlier payments lose comes before the day's payments, and what is given back of a payment on its own day right
after it: a payment that was recorded by mistake and undone leaves no trace in the others of its day.
"""

_NEW = frozenset(
    {EntryKind.CHARGE, EntryKind.FEE, EntryKind.TRANSFER, EntryKind.ADJUSTMENT, EntryKind.JUDGMENT},
)
"""What makes a debt larger by something that is due when it is charged."""


def course(history: History, until: date) -> Course:
    """How a debt ran until the end of a day: effects by entry, interest by day, and its position on days of change.

    What takes effect later is left out. The last position is that of `until`, whether or not anything changed then.
    Raises `ValueError` for an entry of a kind that the course itself computes.
    """
    run = _Run(history)
    happenings: dict[date, list[Happening]] = {}
    for happening in history.happenings:
        if happening.effective_on <= until:
            happenings.setdefault(happening.effective_on, []).append(happening)
    schedules = {schedule.from_on: schedule for schedule in history.schedules if schedule.from_on <= until}
    begins = {run.begins_on} if run.begins_on is not None and run.begins_on <= until else set()
    for day in sorted({*happenings, *schedules, *begins}):
        run.advance(day)
        run.live(day, schedules.get(day), happenings.get(day, ()))
    return run.finished(until)


class _Run:
    """A course while it is computed."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._debt = Debt(history.terms, history.due_on)
        self._by_id = {happening.entry_id: happening for happening in history.happenings}
        self._awards = {award.entry_id: award for award in history.awards}
        self._terms = history.terms.interest
        self._state: InterestState | None = None
        self._effects: dict[UUID, Effect] = {}
        self._interest: dict[date, int] = {}
        self._positions: list[Position] = []
        self.begins_on = _begins_on(history)
        self._paid = {self._payment_key(one): one for one in history.happenings if one.kind in PAYING}
        self._returned = {
            (self._payment_key(one), one.effective_on)
            for one in history.happenings
            if one.kind in (EntryKind.REFUND, EntryKind.CHARGEBACK)
            or (one.kind is EntryKind.REVERSAL and self._is_about_payment(one))
        }

    def advance(self, day: date) -> None:
        """Bring the debt to a day, with its interest, before anything happens on it."""
        if self._state is not None:
            charged, self._state = extend(
                self._state,
                self._debt.owed,
                self._terms,
                day,
                principal_at_start_minor=self._state.principal_at_start_minor,
                free=self._history.interest_free,
            )
            for on, minor in charged:
                self._pass_turn(on)
                self._interest[on] = minor
                last = self._positions[-1] if self._positions else None
                unchanged = self._debt.bear(minor, on)
                if on < day:
                    grown = self._grown(last, on) if unchanged and last is not None else self._debt.position(on)
                    self._positions.append(grown)
        self._pass_turn(day)

    def live(self, day: date, schedule: Schedule | None, happenings: Iterable[Happening]) -> None:
        """Let happen what happens on a day, in the order that holds within one, and note how the debt stands then."""
        if schedule is not None:
            self._debt.take_schedule(schedule)
        starts = is_first = day == self.begins_on and not self._debt.after_judgment
        for happening in sorted(happenings, key=self._place):
            self._effects[happening.entry_id] = self._effect(happening)
            if self._turns_terms(happening):
                starts, is_first = True, False
        if starts:
            self._state = self._begun(day, is_first=is_first)
        self._positions.append(self._debt.position(day))

    def finished(self, until: date) -> Course:
        """The course until the end of a day."""
        if not self._positions or self._positions[-1].day < until:
            self.advance(until)
            self._positions.append(self._debt.position(until))
        state = self._state
        if state is None and self.begins_on is not None and self.begins_on > until and not self._debt.after_judgment:
            # Nothing is counted yet, but the day is known from which it will be.
            state = self._begun(self.begins_on, is_first=True)
        return Course(self._effects, self._interest, tuple(self._positions), state)

    def _begun(self, day: date, *, is_first: bool) -> InterestState | None:
        """A count that begins at the end of a day; the first counts its periods from the day that was agreed."""
        if not self._terms.rates:
            return None
        agreed = self._history.accrues_from_on
        began_on = min(day, agreed) if is_first and agreed is not None else day
        state = replace(begin(self._terms, began_on), through_on=day)
        return replace(state, principal_at_start_minor=max(0, self._debt.owed[DebtComponent.PRINCIPAL]))

    def _grown(self, last: Position, day: date) -> Position:
        """The position after a day of interest that changed nothing but what is owed of it."""
        stage = last.stage
        if stage is Stage.STANDARD and last.oldest_unpaid_on is not None:
            stage = Stage.NON_PERFORMING if day >= self._turns_on(last.oldest_unpaid_on) else stage
        return Position(
            day,
            {**last.owed, DebtComponent.INTEREST: self._debt.owed[DebtComponent.INTEREST]},
            last.written_off,
            last.surplus_minor,
            stage,
            last.oldest_unpaid_on,
            last.instalments,
        )

    def _turns_on(self, due_on: date) -> date:
        return due_on + timedelta(days=max(1, self._history.terms.non_performing_after_days))

    def _pass_turn(self, day: date) -> None:
        """Note the day before this one on which the debt became non-performing merely because time went by."""
        last = self._positions[-1] if self._positions else None
        if last is None or last.stage is not Stage.STANDARD or last.oldest_unpaid_on is None:
            return
        turns_on = self._turns_on(last.oldest_unpaid_on)
        if last.day < turns_on < day:
            self._positions.append(self._debt.position(turns_on))

    def _place(self, happening: Happening) -> tuple[object, ...]:
        """Where a happening comes within its day; never by the order in which it came to be known, if that matters."""
        kind = happening.kind
        if kind is EntryKind.REVERSAL:
            return self._place_of_reversal(happening)
        if kind not in _ORDER:
            raise ValueError(f"An entry of kind {kind} is computed; it is none that happened.")
        if kind in PAYING:
            return (*self._place_of_payment(happening), 0)
        if kind in (EntryKind.REFUND, EntryKind.CHARGEBACK):
            return self._place_of_return(happening)
        return (_ORDER[kind], int(happening.is_whole), (kind, -happening.money_minor), happening.entry_id)

    def _place_of_payment(self, happening: Happening) -> tuple[object, ...]:
        stays = (self._payment_key(happening), happening.effective_on) not in self._returned
        undirected = not happening.direction
        terms = (undirected, -happening.money_minor, happening.direction, happening.in_settlement)
        return (6, 1 + stays, terms, happening.entry_id)

    def _place_of_return(self, happening: Happening) -> tuple[object, ...]:
        order = (happening.kind is EntryKind.REVERSAL, happening.kind, -happening.money_minor, happening.entry_id)
        paid = self._paid.get(self._payment_key(happening))
        if paid is not None and paid.effective_on == happening.effective_on:
            return (*self._place_of_payment(paid), 1, *order)
        return (6, 0, *order)

    def _place_of_reversal(self, happening: Happening) -> tuple[object, ...]:
        if self._is_about_payment(happening):
            return self._place_of_return(happening)
        undone = self._undone(happening)
        # What is undone on its own day is undone after it was done.
        same_day = undone is not None and undone.effective_on == happening.effective_on
        place = _ORDER.get(undone.kind, 3) if undone is not None and same_day else 3
        return (max(3, place), 2, (happening.kind, 0), happening.entry_id)

    def _undone(self, happening: Happening) -> Happening | None:
        return self._by_id.get(happening.reverses_id) if happening.reverses_id is not None else None

    def _is_about_payment(self, happening: Happening) -> bool:
        undone = self._undone(happening)
        return happening.payment_id is not None or (undone is not None and undone.kind in PAYING)

    def _effect(self, happening: Happening) -> Effect:
        debt = self._debt
        kind = happening.kind
        if kind in PAYING:
            return debt.pay(happening, self._payment_key(happening))
        if kind is EntryKind.CHARGEBACK_WON:
            return debt.pay_again(self._payment_key(happening), happening)
        if kind in (EntryKind.REFUND, EntryKind.CHARGEBACK):
            return debt.give_back(self._payment_key(happening), -happening.money_minor)
        if kind is EntryKind.REVERSAL:
            return self._reversed(happening)
        if kind is EntryKind.WRITE_OFF:
            return debt.write_off_all() if happening.is_whole else debt.change(happening.changes, gives_up=True)
        return debt.change(happening.changes, new_on=happening.effective_on if kind in _NEW else None)

    def _reversed(self, happening: Happening) -> Effect:
        if self._is_about_payment(happening):
            return self._debt.give_back(self._payment_key(happening), -happening.money_minor or None)
        undone = self._undone(happening)
        if undone is None or undone.kind is not EntryKind.WRITE_OFF:
            return self._debt.change(happening.changes)
        if undone.is_whole:
            return self._debt.take_up_again(self._effects.get(undone.entry_id, Effect(owed={})))
        return self._debt.take_up_again(Effect(owed={}, written_off=happening.changes))

    def _payment_key(self, happening: Happening) -> UUID:
        """By what a payment is known: its own id, or that of its entry where it has none."""
        undone = self._undone(happening)
        about = undone if undone is not None and undone.kind in PAYING else happening
        return about.payment_id or about.entry_id

    def _turns_terms(self, happening: Happening) -> bool:
        """Whether the count of interest starts anew: a judgment was given, or one was undone."""
        undone = self._undone(happening) if happening.kind is EntryKind.REVERSAL else None
        if happening.kind is EntryKind.JUDGMENT:
            unsaid = Award(happening.entry_id, happening.effective_on, None)
            self._terms = terms_of_count(self._history.terms, self._awards.get(happening.entry_id, unsaid))
        elif undone is not None and undone.kind is EntryKind.JUDGMENT:
            self._terms = self._history.terms.interest
        else:
            return False
        self._debt.after_judgment = happening.kind is EntryKind.JUDGMENT
        return True


def _begins_on(history: History) -> date | None:
    """The day at whose end the count of interest begins: that agreed, but not before the debt was there."""
    opened = [one.effective_on for one in history.happenings if one.kind is EntryKind.OPENING_BALANCE]
    first = min(opened or (one.effective_on for one in history.happenings), default=None)
    if first is None:
        return None
    return max(first, history.accrues_from_on or first)
