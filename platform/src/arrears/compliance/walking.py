"""Finds through which times a set of rules allows, by asking it at instants and going to where its answers point.

What lies between two borders (a local midnight, a fact that begins or ends) is walked by itself, so that a month is
walked in as many rounds as its busiest day: every round asks about all that is still open in one call. An ALLOW holds
until the instant that it names, a DEFER objects until the one that it names, a DENY until the next border. Nothing is
held to be allowed that was not asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from arrears_sdk.ruling import Ruling, Verdict

FEWEST_AT_ONCE = 20
MOST_AT_ONCE = 100
MOST_STEPS = 60
MOST_ASKED = 2_500
# A question about so many further debts takes as long again.
DEBTS_LIKE_A_QUESTION = 12


@dataclass(frozen=True)
class Said:
    """What was answered at an instant, for each place whose settings decide."""

    parts: tuple[Ruling, ...]

    @cached_property
    def ruling(self) -> Ruling:
        """Everything together."""
        return Ruling.combine(self.parts)


Ask: TypeAlias = Callable[[Sequence[tuple[int, datetime]]], Awaitable[Sequence[Said]]]
"""Asks about many ways at once: the number of each, and the instant."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time through which one answer holds: from `begins` on, up to `ends`, which is not within."""

    begins: datetime
    ends: datetime
    allowed: bool
    said: Said


@dataclass(slots=True)
class Walk:
    """What was found of one way, in the order of time, up to the instant `checked_until`."""

    stretches: list[Stretch]
    checked_until: datetime
    complete: bool


@dataclass(slots=True)
class _Segment:
    way: int
    begins: datetime
    ends: datetime
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def position(self) -> datetime:
        return self.stretches[-1].ends if self.stretches else self.begins

    def take(self, said: Said) -> None:
        """Go as far as an answer reaches, at most to the end."""
        at, until, verdict = self.position, said.ruling.until, said.ruling.verdict
        reaches = until is not None and until > at
        # Who allows until an instant that is over, or defers to one, has not said when it becomes allowed.
        allowed = verdict < Verdict.DEFER and (until is None or reaches)
        ends = min(until, self.ends) if until is not None and reaches else self.ends
        self.stretches.append(Stretch(at, ends, allowed, said))


async def walk(ask: Ask, borders: Sequence[Sequence[datetime]], *, accounts: int = 1) -> list[Walk]:
    """What is allowed of each way between the first and the last of its borders.

    Past so many questions nothing new is begun, the fewer the more accounts each is about: a walk then ends at
    `checked_until` and is not complete.
    """
    weight = 1 + accounts // DEBTS_LIKE_A_QUESTION
    found = [Walk([], ends[0], complete=True) for ends in borders]
    segments = [_Segment(way, *pair) for way, ends in enumerate(borders) for pair in pairwise(ends)]
    segments.sort(key=lambda segment: (segment.begins, segment.way))
    asked = 0
    for batch in _batches(segments, max(FEWEST_AT_ONCE, MOST_AT_ONCE // weight)):
        if asked * weight >= MOST_ASKED:
            for segment in batch:
                found[segment.way].complete = False
            continue
        asked += await _settle(ask, batch)
        for segment in batch:
            _add(found[segment.way], segment)
    return found


def _batches(segments: Sequence[_Segment], size: int) -> Iterator[Sequence[_Segment]]:
    for start in range(0, len(segments), size):
        yield segments[start : start + size]


async def _settle(ask: Ask, batch: Sequence[_Segment]) -> int:
    """Walk every segment to its end, or as far as can be gone; how much was asked."""
    asked = 0
    for _ in range(MOST_STEPS):
        unsettled = [segment for segment in batch if segment.position < segment.ends]
        if not unsettled:
            break
        answers = await ask([(segment.way, segment.position) for segment in unsettled])
        asked += len(unsettled)
        for segment, said in zip(unsettled, answers, strict=True):
            segment.take(said)
    return asked


def _add(found: Walk, segment: _Segment) -> None:
    found.stretches += segment.stretches
    found.checked_until = segment.ends
    # A segment that was not walked to its end leaves a gap, which counts as not allowed.
    found.complete = found.complete and segment.position >= segment.ends
