"""R14: upgrades from every released schema keep all rows; a crash inside a migration is resumed; old code refuses."""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.engine import make_url

from arrears.kernel import migrations
from arrears.kernel.database import DatabaseUrls, set_url
from arrears.kernel.migrations import check_revision, current_revision, migrate, newest_revision
from arrears.kernel.roles import derive_urls
from arrears_sdk.errors import FaultError
from tests.conftest import Server

CRASHES = 10 if os.environ.get("ARREARS_NIGHTLY") else 2
ROWS = 200_000 if os.environ.get("ARREARS_NIGHTLY") else 2_000

# A revision that rewrites rows, and then takes long enough to be killed in the middle.
NEXT_REVISION = """
from alembic import op

revision = "9001"
down_revision = "{newest}"


def upgrade() -> None:
    op.execute("alter table event add column severity integer")
    op.execute("update event set severity = 1")
    op.execute("select pg_sleep({seconds})")
    op.execute("alter table event alter column severity set not null")
"""

MIGRATE = """
from pathlib import Path
from arrears.kernel import migrations
from arrears.kernel.database import DatabaseUrls
migrations.FOLDER = Path(folder)
started.set()
migrations.migrate(DatabaseUrls(*urls))
"""

# Children of a process that has imported everything once, and has no threads.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["arrears.kernel.migrations", "alembic.ddl.postgresql", "procrastinate.schema"])


@pytest.fixture
def urls(server: Server) -> Iterator[DatabaseUrls]:
    name = f"t_{uuid4().hex[:12]}"
    owner = set_url(server.urls.owner, database=name)
    user = str(make_url(owner).username)
    server.administer(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(user)))
    made = derive_urls(owner, b"r14", api=set_url(server.urls.api, database=name), worker=None)
    yield made
    server.drop(name)
    server.administer(sql.SQL("drop role if exists {}").format(sql.Identifier(str(make_url(made.worker).username))))


def newer_code(folder: Path, seconds: float) -> Path:
    """The migrations of a later version: ours and one more."""
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    revision = NEXT_REVISION.format(newest=newest_revision(), seconds=seconds)
    (folder / "versions" / "9001_severity.py").write_text(revision)
    return folder


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into event (name, subject, subject_id, principal_id, request_id, payload, occurred_at)"
            " select 'Filled', 'test', uuid_v7(), uuid_v7(), 'r' || n, jsonb_build_object('n', n), now()"
            " from generate_series(1, %s) n",
            [ROWS],
        )


def digest(url: str) -> object:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select count(*), md5(string_agg(id::text || payload::text || position::text, ',' order by id)) from event"
        )
        return found.fetchone()


def start_migrating(folder: Path, urls: DatabaseUrls) -> multiprocessing.process.BaseProcess:
    started = CHILDREN.Event()
    given = {"folder": str(folder), "urls": (urls.owner, urls.api, urls.worker), "started": started}
    process = CHILDREN.Process(target=exec, args=(MIGRATE, given))
    process.start()
    assert started.wait(timeout=60)
    return process


def succeeds(process: multiprocessing.process.BaseProcess) -> bool:
    process.join(timeout=60)
    return process.exitcode == 0


def wait_until(url: str, condition: str) -> None:
    deadline = time.monotonic() + 20
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(condition.encode()).fetchone() != (True,):
            assert time.monotonic() < deadline, condition
            time.sleep(0.02)


SLEEPING = (
    "select exists (select 1 from pg_locks where relation = 'event'::regclass and mode = 'AccessExclusiveLock'"
    " and granted and database = (select oid from pg_database where datname = current_database()))"
)


def test_r14_a_crash_inside_a_migration_loses_nothing_and_is_resumed(urls: DatabaseUrls, tmp_path: Path) -> None:
    migrate(urls)
    fill(urls.owner)
    before = digest(urls.owner)

    slow = newer_code(tmp_path / "slow", seconds=60)
    for _ in range(CRASHES):
        process = start_migrating(slow, urls)
        wait_until(urls.owner, SLEEPING)
        process.kill()
        process.join()
        # The server looks every two seconds whether the client is still there; nobody has to tell it.
        wait_until(urls.owner, SLEEPING.replace("select exists", "select not exists"))
        assert current_revision(urls.owner) == newest_revision()
        assert digest(urls.owner) == before
        check_revision(urls.api)

    assert succeeds(start_migrating(newer_code(tmp_path / "fast", seconds=0), urls))
    assert current_revision(urls.owner) == "9001"
    assert digest(urls.owner) == before
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("select count(*) from event where severity = 1").fetchone() == (ROWS,)


def test_r14_a_crash_inside_the_first_migration_leaves_an_empty_database(urls: DatabaseUrls) -> None:
    for delay in (0.05, 0.2, 0.4):
        process = start_migrating(migrations.FOLDER, urls)
        time.sleep(delay)
        process.kill()
        process.join()
        assert current_revision(urls.owner) in (None, newest_revision())

    assert migrate(urls) == newest_revision()
    check_revision(urls.worker)


def test_r14_old_code_refuses_a_newer_schema_and_leaves_it_alone(urls: DatabaseUrls, tmp_path: Path) -> None:
    migrate(urls)
    assert succeeds(start_migrating(newer_code(tmp_path / "newer", seconds=0), urls))

    for act in (lambda: check_revision(urls.api), lambda: migrate(urls)):
        with pytest.raises(FaultError, match="has schema 9001, which this version of Arrears does not know"):
            act()

    assert current_revision(urls.owner) == "9001"


def released() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


@pytest.mark.parametrize("revision", released())
def test_r14_every_released_schema_is_upgraded_with_all_its_rows(
    urls: DatabaseUrls, tmp_path: Path, revision: str
) -> None:
    """The folder as it was at that revision makes the old schema; today's folder takes it on."""
    older = tmp_path / "older"
    shutil.copytree(migrations.FOLDER, older, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (older / "versions").glob("*.py"):
        if file.name[:4] > revision:
            file.unlink()
    assert succeeds(start_migrating(older, urls))
    assert current_revision(urls.owner) == revision
    fill(urls.owner)
    before = digest(urls.owner)

    migrate(urls)

    check_revision(urls.api)
    assert digest(urls.owner) == before
