"""A file is read by the importer of its format, whatever plugin brings it; what it hands over is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

import pytest

from arrears.imports.converting import _CHOICES
from arrears.imports.model import RowFault
from arrears_sdk.errors import ErrorCode, InputError, Problem, TemporaryError
from arrears_sdk.events import JsonValue
from arrears_sdk.import_fields import IMPORT_FIELDS, FieldKind
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.importer import ImportedRow, ImportLayout, ImportSource, RefusedRow
from tests.plugin_hosts import host_with
from tests.product.imports.files import Desk, row

GOOD = {
    "debtor.reference": "C1",
    "debtor.kind": "PERSON",
    "debtor.name": "Ada",
    "account.reference": "A-1",
    "account.product": "LOAN",
    "account.purpose": "CONSUMER",
    "account.opened_on": date(2026, 1, 1),
    "account.due_on": date(2026, 1, 31),
    "opening.principal": "12.34",
}


class Given:
    """Reads nothing: its rows are the test's."""

    key = "given"
    rows_given: ClassVar[list[ImportedRow | RefusedRow]] = []

    def check(self, mapping: Mapping[str, JsonValue]) -> tuple[Problem, ...]:
        return (Problem(ErrorCode.REQUIRED, "No.", ("a", "b")),) if "wrong" in mapping else ()

    def layout(self, source: ImportSource) -> ImportLayout:
        return ImportLayout(meaning=repr(source.mapping))

    def rows(self, source: ImportSource) -> Iterator[ImportedRow | RefusedRow]:
        yield from self.rows_given
        if "raise" in source.mapping:
            raise OSError("the disk is gone")


class Giving(Plugin):
    """Brings the format."""

    name = "giving"

    def register_importers(self) -> Sequence[Given]:
        return (Given(),)


@pytest.fixture
async def given(desk: Desk) -> Desk:
    await host_with(desk.deployment, [Giving])
    Given.rows_given.clear()
    desk.mapping = {}
    return desk


def good(line: int, **changed: Any) -> ImportedRow:
    values = {**GOOD, "account.reference": f"A-{line}", **{name.replace("__", "."): to for name, to in changed.items()}}
    return ImportedRow(
        line=line, raw=f"row {line}", values={name: value for name, value in values.items() if value is not None}
    )


def test_the_sdk_lists_the_choices_that_the_platform_has() -> None:
    listed = {name: field.choices for name, field in IMPORT_FIELDS.items() if field.kind is FieldKind.CHOICE}

    assert listed == {name: tuple(kind) for name, kind in _CHOICES.items()}


async def test_a_format_that_no_enabled_plugin_reads_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="'edi'; there are: csv") as caught:
        await desk.take(desk.write([row("A-1")]), format="edi")

    assert caught.value.problems[0].field == ("format",)


async def test_rows_of_any_importer_are_taken_in(given: Desk) -> None:
    Given.rows_given += [good(1), good(2, account__status="IMPORTED", debtor__date_of_birth=date(1990, 2, 3))]

    report = await given.take(given.write([]), format="given")

    assert (report.rows_accepted, report.faults) == (2, ())
    assert await given.query("select reference, status from account order by 1") == [
        ("A-1", "ACTIVE"),
        ("A-2", "IMPORTED"),
    ]


async def test_what_an_importer_hands_over_is_checked(given: Desk) -> None:
    # given
    wrong: dict[str, Any] = {
        "account__due_on": "2026-01-31",
        "account__product": "SHOE",
        "account__currency": "XXX",
        "debtor__name": "half \ud800",
        "opening__principal": 12.34,
        "debtor__kind": None,
        "debtor__shoe_size": "42",
    }
    Given.rows_given += [good(line, **{name: value}) for line, (name, value) in enumerate(wrong.items(), start=1)]
    problem = Problem(ErrorCode.INVALID_INPUT, "Torn.")
    values = {**GOOD, "account.reference": "A-8"}
    Given.rows_given.append(RefusedRow(line=8, raw="half a row", problems=(problem,), values=values))

    # when
    refused = given.folder / "refused"
    report = await given.take(given.write([]), format="given", refused_file=refused)

    # then
    invalid, required = ErrorCode.INVALID_INPUT, ErrorCode.REQUIRED
    assert report.faults == (
        RowFault(1, None, invalid, "The importer gives str where a day belongs.", None),
        RowFault(2, None, invalid, f"'SHOE' is none of {', '.join(_CHOICES['account.product'])}.", None),
        RowFault(3, None, ErrorCode.UNKNOWN_CURRENCY, "'XXX' is not an active ISO 4217 currency.", None),
        RowFault(4, None, invalid, "The text holds characters that cannot be stored.", None),
        RowFault(5, None, invalid, "The importer gives float where text belongs.", None),
        RowFault(6, None, required, "This is needed and empty.", None),
        RowFault(7, None, invalid, "The importer gives a value 'debtor.shoe_size', which no row has.", None),
        RowFault(8, None, invalid, "Torn.", "half a row"),
    )
    assert refused.read_text().splitlines()[:2] == [
        "row,arrears_line,arrears_column,arrears_reason",
        "row 1,1,,The importer gives str where a day belongs.",
    ]


async def test_a_mapping_that_an_importer_refuses_is_told_by_path(given: Desk) -> None:
    given.mapping = {"wrong": True}

    with pytest.raises(InputError) as caught:
        await given.take(given.write([]), format="given")

    assert [problem.field for problem in caught.value.problems] == [("mapping", "a", "b")]


async def test_an_importer_that_fails_is_named_and_the_import_goes_on_later(given: Desk) -> None:
    Given.rows_given += [good(line) for line in range(1, 601)]
    given.mapping, file = {"raise": True}, given.write([])

    with pytest.raises(TemporaryError, match="The plugin giving, which reads this format, failed: it raised OSError"):
        await given.take(file, format="given", rows_per_batch=100)

    assert await given.query("select state, rows_read from import_run") == [("RUNNING", 500)]


async def test_a_file_that_changes_while_it_is_read_is_not_taken_in_further(desk: Desk) -> None:
    file = desk.write([row(f"A-{number}") for number in range(600)])

    def append(_: object) -> None:
        with file.open("a") as more:
            more.write(row("A-600") + "\n")

    with pytest.raises(InputError, match="was changed while it was read"):
        await desk.take(file, rows_per_batch=250, progress=append)

    assert await desk.query("select rows_read from import_run") == [(250,)]
