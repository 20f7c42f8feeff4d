"""On which line of a TOML text each table and key stands, so that a fault can be found in an editor."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache

from arrears.configuration.model import Path

_LONGEST_STATEMENT = 20_000
# Texts and remarks: brackets in them open nothing.
_ASIDE = re.compile(r"""\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*""")


def line_of(text: str, path: Path) -> int | None:
    """The line, from 1, of the innermost table or key on the way to a path; None when not even its first step is there.

    The text must be valid TOML.
    """
    best: tuple[int, int] | None = None
    for found, line in _places(text):
        shared = min(len(found), len(path))
        if found[:shared] != path[:shared]:
            continue
        # A table below the path stands for it when nothing nearer does: `[clients.ACME.plugins.x]` for `clients.ACME`.
        if best is None or shared > best[0]:
            best = (shared, line)
    return None if best is None or best[0] == 0 else best[1]


@lru_cache(maxsize=2)
def _places(text: str) -> tuple[tuple[Path, int], ...]:
    return tuple(_found(text))


def _found(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    counts: dict[Path, int] = {}
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        stripped = lines[number].strip()
        first = number + 1
        if not stripped or stripped.startswith("#"):
            number += 1
        elif stripped.startswith("["):
            table = _header(stripped, counts)
            yield table, first
            number += 1
        else:
            keys, taken = _statement(lines, number)
            for path in keys:
                yield (*table, *path), first
            number += taken


def _header(stripped: str, counts: dict[Path, int]) -> Path:
    path = tuple(_keys(tomllib.loads(stripped)))
    many = stripped.startswith("[[")
    found: Path = ()
    for place, step in enumerate(path):
        found = (*found, step)
        last = place == len(path) - 1
        if last and many:
            counts[found] = counts.get(found, -1) + 1
        if found in counts:
            found = (*found, counts[found])
    return found


def _keys(parsed: object) -> Iterator[str]:
    while parsed:
        if isinstance(parsed, list):
            parsed = parsed[0]
        if not isinstance(parsed, dict) or not parsed:
            return
        ((key, parsed),) = parsed.items()
        yield key


def _statement(lines: list[str], start: int) -> tuple[list[Path], int]:
    """The paths that the assignment beginning on a line sets, and over how many lines it goes."""
    depth, has_long_text = 0, False
    for end in range(start + 1, min(len(lines), start + _LONGEST_STATEMENT) + 1):
        line = lines[end - 1]
        has_long_text = has_long_text or '"""' in line or "'''" in line
        plain = _ASIDE.sub("", line)
        depth += sum(plain.count(bracket) for bracket in "[{") - sum(plain.count(bracket) for bracket in "]}")
        if depth > 0 and not has_long_text:
            continue
        try:
            parsed = tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return [path for path in _below(parsed, ()) if path], end - start
    return [], 1


def _below(parsed: object, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(parsed, dict):
        for key, inner in parsed.items():
            yield from _below(inner, (*path, key))
    elif isinstance(parsed, list):
        for place, inner in enumerate(parsed):
            yield from _below(inner, (*path, place))
