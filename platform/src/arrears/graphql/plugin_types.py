"""The types of a plugin's fields, made from plain Python types; a plugin never sees the GraphQL library."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import strawberry
from strawberry.utils.str_converters import to_camel_case

from arrears.graphql.scalars import Money
from arrears_sdk.errors import InputError
from arrears_sdk.money import Money as ExactMoney

_PLAIN: Mapping[object, object] = {
    str: str,
    int: int,
    float: float,
    bool: bool,
    Decimal: Decimal,
    datetime.date: datetime.date,
    datetime.datetime: datetime.datetime,
    ExactMoney: Money,
}
_LISTS = (list, tuple, Sequence)
LONGEST_LIST = 250

MakeType = Callable[[str, str, list[tuple[str, object, str]]], type]
"""Makes an output type of a name, a description and its fields: (name, annotation, description)."""


def pascal(name: str) -> str:
    """A plugin's name as types begin with it: `BalanceScore` for `balance-score`."""
    return "".join(word.capitalize() for word in name.replace("_", "-").split("-"))


def camel(name: str) -> str:
    """A plugin's name as fields begin with it: `balanceScore` for `balance-score`."""
    return to_camel_case(name.replace("-", "_"))


def is_list(annotation: object) -> bool:
    """Whether values of the type are lists."""
    return get_origin(_bare(annotation)) in (list, tuple, *(_abstract(kind) for kind in _LISTS))


def _abstract(kind: object) -> object:
    return getattr(kind, "__origin__", kind)


def _bare(annotation: object) -> object:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (types.UnionType, typing.Union):
        left = [one for one in get_args(annotation) if one is not type(None)]
        return _bare(left[0]) if len(left) == 1 else annotation
    return annotation


class PluginTypes:
    """The output types of one plugin's fields. InputError names what cannot be shown in the schema."""

    def __init__(self, plugin: str, make: MakeType) -> None:
        self.plugin = plugin
        self.make = make
        self.made: dict[type, object] = {}

    def of(self, annotation: object, where: str) -> Any:
        """The Strawberry annotation of a type."""
        if get_origin(annotation) is Annotated:
            return self.of(get_args(annotation)[0], where)
        if get_origin(annotation) in (types.UnionType, typing.Union):
            return self._optional(annotation, where)
        if is_list(annotation):
            items = [one for one in get_args(annotation) if one is not Ellipsis]
            if len(items) != 1:
                raise self._unusable(annotation, where)
            inner: Any = self.of(items[0], where)
            return list[inner]
        if isinstance(annotation, type):
            if annotation in _PLAIN:
                return _PLAIN[annotation]
            if annotation not in self.made:
                self.made[annotation] = self._make(annotation, where)
            return self.made[annotation]
        raise self._unusable(annotation, where)

    def _optional(self, annotation: object, where: str) -> Any:
        parts = get_args(annotation)
        left = [one for one in parts if one is not type(None)]
        if len(left) != 1 or len(parts) != 2:
            raise self._unusable(annotation, where)
        return self.of(left[0], where) | None

    def _make(self, kind: type, where: str) -> object:
        name = f"{pascal(self.plugin)}{kind.__name__}"
        about = inspect.getdoc(kind) or ""
        if issubclass(kind, enum.Enum):
            return self._enum(kind, name, about)
        if not dataclasses.is_dataclass(kind):
            raise self._unusable(kind, where)
        if not about or about.startswith(f"{kind.__name__}("):
            raise InputError(f"The class {kind.__name__} of {self.plugin} needs a docstring: it is its description.")
        hints = get_type_hints(kind, include_extras=True)
        fields = []
        for field in dataclasses.fields(kind):
            hint = hints[field.name]
            said = [one for one in get_args(hint)[1:] if isinstance(one, str)] if get_origin(hint) is Annotated else []
            if not said:
                raise InputError(
                    f"{kind.__name__}.{field.name} of {self.plugin} needs a description:"
                    f' write Annotated[..., "What it means."].'
                )
            fields.append((field.name, self.of(hint, f"{kind.__name__}.{field.name}"), said[0]))
        return self.make(name, about, fields)

    def _enum(self, kind: type[enum.Enum], name: str, about: str) -> object:
        if not about or about == inspect.getdoc(enum.Enum):
            raise InputError(f"The enum {kind.__name__} of {self.plugin} needs a docstring: it is its description.")
        # A copy: the plugin's own class stays as it is, and another schema may be built from it.
        copy = enum.Enum(name, {member.name: member.value for member in kind})  # type: ignore[misc]
        made = strawberry.enum(copy, name=name, description=about)
        for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
            value.description = str(kind[value.name].value)
        return made

    def _unusable(self, annotation: object, where: str) -> InputError:
        return InputError(
            f"{where} of {self.plugin} has the type {annotation!r}, which the schema cannot show; use str, int, float,"
            " bool, Decimal, date, datetime, Money, an enum, a dataclass, or a list of one of these."
        )


def shown(value: object) -> object:
    """A plugin's value as the schema's types take it: the values of enums in place of their members."""
    if isinstance(value, enum.Enum):
        return value.value
    return [shown(item) for item in value] if isinstance(value, list | tuple) else value
