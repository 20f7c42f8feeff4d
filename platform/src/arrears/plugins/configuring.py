"""A plugin's settings object, made from what is stored: the host's own settings apart, secrets fetched, all checked."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Config

ConfigT = TypeVar("ConfigT", bound=Config)
Step = str | int
REFERENCES = ("env", "file")
_IN_PLAIN = 'is a secret: give {"env": "NAME"} or {"file": "/path"} in its place, never itself'
_UNFIT = "is no secret and cannot be taken from the environment or a file"
LONGEST_SECRET = 65_536


class HostSettings(Config):
    """What every plugin's group may hold besides the plugin's own settings; the deployment decides, nobody below it.

    `isolation` says whether the plugin runs in a thread of the platform or in a process of its own; `budget_seconds`
    how long a call may take, by the name of a hook or of a port's method; `accept_incompatible` takes the risk of
    a plugin that is made for another version of the SDK.
    """

    isolation: Literal["thread", "process"] = "thread"
    budget_seconds: Mapping[str, float] = {}
    accept_incompatible: bool = False


HOST_SETTINGS = frozenset(HostSettings.model_fields)


@dataclass(frozen=True, slots=True)
class Split:
    """One group's values, told apart."""

    host: Mapping[str, JsonValue]
    own: Mapping[str, JsonValue]


def split(values: Mapping[str, JsonValue]) -> Split:
    """The host's own settings of a group, and those of the plugin."""
    return Split(
        {name: value for name, value in values.items() if name in HOST_SETTINGS},
        {name: value for name, value in values.items() if name not in HOST_SETTINGS},
    )


def canonical(values: Mapping[str, JsonValue]) -> str:
    """The same text for the same values."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def host_settings(group: str, values: Mapping[str, JsonValue]) -> HostSettings:
    """The host's own settings of a plugin; InputError with the path of each fault."""
    return _validated(HostSettings, group, split(values).host)


def configure(kind: type[ConfigT], group: str, values: Mapping[str, JsonValue], *, fetch: bool = True) -> ConfigT:
    """The settings object of a group; InputError with the exact path of every fault, and no secret in it.

    A secret is given by reference, `{"env": "NAME"}` or `{"file": "/path"}`, and never as it is. Without `fetch` the
    references are only checked for their form: who writes settings need not be where the secrets are.
    """
    references: set[tuple[Step, ...]] = set()
    problems: list[Problem] = []
    resolved = {
        name: _resolve(value, (name,), group, references, problems, fetch=fetch) for name, value in values.items()
    }
    if problems:
        raise InputError.of(problems)
    config = _validated(kind, group, resolved)
    secrets = {path for path in _secrets(config, ()) if _given(values, path)}
    plain, no_secrets = sorted(secrets - references, key=str), sorted(references - secrets, key=str)
    problems += [_problem(group, path, _IN_PLAIN) for path in plain]
    problems += [_problem(group, path, _UNFIT) for path in no_secrets]
    if problems:
        raise InputError.of(problems)
    return config


def is_reference(value: JsonValue) -> bool:
    """Whether a value stands for a secret that is kept elsewhere."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in REFERENCES


def _resolve(
    value: JsonValue,
    path: tuple[Step, ...],
    group: str,
    references: set[tuple[Step, ...]],
    problems: list[Problem],
    *,
    fetch: bool,
) -> JsonValue:
    if is_reference(value):
        assert isinstance(value, dict)
        references.add(path)
        kind, where = next(iter(value.items()))
        if not isinstance(where, str) or not where:
            problems.append(_problem(group, (*path, kind), "names no variable or file"))
            return ""
        if not fetch:
            return "?"
        try:
            return _secret(kind, where)
        except InputError as error:
            problems.append(_problem(group, path, str(error)))
            return ""
    if isinstance(value, dict):
        return {
            key: _resolve(one, (*path, key), group, references, problems, fetch=fetch) for key, one in value.items()
        }
    if isinstance(value, list):
        return [
            _resolve(one, (*path, place), group, references, problems, fetch=fetch) for place, one in enumerate(value)
        ]
    return value


def unreachable(reference: Mapping[str, JsonValue]) -> str | None:
    """Why the secret that a reference stands for cannot be had on this machine; None when it can."""
    kind, where = next(iter(reference.items()))
    try:
        _secret(kind, str(where))
    except InputError as error:
        return str(error)
    return None


def _secret(kind: str, where: str) -> str:
    if kind == "env":
        found = os.environ.get(where)
        if not found:
            raise InputError(f"takes its secret from the environment variable {where}, which is not set")
        return found
    try:
        text = _beginning(Path(where))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"takes its secret from the file {where}, which cannot be read: {why}") from None
    if not text.strip() or len(text) > LONGEST_SECRET:
        raise InputError(f"takes its secret from the file {where}, which is empty or too long")
    return text.strip()


def _beginning(file: Path) -> str:
    # A device or a pipe may have no end, and never answer.
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is no plain file")
    with file.open("rb") as opened:
        return opened.read(LONGEST_SECRET + 1).decode("utf-8")


def _validated(kind: type[ConfigT], group: str, values: Mapping[str, JsonValue]) -> ConfigT:
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise InputError.of(
            _problem(group, fault["loc"], _lower(fault["msg"]))
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ) from None


def _problem(group: str, path: tuple[Step, ...], what: str) -> Problem:
    steps = tuple(str(step) for step in path)
    return Problem(ErrorCode.INVALID_INPUT, f"{'.'.join((group, *steps))} - {what}", (group, *steps))


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _secrets(value: object, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if isinstance(value, (SecretStr, SecretBytes)):
        yield path
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _secrets(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            yield from _secrets(one, (*path, place))


def _given(values: object, path: tuple[Step, ...]) -> bool:
    for step in path:
        try:
            values = values[step]  # type: ignore[index]
        except (LookupError, TypeError):
            return False
    return True
