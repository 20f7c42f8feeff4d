"""Whether a plugin keeps more and more memory."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from inspect import isawaitable

from arrears_sdk.hooks import HOOKS
from arrears_sdk.testing.batch_hooks import BATCH_HOOKS, batch
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.samples import Item
from arrears_sdk.testing.trial import Session, Trial, of_family
from arrears_sdk.views import Account

LARGEST_GROWTH = 512 * 1024
LONGEST_SECONDS = 20.0
MEASURED = (*BATCH_HOOKS, *of_family("register_"))


@check(
    "memory.steady",
    "A plugin that keeps a little of every call ends the process after some days, in the middle of somebody's payment.",
    hooks=MEASURED,
    needs=("plugin.lifecycle", "batch.answers", "registration.sync"),
)
def memory_does_not_grow(trial: Trial) -> None:
    """Over 10,000 calls, each about another debtor, memory grows by less than half a megabyte in the second half.

    What is slow is called for twenty seconds, and its growth is reckoned up to 10,000 calls.
    """
    for hook in trial.hooks(MEASURED):
        with trial.session() as session:
            grown = _growth(session, hook, trial)
        if grown > LARGEST_GROWTH:
            raise Violation(f"{hook} grows memory by {grown / 2**20:.1f} MiB over {trial.calls // 2} calls")


def _growth(session: Session, hook: str, trial: Trial) -> float:
    """By how many bytes memory grows over half of the calls, once the other half filled what has a bound."""
    samples = batch(trial, hook, 200) if HOOKS[hook].batch else []
    build = Builder(11)

    def arguments(number: int) -> tuple[object, ...]:
        return ([_another(samples[number % len(samples)], build, number)],) if samples else ()

    method: Callable[..., object] = getattr(session.plugin, hook)

    async def calls(first: int, count: int, seconds: float) -> int:
        began = time.perf_counter()
        for number in range(first, first + count):
            answer = method(*arguments(number))
            if isawaitable(answer):
                await answer
            if time.perf_counter() - began > seconds:
                return number - first + 1
        return count

    half = trial.calls // 2
    tracemalloc.start()
    try:
        warmed = session.loop.run(calls(0, half, LONGEST_SECONDS / 2))
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        made = session.loop.run(calls(half, half, LONGEST_SECONDS / 2))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(made, int) and isinstance(warmed, int)  # noqa: PT018
    return (after - before) * half / made


def _another(item: Item, build: Builder, number: int) -> Item:
    """The same sample about another debtor, at another minute."""
    if isinstance(item, Account):
        return replace(item, id=build.id("acct"), debtor_id=build.id("dbtr"))
    debtor = replace(item.debtor, id=build.id("dbtr"))
    return replace(item, debtor=debtor, at=item.at + timedelta(minutes=number))
