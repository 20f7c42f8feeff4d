"""`arrears.toml`: the settings of a deployment as a file, its form checked with the path and the line of each fault.

A file says of a plugin whether it is on, and its settings; of a part of the platform its settings; for the deployment
at the top, for a client under `clients.REFERENCE`, for a portfolio under that client's `portfolios.REFERENCE`.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arrears.configuration.model import Fault, Path, nearest
from arrears.configuration.positions import line_of
from arrears.plugins.settings import GroupSettings
from arrears_sdk.events import JsonValue

FORMAT = 1
LARGEST_FILE = 4 * 1024 * 1024
_BARE = re.compile(r"[A-Za-z0-9_-]+")
RESERVED = ("locked", "null")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DeploymentTable(_Table):
    """What the file says of itself."""

    format: Literal[1] = 1


class PluginTable(_Table):
    """What one place says about one plugin."""

    enabled: bool | None = None
    required: bool | None = None
    locked: list[str] = Field(default_factory=list)
    null: list[str] = Field(default_factory=list)
    settings: dict[str, Any] = Field(default_factory=dict)


class PlaceTable(_Table):
    """What one place says."""

    plugins: dict[str, PluginTable] = Field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)


class ClientTable(PlaceTable):
    """What a client says, and its portfolios."""

    portfolios: dict[str, PlaceTable] = Field(default_factory=dict)


class FileTable(PlaceTable):
    """The whole file."""

    deployment: DeploymentTable = DeploymentTable()
    clients: dict[str, ClientTable] = Field(default_factory=dict)


_BELOW: dict[str, type[_Table]] = {"clients": ClientTable, "portfolios": PlaceTable, "plugins": PluginTable}


@dataclass(frozen=True)
class NamedPlace:
    """A place by the references that a file knows it by; the deployment has neither."""

    client: str | None = None
    portfolio: str | None = None

    @property
    def path(self) -> Path:
        """Where its tables stand in a file."""
        if self.client is None:
            return ()
        client: Path = ("clients", self.client)
        return client if self.portfolio is None else (*client, "portfolios", self.portfolio)

    @property
    def name(self) -> str:
        """The place for a sentence."""
        if self.client is None:
            return "the deployment"
        client = f"client {self.client}"
        return client if self.portfolio is None else f"portfolio {self.portfolio} of {client}"


@dataclass(frozen=True)
class Written:
    """What a file says about one group at one place. `path` is where the group's table stands."""

    place: NamedPlace
    group: str
    is_plugin: bool
    settings: GroupSettings
    path: Path

    def fault_path(self, path: Path) -> Path:
        """Where in the file something stands that is named by its part: `settings`, `locked`, `enabled`."""
        if path[:1] == ("settings",) and not self.is_plugin:
            return (*self.path, *path[1:])
        return (*self.path, *path)


@dataclass(frozen=True)
class Document:
    """A file, read: the places that it names, in their order, and what it says."""

    text: str
    places: tuple[NamedPlace, ...]
    statements: tuple[Written, ...]

    def line(self, path: Path) -> int | None:
        """The line on which a path stands."""
        return line_of(self.text, path)


@dataclass(frozen=True)
class FileFault:
    """One thing wrong with a file: where it stands, and why."""

    path: Path
    line: int | None
    message: str

    @property
    def where(self) -> str:
        """The path as TOML writes it."""
        return dotted(self.path)


def dotted(path: Path) -> str:
    """A path as TOML writes it: bare keys joined by dots, others quoted, places of lists in brackets."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else ("." if text else "") + dotted_keys([step])
    return text


def dotted_keys(keys: Iterable[str]) -> str:
    """Keys joined by dots, quoted where they have to be."""
    return ".".join(key if _BARE.fullmatch(key) else quoted(key) for key in keys)


def quoted(text: str) -> str:
    """A text as TOML quotes it."""
    # JSON's escapes are TOML's as well; JSON leaves this one character as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def read_document(text: str) -> Document | list[FileFault]:
    """The file, or everything that is wrong with its form."""
    if len(text) > LARGEST_FILE:
        return [FileFault((), None, f"The file may have {LARGEST_FILE} characters at most.")]
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [FileFault((), _line_in(error), f"This is not TOML: {error}.")]
    try:
        table = FileTable.model_validate(parsed)
    except ValidationError as error:
        return [_form_fault(text, fault.path, fault.message) for fault in _faults(error)]
    written: list[Written] = []
    places = [NamedPlace()]
    written += _said(NamedPlace(), table)
    for reference, client in table.clients.items():
        places.append(NamedPlace(reference))
        written += _said(places[-1], client)
        for portfolio, portfolio_table in client.portfolios.items():
            places.append(NamedPlace(reference, portfolio))
            written += _said(places[-1], portfolio_table)
    faults = [_form_fault(text, fault.path, fault.message) for said in written for fault in _null_faults(said, parsed)]
    return faults or Document(text, tuple(places), tuple(written))


def _said(place: NamedPlace, table: PlaceTable) -> Iterator[Written]:
    for name, plugin in table.plugins.items():
        values = _values(plugin.settings, plugin.null)
        settings = GroupSettings(plugin.enabled, plugin.required, values, frozenset(plugin.locked))
        yield Written(place, name, True, settings, (*place.path, "plugins", name))
    for name, group in table.settings.items():
        own = {key: value for key, value in group.items() if key not in RESERVED}
        locked, null = _names(group.get("locked")), _names(group.get("null"))
        settings = GroupSettings(values=_values(own, null), locked=frozenset(locked))
        yield Written(place, name, False, settings, (*place.path, "settings", name))


def _values(values: Mapping[str, Any], null: list[str]) -> dict[str, JsonValue]:
    return {**{name: _json(value) for name, value in values.items()}, **dict.fromkeys(null)}


def _json(value: Any) -> JsonValue:
    """A value of TOML as JSON has it: dates and times become their text."""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    found: JsonValue = value
    return found


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _null_faults(said: Written, parsed: Mapping[str, Any]) -> Iterator[Fault]:
    table: Any = parsed
    for step in said.path:
        table = table[step]
    for name in RESERVED:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            yield Fault((*said.path, name), "This is a list of names of settings.")
            return
    given = table.get("settings", {}) if said.is_plugin else table
    for name in _names(table.get("null")):
        if name in given:
            yield Fault((*said.path, "null"), f"{name!r} is null here and has a value beside it: only one can hold.")


def _faults(error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        path = tuple(detail["loc"])
        if detail["type"] == "extra_forbidden":
            known = _known_at(path[:-1])
            message = f"There is no such key: {str(path[-1])!r}.{nearest(str(path[-1]), known)}"
            if not nearest(str(path[-1]), known):
                message += f" There are {', '.join(known)}."
            yield Fault(path, message)
        elif detail["type"] in ("dict_type", "model_type"):
            yield Fault(path, "A table is wanted here.")
        else:
            yield Fault(path, f"{detail['msg']}.")


def _known_at(path: Path) -> list[str]:
    """The keys that the table at a path may have."""
    kind: type[_Table] = FileTable
    steps = list(path)
    while steps:
        step = steps.pop(0)
        if step == "deployment":
            kind = DeploymentTable
            continue
        kind = _BELOW.get(str(step), kind)
        # The name of the client, portfolio or plugin.
        if steps:
            steps.pop(0)
    return sorted(kind.model_fields)


def _form_fault(text: str, path: Path, message: str) -> FileFault:
    return FileFault(path, line_of(text, path), message)


def _line_in(error: tomllib.TOMLDecodeError) -> int | None:
    _, _, tail = str(error).rpartition("at line ")
    number = tail.split(",")[0]
    return int(number) if number.isdigit() else None
