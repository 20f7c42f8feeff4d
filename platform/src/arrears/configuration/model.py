"""What a place says about a group of settings: its form outside the process, and which values may stand in it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from arrears.kernel.command import GivenName
from arrears.kernel.personal import contains_card_number
from arrears.plugins.settings import GroupSettings
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.events import JsonValue

Path = tuple[str | int, ...]

ENABLED: Final = "enabled"
BUILT_IN: Final[Mapping[str, GroupSettings]] = {"csv-importer": GroupSettings(enabled=True)}
"""What holds before anybody says anything: files of clients can be read."""

NOTHING: Final = GroupSettings()
DEEPEST: Final = 16
MOST_CHARACTERS: Final = 64 * 1024
LARGEST_NUMBER: Final = 2**63 - 1


@dataclass(frozen=True)
class Fault:
    """One thing wrong with settings: where, and why. The value itself is never repeated."""

    path: Path
    message: str
    code: ErrorCode = ErrorCode.INVALID_INPUT


def said(stored: Mapping[str, JsonValue] | None) -> GroupSettings:
    """What a place says, from the form in which it is stored."""
    if stored is None:
        return NOTHING
    values, locked = stored.get("values"), stored.get("locked")
    enabled, required = stored.get("enabled"), stored.get("required")
    return GroupSettings(
        enabled=enabled if isinstance(enabled, bool) else None,
        required=required if isinstance(required, bool) else None,
        values=values if isinstance(values, dict) else {},
        locked=frozenset(str(name) for name in locked) if isinstance(locked, list) else frozenset(),
    )


def stored(settings: GroupSettings) -> dict[str, JsonValue] | None:
    """The form in which it is stored and audited; None when nothing is said."""
    found: dict[str, JsonValue] = {}
    if settings.enabled is not None:
        found["enabled"] = settings.enabled
    if settings.required is not None:
        found["required"] = settings.required
    if settings.values:
        found["values"] = {name: settings.values[name] for name in sorted(settings.values)}
    if settings.locked:
        found["locked"] = [*sorted(settings.locked)]
    return found or None


def same_value(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and true do not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and one == other


def same_settings(one: GroupSettings, other: GroupSettings) -> bool:
    """Whether two places say the same about a group."""
    return (
        one.enabled is other.enabled
        and one.required is other.required
        and one.locked == other.locked
        and same_value(dict(one.values), dict(other.values))
    )


def value_faults(values: Mapping[str, object]) -> Iterator[Fault]:
    """What keeps values from being stored and written to a file again, whatever the group."""
    size = 0
    for name, value in values.items():
        for path, inner in _walk(value, (name,)):
            reason = _unfit(path, inner)
            if reason is not None:
                # Only the first of each setting: the rest may be one and the same mistake.
                yield Fault(path, reason)
                break
            size += len(inner) if isinstance(inner, str) else 8
    if size > MOST_CHARACTERS:
        yield Fault((), f"The settings of one group at one place may have {MOST_CHARACTERS} characters at most.")


def _walk(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    yield path, value
    if len(path) > DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, str(key)), key
            yield from _walk(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _walk(inner, (*path, place))


def _unfit(path: Path, value: object) -> str | None:
    if len(path) > DEEPEST:
        return f"Values may lie {DEEPEST} levels deep at most."
    if isinstance(value, bool | dict | list):
        return None
    if value is None:
        # A file has no way to write one; at the top of a group it has: the table's `null`.
        return None if len(path) == 1 else "Null may be the value of a setting, not stand inside one: leave it out."
    if isinstance(value, int):
        return None if abs(value) <= LARGEST_NUMBER else "A whole number has to fit into 64 bits."
    if isinstance(value, float):
        return None if math.isfinite(value) else "A number has to be finite."
    if isinstance(value, str):
        unfit = any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
        if unfit:
            return "This text holds characters that cannot be stored."
        if contains_card_number(value):
            return "This holds the number of a payment card, which is never stored."
        return None
    return f"This is neither text, number, true or false, list nor object: {type(value).__name__}."


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was most likely meant; empty when none is near."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def refused(faults: Iterable[Fault], *where: str) -> InputError:
    """The error that tells of faults in values that stand at a path of the input."""
    return InputError.of(
        Problem(fault.code, fault.message, (*where, *(GivenName(step) for step in fault.path))) for fault in faults
    )
