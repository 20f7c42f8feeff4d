"""Values that a statement's parameters are taken from, and how a plan remembers to take them.

A plan is compiled once for a shape of the variables and bound to the values of each request. While it is compiled,
every leaf of the variables that does not decide the shape stands as a `Slot`: graphql-core carries it through
argument coercion untouched, and the compiler turns it into a parameter that looks the value up again.
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from arrears.kernel.vault import Vault
from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.ids import decode_id

_ID = re.compile(r"^([a-z]{2,8})_[0-9a-f]{32}$")


@dataclass(frozen=True)
class Slot:
    """A leaf of the variables: where it stands, and its value in the request that the plan was compiled for."""

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True)
class Runtime:
    """What a request binds a plan to."""

    variables: Mapping[str, Any]
    now: datetime.datetime
    principal: UUID
    clients: tuple[UUID, ...]
    vault: Vault
    result_id: UUID | None = None


Getter = Callable[[Runtime], Any]


def shape_of(value: Any, top: bool = True) -> Any:
    """A hashable key of what may decide a plan in a variable: presence, enums, booleans, page sizes, kinds of ids."""
    if value is None or isinstance(value, bool | enum.Enum):
        return value
    if isinstance(value, int) and top:
        return value
    if isinstance(value, str):
        found = _ID.match(value) if top else None
        return found.group(1) if found else "s"
    if isinstance(value, dict):
        return tuple((key, shape_of(item, False)) for key, item in sorted(value.items()))
    if isinstance(value, list):
        if top or any(isinstance(item, dict | enum.Enum | bool) for item in value):
            return ("l", *(shape_of(item, top) for item in value))
        return "l"
    return "v"


def shape_size(shape: Any) -> int:
    """How many parts a shape has."""
    return sum(map(shape_size, shape)) + 1 if isinstance(shape, tuple) else 1


def slotted(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    """The variables with a Slot for each leaf that does not decide the shape."""
    if value is None or isinstance(value, bool | enum.Enum):
        return value
    if isinstance(value, dict):
        return {key: slotted(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        if any(isinstance(item, dict | enum.Enum | bool) for item in value):
            return [slotted(item, (*path, index)) for index, item in enumerate(value)]
        return Slot(path, value)
    return Slot(path, value)


def current(value: Any) -> Any:
    """The value of a leaf, whether it came from a variable or a literal."""
    return value.value if isinstance(value, Slot) else value


def getter(value: Any) -> Getter:
    """How to find a leaf again when the plan is bound."""
    if not isinstance(value, Slot):
        return lambda runtime: value
    path = value.path

    def find(runtime: Runtime) -> Any:
        found: Any = runtime.variables
        for step in path:
            found = found[step]
        return found

    return find


def id_getter(value: Any, prefix: str) -> Getter:
    """How to find an id and take it apart; another kind of id is an InputError."""
    find = getter(value)
    return lambda runtime: decode_id(prefix, find(runtime))


def ids_getter(value: Any, prefix: str) -> Getter:
    """How to find a list of ids of one kind."""
    find = items_getter(value)
    return lambda runtime: [decode_id(prefix, item) for item in find(runtime)]


def items_getter(value: Any, most: int = 250) -> Getter:
    """How to find a list of plain values; longer ones are an InputError."""
    if isinstance(value, list):
        finders = [getter(item) for item in value]

        def gather(runtime: Runtime) -> list[Any]:
            return [find(runtime) for find in finders]

        find_all: Getter = gather
    else:
        find_all = getter(value)

    def find(runtime: Runtime) -> list[Any]:
        items = [item.value if isinstance(item, enum.Enum) else item for item in find_all(runtime)]
        if len(items) > most:
            raise InputError(
                f"`in` takes at most {most} values; {len(items)} were given.", code=ErrorCode.LIMIT_EXCEEDED
            )
        return items

    return find


@dataclass
class Parameters:
    """The parameters of one statement under construction."""

    getters: dict[str, Getter] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def add(self, find: Getter, sql_type: str) -> str:
        """A typed placeholder for a value found at binding."""
        name = f"p{len(self.getters)}"
        self.getters[name] = find
        return f"%({name})s::{sql_type}"

    def shared(self, name: str, find: Getter, sql_type: str) -> str:
        """A placeholder for a platform value, added once."""
        if name not in self._known:
            self._known[name] = self.add(find, sql_type)
        return self._known[name]

    def bind(self, runtime: Runtime) -> dict[str, Any]:
        """The values of one request."""
        return {name: find(runtime) for name, find in self.getters.items()}
