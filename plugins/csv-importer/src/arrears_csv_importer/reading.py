"""The rows of a delimited text file, each with its line, one by one; a broken row never hides the rows after it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from arrears_csv_importer.mapping import FileFormat
from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.import_fields import is_readable

# An unclosed quote would swallow the rest of the file as one cell. No honest row has this many line breaks.
MOST_LINES_PER_ROW = 50


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it starts on (the header is line 1), its text and its cells."""

    line: int
    raw: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A row that cannot be split into cells: the line it starts on, its text, and why."""

    line: int
    raw: str
    reason: str


class _RowTooLongError(Exception):
    """A row spans more lines than any honest row."""


class _Lines:
    """Physical lines with their numbers; those of the row being read can be pushed back."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream
        self._waiting: list[str] = []
        self._current: list[str] = []
        self._next_number = 1
        self.first_number = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self._current) >= MOST_LINES_PER_ROW:
            raise _RowTooLongError
        line = self._waiting.pop() if self._waiting else next(self._stream)
        self._current.append(line)
        self._next_number += 1
        return line

    def start_row(self) -> None:
        """The next line is the first of a row."""
        self._current.clear()
        self.first_number = self._next_number

    def row(self) -> str:
        """The row as it stands in the file."""
        lines = self._current
        return (lines[0] if len(lines) == 1 else "".join(lines)).rstrip("\r\n")

    def give_up_row(self) -> str:
        """The first line of the row, which is lost; all lines after it will be read again."""
        first, *others = self._current or [""]
        self._waiting.extend(reversed(others))
        self._next_number = self.first_number + 1
        return first


class RowReader:
    """The header and the rows of one file."""

    def __init__(self, file: io.BufferedReader, file_format: FileFormat) -> None:
        self._format = file_format
        text = io.TextIOWrapper(file, encoding=_codec(file_format.encoding), errors=_on_errors(file_format), newline="")
        self._lines = _Lines(text)
        # Kept, as the wrapper would close the file when it is collected.
        self._text = text
        self._reader = self._new_reader()
        self.header = self._read_header()

    def rows(self) -> Iterator[Record | BrokenRecord]:
        """Every row after the header, in order; blank lines are passed over."""
        width = len(self.header)
        lines = self._lines
        while True:
            lines.start_row()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _RowTooLongError) as error:
                lost = lines.give_up_row().rstrip("\r\n")
                self._reader = self._new_reader()
                yield BrokenRecord(lines.first_number, lost, _reason(error))
                continue
            if len(cells) == width:
                yield Record(lines.first_number, lines.row(), cells)
            elif cells:
                reason = f"The row has {len(cells)} cells, the header has {width}."
                yield BrokenRecord(lines.first_number, lines.row(), reason)

    def _read_header(self) -> list[str]:
        self._lines.start_row()
        try:
            header = [cell.removeprefix("\ufeff").strip() for cell in next(self._reader)]
        except StopIteration:
            raise InputError("The file is empty.", code=ErrorCode.REQUIRED, field=("file",)) from None
        except (csv.Error, _RowTooLongError) as error:
            raise InputError(f"The header cannot be read. {_reason(error)}", field=("file",)) from error
        if not all(is_readable(cell) for cell in header):
            raise InputError(f"The header is not text in {self._format.encoding}.", field=("file",))
        return header

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self._format.delimiter, quotechar=self._format.quote, strict=True)


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else codecs.lookup(encoding).name


def _on_errors(file_format: FileFormat) -> str:
    # Bytes that do not belong stay visible as themselves where one byte can stand alone.
    return "replace" if file_format.encoding.startswith("utf-16") else "surrogateescape"


def _reason(error: Exception) -> str:
    if isinstance(error, _RowTooLongError) or "unexpected end of data" in str(error):
        return "A quote is opened and not closed."
    return f"The row cannot be split into cells: {error}."
