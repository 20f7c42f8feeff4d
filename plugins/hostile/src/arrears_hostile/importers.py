"""Importers that lose rows, fail on bad ones, or read everything at once. Their format is `reference;name` by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from arrears_sdk.errors import ErrorCode, Problem
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.importer import ImportedRow, Importer, ImportLayout, ImportSource, RefusedRow
from arrears_sdk.testing.samples import ImportSample

SAMPLE = ImportSample(
    mapping={"separator": ";"},
    head=b"reference;name\n",
    row=lambda number: f"R-{number};Debtor {number}\n".encode(),
    bad_row=b"R-without-a-name\n",
)


class _Lines:
    """A sound importer, to be spoilt."""

    key = "lines"

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
        """The separator has to be there."""
        if mapping.get("separator") == ";":
            return ()
        return (Problem(ErrorCode.REQUIRED, "A separator is needed.", ("separator",)),)

    def layout(self, source: ImportSource) -> ImportLayout:
        """Two columns."""
        return ImportLayout(columns=("reference", "name"), meaning="lines", delimiter=";")

    def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
        """Line by line."""
        with source.path.open(encoding="utf-8") as file:
            yield from self._read(file)

    def _read(self, lines: Iterable[str]) -> Iterator[ImportedRow | RefusedRow]:
        for number, line in enumerate(lines, start=1):
            if number > 1:
                yield self._row(number, line.rstrip("\n"))

    def _row(self, number: int, line: str) -> ImportedRow | RefusedRow:
        reference, separator, name = line.partition(";")
        if not separator:
            return RefusedRow(line=number, raw=line, problems=(Problem(ErrorCode.REQUIRED, "There is no name."),))
        return ImportedRow(line=number, raw=line, values={"reference": reference, "name": name})


class _Reading(Plugin):
    """Hands over one importer."""

    name = "reading"
    port: type[_Lines] = _Lines

    def register_importers(self) -> Sequence[Importer]:
        """The importer of the class."""
        return [self.port()]


class Approving(_Reading):
    """Finds every mapping right."""

    name = "approving"

    class Port(_Lines):
        """Checks nothing."""

        def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
            """Nothing wrong."""
            return ()

    port = Port


class Skipping(_Reading):
    """Leaves out a row now and then."""

    name = "skipping"

    class Port(_Lines):
        """Loses each hundredth line."""

        def _read(self, lines: Iterable[str]) -> Iterator[ImportedRow | RefusedRow]:
            return (row for row in super()._read(lines) if row.line % 100)

    port = Port


class Fragile(_Reading):
    """Fails on a bad row."""

    name = "fragile"

    class Port(_Lines):
        """Raises."""

        def _row(self, number: int, line: str) -> ImportedRow | RefusedRow:
            reference, name = line.split(";")
            return ImportedRow(line=number, raw=line, values={"reference": reference, "name": name})

    port = Port


class Greedy(_Reading):
    """Reads the whole file first."""

    name = "greedy"

    class Port(_Lines):
        """Takes all the memory."""

        def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
            """All at once."""
            return iter(list(super().rows(source)))

    port = Port
