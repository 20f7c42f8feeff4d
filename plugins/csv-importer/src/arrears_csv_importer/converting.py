"""From the cells of a row to the values that the platform knows, each in its field's form, with all faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from arrears_csv_importer.mapping import Formats, ImportMapping, Source, template_parts
from arrears_csv_importer.reading import Record
from arrears_sdk.errors import ErrorCode, Problem
from arrears_sdk.import_fields import IMPORT_FIELDS, FieldKind, ImportValue, is_readable, shown
from arrears_sdk.money import EXPONENTS
from arrears_sdk.ports.importer import ImportedRow, RefusedRow

MOST_CACHED = 50_000


class _CellError(Exception):
    """A cell cannot be read as what it is mapped to."""

    def __init__(self, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class _Field:
    """One value of the mapping: how its text is taken from a row, how it is understood, and what was understood."""

    path: str
    required: bool
    text: Callable[[list[str]], str | None]
    parse: Callable[[str], ImportValue]
    known: dict[str, ImportValue] = field(default_factory=dict)

    def value(self, cells: list[str]) -> ImportValue | None:
        text = self.text(cells)
        if text is None:
            if self.required:
                raise _CellError("This is needed and empty.", ErrorCode.REQUIRED)
            return None
        known = self.known.get(text)
        if known is not None:
            return known
        if len(self.known) >= MOST_CACHED:
            self.known.clear()
        self.known[text] = value = self.parse(text)
        return value


class RowConverter:
    """Turns the rows of one file into rows of the platform, each with all its faults."""

    def __init__(self, mapping: ImportMapping, header: Sequence[str]) -> None:
        self._formats = mapping.formats
        self._header = header
        self._places = {name: place for place, name in enumerate(header)}
        self._fields = [self._field(path, source) for path, source in mapping.sources()]

    def convert(self, record: Record) -> ImportedRow | RefusedRow:
        """The row with its values; refused with those that could be read when there is anything wrong."""
        cells = record.cells
        if not is_readable("".join(cells)):
            problems = self._unreadable(cells)
            return RefusedRow(line=record.line, raw=record.raw, cells=cells, problems=problems)
        values: dict[str, ImportValue] = {}
        faults: list[Problem] = []
        for each in self._fields:
            try:
                value = each.value(cells)
            except _CellError as error:
                faults.append(Problem(error.code, str(error), tuple(each.path.split("."))))
            else:
                if value is not None:
                    values[each.path] = value
        if faults:
            problems = tuple(faults)
            return RefusedRow(line=record.line, raw=record.raw, cells=cells, values=values, problems=problems)
        return ImportedRow(line=record.line, raw=record.raw, cells=cells, values=values)

    def _unreadable(self, cells: list[str]) -> tuple[Problem, ...]:
        reason = "The cell holds bytes that do not belong to the encoding."
        return tuple(
            Problem(ErrorCode.INVALID_INPUT, reason, (name,))
            for name, place in self._places.items()
            if not is_readable(cells[place])
        )

    def _field(self, path: str, source: Source) -> _Field:
        text = _text_of(source, self._places, self._formats.empty)
        return _Field(path, IMPORT_FIELDS[path].required, text, self._parser(path, source))

    def _parser(self, path: str, source: Source) -> Callable[[str], ImportValue]:
        known = IMPORT_FIELDS[path]
        match known.kind:
            case FieldKind.DATE:
                return _dates(source.date or self._formats.date)
            case FieldKind.CHOICE:
                return _choices(known.choices)
            case FieldKind.AMOUNT:
                return _amounts(self._formats)
            case FieldKind.CURRENCY:
                return _currency
            case FieldKind.TEXT | FieldKind.REFERENCE:
                return str


def unknown_columns(mapping: ImportMapping, header: Sequence[str]) -> tuple[Problem, ...]:
    """What the mapping asks for and the file does not have, or has more than once."""
    problems = []
    for path, source in mapping.sources():
        for column in source.columns():
            where = ("mapping", *path.split("."))
            if column not in header:
                message = f"{path}: the file has no column {column!r}; it has {', '.join(map(repr, header))}."
                problems.append(Problem(ErrorCode.INVALID_INPUT, message, where))
            elif list(header).count(column) > 1:
                message = f"{path}: the file has more than one column {column!r}."
                problems.append(Problem(ErrorCode.INVALID_INPUT, message, where))
    return tuple(problems)


def _text_of(source: Source, places: Mapping[str, int], empty: Sequence[str]) -> Callable[[list[str]], str | None]:
    nothing = frozenset({"", *empty})
    values, default = source.values, source.default
    if source.constant is not None:
        constant: str | None = source.constant or None
        return lambda _: constant
    if source.template is not None:
        parts = [(text, None if name is None else places[name]) for text, name in template_parts(source.template)]

        def from_template(cells: list[str]) -> str | None:
            filled = (text if place is None else text + cells[place].strip() for text, place in parts)
            return "".join(filled).strip() or default

        return from_template
    place = places[source.column or ""]

    def from_column(cells: list[str]) -> str | None:
        text = cells[place].strip()
        if text in nothing:
            return default
        if values is None:
            return text
        if text not in values:
            raise _CellError(f"{shown(text)!r} is none of the values that the mapping knows: {', '.join(values)}.")
        return values[text] or default

    return from_column


def _dates(written: str) -> Callable[[str], ImportValue]:
    def parse(text: str) -> ImportValue:
        try:
            return datetime.strptime(text, written).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            raise _CellError(f"{shown(text)!r} is not a date written as {written}.") from None

    return parse


def _choices(choices: Sequence[str]) -> Callable[[str], ImportValue]:
    by_text = {str(choice): str(choice) for choice in choices}

    def parse(text: str) -> ImportValue:
        if text not in by_text:
            raise _CellError(f"{shown(text)!r} is none of {', '.join(by_text)}.")
        return by_text[text]

    return parse


def _amounts(formats: Formats) -> Callable[[str], ImportValue]:
    point, group = re.escape(formats.decimal_separator), re.escape(formats.thousands_separator)
    grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+|" if group else ""
    pattern = re.compile(rf"-?(?:{grouped}\d+)(?:{point}\d+)?", re.ASCII)

    def parse(text: str) -> ImportValue:
        # A no-break space groups digits as well as a plain one.
        plain = text.replace("\u00a0", " ").replace("\u202f", " ")
        if not pattern.fullmatch(plain):
            example = f"1{formats.thousands_separator}234{formats.decimal_separator}56"
            raise _CellError(f"{shown(text)!r} is not an amount written as {example}.")
        if formats.thousands_separator:
            plain = plain.replace(formats.thousands_separator, "")
        return plain.replace(formats.decimal_separator, ".")

    return parse


def _currency(text: str) -> ImportValue:
    if text not in EXPONENTS:
        raise _CellError(f"{shown(text)!r} is not an active ISO 4217 currency.", ErrorCode.UNKNOWN_CURRENCY)
    return text
