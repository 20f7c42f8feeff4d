"""Files of delimited text: a mapping tells which column is what, and how dates and amounts are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from arrears_csv_importer.converting import RowConverter, unknown_columns
from arrears_csv_importer.mapping import understood
from arrears_csv_importer.reading import BrokenRecord, RowReader
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.importer import ImportedRow, Importer, ImportLayout, ImportSource, RefusedRow

__all__ = ["CsvImporter"]


class CsvFormat:
    """The importer of delimited text."""

    key = "csv"

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
        """What is wrong with a mapping, by the path of each setting."""
        try:
            understood(mapping)
        except InputError as error:
            return error.problems
        return ()

    def layout(self, source: ImportSource) -> ImportLayout:
        """The columns of the header; problems when it cannot be read, or lacks what the mapping names."""
        mapping = understood(source.mapping)
        meaning = mapping.model_dump_json()
        try:
            with source.path.open("rb") as file:
                header = RowReader(file, mapping.file).header
        except InputError as error:
            return ImportLayout(meaning=meaning, problems=error.problems)
        return ImportLayout(
            columns=tuple(header),
            sources={path: each.columns() for path, each in mapping.sources()},
            meaning=meaning,
            problems=unknown_columns(mapping, header),
            encoding=mapping.file.encoding,
            delimiter=mapping.file.delimiter,
            quote=mapping.file.quote,
        )

    def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
        """Every row after the header; a broken one never hides those after it."""
        mapping = understood(source.mapping)
        with source.path.open("rb") as file:
            reader = RowReader(file, mapping.file)
            converter = RowConverter(mapping, reader.header)
            for record in reader.rows():
                if isinstance(record, BrokenRecord):
                    problem = Problem(ErrorCode.INVALID_INPUT, record.reason)
                    yield RefusedRow(line=record.line, raw=record.raw, problems=(problem,))
                else:
                    yield converter.convert(record)


class CsvImporter(Plugin):
    """Takes in files of delimited text under the format `csv`."""

    name = "csv-importer"

    def register_importers(self) -> Sequence[Importer]:
        """The one format."""
        return (CsvFormat(),)
