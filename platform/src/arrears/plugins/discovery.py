"""Which plugins there are: read from the metadata of distributions and from named files, importing nothing."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, distributions, version
from pathlib import Path
from types import ModuleType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from arrears.plugins.failures import PluginStartError
from arrears_sdk.hooks import ENTRY_POINT_GROUP
from arrears_sdk.plugin import Plugin, PluginDefinitionError

SDK = "arrears-sdk"
AnyPlugin = Plugin  # A class of any settings.


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """Why a plugin should not run with this SDK."""

    wanted: str
    present: str

    @property
    def reason(self) -> str:
        """One sentence with what to do."""
        return (
            f"It is made for {SDK} {self.wanted}, and this is {self.present}: install a version of it for"
            f" {self.present}, or take the risk by the setting accept_incompatible = true."
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded. `requirement` is its distribution's range on the SDK, None when it states none."""

    name: str
    version: str | None
    module: str
    attribute: str
    distribution: str | None = None
    file: Path | None = None
    requirement: str | None = None
    summary: str | None = None
    given: type[Plugin] | None = field(default=None, compare=False, repr=False)

    @property
    def source(self) -> str:
        """Where it comes from, for a person."""
        if self.file is not None:
            return f"file {self.file}"
        if not self.module:
            return "not installed"
        return f"entry point {self.module}:{self.attribute}" if self.distribution else f"class {self.attribute}"

    @property
    def origin(self) -> str:
        """What an error names it by, when two have one name."""
        return f"{self.distribution} {self.version}" if self.distribution else self.source

    def incompatibility(self, sdk_version: str | None = None) -> Incompatibility | None:
        """The mismatch between its range and the SDK that runs; None when they agree, or it states no range."""
        if self.requirement is None:
            return None
        present = sdk_version or version(SDK)
        if Requirement(self.requirement).specifier.contains(present, prereleases=True):
            return None
        return Incompatibility(str(Requirement(self.requirement).specifier), present)

    def load(self) -> type[Plugin]:
        """The class, imported now. Raises whatever its module raises."""
        if self.given is not None:
            return self.given
        found: object = importlib.import_module(self.module) if self.file is None else _module_of(self.file)
        for part in self.attribute.split("."):
            found = getattr(found, part)
        if not isinstance(found, type) or not issubclass(found, Plugin):
            raise PluginDefinitionError(f"{self.module}:{self.attribute} is no subclass of arrears_sdk.Plugin.")
        if found.name != self.name:
            raise PluginDefinitionError(
                f"{found.__qualname__} calls itself {found.name!r} and is declared as {self.name!r}: use one name."
            )
        return found


def installed(found: Iterable[Distribution] | None = None) -> list[Candidate]:
    """The plugins of every installed distribution, by their entry points in the group `arrears.plugins`."""
    seen: set[str] = set()
    candidates = []
    for distribution in distributions() if found is None else found:
        # The first of a name on the path is the one that gets imported.
        name = canonicalize_name(distribution.metadata["Name"] or "")
        if name in seen:
            continue
        seen.add(name)
        points = [point for point in distribution.entry_points if point.group == ENTRY_POINT_GROUP]
        candidates += [_of_entry_point(point, distribution, name) for point in points]
    return sorted(candidates, key=lambda candidate: (candidate.name, candidate.origin))


def in_file(path: Path) -> list[Candidate]:
    """The plugins that a file defines; PluginStartError when there is none, or the file cannot be read."""
    path = path.expanduser().absolute()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise PluginStartError(
            f"The plugin file {path} cannot be read: {error.strerror}. Files are separated by commas."
        ) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise PluginStartError(f"The plugin file {path} is not Python: {error}.") from error
    module = _module_name(path)
    found = [
        Candidate(name, None, module, node.name, file=path, summary=_first_line(ast.get_docstring(node)))
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any("Plugin" in ast.unparse(base) for base in node.bases)
        for name in _names(node)
    ]
    if not found:
        raise PluginStartError(f"The plugin file {path} has no class that extends Plugin and gives a `name`.")
    return found


def of_class(plugin: type[Plugin]) -> Candidate:
    """A class at hand, for tests and for applications that embed the platform."""
    summary = _first_line(plugin.__doc__)
    return Candidate(plugin.name, plugin.version, plugin.__module__, plugin.__qualname__, summary=summary, given=plugin)


def check_names(candidates: Sequence[Candidate]) -> None:
    """PluginStartError when two plugins have one name, naming both."""
    by_name: dict[str, Candidate] = {}
    for candidate in candidates:
        other = by_name.setdefault(candidate.name, candidate)
        if other is not candidate:
            raise PluginStartError(
                f"Two plugins are called {candidate.name!r}: {other.origin} and {candidate.origin}. Remove one of them."
            )


def _of_entry_point(point: EntryPoint, distribution: Distribution, name: str) -> Candidate:
    ranges = []
    for text in distribution.requires or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if canonicalize_name(requirement.name) == SDK and applies:
            ranges.append(str(requirement.specifier))
    requirement_text = f"{SDK}{','.join(part for part in ranges if part)}" if any(ranges) else None
    summary = _first_line(distribution.metadata["Summary"])
    return Candidate(point.name, distribution.version, point.module, point.attr, name, None, requirement_text, summary)


def _first_line(text: str | None) -> str | None:
    return next((line.strip() for line in (text or "").splitlines() if line.strip()), None)


def _names(node: ast.ClassDef) -> list[str]:
    found = []
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        is_name = any(isinstance(target, ast.Name) and target.id == "name" for target in targets)
        if is_name and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str):
            found.append(statement.value.value)
    return found


def _module_name(path: Path) -> str:
    """The name under which a file is imported: in a package its own, else one that hides no other module."""
    package = _package_of(path)
    if package is None:
        return "arrears_plugin_file_" + "".join(letter if letter.isalnum() else "_" for letter in path.stem)
    return package if path.stem == "__init__" else f"{package}.{path.stem}"


def _package_of(path: Path) -> str | None:
    names: list[str] = []
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        names.insert(0, folder.name)
        folder = folder.parent
    return ".".join(names) or None


def _module_of(path: Path) -> ModuleType:
    """The module of a file, imported once; what lies beside it can be imported from it."""
    name, package = _module_name(path), _package_of(path)
    root = path.parents[package.count(".") + 1] if package is not None else path.parent
    if str(root) not in sys.path:
        # At the end, so that nothing that is installed gets hidden.
        sys.path.append(str(root))
    if package is not None:
        module = importlib.import_module(name)
        if Path(module.__file__ or "").absolute() != path:
            raise PluginDefinitionError(f"{path} is hidden by another module called {name}: {module.__file__}.")
        return module
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginDefinitionError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
