"""Hypothesis, set up for the checks: the same examples every time, small ones when something is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis.errors import Flaky

from arrears_sdk.testing.check import Violation
from arrears_sdk.testing.samples import Item, Samples

ValueT = TypeVar("ValueT")
EXAMPLES = 25
LARGEST_BATCH = 6


def holds_for_all(values: strategies.SearchStrategy[ValueT], law: Callable[[ValueT], None]) -> None:
    """Tries the law on many values; what it raises for the smallest counterexample comes through."""
    tried = given(values)(lambda value: law(value))
    tried = settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )(tried)
    try:
        tried()
    except Flaky:
        raise Violation(
            "what came out depends on what was asked before: it keeps something from call to call, on the object, the"
            " class or the module; what has to last goes into self.host.values(...)"
        ) from None


def batches(samples: Samples, hook: str) -> strategies.SearchStrategy[list[Item]]:
    """Batches of samples for a hook, from one to a few."""
    from arrears_sdk.testing.batch_hooks import sample

    seeds = strategies.integers(0, 100_000)
    return strategies.lists(seeds.map(lambda seed: sample(samples, hook, seed)), min_size=1, max_size=LARGEST_BATCH)


def orders(count: int) -> strategies.SearchStrategy[list[int]]:
    """Orders of so many things."""
    return strategies.permutations(range(count)).map(list)
