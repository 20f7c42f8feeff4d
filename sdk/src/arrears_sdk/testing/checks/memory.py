"""Whether a plugin keeps more and more memory."""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from inspect import isawaitable
from typing import TYPE_CHECKING

from arrears_sdk.hooks import HOOKS
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.testing.batch_hooks import BATCH_HOOKS, batch
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.frames import accounts_frame
from arrears_sdk.testing.samples import Item
from arrears_sdk.testing.trial import Session, Trial, of_family
from arrears_sdk.views import Account

if TYPE_CHECKING:
    import polars

LARGEST_GROWTH = 512 * 1024
LONGEST_SECONDS = 10.0
WINDOWS = 10
FLAT_GROWTH = LARGEST_GROWTH / 8
CHANCE_BYTES = 2_048
DAY = date(2026, 3, 2)
MEASURED = (*BATCH_HOOKS, *of_family("register_"))


@check(
    "memory.steady",
    "A plugin that keeps a little of every call ends the process after some days, in the middle of somebody's payment.",
    hooks=MEASURED,
    needs=("plugin.lifecycle", "batch.answers", "registration.sync"),
)
def memory_does_not_grow(trial: Trial) -> None:
    """Over 10,000 calls, each about another debtor, memory grows by less than half a megabyte in the second half.

    Strategies are asked as well as handed over. What is slow is called for ten seconds, and its growth is reckoned up.
    What grows less than an eighth of that in two thousands of calls, or two seconds, is called no more.
    """
    for hook in trial.hooks(MEASURED):
        with trial.session() as session:
            grown = max(_growth(session, call, trial.calls) for call in _calls(session, hook, trial))
        if grown > LARGEST_GROWTH:
            raise Violation(f"{hook} grows memory by {grown / 2**20:.1f} MiB over {trial.calls // 2} calls")


def _calls(session: Session, hook: str, trial: Trial) -> Iterator[Callable[[int], object]]:
    """What is called over and over, with the number of the call."""
    method: Callable[..., object] = getattr(session.plugin, hook)
    if not HOOKS[hook].batch:
        yield lambda number: method()
        if hook == "register_strategies":
            yield from _decisions(session)
        return
    samples, build = batch(trial, hook, 200), Builder(11)
    yield lambda number: method([_another(samples[number % len(samples)], build, number)])


def _decisions(session: Session) -> Iterator[Callable[[int], object]]:
    """Each strategy, on frames of three debtors."""
    frames = [accounts_frame(Builder(seed), debtors=3, as_of=DAY) for seed in range(50)]
    for strategy in session.ports("register_strategies"):
        assert isinstance(strategy, Strategy)
        yield _decision(strategy, frames)


def _decision(strategy: Strategy, frames: list[polars.DataFrame]) -> Callable[[int], object]:
    return lambda number: strategy.decide(frames[number % len(frames)], as_of=DAY)


def _growth(session: Session, call: Callable[[int], object], count: int) -> float:
    """By how many bytes memory grows over half of the calls, once what has a bound was filled.

    Two tenths of the calls that stay flat, one after the other, settle it. Whatever still grows may be a large cache as
    well as a leak, so only the second half of the calls tells.
    """
    half, window = count // 2, max(count // WINDOWS, 1)
    # What was there before is no growth; left out, it need not be gone through at each collection.
    gc.freeze()
    tracemalloc.start()
    try:
        made = _called(session, call, 0, window, LONGEST_SECONDS / WINDOWS)
        rates = [math.inf]
        for _ in range(WINDOWS // 2 - 1):
            grown, more = _measured(session, call, made, window, LONGEST_SECONDS / WINDOWS)
            made += more
            rates.append(grown * half / more)
            # Of few calls, chance shows too; what is taken for chance is at most half of what is forbidden.
            flat = max(FLAT_GROWTH, min(CHANCE_BYTES * half / more, LARGEST_GROWTH / 2))
            if max(rates[-2:]) <= flat:
                return max(rates[-2:])
        grown, more = _measured(session, call, half, half, LONGEST_SECONDS / 2)
        return grown * half / more
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def _measured(
    session: Session, call: Callable[[int], object], first: int, count: int, seconds: float
) -> tuple[int, int]:
    """By how many bytes memory grows over some calls, and how many there were."""
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    made = _called(session, call, first, count, seconds)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return after - before, made


def _called(session: Session, call: Callable[[int], object], first: int, count: int, seconds: float) -> int:
    """How many of the calls there was time for; one at the least."""

    async def calls() -> int:
        began = time.perf_counter()
        for number in range(first, first + count):
            answer = call(number)
            if isawaitable(answer):
                await answer
            if time.perf_counter() - began > seconds:
                return number - first + 1
        return count

    made = session.loop.run(calls())
    assert isinstance(made, int)
    return made


def _another(item: Item, build: Builder, number: int) -> Item:
    """The same sample about another debtor, at another minute; a thousand of them go through five days."""
    if isinstance(item, Account):
        return replace(item, id=build.id("acct"), debtor_id=build.id("dbtr"))
    debtor = replace(item.debtor, id=build.id("dbtr"))
    return replace(item, debtor=debtor, at=item.at + timedelta(minutes=7 * number))
