"""The mapping that comes with a file: TOML whose meaning the importer of the file's format knows."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from pathlib import Path

from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue

LONGEST_MAPPING = 50_000
# The time to parse a dotted key grows with the square of its parts. No honest line has this many dots.
MOST_DOTS_IN_A_LINE = 200

ImportMapping = Mapping[str, JsonValue]


def parse_mapping(text: str) -> ImportMapping:
    """The content of a mapping written in TOML; `InputError` when it is none, or too long to be one."""
    if len(text) > LONGEST_MAPPING or any(line.count(".") > MOST_DOTS_IN_A_LINE for line in text.splitlines()):
        raise InputError(
            f"A mapping has at most {LONGEST_MAPPING} characters, and {MOST_DOTS_IN_A_LINE} dots in a line.",
            field=("mapping",),
        )
    try:
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except RecursionError as error:
        raise InputError("The mapping is nested too deeply.", field=("mapping",)) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The mapping is not valid TOML: {error}", field=("mapping",)) from error


def read_mapping(path: Path) -> ImportMapping:
    """The mapping in a TOML file; `InputError` when there is no such file or it is not a mapping."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The mapping {path} cannot be read: {error.strerror}.", field=("mapping",)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"The mapping {path} is not UTF-8 text.", field=("mapping",)) from error


def _plain(value: object) -> JsonValue:
    """The value in JSON's own kinds: days and times, which TOML has and JSON has not, as they are written."""
    match value:
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case datetime.date() | datetime.time():
            return value.isoformat()
        case str() | bool() | int() | float():
            return value
        case _:
            raise AssertionError(f"TOML has no {type(value).__name__}")
