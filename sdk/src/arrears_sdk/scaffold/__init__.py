"""Writes the package of a new plugin whose tests pass at once."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from pathlib import Path
from string import Template

from arrears_sdk.errors import InputError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 40


class Kind(StrEnum):
    """What a new plugin is to be."""

    STRATEGY = "strategy"
    GATEWAY = "gateway"
    COMPLIANCE = "compliance"


_DESCRIPTIONS: Mapping[Kind, str] = {
    Kind.STRATEGY: "Decides what to do next with each account.",
    Kind.GATEWAY: "Takes payments through one provider.",
    Kind.COMPLIANCE: "Rules on whether a debtor may be contacted.",
}


def new_plugin(kind: Kind | str, name: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Writes a plugin called `name` into a folder of that name inside `folder`, and gives the files in their order.

    Raises `InputError` for an unknown kind, a name that cannot be used, and a place where something is already.
    """
    if kind not in set(Kind):
        raise InputError(f"{kind!r} is no kind of plugin; choose {', '.join(Kind)}.", field=("kind",))
    chosen = Kind(kind)
    package = _package(name)
    target = (folder or Path.cwd()) / name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists already, and nothing is overwritten. Choose another name.", field=("name",))
    values = {
        "name": name,
        "package": package,
        "class_name": "".join(word.capitalize() for word in name.split("-")),
        "description": _DESCRIPTIONS[chosen],
        "dependency": "arrears-sdk[strategies]" if chosen is Kind.STRATEGY else "arrears-sdk",
    }
    written = []
    for path, template in _files(chosen, package).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = resources.files(__name__).joinpath("templates", *template.split("/")).read_text(encoding="utf-8")
        # "x": should something appear meanwhile, it stays.
        with file.open("x", encoding="utf-8") as opened:
            opened.write(Template(text).substitute(values))
        written.append(file)
    return tuple(written)


def _files(kind: Kind, package: str) -> dict[str, str]:
    """Which files a plugin has, and the template of each."""
    files = {
        "pyproject.toml": "every/pyproject.toml.template",
        "README.md": "every/README.md.template",
        ".gitignore": "every/gitignore.template",
        f"src/{package}/__init__.py": f"{kind}/plugin.template",
        f"src/{package}/py.typed": "every/py.typed.template",
        "tests/test_conformance.py": f"{kind}/test_conformance.template",
    }
    if kind is Kind.GATEWAY:
        files[f"src/{package}/gateway.py"] = "gateway/gateway.template"
    return files


def _package(name: str) -> str:
    """The name of the package, once the plugin's name was found usable."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InputError(
            f"{name!r} cannot be the name of a plugin: take lower-case words joined by hyphens, at most"
            f" {_LONGEST_NAME} characters, such as winter-pause.",
            field=("name",),
        )
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in ("arrears", "arrears_sdk"):
        raise InputError(f"{name!r} is a word of Python or of Arrears; choose another name.", field=("name",))
    if importlib.util.find_spec(package) is not None:
        raise InputError(
            f"A package called {package} is installed already, and would hide this one; choose another name.",
            field=("name",),
        )
    return package
