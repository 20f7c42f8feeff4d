"""Inputs of mutations: declared once, decoded into the command's own input by name."""

from __future__ import annotations

import dataclasses
import enum
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.maybe import Some
from strawberry.utils.str_converters import to_camel_case

from arrears.graphql.scalars import MoneyInput
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, Problem
from arrears_sdk.ids import decode_id
from arrears_sdk.money import Money

C = TypeVar("C")
ID = strawberry.ID
_PREFIX = "prefix"
_NOT_NULL = "not_null"
_NULL = "This may be left out, but not set to null."


class Input:
    """Base of the inputs: `to_command()` gives the decoded fields by their Python names."""

    def to_command(self) -> dict[str, Any]:
        """The fields that were given: ids as UUIDs, money as Money, absent `Maybe` fields left out.

        Raises InputError with one problem for each id or amount that is wrong, each with its path.
        """
        problems: list[Problem] = []
        found = _decoded(self, ("input",), problems)
        if problems:
            raise InputError.of(problems)
        found.pop("idempotency_key", None)
        return found


def input_field(
    prefix: str | None = None, *, description: str, default: Any = dataclasses.MISSING, name: str | None = None
) -> Any:
    """A field of an input; `prefix` says which kind of id it takes (also for a list of ids)."""
    return strawberry.field(description=description, default=default, metadata={_PREFIX: prefix}, name=name)


@dataclass_transform(kw_only_default=True, field_specifiers=(input_field,))
def input_type(*, description: str) -> Callable[[type[C]], type[C]]:
    """An input of a mutation; a field that may be null may be left out."""

    def declare(cls: type[C]) -> type[C]:
        annotations = inspect.get_annotations(cls)
        for name, annotation in annotations.items():
            field = cls.__dict__.get(name)
            if isinstance(field, StrawberryField) and field.default is dataclasses.MISSING:
                _allow_omission(field, str(annotation))
                annotations[name] = _taking_null(field, annotation)
        cls.__annotations__ = annotations
        return strawberry.input(cls, name=cls.__name__, description=description)

    return declare


def _allow_omission(field: StrawberryField, annotation: str) -> None:
    if annotation.startswith(("Maybe[", "strawberry.Maybe[")):
        field.default = None
    elif annotation.endswith("| None"):
        # Left out, the command's own default holds; null is passed on as null.
        field.default = field.default_value = strawberry.UNSET


def _taking_null(field: StrawberryField, annotation: Any) -> Any:
    """The annotation under which null reaches us: Strawberry's own refusal speaks of Python types, not of the field."""
    if not str(annotation).startswith("Maybe[") or str(annotation).endswith("| None]"):
        return annotation
    field.metadata = MappingProxyType({**field.metadata, _NOT_NULL: True})
    return f"{str(annotation)[:-1]} | None]"


def _decoded(given: Any, path: tuple[str, ...], problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in given.__strawberry_definition__.fields:
        value = getattr(given, field.python_name)
        if value is strawberry.UNSET or (value is None and _is_maybe(field)):
            continue
        if isinstance(value, Some):
            value = value.value
        where = (*path, field.graphql_name or to_camel_case(field.python_name))
        if value is None and field.metadata.get(_NOT_NULL):
            problems.append(Problem(ErrorCode.REQUIRED, _NULL, where))
            continue
        found[field.python_name] = _value(value, field.metadata.get(_PREFIX), where, problems)
    return found


def _is_maybe(field: Any) -> bool:
    return isinstance(field.type, strawberry.types.base.StrawberryMaybe)


def _value(value: Any, prefix: str | None, path: tuple[str, ...], problems: list[Problem]) -> Any:
    if isinstance(value, list):
        return [_value(item, prefix, (*path, str(place)), problems) for place, item in enumerate(value)]
    if value is None or isinstance(value, enum.Enum):
        return value
    try:
        if prefix is not None:
            return decode_id(prefix, value)
        if isinstance(value, MoneyInput):
            return Money.parse(format(value.amount, "f"), value.currency)
    except ArrearsError as error:
        problems += [dataclasses.replace(problem, field=path) for problem in error.problems]
        return None
    if hasattr(value, "__strawberry_definition__"):
        return _decoded(value, path, problems)
    return value


def command_input(model: type[Any], given: Mapping[str, Any] | Any) -> Any:
    """The command's own input out of decoded fields; InputError with the path of each that it refuses."""
    from pydantic import BaseModel, ValidationError

    if isinstance(given, BaseModel):
        return given
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise InputError.of(
            [
                Problem(
                    code=_code(detail),
                    message=_sentence(detail),
                    field=("input", *(to_camel_case(str(step)) for step in detail["loc"])),
                )
                for detail in error.errors(include_url=False)
            ]
        ) from None


def _code(detail: Any) -> ErrorCode:
    absent = detail["type"] == "missing" or detail["input"] is None
    return ErrorCode.REQUIRED if absent else ErrorCode.INVALID_INPUT


def _sentence(detail: Any) -> str:
    if detail["input"] is None and detail["type"] != "missing":
        return _NULL
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message if message.endswith(".") else f"{message}."
