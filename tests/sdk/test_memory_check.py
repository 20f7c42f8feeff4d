"""The check of memory tells what leaks from what has a bound, in no more calls than it needs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

import pytest

from arrears_sdk.host import Host
from arrears_sdk.plugin import NoConfig, Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.testing import Status
from arrears_sdk.testing.checks import memory
from arrears_sdk.testing.suite import suite_of
from arrears_sdk.views import ContactAttempt


class Keeping(Plugin[NoConfig]):
    """Keeps what a test says, at each attempt that it is asked about."""

    name = "keeping"

    def __init__(self, config: NoConfig, host: Host) -> None:
        super().__init__(config, host)
        self.asked = 0
        self.kept: deque[bytes] = deque(maxlen=self.most)
        objects.append(self)

    most: int | None = None
    seconds = 0.0

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Lets everything pass."""
        for _ in attempts:
            self.asked += 1
            if size := self.size():
                self.kept.append(bytes(size))
        time.sleep(self.seconds)
        return [Ruling.allow() for _ in attempts]

    def size(self) -> int:
        """How many bytes to keep now."""
        return 0


objects: list[Keeping] = []


def tried(size: Callable[[Keeping], int], *, most: int | None = None, seconds: float = 0.0) -> tuple[Status, int]:
    """How the check comes out for a plugin that keeps so much, and how often the plugin was asked."""
    plugin = type("Kept", (Keeping,), {"size": size, "most": most, "seconds": seconds})
    suite = suite_of(plugin)
    objects.clear()
    suite.result("batch.answers")
    objects.clear()
    status = suite.result("memory.steady").status
    return status, max(each.asked for each in objects)


def test_what_keeps_nothing_is_soon_believed() -> None:
    assert tried(lambda plugin: 0) == (Status.PASSED, 3_000)


@pytest.mark.parametrize(
    "size",
    [
        lambda plugin: 150,
        lambda plugin: 120_000 if plugin.asked % 700 == 0 else 0,
        lambda plugin: 150 if plugin.asked > 2_500 else 0,
    ],
    ids=["a little of every call", "much of a few calls", "only of later calls"],
)
def test_what_keeps_growing_is_found(size: Callable[[Keeping], int]) -> None:
    assert tried(size) == (Status.FAILED, 10_000)


@pytest.mark.parametrize(("most", "calls"), [(500, 3_000), (4_000, 10_000)])
def test_what_has_a_bound_passes_however_long_it_takes_to_fill(most: int, calls: int) -> None:
    assert tried(lambda plugin: 1_000, most=most) == (Status.PASSED, calls)


def test_what_is_slow_and_keeps_nothing_is_asked_for_a_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LONGEST_SECONDS", 2.0)
    status, calls = tried(lambda plugin: 0, seconds=0.005)
    assert status is Status.PASSED
    assert calls < 150


def test_what_is_slow_and_keeps_growing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LONGEST_SECONDS", 2.0)
    status, calls = tried(lambda plugin: 2_000, seconds=0.005)
    assert status is Status.FAILED
    assert calls < 600
