"""Reads a file of a client's debts into rows that the platform checks and stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

from arrears_sdk.errors import Problem
from arrears_sdk.events import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of a file under the platform's names: `values` by the field names of `arrears_sdk.import_fields`."""

    line: int
    raw: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that cannot be read, with everything that is wrong with it."""

    line: int
    raw: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """A file to be read, how its columns are named (a mapping file's content), and the day on which it arrived."""

    path: Path
    mapping: Mapping[str, JsonValue]
    received_on: date


@runtime_checkable
class Importer(Protocol):
    """A reader of one format."""

    @property
    def key(self) -> str:
        """The name of the format, such as `csv`; unique in a deployment."""
        ...

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
        """What is wrong with a mapping; nothing when it can be used."""
        ...

    def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
        """The rows of the file in their order, one at a time: a file may be larger than memory."""
        ...
