"""A new plugin's tests pass at once, with nothing installed but what the SDK's own metadata asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from arrears_sdk.errors import InputError
from arrears_sdk.scaffold import Kind, new_plugin
from tests.architecture.tree import ROOT

TEMPLATES = ROOT / "sdk" / "src" / "arrears_sdk" / "scaffold" / "templates"


def closure(name: str, extras: frozenset[str], found: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Every distribution that a distribution with these extras needs, by its metadata."""
    key = canonicalize_name(name)
    if extras <= found.get(key, frozenset()) and key in found:
        return found
    found[key] = found.get(key, frozenset()) | extras
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        wanted = any(needed.marker.evaluate({"extra": extra}) for extra in {"", *extras}) if needed.marker else True
        if wanted:
            closure(needed.name, frozenset(needed.extras), found)
    return found


def bare_installation(folder: Path, extras: frozenset[str]) -> Path:
    """A folder with the SDK and what it asks for, and nothing else of this environment."""
    folder.mkdir()
    (folder / "arrears_sdk").symlink_to(ROOT / "sdk" / "src" / "arrears_sdk")
    for name in closure("arrears-sdk", extras, {}):
        if name == "arrears-sdk":
            continue
        try:
            listed = distribution(name).files or ()
        except PackageNotFoundError:
            continue
        for top in {path.parts[0] for path in listed if path.parts[0] not in ("..", "__pycache__")}:
            target = folder / top
            if not target.exists():
                target.symlink_to(Path(str(distribution(name).locate_file(top))))
    return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kind", "extras"),
    [("compliance", {"testing"}), ("gateway", {"testing"}), ("strategy", {"testing", "strategies"})],
)
def test_the_tests_of_a_new_plugin_pass_with_the_sdk_alone(kind: str, extras: set[str], tmp_path: Path) -> None:
    target = new_plugin(kind, f"winter-{kind}", tmp_path)[0].parent
    installed = bare_installation(tmp_path / "installed", frozenset(extras))
    assert not (installed / "arrears").exists()
    done = subprocess.run(
        [sys.executable, "-S", "-m", "pytest", "-q", "-p", "arrears_sdk.testing.pytest_plugin"],
        cwd=target,
        env={"PYTHONPATH": str(installed), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"winter-{kind} 0: grade A" in done.stdout
    assert "failed" not in done.stdout
    assert "skipped" not in done.stdout


def test_what_is_written_is_formatted_linted_and_typed(tmp_path: Path) -> None:
    for kind in Kind:
        new_plugin(kind, f"winter-{kind}", tmp_path)
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["format", "--check", *config], ["check", *config, "--ignore", "D103,I001"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    sources = sorted(str(path) for path in tmp_path.glob("*/src/*/*.py"))
    search = os.pathsep.join(str(path) for path in tmp_path.glob("*/src"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), *sources],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": search},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("wrong", ["", "Winter", "winter_pause", "../winter", "a" * 41, "class", "json", "arrears"])
def test_a_name_that_cannot_be_used_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        new_plugin(Kind.COMPLIANCE, wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_would_hide_an_installed_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="installed already"):
        new_plugin(Kind.COMPLIANCE, "pluggy", tmp_path)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="strategy, gateway, compliance"):
        new_plugin("channel", "winter-pause", tmp_path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "winter-pause" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine", "utf-8")
    with pytest.raises(InputError, match="nothing is overwritten"):
        new_plugin(Kind.COMPLIANCE, "winter-pause", tmp_path)
    assert [path.name for path in kept.parent.iterdir()] == ["notes.txt"]
    assert kept.read_text("utf-8") == "mine"


def test_every_template_is_used(tmp_path: Path) -> None:
    written = [path for kind in Kind for path in new_plugin(kind, f"winter-{kind}", tmp_path)]
    own = {path for path in TEMPLATES.rglob("*.template") if path.parent.name != "every"}
    shared = set(TEMPLATES.rglob("*.template")) - own
    assert len(written) == len(own) + len(shared) * len(Kind)
