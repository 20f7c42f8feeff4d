"""A mapping is TOML of a bounded size; what it means is its importer's to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears.imports.mapping import parse_mapping, read_mapping
from arrears_sdk.errors import ErrorCode, InputError


def test_a_mapping_is_given_on_in_plain_values() -> None:
    text = """
    [account]
    opened_on = { constant = 2026-03-02 }
    rows = [1, 2.5, true, 07:32:00]
    """

    assert parse_mapping(text) == {
        "account": {"opened_on": {"constant": "2026-03-02"}, "rows": [1, 2.5, True, "07:32:00"]}
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[debtor\nreference = 1", "line 1"),
        ("x = " + "[" * 20_000, "nested too deeply"),
        ("a" + ".a" * 20_000 + " = 1", "200 dots in a line"),
        ("x" * 60_000, "at most 50000 characters"),
    ],
    ids=["broken", "deep", "dotted", "long"],
)
def test_text_that_is_no_mapping_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_mapping(text)

    assert [(problem.code, problem.field) for problem in caught.value.problems] == [
        (ErrorCode.INVALID_INPUT, ("mapping",))
    ]


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
