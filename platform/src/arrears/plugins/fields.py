"""What plugins answer for the fields that they add to the schema."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_origin
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from arrears.plugins.bound import BoundPort
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.ports import GraphQLField, field_key
from arrears.plugins.settings import DEPLOYMENT, Place
from arrears_sdk.ports.graphql import Asked, ExtendedObject

LONGEST_LIST = 250
"""How many values a list of a plugin's field may have."""
MOST_CHARACTERS = 200_000
"""How much a plugin's field may show of one object."""
DEEPEST = 10
_UNPAIRED = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Answered:
    """One value for each object that was asked about, None where a plugin left it out, and why it did."""

    values: Sequence[object]
    failures: tuple[str, ...] = ()


class PluginFields:
    """The plugins of a deployment as the schema asks them. One that fails leaves its field out, and no more."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    async def root(self, plugin: str, field: str, asked: Asked, arguments: Mapping[str, object]) -> Answered:
        """The value of a root field, from the plugin with the deployment's settings."""
        try:
            bound = await self._host.field(plugin, field_key(None, field), DEPLOYMENT)
            if bound is None:
                return Answered((None,), ("It is not enabled for the deployment.",))
            value = await bound.call("resolve", asked, arguments)
            return Answered((_checked(bound.port, value),))
        except _FAILURES as error:
            return Answered((None,), (_reason(error),))

    async def extend(
        self, plugin: str, on: str, field: str, asked: Asked, objects: Sequence[tuple[ExtendedObject, UUID | None]]
    ) -> Answered:
        """One value for each object, None for those of clients that have not enabled the plugin.

        All objects are asked about in one call, or in one for each set of settings that their clients have.
        """
        key = field_key(on, field)
        failures: list[str] = []
        ports: dict[UUID | None, BoundPort[GraphQLField] | None] = {}
        for client in {one for _, one in objects}:
            try:
                ports[client] = await self._host.field(plugin, key, Place(client))
            except PluginFailedError as error:
                ports[client] = None
                failures.append(_reason(error))
        groups: dict[int, tuple[BoundPort[GraphQLField], list[int]]] = {}
        for index, (_, client) in enumerate(objects):
            bound = ports[client]
            if bound is not None:
                groups.setdefault(id(bound.port), (bound, []))[1].append(index)
        values: list[object] = [None] * len(objects)
        for bound, indexes in groups.values():
            try:
                answer = await bound.call("resolve", asked, tuple(objects[index][0] for index in indexes))
                for index, value in zip(indexes, _many(answer, len(indexes)), strict=True):
                    values[index] = _checked(bound.port, value)
            except _FAILURES as error:
                failures.append(_reason(error))
                for index in indexes:
                    values[index] = None
        return Answered(values, tuple(dict.fromkeys(failures)))


class _WrongValueError(Exception):
    """A value that its field cannot show; the message says why."""


_FAILURES = (PluginFailedError, _WrongValueError, ValidationError)


def _many(answer: object, wanted: int) -> Sequence[object]:
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise _WrongValueError("It gave no list of values.")
    if len(answer) != wanted:
        raise _WrongValueError(f"It gave {len(answer)} values for {wanted} objects.")
    return answer


def _checked(field: GraphQLField, value: object) -> object:
    """The value, if it is None or of the type that the field declares."""
    if value is None:
        return None
    kind = get_origin(field.returns)
    if kind in (list, tuple) and isinstance(value, list | tuple):
        # Either will do for the other: the schema shows both as a list.
        value = kind(value)
    _measured(value, 0)
    return _adapter(field.returns).validate_python(value, strict=True)


def _measured(value: object, depth: int) -> int:
    """How many characters a value shows at most; _WrongValueError for what no answer can hold."""
    inner: Iterable[object] = ()
    size = 1
    if isinstance(value, str):
        size = len(value)
        if _UNPAIRED.search(value):
            raise _WrongValueError("It gave a text that is no Unicode.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise _WrongValueError("It gave a number that is not finite.")
    elif isinstance(value, list | tuple):
        if len(value) > LONGEST_LIST:
            raise _WrongValueError(f"It gave a list of {len(value)} values; at most {LONGEST_LIST} are shown.")
        inner = value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = (getattr(value, field.name) for field in dataclasses.fields(value))
    if depth > DEEPEST:
        raise _WrongValueError(f"It gave values within each other, more than {DEEPEST} deep.")
    for one in inner:
        size += _measured(one, depth + 1)
    if size > MOST_CHARACTERS:
        raise _WrongValueError(f"It gave more than {MOST_CHARACTERS:,} characters for one object.")
    return size


@lru_cache(maxsize=512)
def _adapter(kind: Any) -> TypeAdapter[object]:
    return TypeAdapter(kind)


def _reason(error: Exception) -> str:
    if isinstance(error, PluginFailedError):
        # What an exception says may be about a person: the log has it, masked; a caller is told its type.
        return error.reason.split(":", 1)[0] if error.kind is FailureKind.RAISED else error.reason
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"It gave a value of the wrong type: {first['msg']}."
    return str(error)
