"""The embedded PostgreSQL: created, joined, left, killed and started again, and closed to everybody else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from arrears.kernel import cluster
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.migrations import check_revision, migrate
from arrears_sdk.errors import FaultError
from tests.servers import alive, kill_server, open_folder, postmaster

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"),
]

HOLD = """
import sys, time
from pathlib import Path
from arrears.kernel.embedded import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]))
print("started", flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""

AS_NOBODY = """
import os
from pathlib import Path
from arrears.kernel.embedded import EmbeddedPostgres
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
server = EmbeddedPostgres.start(Path(folder))
assert server.running
assert server.stop()
assert not server.running
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made / "data"


@pytest.fixture
def embedded(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres.start(folder)
    yield server
    # Whatever the test did to it: started again it stops cleanly.
    server.stop()
    if server.running:
        EmbeddedPostgres.start(folder).stop()


def other_process(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_it_speaks_utf8_whatever_the_callers_locale_and_pg_variables(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LC_ALL": "C", "LANG": "C", "PGDATA": "/nowhere", "PGPORT": "1", "PGHOST": "nowhere"}.items():
        monkeypatch.setenv(name, value)

    with EmbeddedPostgres.start(folder) as server:
        found = run(server.urls.owner, "select lower('ÄÖ'), current_setting('server_encoding'), current_user")

    assert found == [("äö", "UTF8", "arrears_owner")]


def test_data_outlives_a_stop(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        run(server.urls.owner, "create table kept as select 7 as n")
        process = postmaster(folder)
    assert not alive(process)

    with EmbeddedPostgres.start(folder) as server:
        assert run(server.urls.owner, "select n from kept") == [(7,)]


def test_only_the_owner_of_the_passwords_gets_in(embedded: EmbeddedPostgres, folder: Path) -> None:
    passwords = json.loads((folder / "database.json").read_text())
    assert len(set(passwords.values())) == 4

    for wrong in ("", "wrong", passwords["arrears_api"]):
        with pytest.raises(psycopg.OperationalError, match=r"password|SCRAM"):
            psycopg.connect(embedded.urls.owner.replace(passwords["arrears_owner"], wrong))
    stored = (
        "select rolname, rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolpassword is not null order by 1"
    )
    assert run(embedded.superuser_url, stored) == [("arrears_owner", True), ("postgres", True)]
    assert run(embedded.superuser_url, "select distinct auth_method from pg_hba_file_rules") == [("scram-sha-256",)]
    assert run(embedded.superuser_url, "show listen_addresses") == [("",)]


def test_files_are_closed_to_others(embedded: EmbeddedPostgres, folder: Path) -> None:
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("database.json", "postgres", "socket")}

    assert modes == {"database.json": 0o600, "postgres": 0o700, "socket": 0o700}


def test_the_servers_log_tells_of_an_error_without_the_row_that_it_is_about(
    embedded: EmbeddedPostgres, folder: Path
) -> None:
    with psycopg.connect(embedded.urls.owner, autocommit=True) as connection:
        connection.execute("create table person (name text unique, age integer check (age < 150))")
        connection.execute("insert into person values ('Zebediah Birdsong', 40)")
        for statement in (
            "insert into person values ('Zebediah Birdsong', 41)",
            "insert into person values ('Jemima Birdsong', 999)",
            "select * from person where age = 'Birdsong'",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())

    log = (folder / "postgres" / "server.log").read_text(encoding="utf-8")
    assert "violates check constraint" in log
    assert "Zebediah" not in log
    assert "Jemima" not in log


def test_the_owner_is_no_superuser(embedded: EmbeddedPostgres) -> None:
    assert run(
        embedded.urls.owner,
        "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user",
    ) == [(False, False, True)]


def test_a_second_process_joins_and_the_last_one_to_leave_stops_the_server(
    embedded: EmbeddedPostgres, folder: Path
) -> None:
    process = postmaster(folder)
    other = other_process(folder)
    assert postmaster(folder) == process

    assert embedded.stop() is False
    assert alive(process)
    answer, _ = other.communicate("\n", timeout=30)
    assert answer == "True\n"
    assert not alive(process)


def test_a_process_that_is_killed_no_longer_counts(folder: Path) -> None:
    other = other_process(folder)
    process = postmaster(folder)
    other.send_signal(signal.SIGKILL)
    other.communicate()
    assert alive(process)

    server = EmbeddedPostgres.start(folder)

    assert postmaster(folder) == process
    assert server.stop() is True
    assert not alive(process)


def test_a_killed_server_recovers_within_ten_seconds(embedded: EmbeddedPostgres, folder: Path) -> None:
    migrate(embedded.urls)
    run(embedded.urls.owner, "create table kept as select n from generate_series(1, 100000) n")
    kill_server(folder)
    assert embedded.running is False

    before = time.monotonic()
    with EmbeddedPostgres.start(folder) as again:
        assert time.monotonic() - before < 10
        assert run(again.urls.owner, "select count(*) from kept") == [(100_000,)]
        check_revision(again.urls.api)


def test_a_server_whose_head_alone_was_killed_recovers(embedded: EmbeddedPostgres, folder: Path) -> None:
    with psycopg.connect(embedded.urls.owner):
        os.kill(postmaster(folder), signal.SIGKILL)

        before = time.monotonic()
        with EmbeddedPostgres.start(folder) as again:
            assert time.monotonic() - before < 10
            assert run(again.urls.owner, "select 1") == [(1,)]


def test_a_process_number_that_another_program_has_now_is_no_obstacle(embedded: EmbeddedPostgres, folder: Path) -> None:
    note = (folder / "postgres" / "postmaster.pid").read_text().split("\n")
    kill_server(folder)
    (folder / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]))

    with EmbeddedPostgres.start(folder) as again:
        assert run(again.urls.owner, "select 1") == [(1,)]


def test_a_creation_that_was_cut_off_is_begun_anew(folder: Path) -> None:
    unfinished = folder / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres.start(folder) as server:
        assert run(server.urls.owner, "select 1") == [(1,)]
    assert not unfinished.exists()


def test_a_deep_folder_gets_its_socket_elsewhere(folder: Path) -> None:
    deep = folder.joinpath(*["a-rather-long-name-of-a-folder"] * 5)

    with EmbeddedPostgres.start(deep) as server:
        assert run(server.urls.owner, "select 1") == [(1,)]
        socket = Path(psycopg.conninfo.conninfo_to_dict(server.urls.owner)["host"])  # type: ignore[arg-type]
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert not socket.is_relative_to(deep)
    socket.rmdir()


def test_lost_passwords_and_another_version_are_said_plainly(folder: Path) -> None:
    EmbeddedPostgres.start(folder).stop()
    secrets = folder / "database.json"
    kept = secrets.read_text()
    secrets.unlink()
    with pytest.raises(FaultError, match="with the database's passwords is missing or damaged"):
        EmbeddedPostgres.start(folder)

    secrets.write_text(kept)
    version = folder / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(FaultError, match="is of PostgreSQL 16, this installation brings 18"):
        EmbeddedPostgres.start(folder)
    version.write_text("18\n")
    EmbeddedPostgres.start(folder).stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone starts the server as another user")
def test_root_never_opens_a_private_folder_to_others(folder: Path) -> None:
    private = folder.parent / "home"
    private.mkdir(mode=0o700)

    with pytest.raises(FaultError, match=r"its user may not enter .*home\. Choose a data folder outside"):
        EmbeddedPostgres.start(private / "arrears")

    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert list(private.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone becomes another user")
def test_an_ordinary_user_starts_it_as_itself(folder: Path) -> None:
    folder.parent.chmod(0o777)
    # A child that has imported everything before: the interpreter may lie where only root may read.
    children = multiprocessing.get_context("forkserver")
    children.set_forkserver_preload(["arrears.kernel.embedded"])
    child = children.Process(target=exec, args=(AS_NOBODY, {"folder": str(folder)}))
    child.start()
    child.join(timeout=60)

    assert child.exitcode == 0
    assert (folder / "postgres").stat().st_uid == 65534
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone starts the server as another user")
def test_programs_inside_a_private_folder_are_copied_to_where_the_server_can_run_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder.parent / "home"
    private.mkdir(mode=0o700)
    package = cluster.packaged_binaries().parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        (private / part.name).symlink_to(part)
    monkeypatch.setattr(cluster, "packaged_binaries", lambda: private / package.name / "pginstall18" / "bin")

    with EmbeddedPostgres.start(folder) as server:
        assert run(server.urls.owner, "select lower('Ä')") == [("ä",)]
    assert list((folder / "postgresql-18").rglob("bin/postgres")) != []
