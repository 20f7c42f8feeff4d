"""`arrears-sdk new` and `arrears-sdk check`, and what they end with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arrears_sdk.command_line import FAILED, FINE, WRONG_USE, run

SOUND = """
from arrears_sdk import Plugin, Ruling

class Calm(Plugin):
    name = "calm"

    def rule_on_payments(self, attempts):
        return [Ruling.warn("look", rule="calm.look") for _ in attempts]
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "calm_plugin_of_a_test.py"
    path.write_text(SOUND, "utf-8")
    return path


def test_a_sound_plugin_gets_an_a(plugin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(plugin), "--report", str(tmp_path / "report.json")]) == FINE
    assert "calm 0: grade A" in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["plugin"], report["grade"]) == ("calm", "A")
    assert {result["status"] for result in report["results"]} == {"PASSED"}


def test_a_plugin_that_fails_is_told_what_it_does_and_what_that_would_do(
    plugin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin.write_text(SOUND.replace('rule="calm.look"', ""), "utf-8")
    assert run(["check", str(plugin)]) == FAILED
    shown = capsys.readouterr().out
    assert "FAILED decision.findings" in shown
    assert "A refusal without its rule and reason cannot be explained to the debtor" in shown
    assert "grade D" in shown


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (SOUND.replace("rule_on_payments", "rule_on_payment"), "the nearest is rule_on_payments"),
        ("", "has none"),
        (SOUND + SOUND.replace("Calm", "Calmer"), "Calm, Calmer"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_one_line(
    plugin: Path, source: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin.write_text(source, "utf-8")
    assert run(["check", str(plugin)]) == WRONG_USE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("where", ["nothing.py", "no_such_module:Plugin", "json:Plugin", "arrears_sdk.plugin:Config"])
def test_what_is_not_there_is_said_in_one_line(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", where]) == WRONG_USE
    assert capsys.readouterr().err.startswith("arrears-sdk: ")


def test_settings_that_do_not_fit_are_named(plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(plugin), "--config", '{"limit": 7}']) == WRONG_USE
    assert "limit" in capsys.readouterr().err


def test_new_says_what_it_wrote_and_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "gateway", "winter-pay", "--in", str(tmp_path)]) == FINE
    assert "python -m pytest" in capsys.readouterr().out
    assert run(["new", "gateway", "winter-pay", "--in", str(tmp_path)]) == WRONG_USE
    assert "nothing is overwritten" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "arrears_sdk", "--help"], capture_output=True, text=True, check=True)
    assert "usage: arrears-sdk" in done.stdout
