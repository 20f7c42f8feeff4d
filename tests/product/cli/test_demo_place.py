"""Where the demonstration is kept, and on which port it listens."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from arrears.cli import demo
from arrears_sdk.errors import InputError


def test_a_port_that_is_taken_gives_way_to_the_next_free_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = demo._free_port("127.0.0.1", port)
    assert port < found < port + demo.PORTS_TRIED
    assert capsys.readouterr().err == f"Port {port} is taken; {found} is used instead.\n"


def test_when_every_port_is_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PORTS_TRIED", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"The ports from {port} to {port} of 127.0.0.1 are taken"):
            demo._free_port("127.0.0.1", port)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that only its owner may enter, as the present one; data of other kinds goes to another."""
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/share")
    return tmp_path


def test_usually_it_is_kept_below_the_present_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert demo._usual_folder() == home / ".arrears" / "demo"


def test_root_keeps_it_outside_a_home_that_others_may_not_enter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    folder = demo._usual_folder()
    assert folder.parent == Path("/somewhere/share/arrears")
    assert folder == demo._usual_folder()
    assert folder.name.startswith("demo-")
