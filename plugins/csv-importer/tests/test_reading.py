"""Rows come with the line they begin on, and a broken row never takes the rows after it along."""

from __future__ import annotations

import io

import pytest

from arrears_csv_importer.mapping import FileFormat
from arrears_csv_importer.reading import BrokenRecord, Record, RowReader
from arrears_sdk.errors import InputError
from arrears_sdk.import_fields import is_readable


def read(content: bytes, **settings: str) -> tuple[list[str], list[Record | BrokenRecord]]:
    reader = RowReader(io.BufferedReader(io.BytesIO(content)), FileFormat(**settings))  # type: ignore[arg-type]
    return reader.header, list(reader.rows())


def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines() -> None:
    header, rows = read(b'a,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n')

    assert header == ["a", "b"]
    assert rows == [Record(2, '1,"two\r\nlines"', ["1", "two\r\nlines"]), Record(5, "3,4", ["3", "4"])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(encoding: str) -> None:
    header, rows = read("näme,b\nJosé,2\n".encode(encoding))

    assert header == ["näme", "b"]
    assert rows == [Record(2, "José,2", ["José", "2"])]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-15"])
def test_other_encodings_are_read_when_the_mapping_names_them(encoding: str) -> None:
    header, rows = read("näme;b\nJosé;2\n".encode(encoding), encoding=encoding, delimiter=";")

    assert header == ["näme", "b"]
    assert rows == [Record(2, "José;2", ["José", "2"])]


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    _, rows = read(b'a,b\n1,2\n3,"four\n5,6\n7,8\n')

    assert rows == [
        Record(2, "1,2", ["1", "2"]),
        BrokenRecord(3, '3,"four', "A quote is opened and not closed."),
        Record(4, "5,6", ["5", "6"]),
        Record(5, "7,8", ["7", "8"]),
    ]


def test_an_unclosed_quote_in_a_long_file_does_not_swallow_it() -> None:
    lines = b"".join(b"%d,x\n" % number for number in range(1000))

    _, rows = read(b'a,b\n0,"open\n' + lines)

    assert rows[0] == BrokenRecord(2, '0,"open', "A quote is opened and not closed.")
    assert rows[1:] == [Record(number + 3, f"{number},x", [str(number), "x"]) for number in range(1000)]


def test_text_after_a_closing_quote_is_a_fault_of_its_row() -> None:
    _, rows = read(b'a,b\n"1"x,2\n3,4\n')

    assert isinstance(rows[0], BrokenRecord)
    assert (rows[0].line, rows[0].raw) == (2, '"1"x,2')
    assert rows[1] == Record(3, "3,4", ["3", "4"])


def test_a_row_of_another_width_is_a_fault_with_its_text() -> None:
    _, rows = read(b"a,b\n1\n1,2,3\n1,2\n")

    assert rows == [
        BrokenRecord(2, "1", "The row has 1 cells, the header has 2."),
        BrokenRecord(3, "1,2,3", "The row has 3 cells, the header has 2."),
        Record(4, "1,2", ["1", "2"]),
    ]


def test_bytes_outside_the_encoding_are_noticed_where_they_stand() -> None:
    _, rows = read(b"a,b\nJos\xe9,2\n\x00,2\nfine,2\n")

    assert [isinstance(row, Record) and all(map(is_readable, row.cells)) for row in rows] == [False, False, True]


@pytest.mark.parametrize("content", [b"", b'"', b"\xff\xfe,b\n"])
def test_a_file_without_a_readable_header_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        read(content)
