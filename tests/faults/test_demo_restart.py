"""The demonstration's bad days: stopped by Ctrl-C, killed in the middle, cut off while it is being made."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.servers import alive, kill_server, open_folder, postmaster

READY = "Ctrl-C stops everything."
FIRST_START_SECONDS = 150
LATER_START_SECONDS = 60


@dataclass
class Demonstration:
    """One run of `arrears demo` in a process group of its own, as a terminal would start it."""

    process: subprocess.Popen[bytes]
    output: Path

    def words(self) -> str:
        """All it has said so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, seconds: float) -> None:
        """Return when it has said that; fails the test when it ends before, or takes too long."""
        deadline = time.monotonic() + seconds
        while words not in self.words():
            assert self.process.poll() is None, f"it ended by itself:\n{self.words()}"
            assert time.monotonic() < deadline, f"not {words!r} within {seconds} seconds:\n{self.words()}"
            time.sleep(0.05)

    def interrupt(self) -> int:
        """Ctrl-C: the signal goes to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        self.process.kill()
        self.process.wait(10)

    def accounts(self) -> set[str]:
        """The references of all accounts, as the administrator sees them."""
        key, address = (
            re.search(r"ADMIN .*#token=(\S+)", self.words()),
            re.search(r"(http://\S+)/graphiql#", self.words()),
        )
        assert key is not None
        assert address is not None
        answer = httpx.post(
            f"{address[1]}/graphql",
            json={"query": "{ accounts(first: 100) { nodes { reference balance { amount } } } }"},
            headers={"authorization": f"Bearer {key[1]}"},
            timeout=20,
        ).json()
        return {f"{node['reference']} {node['balance']['amount']}" for node in answer["data"]["accounts"]["nodes"]}


@dataclass
class Stage:
    """The folder in which a test starts demonstrations; whatever still runs in the end is ended."""

    folder: Path
    started: list[Demonstration] = field(default_factory=list)

    def start(self, *, accounts: int = 12) -> Demonstration:
        """Start one, on a port that is free."""
        output = self.folder.parent / f"{len(self.started)}.out"
        options = ["--data", str(self.folder), "--accounts", str(accounts), "--port", "0"]
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "arrears", "demo", *options],
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.started.append(Demonstration(process, output))
        return self.started[-1]

    def server(self) -> int | None:
        """The process of the folder's PostgreSQL, None when there is none."""
        try:
            process = postmaster(self.folder)
        except FileNotFoundError:
            return None
        return process if alive(process) else None

    def end(self) -> None:
        """Kill what a failed test has left."""
        for demonstration in self.started:
            if demonstration.process.poll() is None:
                demonstration.kill()
        if self.server() is not None:
            kill_server(self.folder)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with open_folder() as parent:
        stage = Stage(parent / "demo")
        try:
            yield stage
        finally:
            stage.end()


@pytest.mark.timeout(400)
def test_ctrl_c_stops_the_database_too_and_sigkill_is_recovered_from(stage: Stage) -> None:
    # given: a demonstration that was started once
    first = stage.start()
    first.wait_for(READY, FIRST_START_SECONDS)
    accounts = first.accounts()
    assert len(accounts) == 12
    assert stage.server() is not None

    # when it is interrupted
    code = first.interrupt()

    # then nothing of it is left, and it said so
    assert code == 0
    assert stage.server() is None
    assert "Stopped; the data stays in" in first.words()
    assert "Traceback" not in first.words()

    # when it is started again and killed
    second = stage.start()
    second.wait_for(READY, LATER_START_SECONDS)
    assert second.accounts() == accounts
    second.kill()
    orphan = stage.server()

    # then its database outlives it, and the next start takes it over with all that was there
    assert orphan is not None
    third = stage.start()
    third.wait_for(READY, LATER_START_SECONDS)
    assert third.accounts() == accounts
    assert stage.server() == orphan
    refused = stage.start()
    assert refused.process.wait(60) == 3
    assert "The demonstration runs already on the data in" in refused.words()
    os.kill(third.process.pid, signal.SIGTERM)
    assert third.process.wait(60) == 0
    assert stage.server() is None


@pytest.mark.timeout(400)
def test_a_seeding_that_was_cut_off_is_begun_anew(stage: Stage) -> None:
    # given: killed in the middle of its first start
    first = stage.start(accounts=2_000)
    first.wait_for("this happens once", FIRST_START_SECONDS)
    time.sleep(1.0)
    first.kill()
    assert READY not in first.words()

    # when
    second = stage.start(accounts=5)
    second.wait_for(READY, FIRST_START_SECONDS)

    # then: only what the second start invented is there
    assert len(second.accounts()) == 5
    assert second.interrupt() == 0
    assert stage.server() is None


@pytest.mark.timeout(400)
def test_ctrl_c_during_the_seeding_stops_at_once(stage: Stage) -> None:
    first = stage.start(accounts=2_000)
    first.wait_for("this happens once", FIRST_START_SECONDS)
    time.sleep(0.5)
    began = time.monotonic()

    assert first.interrupt() == 0
    assert time.monotonic() - began < 30
    assert stage.server() is None


@pytest.mark.timeout(400)
def test_a_demonstration_of_an_earlier_version_is_set_aside_and_begun_anew(stage: Stage) -> None:
    # given: one whose tables are not those that this version begins with
    first = stage.start(accounts=3)
    first.wait_for(READY, FIRST_START_SECONDS)
    assert first.interrupt() == 0
    note = stage.folder / "demonstration.json"
    noted = json.loads(note.read_text(encoding="utf-8"))
    del noted["foundations"], noted["plugins"]
    note.write_text(json.dumps(noted), encoding="utf-8")

    # when
    second = stage.start(accounts=5)
    second.wait_for(READY, FIRST_START_SECONDS)

    # then
    aside = stage.folder.with_name("demo-earlier-1")
    assert f"it is kept in {aside}." in second.words()
    assert (aside / "postgres" / "PG_VERSION").exists()
    assert json.loads((aside / "demonstration.json").read_text(encoding="utf-8")) == noted
    assert len(second.accounts()) == 5
    assert second.interrupt() == 0
