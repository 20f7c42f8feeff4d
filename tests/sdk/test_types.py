"""What mypy says to authors of plugins, and what importing the SDK loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GOOD = """
from __future__ import annotations
from collections.abc import Sequence
from arrears_sdk import Config, ContactAttempt, Plugin, Ruling
from arrears_sdk.testing import conformance

class Limits(Config):
    calls: int = 7

class Pause(Plugin[Limits]):
    name = "pause"
    {method}

TestPause = conformance(Pause, configs=[Limits(calls=2)])
"""
PLAIN = """def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        return [Ruling.allow() for _ in attempts[: self.config.calls]]"""
ASYNC = "async " + PLAIN
WRONG_ANSWER = """def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[str]:
        return []"""
WRONG_QUESTION = """def rule_on_contacts(self, attempts: int) -> list[Ruling]:
        return []"""
ONE_TOO_MANY = """def rule_on_contacts(self, attempts: Sequence[ContactAttempt], client: str) -> list[Ruling]:
        return []"""
WRONG_SETTING = """def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        return [Ruling.allow() for _ in attempts[: self.config.letters]]"""


def mypy(folder: Path, method: str) -> str:
    snippet = folder / "snippet.py"
    snippet.write_text(GOOD.format(method=method), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(folder / "cache"), snippet],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=170,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_mypy_knows_right_signatures_from_wrong_ones(tmp_path: Path) -> None:
    assert mypy(tmp_path, PLAIN) == ""
    assert mypy(tmp_path, ASYNC) == ""
    for wrong in (WRONG_ANSWER, WRONG_QUESTION, ONE_TOO_MANY):
        assert "[override]" in mypy(tmp_path, wrong)
    assert 'no attribute "letters"' in mypy(tmp_path, WRONG_SETTING)


def loaded_by(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return {module.partition(".")[0] for module in done.stdout.split()}


def test_importing_the_sdk_loads_neither_polars_nor_anything_for_tests() -> None:
    everything = "import arrears_sdk, arrears_sdk.frames, arrears_sdk.rules, arrears_sdk.ports.strategy"
    assert loaded_by(everything) & {"polars", "pytest", "hypothesis", "arrears"} == set()


def test_the_kit_itself_loads_pytest_and_hypothesis_only_when_they_are_needed() -> None:
    assert loaded_by("import arrears_sdk.testing") & {"polars", "pytest", "hypothesis", "arrears"} == set()
