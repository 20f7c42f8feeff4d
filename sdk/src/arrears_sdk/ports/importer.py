"""Reads a file of a client's debts into rows that the platform checks and stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

from arrears_sdk.errors import Problem
from arrears_sdk.events import JsonValue
from arrears_sdk.import_fields import ImportValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of a file: `values` by the names of `arrears_sdk.import_fields.IMPORT_FIELDS`, each of its field's kind.

    `line` is where the row begins, `raw` its text. `cells` are its texts by the columns of the file's layout.
    """

    line: int
    raw: str
    values: Mapping[str, ImportValue]
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that cannot be read, or some values of it, with everything that is wrong with it.

    A problem's `field` is the path of a value, such as `("account", "due_on")`, the name of a column alone, or empty
    when it is the row as a whole. `values` are those that could be read all the same: sums are counted with them.
    """

    line: int
    raw: str
    problems: tuple[Problem, ...]
    values: Mapping[str, ImportValue] = field(default_factory=dict)
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """A file to be read, how its columns are named (a mapping file's content), and the day on which it arrived."""

    path: Path
    mapping: Mapping[str, JsonValue]
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLayout:
    """What a file looks like under a mapping. With `problems` it cannot be read, and its rows are not asked for.

    `columns` names the cells of a row, in their order, and `sources` tells from which of them each value is made.
    `meaning` is the mapping as it is understood: equal for mappings that say the same, however they are written.
    The refused rows are given back as text in the form that `encoding`, `delimiter` and `quote` describe.
    """

    columns: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    meaning: str
    problems: tuple[Problem, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'


@runtime_checkable
class Importer(Protocol):
    """A reader of one format."""

    @property
    def key(self) -> str:
        """The name of the format, such as `csv`; unique in a deployment."""
        ...

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
        """What is wrong with a mapping, each with its path inside it; nothing when it can be used."""
        ...

    def layout(self, source: ImportSource) -> ImportLayout:
        """What the file looks like, from its beginning; called with a mapping in which nothing is wrong."""
        ...

    def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
        """The rows of the file in their order, one at a time: a file may be larger than memory."""
        ...
