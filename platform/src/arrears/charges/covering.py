"""What of each fee was paid and what forgiven, as the ledger has it: in the order of its days, the oldest fee first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from uuid import UUID


class Move(IntEnum):
    """What an entry does to the fees of an account, in the order in which a day takes it up."""

    RAISED = 1
    FORGIVEN = 2
    PAID = 3


@dataclass(frozen=True, slots=True)
class FeeMove:
    """One change of what is owed in fees; below zero it takes back what was done. `of` is the one fee that it is about.

    Of a raise `entry_id` is what is owed by it; a forgiveness with `of` concerns that raise alone.
    """

    day: date
    move: Move
    entry_id: UUID
    minor: int
    of: UUID | None = None


@dataclass(slots=True)
class Cover:
    """How one raise of the fees stands."""

    owed_minor: int
    paid_minor: int = 0
    forgiven_minor: int = 0
    closed_on: date | None = None
    """The day on which nothing of it was open any more."""

    @property
    def open_minor(self) -> int:
        """What of it is neither paid nor forgiven."""
        return self.owed_minor - self.paid_minor - self.forgiven_minor

    @property
    def is_paid(self) -> bool:
        """Whether money covers all of it that was not forgiven."""
        return self.paid_minor > 0 and self.open_minor <= 0


@dataclass(slots=True)
class _Book:
    covers: dict[UUID, Cover] = field(default_factory=dict)
    paid: list[tuple[UUID, int]] = field(default_factory=list)
    forgiven: list[tuple[UUID, int]] = field(default_factory=list)

    def take(self, move: FeeMove) -> None:
        if move.move is Move.RAISED and move.minor > 0:
            self.covers.setdefault(move.entry_id, Cover(0)).owed_minor += move.minor
        elif move.move is Move.RAISED:
            self._lay(replace(move, move=Move.FORGIVEN, minor=-move.minor))
        elif move.minor > 0:
            self._lay(move)
        else:
            self._take_back(-move.minor, *self._stack(move.move))

    def _stack(self, move: Move) -> tuple[list[tuple[UUID, int]], str]:
        return (self.paid, "paid_minor") if move is Move.PAID else (self.forgiven, "forgiven_minor")

    def _lay(self, move: FeeMove) -> None:
        stack, name = self._stack(move.move)
        minor = move.minor
        for entry_id, cover in self.covers.items():
            if move.of is not None and entry_id != move.of:
                continue
            part = min(minor, max(cover.open_minor, 0))
            if part:
                setattr(cover, name, getattr(cover, name) + part)
                stack.append((entry_id, part))
                minor -= part
                if not cover.open_minor:
                    cover.closed_on = move.day

    def _take_back(self, minor: int, stack: list[tuple[UUID, int]], name: str) -> None:
        while minor and stack:
            entry_id, part = stack.pop()
            back = min(minor, part)
            setattr(self.covers[entry_id], name, getattr(self.covers[entry_id], name) - back)
            if part > back:
                stack.append((entry_id, part - back))
            minor -= back


def covers(moves: Iterable[FeeMove]) -> Mapping[UUID, Cover]:
    """How each raise of the fees stands after all moves, by its entry, the oldest first.

    Money pays the oldest raise that is open; what is given back was paid last. A write-off is no move: it can still be
    recovered. Moves that concern one raise name it; others are laid upon the oldest.
    """
    book = _Book()
    for move in sorted(moves, key=lambda one: (one.day, one.move, one.entry_id)):
        book.take(move)
    return book.covers
