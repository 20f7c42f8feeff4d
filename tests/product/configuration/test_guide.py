"""The guide to configuration: its file is right, and its command lines print what it shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.conftest import Deployment
from tests.product.cli.conftest import Command, arrears, settings_environment  # noqa: F401 (fixtures)
from tests.product.configuration.places import make_acme

GUIDE = ROOT / "docs/guides/configuration.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """Every command of the guide with what it is shown to print."""
    for language, _, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if language == "console":
            for part in block.split("$ ")[1:]:
                line, _, shown = part.partition("\n")
                yield line, shown


def test_every_command_of_the_guide_prints_what_it_shows(
    deployment: Deployment,
    arrears: Command,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given the files of the guide, and the client that they speak of
    for language, name, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if language == "toml":
            (tmp_path / (name or "arrears.toml")).write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STRIPE_KEY", "sk_test_guide")
    make_acme(arrears, deployment, portfolio="CARDS")

    ran = 0
    for line, shown in examples():
        # when
        outcome = arrears(*shlex.split(line)[1:])

        # then
        printed = outcome.out + outcome.err
        if shown.startswith("...\n"):
            assert printed.endswith(shown.removeprefix("...\n")), line
        else:
            assert printed == shown or outcome.err.startswith("Written to"), line
        ran += 1
    assert ran == 7
