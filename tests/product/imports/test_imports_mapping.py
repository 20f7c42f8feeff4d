"""A mapping says exactly what it means, and every fault in it is named by its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears.imports.mapping import parse_mapping, read_mapping
from arrears_sdk.errors import ErrorCode, InputError

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
    with pytest.raises(InputError) as caught:
        parse_mapping(text)
    return [(problem.code, problem.message, problem.field) for problem in caught.value.problems]


def test_a_bare_name_is_a_column_and_everything_else_has_its_default() -> None:
    mapping = parse_mapping(MINIMAL)

    assert mapping.account.due_on.column == "due"
    assert (mapping.file.encoding, mapping.file.delimiter) == ("utf-8", ",")
    assert mapping.debtor.kind.constant == "PERSON"
    assert mapping.payment is None


def test_an_unknown_setting_is_refused_with_its_path() -> None:
    text = MINIMAL.replace("[opening]", "colour = 'red'\n[opening]\nprincipel = 'amount'")

    assert faults(text) == [
        (ErrorCode.INVALID_INPUT, "account.colour: there is no such setting.", ("mapping", "account", "colour")),
        (ErrorCode.INVALID_INPUT, "opening.principel: there is no such setting.", ("mapping", "opening", "principel")),
    ]


def test_a_missing_setting_is_named() -> None:
    found = faults(MINIMAL.replace('due_on = "due"\n', ""))

    assert found == [(ErrorCode.REQUIRED, "account.due_on: this setting is needed.", ("mapping", "account", "due_on"))]


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
    assert field == ("mapping", "account", "due_on")


def test_text_that_is_not_toml_is_refused_with_its_line() -> None:
    ((code, said, field),) = faults("[debtor\nreference = 1")

    assert code is ErrorCode.INVALID_INPUT
    assert "line 1" in said
    assert field == ("mapping",)


def test_equal_separators_are_refused() -> None:
    text = '[formats]\ndecimal_separator = ","\nthousands_separator = ","\n' + MINIMAL

    ((_, said, _),) = faults(text)

    assert "the decimal and the thousands separator are the same" in said


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_mappings_that_say_the_same_have_the_same_fingerprint() -> None:
    written_out = MINIMAL.replace('due_on = "due"', 'due_on = { column = "due" }') + "\n# a remark\n"

    assert parse_mapping(written_out).fingerprint() == parse_mapping(MINIMAL).fingerprint()
    assert parse_mapping(MINIMAL.replace("INVOICE", "LOAN")).fingerprint() != parse_mapping(MINIMAL).fingerprint()
