"""Token buckets: a steady rate with a burst, exact, in bounded memory."""

from __future__ import annotations

import pytest

from arrears.graphql.rate import TokenBuckets


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_a_steady_rate() -> None:
    clock = Clock()
    buckets = TokenBuckets(2.0, 3, capacity=10, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now = 0.25
    assert buckets.take("a") == 0.25
    clock.now = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = Clock()
    buckets = TokenBuckets(1.0, 2, capacity=10, clock=clock)
    clock.now = 1_000_000
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]


def test_asking_for_the_wait_takes_nothing() -> None:
    buckets = TokenBuckets(1.0, 1, capacity=10, clock=Clock())
    assert [buckets.wait("a"), buckets.take("a"), buckets.wait("a"), buckets.wait("a")] == [0, 0, 1, 1]


def test_a_request_that_is_refused_takes_nothing() -> None:
    buckets = TokenBuckets(1.0, 10, capacity=10, clock=Clock())
    assert buckets.take("a", 12) == 2
    assert buckets.take("a", 10) == 0


def test_a_million_keys_take_bounded_memory_and_the_longest_idle_go_first() -> None:
    clock = Clock()
    buckets = TokenBuckets(1.0, 2, capacity=100, clock=clock)
    for number in range(10_000):
        clock.now += 0.001
        buckets.take(str(number))
    assert len(buckets) == 100
    assert buckets.wait("9999", 2) > 0
    assert buckets.wait("0", 2) == 0


def test_buckets_that_have_filled_up_are_dropped_first() -> None:
    clock = Clock()
    buckets = TokenBuckets(1.0, 2, capacity=10, clock=clock)
    for number in range(10):
        buckets.take(str(number))
    clock.now = 10
    buckets.take("new")
    assert len(buckets) == 6


@pytest.mark.parametrize(("rate", "burst", "capacity"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nonsense_is_refused(rate: float, burst: float, capacity: int) -> None:
    with pytest.raises(ValueError, match="rate, burst and capacity must be positive"):
        TokenBuckets(rate, burst, capacity=capacity)
