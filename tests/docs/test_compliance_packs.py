"""The guide to compliance packs: its pack and its cases are what it says they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arrears_sdk.law import case_attempts, case_history, case_records
from tests.docs.pages import blocks_of

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/guides/compliance-packs.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a reader has written: the pack and its cases."""
    for block in blocks_of(GUIDE):
        file = tmp_path / block.words
        file.parent.mkdir(exist_ok=True)
        file.write_text(block.text, "utf-8")
    return tmp_path


def commands() -> Iterator[list[str]]:
    for line in GUIDE.read_text("utf-8").splitlines():
        if line.startswith("    arrears"):
            yield line.split()


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_of_the_guide_ends_well(command: list[str], folder: Path) -> None:
    program = Path(sys.executable).with_name(command[0])
    ran = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False, timeout=170)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if command[1] == "cases":
        assert ran.stdout == "5 cases, 0 failed\n"


def test_the_guide_names_every_key_of_a_case() -> None:
    text = GUIDE.read_text("utf-8")
    sources = [Path(module.__file__ or "").read_text("utf-8") for module in (case_attempts, case_history, case_records)]
    reading = ("text", "texts", "word", "words", "flag", "number", "numbers", "decimal", "money", "day", "days")
    reading = (*reading, "instant", "wall_time", "part", "parts")
    keys = {
        call.partition('"')[2].partition('"')[0]
        for source in sources
        for name in reading
        for call in source.replace(f".{name}(", "\0").split("\0")[1:]
        if call.startswith('"')
    }
    assert len(keys) > 60
    assert {key for key in keys if f"`{key}`" not in text and f"`{key}:" not in text} == set()
