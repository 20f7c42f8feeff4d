"""Buckets against an oracle that goes through the calendar day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from arrears.delinquency.model import (
    USUAL_BUCKETS,
    Bucket,
    Pause,
    Rules,
    Unpaid,
    bucket_on,
    changes,
    check_buckets,
    check_pause,
    reckon,
    stays,
)
from arrears_sdk.errors import InputError

START = date(2027, 11, 1)
"""Before the turn of a leap year."""
SPAN = 220


def day(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    edges = sorted(draw(st.sets(st.integers(-20, SPAN), max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return [Pause(day(first), day(last)) for first, last in pairs]


@st.composite
def unpaid(draw: st.DrawFn) -> list[Unpaid]:
    days = sorted(draw(st.sets(st.integers(0, SPAN), min_size=1, max_size=6)))
    due = st.none() | st.integers(-150, SPAN).map(day)
    return [Unpaid(day(number), draw(due)) for number in days]


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    edges = sorted(draw(st.sets(st.integers(1, 120), min_size=2, max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    buckets = [Bucket(f"{first}-{last}", first, last - 1) for first, last in pairs]
    if draw(st.booleans()):
        buckets.append(Bucket("open", edges[-1] + 1, None))
    return Rules(draw(st.integers(0, 15)), tuple(buckets))


def due_at(known: list[Unpaid], on: date) -> date | None:
    found = None
    for one in known:
        if one.from_on <= on:
            found = one.due_on
    return found


def counted(due_on: date | None, on: date, paused: list[Pause], grace: int) -> int:
    """Delinquent days, one by one."""
    days = 0
    while due_on is not None and due_on < on:
        due_on += timedelta(days=1)
        days += not any(pause.from_on <= due_on < pause.until_on for pause in paused)
    return max(days - grace, 0)


def named(rules: Rules, days: int) -> str | None:
    for bucket in rules.buckets:
        if bucket.from_days <= days <= (bucket.until_days or 10_000):
            return bucket.name
    return None


@settings(deadline=None, max_examples=60)
@given(unpaid(), rules(), pauses())
def test_buckets_are_those_of_counting_day_by_day(known: list[Unpaid], rule: Rules, paused: list[Pause]) -> None:
    # given
    last = day(SPAN + 160)
    found = changes(known, rule, paused)
    stayed = stays(found, last)
    present: str | None = None
    on = known[0].from_on
    # when each day is counted, then
    while on <= last:
        due_on = due_at(known, on)
        days = counted(due_on, on, paused, rule.grace_days)
        if due_on is None:
            present = None
        elif not any(pause.holds(on) for pause in paused):
            present = named(rule, days)
        bucket = bucket_on(found, on)
        assert (None if bucket is None else bucket.name) == present, on
        at = [
            stay.bucket.name
            for stay in stayed
            if stay.added_on <= on and (stay.lifted_on is None or on < stay.lifted_on)
        ]
        assert at == ([] if present is None else [present])
        assert reckon(due_on, on, rule, paused).delinquent_days == days
        on += timedelta(days=1)


@given(unpaid(), rules(), pauses(), st.integers(0, SPAN), st.integers(0, SPAN))
def test_what_was_told_up_to_a_day_is_told_the_same_later(
    known: list[Unpaid], rule: Rules, paused: list[Pause], first: int, second: int
) -> None:
    # given
    found = changes(known, rule, paused)
    earlier, later = sorted((day(first), day(second)))
    # when
    before, after = stays(found, earlier), stays(found, later)
    # then whatever had ended stays as it was, and what was open goes on from the same day
    assert [stay for stay in before if stay.lifted_on is not None] == after[: len(before) - _open(before)]
    assert [stay.added_on for stay in before] == [stay.added_on for stay in after[: len(before)]]


def _open(stayed: list) -> int:  # type: ignore[type-arg]
    return sum(stay.lifted_on is None for stay in stayed)


@given(pauses())
def test_pauses_that_do_not_overlap_may_be_added_in_any_order(found: list[Pause]) -> None:
    # given, when, then
    for place, pause in enumerate(found):
        check_pause(pause, found[:place] + found[place + 1 :])


@given(pauses().filter(bool), st.data())
def test_a_pause_that_shares_a_day_with_another_is_refused(found: list[Pause], data: st.DataObject) -> None:
    # given
    other = data.draw(st.sampled_from(found))
    shared = data.draw(st.integers(0, (other.until_on - other.from_on).days - 1))
    first = other.from_on + timedelta(days=shared)
    # when, then
    with pytest.raises(InputError, match="do not overlap"):
        check_pause(Pause(first, first + timedelta(days=data.draw(st.integers(1, 30)))), found)


@pytest.mark.parametrize(
    ("buckets", "message"),
    [
        ([Bucket("a", 1, 30), Bucket("b", 30, 60)], "begins at 30 days, and 'a' goes to 30"),
        ([Bucket("a", 31, 60), Bucket("b", 1, 30)], "begins at 1 days, and 'a' goes to 60"),
        ([Bucket("a", 30, 1)], "ends at 1 days, before 30"),
        ([Bucket("a", 1, None), Bucket("b", 31, 60)], "'a' has no end, so 'b' cannot follow it"),
        ([Bucket("a", 1, 30), Bucket("A", 31, 60)], "the name 'A' is taken"),
        ([Bucket("Current", 1, 30)], "the name 'Current' is taken"),
    ],
)
def test_buckets_that_make_no_sense_are_refused_with_the_reason(buckets: list[Bucket], message: str) -> None:
    # given, when, then
    with pytest.raises(ValueError, match=message):
        check_buckets(buckets)


def test_the_usual_buckets_are_in_order() -> None:
    # given, when, then
    check_buckets(USUAL_BUCKETS)
