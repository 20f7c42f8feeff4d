"""Who may import what. The layers themselves are import-linter's, declared in pyproject.toml."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.tree import DOMAINS, PLATFORM, ROOT, SDK, files, imported_modules, name

SDK_MAY_IMPORT = {"arrears_sdk", "pydantic", "pydantic_core", "pluggy", "typing_extensions"}
EXTRAS = {
    "testing": {"hypothesis", "polars", "pytest"},
    "frames.py": {"polars"},
    "ports": {"polars"},
    "law": {"holidays", "yaml"},
}


def importers_of(package: str, inside: Path) -> set[str]:
    return {
        path.relative_to(inside).as_posix()
        for path in files(".py")
        if path.is_relative_to(inside) and any(module.split(".")[0] == package for module in imported_modules(path))
    }


def test_the_declared_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_layers_name_every_part_of_the_platform() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    layered = set(re.findall(r"arrears\.\w+", " ".join(layers)))
    parts = {
        f"arrears.{path.stem}"
        for path in PLATFORM.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert parts - layered == set()


def test_the_sdk_imports_the_standard_library_pydantic_and_pluggy_only() -> None:
    strangers = {
        f"{name(path)} imports {module}"
        for path in files(".py")
        if path.is_relative_to(SDK)
        for module in imported_modules(path)
        if (top := module.split(".")[0]) not in SDK_MAY_IMPORT | EXTRAS.get(path.relative_to(SDK).parts[0], set())
        and top not in sys.stdlib_module_names
    }
    assert strangers == set()


def test_plugins_import_the_sdk_and_never_the_platform() -> None:
    assert importers_of("arrears", ROOT / "plugins") == set()


def may_use_strawberry(path: str) -> bool:
    first, _, rest = path.partition("/")
    return path == "schema.py" or first == "graphql" or (first in DOMAINS and rest.startswith("graphql"))


def may_use_starlette(path: str) -> bool:
    return path.startswith(("app/", "graphql/"))


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("strawberry", may_use_strawberry),
        ("starlette", may_use_starlette),
        ("uvicorn", lambda path: path.startswith(("app/", "cli/", "demo/"))),
        ("typer", lambda path: path.startswith("cli/")),
    ],
)
def test_frameworks_stay_where_they_belong(package: str, allowed: Callable[[str], bool]) -> None:
    assert {path for path in importers_of(package, PLATFORM) if not allowed(path)} == set()


def test_nobody_imports_the_platform_relative_to_the_working_folder() -> None:
    relative = {
        name(path) for path in files(".py") for module in imported_modules(path) if module.startswith("platform.")
    }
    assert relative == set()


def test_no_folder_called_platform_is_a_package() -> None:
    # It would shadow the standard library's module `platform` for everything started in the repository's root.
    assert [name(path) for path in files(".py") if path.name == "__init__.py" and path.parent.name == "platform"] == []
