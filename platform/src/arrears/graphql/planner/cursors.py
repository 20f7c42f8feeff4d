"""Opaque places in an ordered list: the order's key, its value and the id."""

from __future__ import annotations

import base64
import binascii
import datetime
from typing import Any
from uuid import UUID

import orjson

from arrears.graphql.planner.runtime import Getter, Runtime
from arrears_sdk.errors import ErrorCode, InputError


def cursor_sql(key: str, value: str, row: str) -> str:
    """The SQL of a row's cursor."""
    packed = f"json_build_array('{key}', {value}, {row}.id)::text"
    return f"translate(encode(convert_to({packed}, 'UTF8'), 'base64'), E'\\n', '')"


def cursor_getter(find: Getter, key: str, part: int, sql_type: str) -> Getter:
    """How to read one part (1 the key's value, 2 the id) of the cursor that a caller sent."""

    def read(runtime: Runtime) -> Any:
        return _parsed(read_cursor(find(runtime), key)[part], "uuid" if part == 2 else sql_type)

    return read


def read_cursor(text: str, key: str) -> list[Any]:
    """The parts of a cursor; InputError when it is none of ours or belongs to another order."""
    try:
        parts = orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != 3:
        raise InputError("This cursor is not one that a list gave out.", code=ErrorCode.INVALID_INPUT)
    if parts[0] != key:
        raise InputError(
            f"This cursor belongs to a list in order of {parts[0]!s:.40}, not {key}; start that list anew.",
            code=ErrorCode.INVALID_INPUT,
        )
    return parts


def _parsed(value: Any, sql_type: str) -> Any:
    try:
        match sql_type:
            case "uuid":
                return UUID(value)
            case "date":
                return datetime.date.fromisoformat(value)
            case "timestamptz":
                return datetime.datetime.fromisoformat(value)
            case "bigint":
                return int(value)
            case _ if isinstance(value, str) and "\0" not in value:
                return value
            case _:
                raise ValueError("no text that can be stored")
    except (ValueError, TypeError, AttributeError):
        raise InputError("This cursor is not one that a list gave out.", code=ErrorCode.INVALID_INPUT) from None
