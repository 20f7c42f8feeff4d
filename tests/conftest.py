"""What every test may ask for: one PostgreSQL for the whole run, and a deployment of its own for each test."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from arrears.compliance import passing as passing
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls, set_url
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.migrations import migrate
from arrears.kernel.principal import Principal
from arrears.kernel.roles import derive_urls
from arrears.kernel.services import Services
from arrears.kernel.vault import Vault
from arrears_csv_importer import CsvImporter
from arrears_sdk.clock import FixedClock
from tests.api import Api, api_for
from tests.plugin_hosts import host_with
from tests.servers import roomy_memory

START = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TEMPLATE = "arrears_template"


@dataclass(frozen=True)
class Server:
    """The PostgreSQL of this run; `urls` names the migrated template database, `superuser_url` may make databases."""

    superuser_url: str = field(repr=False)
    urls: DatabaseUrls

    def new_name(self) -> str:
        """A name that no other database of the server has."""
        return f"t_{uuid4().hex}"

    def clone(self, name: str) -> DatabaseUrls:
        """A fresh copy of the migrated template."""
        owner = str(psycopg.conninfo.conninfo_to_dict(self.urls.owner)["user"])
        statement = sql.SQL("create database {} owner {} template {}")
        self.administer(statement.format(sql.Identifier(name), sql.Identifier(owner), sql.Identifier(TEMPLATE)))
        return self.urls.with_database(name)

    def drop(self, name: str) -> None:
        """Remove a database, ending whoever is connected to it."""
        self.administer(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def administer(self, statement: sql.Composed) -> None:
        """Run a statement as the superuser."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(statement)


@dataclass
class Deployment:
    """A database of one test's own, with what a context is made of."""

    urls: DatabaseUrls
    database: Database
    worker_database: Database
    clock: FixedClock
    vault: Vault
    services: Services = field(default_factory=Services)
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What is to be closed when the test is over, before the database is."""

    def context(self, principal: Principal | None = None, *, reason: str | None = None) -> Context:
        """A context of the API; as the platform itself unless a principal is given."""
        return Context(
            database=self.database,
            principal=principal or Principal.system("test"),
            clock=self.clock,
            vault=self.vault,
            request_id=f"test-{uuid4().hex[:12]}",
            reason=reason,
            services=self.services,
        )

    def worker_context(self) -> Context:
        """The same as a worker: its database role sees every row."""
        return Context(
            database=self.worker_database,
            principal=Principal.system("worker"),
            clock=self.clock,
            vault=self.vault,
            request_id=f"test-{uuid4().hex[:12]}",
            services=self.services,
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reaches the database, so that it can be run again against another server."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """One server for all test processes: the first one that comes starts it, the last one that goes stops it."""
    base = tmp_path_factory.getbasetemp()
    # With xdist every worker has a folder of its own below the run's.
    shared = base if worker_id == "master" else base.parent
    given = os.environ.get("ARREARS_DATABASE_URL")
    if given is not None:
        yield from _given_server(given, shared)
        return
    folder = _short_folder(shared)
    embedded = EmbeddedPostgres.start(folder)
    try:
        _prefer_speed_to_durability(embedded.superuser_url)
        urls = embedded.urls.with_database(TEMPLATE)
        _make_template(embedded.superuser_url, urls, shared)
        yield Server(embedded.superuser_url, urls)
    finally:
        if embedded.stop():
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def deployment(server: Server) -> AsyncIterator[Deployment]:
    """A deployment with an empty, migrated database, at noon (UTC) on Monday, 2 March 2026."""
    async with fresh_deployment(server) as fresh:
        yield fresh


@pytest.fixture
async def api(deployment: Deployment) -> AsyncIterator[Api]:
    """The deployment's API, called as its users call it."""
    async with api_for(deployment.context()) as opened:
        yield opened


@asynccontextmanager
async def fresh_deployment(server: Server) -> AsyncIterator[Deployment]:
    """A deployment as the fixture gives it, for a test that compares two."""
    name = server.new_name()
    urls = server.clone(name)
    try:
        async with (
            Database(urls.api, application_name="test-api", pool_size=8) as database,
            Database(urls.worker, application_name="test-worker", pool_size=4) as worker_database,
        ):
            vault = Vault(DeploymentKeys.generate())
            fresh = Deployment(urls, database, worker_database, FixedClock(START), vault)
            async with fresh.closing:
                await host_with(fresh, [CsvImporter])
                yield fresh
    finally:
        server.drop(name)


def _prefer_speed_to_durability(superuser_url: str) -> None:
    """For a server whose data nobody will miss; tests of durability start one of their own."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        connection.execute("select pg_reload_conf()")


def _given_server(owner: str, shared: Path) -> Iterator[Server]:
    urls = derive_urls(set_url(owner, database=TEMPLATE), b"tests")
    _make_template(owner, urls, shared)
    yield Server(owner, urls)


def _make_template(superuser_url: str, urls: DatabaseUrls, shared: Path) -> None:
    """Migrate the template once a run."""
    done = shared / "template.done"
    with _only_one(shared / "template.lock"):
        if done.exists():
            return
        template = sql.Identifier(TEMPLATE)
        owner = psycopg.conninfo.conninfo_to_dict(urls.owner)["user"]
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(template))
            connection.execute(sql.SQL("create database {} owner {}").format(template, sql.Identifier(str(owner))))
        migrate(urls, sandbox=True)
        done.write_text(json.dumps({"made": time.time()}))


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _short_folder(shared: Path) -> Path:
    """A folder outside pytest's own, which only its user may enter; the same for all processes of a run."""
    note = shared / "server.folder"
    with _only_one(shared / "server.lock"):
        if not note.exists():
            folder = Path(tempfile.mkdtemp(prefix="arrears-tests-", dir=roomy_memory()))
            folder.chmod(0o711)
            note.write_text(str(folder))
    return Path(note.read_text())
