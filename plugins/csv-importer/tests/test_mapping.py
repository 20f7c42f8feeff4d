"""A mapping says exactly what it means, and every fault in it is named by its path."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from arrears_csv_importer import CsvFormat
from arrears_csv_importer.mapping import understood
from arrears_sdk.errors import ErrorCode
from arrears_sdk.ports.importer import ImportLayout, ImportSource

MINIMAL = """
[debtor]
reference = "customer"
name = "name"
[account]
reference = "number"
product = { constant = "INVOICE" }
purpose = { constant = "COMMERCIAL" }
opened_on = "from"
due_on = "due"
[opening]
principal = "amount"
"""


def faults(text: str) -> list[tuple[ErrorCode, str, tuple[str, ...]]]:
    found = CsvFormat().check(tomllib.loads(text))
    return [(problem.code, problem.message, problem.field) for problem in found]


def layout(folder: Path, mapping: str, head: str) -> ImportLayout:
    path = folder / "file.csv"
    path.write_text(head, encoding="utf-8")
    return CsvFormat().layout(ImportSource(path=path, mapping=tomllib.loads(mapping), received_on=date(2026, 3, 2)))


def test_a_bare_name_is_a_column_and_everything_else_has_its_default() -> None:
    mapping = understood(tomllib.loads(MINIMAL))

    assert mapping.account.due_on.column == "due"
    assert (mapping.file.encoding, mapping.file.delimiter) == ("utf-8", ",")
    assert mapping.debtor.kind.constant == "PERSON"
    assert mapping.payment is None


def test_an_unknown_setting_is_refused_with_its_path() -> None:
    text = MINIMAL.replace("[opening]", "colour = 'red'\n[opening]\nprincipel = 'amount'")

    assert faults(text) == [
        (ErrorCode.INVALID_INPUT, "account.colour: there is no such setting.", ("account", "colour")),
        (ErrorCode.INVALID_INPUT, "opening.principel: there is no such setting.", ("opening", "principel")),
    ]


def test_a_missing_setting_is_named() -> None:
    found = faults(MINIMAL.replace('due_on = "due"\n', ""))

    assert found == [(ErrorCode.REQUIRED, "account.due_on: this setting is needed.", ("account", "due_on"))]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('{ column = "due", constant = "x" }', "give exactly one of column, constant and template"),
        ("{}", "give exactly one of column, constant and template"),
        ('{ template = "{a!r}" }', "a template holds only text and column names in braces"),
        ('{ template = "{}" }', "a template holds only text and column names in braces"),
        ('{ template = "{a" }', "expected '}'"),
    ],
)
def test_a_value_has_one_origin_and_a_plain_template(setting: str, message: str) -> None:
    ((code, said, field),) = faults(MINIMAL.replace('due_on = "due"', f"due_on = {setting}"))

    assert code is ErrorCode.INVALID_INPUT
    assert message in said
    assert field == ("account", "due_on")


def test_equal_separators_are_refused() -> None:
    text = '[formats]\ndecimal_separator = ","\nthousands_separator = ","\n' + MINIMAL

    ((_, said, _),) = faults(text)

    assert "the decimal and the thousands separator are the same" in said


def test_mappings_that_say_the_same_have_the_same_meaning(tmp_path: Path) -> None:
    written_out = MINIMAL.replace('due_on = "due"', 'due_on = { column = "due" }') + "\n# a remark\n"
    head = "customer,name,number,from,due,amount\n"

    meanings = [layout(tmp_path, text, head).meaning for text in (MINIMAL, written_out)]

    assert meanings[0] == meanings[1]
    assert layout(tmp_path, MINIMAL.replace("INVOICE", "LOAN"), head).meaning != meanings[0]


def test_a_layout_tells_columns_sources_and_form(tmp_path: Path) -> None:
    mapping = '[file]\ndelimiter = ";"\n' + MINIMAL.replace('name = "name"', 'name = { template = "{first} {last}" }')

    found = layout(tmp_path, mapping, "customer;first;last;number;from;due;amount\n")

    assert found.columns == ("customer", "first", "last", "number", "from", "due", "amount")
    assert found.sources["debtor.name"] == ("first", "last")
    assert found.sources["account.product"] == ()
    assert (found.encoding, found.delimiter, found.quote, found.problems) == ("utf-8", ";", '"', ())


@pytest.mark.parametrize(
    ("head", "fields", "message"),
    [
        ("", [("file",)], "The file is empty."),
        ('customer,"name', [("file",)], "The header cannot be read."),
        (
            "customer,name,number,from,amount\n",
            [("mapping", "account", "due_on")],
            "account.due_on: the file has no column",
        ),
        (
            "customer,name,number,from,due,due,amount\n",
            [("mapping", "account", "due_on")],
            "more than one column 'due'",
        ),
    ],
    ids=["empty", "broken", "lacking", "doubled"],
)
def test_a_file_that_does_not_fit_is_told_before_a_row_is_read(
    tmp_path: Path, head: str, fields: list[tuple[str, ...]], message: str
) -> None:
    found = layout(tmp_path, MINIMAL, head)

    assert [problem.field for problem in found.problems] == fields
    assert message in found.problems[0].message
