"""The lock answers the ranges of the pyproject files, is complete with hashes, and names no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import ROOT

LOCK = ROOT / "requirements.lock"
MEMBERS = [ROOT / "pyproject.toml", ROOT / "sdk/pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))]
OWN = {"arrears", "arrears-sdk"}


def pinned() -> dict[str, Version]:
    """The version of each distribution that the lock holds for this interpreter."""
    versions: dict[str, Version] = {}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                (exact,) = requirement.specifier
                assert exact.operator == "=="
                versions[canonicalize_name(requirement.name)] = Version(exact.version)
    return versions


def declared(project: Path) -> list[Requirement]:
    table = tomllib.loads(project.read_text(encoding="utf-8"))
    texts = [*table["project"].get("dependencies", []), *table["build-system"]["requires"]]
    for extra in table["project"].get("optional-dependencies", {}).values():
        texts += extra
    return [Requirement(text) for text in texts]


def test_the_lock_satisfies_every_declared_range() -> None:
    versions = pinned()
    unmet = {
        f"{project.parent.name}: {requirement} is locked at {versions.get(canonicalize_name(requirement.name))}"
        for project in MEMBERS
        for requirement in declared(project)
        if canonicalize_name(requirement.name) not in OWN
        and not canonicalize_name(requirement.name).startswith("arrears-")
        and (requirement.marker is None or requirement.marker.evaluate(default_environment()))
        and versions.get(canonicalize_name(requirement.name), Version("0")) not in requirement.specifier
    }
    assert unmet == set(), "run: make lock"


def test_every_locked_distribution_has_hashes_and_the_lock_names_no_index() -> None:
    text = LOCK.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [
        entry.splitlines()[0] for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry
    ] == []
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
