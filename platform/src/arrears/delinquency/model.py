"""How long a debt is past due, and in which bucket that puts it: pure rules over days.

A day counts as past due when it lies after the due day; so a debt due on the 1st is one day past due on the 2nd. A day
within a pause counts as past due and not as delinquent. The bucket goes by the delinquent days, stays as it is through
a pause, and ends at once when nothing is owed any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from arrears_sdk.errors import InputError

CURRENT = "current"
"""How a debt is called that is in no bucket."""

ONE_DAY = timedelta(days=1)
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of delinquent days and its name; the last bucket may have no end."""

    name: str
    from_days: int
    until_days: int | None

    def holds(self, days: int) -> bool:
        """Whether so many delinquent days belong here."""
        return self.from_days <= days and (self.until_days is None or days <= self.until_days)

    @property
    def shown(self) -> str:
        """The days in words: 1 to 30, or 91 and more."""
        return f"{self.from_days} and more" if self.until_days is None else f"{self.from_days} to {self.until_days}"


USUAL_BUCKETS = (Bucket("1-30", 1, 30), Bucket("31-60", 31, 60), Bucket("61-90", 61, 90), Bucket("91+", 91, None))


def check_buckets(buckets: Sequence[Bucket]) -> None:
    """Return when the buckets are in order and do not overlap; else ValueError says which one is wrong."""
    before: Bucket | None = None
    names: set[str] = set()
    for bucket in buckets:
        if bucket.name.lower() in names | {CURRENT}:
            raise ValueError(
                f"the name {bucket.name!r} is taken: each bucket needs its own, and none may be {CURRENT!r}"
            )
        names.add(bucket.name.lower())
        if bucket.until_days is not None and bucket.until_days < bucket.from_days:
            raise ValueError(f"the bucket {bucket.name!r} ends at {bucket.until_days} days, before {bucket.from_days}")
        if before is not None and before.until_days is None:
            raise ValueError(f"the bucket {before.name!r} has no end, so {bucket.name!r} cannot follow it")
        if before is not None and before.until_days is not None and bucket.from_days <= before.until_days:
            raise ValueError(
                f"the bucket {bucket.name!r} begins at {bucket.from_days} days,"
                f" and {before.name!r} goes to {before.until_days}"
            )
        before = bucket


@dataclass(frozen=True, slots=True)
class Rules:
    """What a client has settled: how many days of grace there are, and the buckets in order."""

    grace_days: int = 0
    buckets: tuple[Bucket, ...] = USUAL_BUCKETS

    def bucket_of(self, delinquent_days: int) -> Bucket | None:
        """The bucket of so many delinquent days; none for a debt that is current."""
        return next((bucket for bucket in self.buckets if bucket.holds(delinquent_days)), None)

    def turns(self) -> list[int]:
        """The numbers of delinquent days at which the bucket changes, in order."""
        found = {bucket.from_days for bucket in self.buckets}
        found |= {bucket.until_days + 1 for bucket in self.buckets if bucket.until_days is not None}
        return sorted(found)

    @property
    def digest(self) -> str:
        """The same text for the same rules."""
        told = [str(self.grace_days)] + [f"{one.name}|{one.from_days}|{one.until_days}" for one in self.buckets]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count: from the first to the day before `until_on`."""

    from_on: date
    until_on: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.from_on <= day < self.until_on


def check_pause(wanted: Pause, others: Iterable[Pause]) -> None:
    """Return when a pause may be added to others; else InputError, which names the day or the pause in its way."""
    if wanted.from_on >= wanted.until_on:
        raise InputError(
            f"A pause begins before it ends; {wanted.from_on} is not before {wanted.until_on}.",
            field=("input", "untilOn"),
        )
    for other in others:
        if other.from_on < wanted.until_on and wanted.from_on < other.until_on:
            raise InputError(
                f"Pauses do not overlap, and there is one from {other.from_on} until {other.until_on}.",
                field=("input", "fromOn"),
            )


def paused_days(due_on: date, day: date, pauses: Iterable[Pause]) -> int:
    """How many of the days after the due day, the day itself among them, lie in a pause; no two pauses overlap."""
    return sum(
        max((min(pause.until_on, day + ONE_DAY) - max(pause.from_on, due_on + ONE_DAY)).days, 0) for pause in pauses
    )


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How long something is past due at the end of a day, and how much of that counts."""

    days_past_due: int = 0
    paused_days: int = 0
    grace_days: int = 0
    delinquent_days: int = 0


def reckon(due_on: date | None, day: date, rules: Rules, pauses: Iterable[Pause]) -> Reckoning:
    """What was due on a day and is unpaid on another; nothing counts when nothing is unpaid.

    `grace_days` is as much of the grace as there are days that it takes away.
    """
    if due_on is None or due_on >= day:
        return Reckoning()
    past_due = (day - due_on).days
    paused = paused_days(due_on, day, pauses)
    grace = min(rules.grace_days, past_due - paused)
    return Reckoning(past_due, paused, grace, past_due - paused - grace)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """From this day on (until the next one), the earliest due day of what is owed; none when nothing is."""

    from_on: date
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """On this day a debt comes into a bucket, or is current again."""

    day: date
    bucket: Bucket | None


def changes(unpaid: Sequence[Unpaid], rules: Rules, pauses: Sequence[Pause]) -> list[Change]:
    """Every change of bucket in date order, also those that lie ahead when nothing more happens.

    `unpaid` is in date order. Before its first day nothing is known, and the debt is current.
    """
    found: list[Change] = []
    present: Bucket | None = None
    for begin, end, due_on in _stretches(unpaid, pauses):
        for day, bucket in _steps(begin, end, due_on, rules, pauses):
            if bucket != present:
                found.append(Change(day, bucket))
                present = bucket
    return found


def _stretches(unpaid: Sequence[Unpaid], pauses: Sequence[Pause]) -> Iterator[tuple[date, date | None, date | None]]:
    """Stretches of days through which neither what is unpaid nor a pause changes; the last one has no end."""
    if not unpaid:
        return
    starts = {one.from_on: one.due_on for one in unpaid}
    edges = {day for pause in pauses for day in (pause.from_on, pause.until_on) if day > unpaid[0].from_on}
    days = sorted(edges | set(starts))
    due_on: date | None = None
    for place, day in enumerate(days):
        due_on = starts.get(day, due_on) if day in starts else due_on
        yield day, days[place + 1] if place + 1 < len(days) else None, due_on


def _steps(
    begin: date, end: date | None, due_on: date | None, rules: Rules, pauses: Sequence[Pause]
) -> Iterator[tuple[date, Bucket | None]]:
    if due_on is None:
        yield begin, None
        return
    if any(pause.holds(begin) for pause in pauses):
        return
    # Below nought before the due day and within the grace: each day of the stretch adds one.
    counted = (begin - due_on).days - paused_days(due_on, begin, pauses) - rules.grace_days
    yield begin, rules.bucket_of(counted)
    for turn in rules.turns():
        if turn > counted:
            day = begin + timedelta(days=turn - counted)
            if end is not None and day >= end:
                return
            yield day, rules.bucket_of(turn)


@dataclass(frozen=True, slots=True)
class Stay:
    """The days that a debt spent in a bucket: from `added_on` to the day before `lifted_on`, or on and on."""

    bucket: Bucket
    added_on: date
    lifted_on: date | None


def stays(found: Iterable[Change], through: date) -> list[Stay]:
    """The stays in buckets up to the end of a day, the earliest first; the last one is open if it still lasts."""
    made: list[Stay] = []
    for change in found:
        if change.day > through:
            break
        if made and made[-1].lifted_on is None:
            last = made.pop()
            made.append(Stay(last.bucket, last.added_on, change.day))
        if change.bucket is not None:
            made.append(Stay(change.bucket, change.day, None))
    return made


def bucket_on(found: Iterable[Change], day: date) -> Bucket | None:
    """The bucket at the end of a day."""
    bucket: Bucket | None = None
    for change in found:
        if change.day > day:
            break
        bucket = change.bucket
    return bucket
