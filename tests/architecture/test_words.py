"""Words that have no place in the sources, and names that say nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, name

# Put together here, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")
REGISTRY = re.compile(
    "|".join([r"pypi\.(?:org|io)", r"python" + "hosted", r"npm" + r"js\.(?:org|com)", "ya" + r"rnpkg\.com"])
)
MACHINE = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "opt", "root", "Users"]) + r")/")
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "stuff", "shared", "tools"}
INDEX_OPTIONS = re.compile(r"--(?:extra-)?index-url|--find-links|--index\b|--trusted-host")


def readable() -> list[Path]:
    return [path for path in files() if b"\0" not in path.read_bytes()[:4096]]


def hits(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{name(path)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("pattern", [UNFINISHED, REGISTRY, MACHINE], ids=["unfinished", "registry", "machine"])
def test_no_file_holds_unfinished_work_a_registrys_host_or_a_machines_path(pattern: re.Pattern[str]) -> None:
    assert hits(pattern, readable()) == []


def test_no_file_points_an_installer_at_an_index() -> None:
    here = name(Path(__file__))
    assert [hit for hit in hits(INDEX_OPTIONS, readable()) if not hit.startswith(here)] == []


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    parts = {
        (part.removesuffix(".py"), name(path))
        for path in files(".py", ".sql", ".js", ".jsx")
        for part in path.relative_to(ROOT).parts
    }
    assert sorted(place for part, place in parts if part in EMPTY_NAMES) == []
