"""Migrating: roles and schema on an empty database, nothing on one that is there, and a refusal of what is unknown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy.engine import make_url

from arrears.kernel.database import DatabaseUrls, session_options, set_url
from arrears.kernel.migrations import check_revision, current_revision, migrate, newest_revision
from arrears.kernel.roles import derive_urls
from arrears_sdk.errors import FaultError, TemporaryError
from tests.conftest import Server

RELEASED_QUEUE_SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
SANDBOX = "select sandbox from deployment"


@pytest.fixture
def empty(server: Server) -> Iterator[DatabaseUrls]:
    """An empty database of the owner's, and logins of the API and the worker that nobody has made yet."""
    name = f"t_{uuid4().hex[:12]}"
    owner = set_url(server.urls.owner, database=name)
    user = str(make_url(owner).username)
    server.administer(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(user)))
    urls = derive_urls(owner, b"secret")
    yield urls
    server.drop(name)
    for url in (urls.api, urls.worker):
        login = sql.Identifier(str(make_url(url).username))
        server.administer(sql.SQL("drop role if exists {}").format(login))


def one(url: str, statement: str) -> object:
    with psycopg.connect(**session_options(url, "test")) as connection:
        connection.execute("select set_config('app.scope', 'all', true)")
        row = connection.execute(statement.encode()).fetchone()
        return None if row is None else row[0]


def test_an_empty_database_is_migrated_and_all_three_roles_can_use_it(empty: DatabaseUrls) -> None:
    assert current_revision(empty.owner) is None

    assert migrate(empty, sandbox=True) == newest_revision()

    for url in (empty.owner, empty.api, empty.worker):
        check_revision(url)
        assert one(url, SANDBOX) is True


def test_migrating_again_changes_nothing(empty: DatabaseUrls) -> None:
    migrate(empty, sandbox=False)
    before = one(empty.owner, "select id from deployment")

    # What is there stays what it is: a live deployment never becomes a sandbox.
    assert migrate(empty, sandbox=True) == newest_revision()

    assert one(empty.owner, "select id from deployment") == before
    assert one(empty.owner, SANDBOX) is False


def test_migrators_at_once_wait_for_each_other(empty: DatabaseUrls) -> None:
    with ThreadPoolExecutor(4) as threads:
        revisions = list(threads.map(lambda _: migrate(empty), range(4)))

    assert revisions == [newest_revision()] * 4
    assert one(empty.owner, "select count(*) from deployment") == 1


def test_an_empty_database_is_refused_at_start(empty: DatabaseUrls) -> None:
    with pytest.raises(FaultError) as refused:
        check_revision(empty.owner)

    assert str(refused.value) == (
        f"The database is empty; this version of Arrears needs schema {newest_revision()}. Run `arrears db migrate`."
    )


@pytest.mark.parametrize("act", [check_revision, lambda url: migrate(DatabaseUrls(url, url, url))])
def test_a_schema_from_a_newer_version_is_refused(empty: DatabaseUrls, act: object) -> None:
    migrate(empty)
    with psycopg.connect(empty.owner) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(FaultError, match="has schema 9999, which this version of Arrears does not know"):
        act(empty.owner)  # type: ignore[operator]

    assert one(empty.owner, "select version_num from alembic_version") == "9999"


def test_derived_passwords_depend_on_secret_database_and_role() -> None:
    owner = "postgresql://o:p@db.example:5433/agency?sslmode=require"
    urls = derive_urls(owner, b"secret")

    assert urls == derive_urls(owner, b"secret")
    api, worker = make_url(urls.api), make_url(urls.worker)
    assert (api.username, api.host, api.port, api.database, dict(api.query)) == (
        "agency_api",
        "db.example",
        5433,
        "agency",
        {"sslmode": "require"},
    )
    assert worker.username == "agency_worker"
    others = [derive_urls(owner, b"other").api, derive_urls(owner.replace("agency", "b"), b"secret").api, urls.worker]
    assert len({api.password, *(make_url(url).password for url in others)}) == 4
    assert make_url(derive_urls("postgresql://o:p@h/arrears", b"s").api).username == "arrears_api"


def test_urls_of_ones_own_are_kept_and_secrets_stay_out_of_sight() -> None:
    urls = derive_urls("postgresql://o:hidden@h/a", b"s", api="postgresql://x:y@h/a", worker="postgresql://z:y@h/a")

    assert (urls.api, urls.worker) == ("postgresql://x:y@h/a", "postgresql://z:y@h/a")
    assert "hidden" not in repr(urls)
    assert ":y@" not in repr(urls)


def test_a_changed_secret_changes_the_passwords_at_the_next_migration(empty: DatabaseUrls) -> None:
    migrate(empty)
    changed = derive_urls(empty.owner, b"another secret")

    with pytest.raises(TemporaryError):
        check_revision(changed.api)
    migrate(changed)

    check_revision(changed.api)
    check_revision(changed.worker)


def test_an_owner_that_may_not_make_roles_is_told_what_to_ask_for(server: Server, empty: DatabaseUrls) -> None:
    database = str(make_url(empty.owner).database)
    poor = f"{database}_poor"
    server.administer(sql.SQL("create role {} login password 'poor'").format(sql.Identifier(poor)))
    # Only a member may give a database away, unless it is a superuser.
    server.administer(sql.SQL("grant {} to current_user").format(sql.Identifier(poor)))
    server.administer(sql.SQL("alter database {} owner to {}").format(sql.Identifier(database), sql.Identifier(poor)))
    urls = derive_urls(set_url(empty.owner, username=poor, password="poor"), b"secret")
    try:
        with pytest.raises(FaultError, match=r"may not make roles\. Let an administrator make arrears_api and arrears"):
            migrate(urls)

        for url, group in ((urls.api, "arrears_api"), (urls.worker, "arrears_worker")):
            login = make_url(url)
            server.administer(
                sql.SQL("create role {} login password {} in role {}").format(
                    sql.Identifier(str(login.username)), sql.Literal(str(login.password)), sql.Identifier(group)
                )
            )
        migrate(urls)
        check_revision(urls.api)
        check_revision(urls.worker)
    finally:
        server.drop(database)
        server.administer(sql.SQL("drop role {}").format(sql.Identifier(poor)))


def test_the_owner_is_refused_as_the_login_of_the_api(empty: DatabaseUrls) -> None:
    with pytest.raises(FaultError, match="Give the API and the worker logins of their own"):
        migrate(DatabaseUrls(empty.owner, empty.owner, empty.worker))
    assert current_revision(empty.owner) is None


# Only a superuser can make such a login, and the owner on a given server is none.
@pytest.mark.embedded
def test_a_login_that_row_level_security_does_not_bind_is_refused(server: Server, empty: DatabaseUrls) -> None:
    boss = f"{make_url(empty.owner).database}_boss"
    server.administer(sql.SQL("create role {} login bypassrls password 'boss'").format(sql.Identifier(boss)))
    try:
        with pytest.raises(FaultError, match="Give the API and the worker logins of their own"):
            migrate(DatabaseUrls(empty.owner, set_url(empty.owner, username=boss, password="boss"), empty.worker))
        assert current_revision(empty.owner) is None
    finally:
        server.administer(sql.SQL("drop role {}").format(sql.Identifier(boss)))


def test_the_logins_of_another_deployment_cannot_connect(server: Server, empty: DatabaseUrls) -> None:
    migrate(empty)
    database = str(make_url(empty.owner).database)

    with pytest.raises(psycopg.OperationalError, match="does not have CONNECT privilege"):
        psycopg.connect(set_url(server.urls.api, database=database))


def test_the_api_puts_jobs_on_the_queue_and_reads_none(empty: DatabaseUrls) -> None:
    migrate(empty)
    insert = "insert into jobs.procrastinate_jobs (queue_name, task_name) values ('q', 't') returning id"
    assert one(empty.api, insert) == 1

    for statement in ("select args from jobs.procrastinate_jobs", "delete from jobs.procrastinate_jobs"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            one(empty.api, statement)
    assert one(empty.worker, "select task_name from jobs.procrastinate_jobs") == "t"


def test_the_queues_schema_is_the_one_that_was_released() -> None:
    # When the library changes its schema, a revision has to bring that to databases that exist; then change this.
    digest = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()

    assert digest == RELEASED_QUEUE_SCHEMA


def test_a_server_that_is_not_there_is_a_temporary_error() -> None:
    nowhere = "postgresql://o:p@127.0.0.1:1/a"

    with pytest.raises(TemporaryError):
        migrate(DatabaseUrls(nowhere, nowhere, nowhere))
