"""`arrears compliance check`: cases of lawyers and agencies, run without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arrears.cli.application import run

PACK = """
from arrears_sdk import Plugin, Ruling
from arrears_sdk.rules import RulePack

LAW = RulePack("thursday-law")

@LAW.rule("thursday.letters", citation="Thursday Act, s. 3", jurisdiction="GB")
def letters(attempt):
    '''No letters on Thursdays.'''
    return Ruling.deny("It is Thursday.") if attempt.at.isoweekday() == 4 else None

class ThursdayLaw(Plugin):
    name = "thursday-law"
    packs = (LAW,)

    def rule_on_contacts(self, attempts):
        return LAW.rule_on(attempts)
"""
CASES = """
defaults:
  rule: thursday.letters
  source: Thursday Act, s. 3
  given: {{debtor: {{country: GB, zones: [Europe/London]}}}}
cases:
  - id: thursday.letters/thursday
    when: {{contact: LETTER, at: "2026-06-04 12:00"}}
    then: {{verdict: {verdict}}}
  - id: thursday.letters/friday
    when: {{contact: LETTER, at: "2026-06-05 12:00"}}
    then: {{verdict: ALLOW}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "thursday_law_of_a_test.py"
    path.write_text(PACK, "utf-8")
    return path


def test_cases_that_hold(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES.format(verdict="DENY"), "utf-8")
    assert run(["compliance", "check", str(cases), "--plugin", str(pack)]) == 0
    assert capsys.readouterr().out == "2 cases, 0 failed.\n"


def test_a_case_that_does_not_hold_is_shown_with_what_the_rule_said(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES.format(verdict="DEFER"), "utf-8")
    assert run(["compliance", "check", str(cases), "--plugin", str(pack)]) == 1
    told = capsys.readouterr().out
    assert "thursday.letters/thursday" in told
    assert "verdict: expected DEFER, was DENY" in told
    assert "DENY: It is Thursday." in told
    assert told.endswith("2 cases, 1 failed.\n")


def test_a_script_reads_json(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES.format(verdict="DENY"), "utf-8")
    assert run(["compliance", "check", str(cases), "--plugin", str(pack), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["case"], first["verdict"], first["passed"]) == ("thursday.letters/thursday", "DENY", True)
    assert first["findings"][0]["citation"] == "Thursday Act, s. 3"
    assert (second["verdict"], second["asked"], second["findings"]) == ("ALLOW", True, [])


def test_a_file_that_is_not_written_rightly_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES.format(verdict="NEVER"), "utf-8")
    assert run(["compliance", "check", str(cases)]) == 2
    assert "thursday.letters/thursday.then.verdict: unknown word 'NEVER'" in capsys.readouterr().err


def test_the_packs_that_are_installed_ship_cases_that_hold(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["compliance", "check"])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "us-federal" in told
