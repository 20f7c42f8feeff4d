"""Whether values are good for a group's settings class, and where they are not: with the path that pydantic gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from arrears.configuration.model import ENABLED, Fault, Path, nearest
from arrears.plugins.configuring import is_reference
from arrears_sdk.errors import ErrorCode
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Config

_STAND_IN = "held elsewhere"
_LITERAL = 'A secret is given by reference only: {"env": "NAME"} or {"file": "/path"}.'
_MISPLACED = "This is no secret, and cannot be taken from the environment or a file."
_DEEPEST_SCHEMA = 32

Schema = Mapping[str, Any]


def config_schema(config: type[Config]) -> dict[str, Any]:
    """The JSON Schema of a settings class; a secret is `format: password` in it."""
    return config.model_json_schema(by_alias=True)


def config_names(config: type[Config]) -> list[str]:
    """The names of the settings of a class, as values and files spell them."""
    return [field.alias or name for name, field in config.model_fields.items()]


def secret_paths(config: type[Config], values: Mapping[str, JsonValue]) -> list[Path]:
    """Where the class expects secrets, among the places that the values have."""
    schema = config_schema(config)
    return [path for path, found in _matched(schema, schema, dict(values), ()) if _is_secret(found)]


def values_faults(config: type[Config], values: Mapping[str, JsonValue], *, complete: bool) -> list[Fault]:
    """Everything wrong with the values. Unless they have to be `complete`, a setting may be missing.

    Secrets are looked at by their form alone: a reference is right, whatever it leads to; anything else is a fault.
    """
    secrets = secret_paths(config, values)
    faults = [
        Fault(path, _LITERAL, ErrorCode.SECRET_IN_PLAIN)
        for path in secrets
        if (found := _at(values, path)) is not None and not _names_a_place(found)
    ]
    faults += [Fault(path, _MISPLACED) for path in _references(dict(values), ()) if path not in secrets]
    stand_ins = _replaced(dict(values), (), frozenset(secrets))
    assert isinstance(stand_ins, dict)
    try:
        config.model_validate(stand_ins)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            path = tuple(detail["loc"])
            if any(path[: len(secret)] == secret for secret in secrets):
                # What a secret has to look like is found out where it can be read.
                continue
            if detail["type"] == "missing" and len(path) == 1 and not complete:
                continue
            faults.append(Fault(path, _sentence(detail, config), _code(detail)))
    return faults


def lock_faults(known: Iterable[str], locked: frozenset[str]) -> list[Fault]:
    """Locked names that are no settings."""
    known = [ENABLED, *known]
    unknown = sorted(locked - set(known))
    return [Fault((), f"There is no setting {name[:60]!r} to lock.{nearest(name, known)}") for name in unknown]


def _sentence(detail: ErrorDetails, config: type[Config]) -> str:
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        known = config_names(config) if len(detail["loc"]) == 1 else ()
        return f"There is no such setting: {name!r}.{nearest(name, known)}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message[:1].upper() + message[1:]
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _code(detail: ErrorDetails) -> ErrorCode:
    return ErrorCode.REQUIRED if detail["type"] == "missing" else ErrorCode.INVALID_INPUT


def _names_a_place(value: JsonValue) -> bool:
    return isinstance(value, dict) and is_reference(value) and all(str(place).strip() for place in value.values())


def _references(value: JsonValue, path: Path) -> Iterator[Path]:
    if is_reference(value):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _references(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _references(inner, (*path, place))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _replaced(value: JsonValue, path: Path, secrets: frozenset[Path]) -> JsonValue:
    if path in secrets:
        return None if value is None else _STAND_IN
    if isinstance(value, dict):
        return {key: _replaced(inner, (*path, key), secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, (*path, place), secrets) for place, inner in enumerate(value)]
    return value


def _matched(whole: Schema, schema: Schema, value: JsonValue, path: Path) -> Iterator[tuple[Path, Schema]]:
    """Every place of a value with the parts of the schema that speak of it; where parts differ, with each."""
    if len(path) > _DEEPEST_SCHEMA:
        return
    for part in _parts(whole, schema):
        yield path, part
        if _is_secret(part):
            return
        if isinstance(value, dict):
            named = part.get("properties", {})
            others = part.get("additionalProperties")
            for key, inner in value.items():
                below = named.get(key, others)
                if isinstance(below, Mapping):
                    yield from _matched(whole, below, inner, (*path, key))
        elif isinstance(value, list):
            first = part.get("prefixItems", ())
            for place, inner in enumerate(value):
                below = first[place] if place < len(first) else part.get("items")
                if isinstance(below, Mapping):
                    yield from _matched(whole, below, inner, (*path, place))


def _parts(whole: Schema, schema: Schema, depth: int = 0) -> list[Schema]:
    """The schema and all that it refers to or chooses from, secrets first."""
    if depth > _DEEPEST_SCHEMA:
        return []
    found = [schema]
    reference = schema.get("$ref")
    if isinstance(reference, str):
        found += _parts(whole, whole["$defs"][reference.rpartition("/")[2]], depth + 1)
    for choice in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(choice, ()):
            found += _parts(whole, one, depth + 1)
    return sorted(found, key=lambda part: not _is_secret(part))


def _is_secret(schema: Schema) -> bool:
    return schema.get("format") == "password" and bool(schema.get("writeOnly"))
