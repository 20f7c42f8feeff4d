"""`arrears plugin`: what an operator and an author see of plugins, and of what is wrong with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import structlog

from arrears.cli.application import run
from arrears.deployment import open_deployment
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT
from arrears.settings import read_settings
from arrears_sdk.testing import Builder

SOUND = """
from arrears_sdk import Config, Plugin, Ruling

class CurfewConfig(Config):
    hour: int{default}

class Curfew(Plugin[CurfewConfig]):
    name = "curfew"
    version = "1.4"

    def rule_on_contacts(self, attempts):
        late = Ruling.deny("late", rule="curfew.late")
        return [late if one.at.hour >= self.config.hour else Ruling() for one in attempts]
"""


@pytest.fixture
def curfew(tmp_path: Path) -> Path:
    file = tmp_path / "curfew.py"
    file.write_text(SOUND.format(default=" = 21"))
    return file


def test_a_plugin_in_a_file_is_listed(arrears, curfew: Path) -> None:
    listed = arrears("plugin", "list", "--plugin", str(curfew), "--json")
    assert listed.code == 0
    (told,) = [one for one in listed.json if one["name"] == "curfew"]
    assert (told["version"], told["state"], told["hooks"]) == ("1.4", "ENABLED", ["rule_on_contacts"])
    assert told["config_schema"]["properties"]["hour"]["default"] == 21


def test_the_doctor_finds_nothing_wrong(arrears, curfew: Path) -> None:
    told = arrears("plugin", "doctor", "curfew", "--plugin", str(curfew))
    assert told.code == 0
    assert told.out.splitlines()[0] == f"curfew 1.4 (file {curfew}): ENABLED"
    assert told.out.splitlines()[-1] == "1 plugins, 1 enabled; nothing is wrong with them."


def test_the_doctor_says_what_is_wrong_and_gives_exit_code_1(arrears, curfew: Path) -> None:
    curfew.write_text(SOUND.format(default=""))
    told = arrears("plugin", "doctor", "curfew", "--plugin", str(curfew))
    assert told.code == 1
    assert "  failed   settings: It has wrong settings: curfew.hour - field required." in told.out.splitlines()


def test_the_doctor_runs_the_conformance_checks(arrears, curfew: Path) -> None:
    told = arrears("plugin", "doctor", "curfew", "--plugin", str(curfew), "--conformance")
    assert "  ok       conformance:" in told.out.splitlines()
    assert "grade " in told.out
    assert told.code == 0


def test_the_doctor_does_not_know_every_name(arrears) -> None:
    told = arrears("plugin", "doctor", "nobody")
    assert (told.code, told.err) == (1, "No plugin is called 'nobody'.\n")


@pytest.mark.parametrize("kind", ["strategy", "gateway", "compliance"])
def test_a_new_plugin_is_written_and_found(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["plugin", "new", kind, "winter-pause"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert (tmp_path / "winter-pause" / "pyproject.toml").is_file()
    assert written[-1] == "Try it: arrears serve --plugin winter-pause/src/winter_pause/__init__.py"
    assert run(["plugin", "new", kind, "winter-pause"]) == 2
    assert "nothing is overwritten" in capsys.readouterr().err


def test_no_kind_but_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugin", "new", "magic", "wand"]) == 2
    assert capsys.readouterr().err.startswith("'magic' is no kind of plugin; choose strategy, gateway, compliance")


def _serve(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "arrears", "serve", "--port", "0", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def test_a_server_takes_a_plugin_from_a_file(arrears, curfew: Path) -> None:
    serving = _serve("--no-worker", "--plugin", str(curfew))
    seen = []
    try:
        assert serving.stderr is not None
        address = None
        for line in serving.stderr:
            seen.append(line)
            if line.startswith("Serving "):
                address = line.split()[1].removesuffix("/graphql;")
                break
        assert address is not None, "".join(seen)
        assert httpx.get(f"{address}/readyz", timeout=10).status_code == 200
        assert any("plugin.enabled" in line and "curfew" in line for line in seen), "".join(seen)
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=30)
    assert serving.returncode == 0


async def test_a_trace_of_every_call_is_a_setting_away(arrears, curfew: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREARS_TRACE_HOOKS", "1")
    monkeypatch.setenv("ARREARS_PLUGIN_FILES", str(curfew))
    async with open_deployment(read_settings()) as opened:
        host = opened.services.find(PluginHost)
        with structlog.testing.capture_logs() as lines:
            await host.rule("rule_on_contacts", [Builder().contact_attempt()], [DEPLOYMENT])
    traced = [(line["plugin"], line["call"]) for line in lines if line["event"] == "plugin.called"]
    assert traced == [("curfew", "rule_on_contacts")]


def test_a_server_does_not_start_with_a_name_that_two_plugins_have(arrears, curfew: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.py"
    twin.write_text(curfew.read_text())
    began = time.monotonic()
    serving = _serve("--plugin", str(curfew), "--plugin", str(twin))
    _, told = serving.communicate(timeout=60)
    assert serving.returncode == 2
    assert told.splitlines()[-1].startswith(f"Two plugins are called 'curfew': file {curfew} and file {twin}.")
    assert time.monotonic() - began < 60
