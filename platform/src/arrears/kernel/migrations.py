"""The schema's revisions: making roles, going forward, and refusing a schema that this code does not know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.engine import make_url

import arrears
from arrears.kernel.database import DatabaseUrls, session_options, set_url
from arrears.kernel.database_errors import translate
from arrears.kernel.scope import Scope
from arrears_sdk.errors import ErrorCode, FaultError, TemporaryError

API_ROLE = "arrears_api"
WORKER_ROLE = "arrears_worker"
FOLDER = Path(arrears.__path__[0]) / "migrations"

# Any fixed number: whoever holds this lock migrates, everyone else waits.
_MIGRATION_LOCK = 0x41525245415253
_LOCK_WAIT_SECONDS = 120


def derive_urls(owner: str, secret: bytes, *, api: str | None = None, worker: str | None = None) -> DatabaseUrls:
    """The three URLs of a given database. A role without an URL of its own gets a password derived from the secret.

    The secret never reaches the database; whoever has it and the owner's URL computes the same passwords.
    """
    database = make_url(owner).database or "arrears"

    def derived(role: str) -> str:
        # Roles belong to the whole server, so that two deployments on it need two names.
        login = role if database == "arrears" else f"{database}_{role.removeprefix('arrears_')}"
        password = hmac.new(secret, f"arrears/database-role/{database}/{role}".encode(), hashlib.sha256).hexdigest()
        return set_url(owner, username=login, password=password)

    return DatabaseUrls(owner, api or derived(API_ROLE), worker or derived(WORKER_ROLE))


def migrate(urls: DatabaseUrls, *, sandbox: bool = False) -> str:
    """Bring the database to this code's schema and return its revision; a database that is there already is left alone.

    Each revision is one transaction, so that a crash leaves the one before. `sandbox` counts only on an empty database.
    """
    with _connect(urls.owner) as waiting, _migration_lock(waiting):
        _make_roles(waiting, urls)
        _refuse_unknown(_revision(waiting))
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: _open(urls.owner), poolclass=sqlalchemy.NullPool
        )
        try:
            with engine.connect() as connection:
                config = _config()
                config.attributes.update(connection=connection, sandbox=sandbox)
                command.upgrade(config, "head")
        except sqlalchemy.exc.DBAPIError as error:
            raise _migration_failed(error) from error
        finally:
            engine.dispose()
        return newest_revision()


def current_revision(url: str) -> str | None:
    """The revision of the database's schema, or None when it is empty."""
    with _connect(url) as connection:
        return _revision(connection)


def check_revision(url: str) -> None:
    """Return when the database has exactly this code's schema; else raise FaultError with what to do about it."""
    found = current_revision(url)
    _refuse_unknown(found)
    if found != newest_revision():
        state = "empty" if found is None else f"at schema {found}"
        raise FaultError(
            f"The database is {state}; this version of Arrears needs schema {newest_revision()}."
            " Run `arrears db migrate`.",
            code=ErrorCode.INTERNAL,
        )


def newest_revision() -> str:
    """The revision that this code works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _refuse_unknown(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise FaultError(
            f"The database has schema {found}, which this version of Arrears does not know: it was migrated by a newer"
            " version. Start that version, or restore a backup from before.",
            code=ErrorCode.INTERNAL,
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: psycopg.Connection[Any]) -> str | None:
    with connection.transaction():
        if connection.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
            return None
        for name, value in Scope.everything().settings().items():
            connection.execute("select set_config(%s, %s, true)", [name, value])
        row = connection.execute("select version_num from public.alembic_version").fetchone()
    return None if row is None else str(row[0])


def _open(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(**session_options(url, "arrears-migrate"))


@contextmanager
def _connect(url: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = _open(url)
    except psycopg.OperationalError as error:
        raise translate(error) or error from error
    with connection:
        connection.autocommit = True
        yield connection


@contextmanager
def _migration_lock(connection: psycopg.Connection[Any]) -> Iterator[None]:
    connection.execute(f"set lock_timeout = '{_LOCK_WAIT_SECONDS}s'")
    try:
        connection.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise TemporaryError(
            f"Another process has been migrating this database for {_LOCK_WAIT_SECONDS} seconds.",
            retry_after_seconds=30,
        ) from error
    try:
        yield
    finally:
        # A lost connection has given the lock back already.
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _make_roles(connection: psycopg.Connection[Any], urls: DatabaseUrls) -> None:
    """Make the group roles that policies name, and the logins that belong to them, as far as they are missing."""
    with connection.transaction():
        for group, url in ((API_ROLE, urls.api), (WORKER_ROLE, urls.worker)):
            parsed = make_url(url)
            login = parsed.username or group
            if not _role_exists(connection, group):
                _run_as_owner(connection, sql.SQL("create role {}").format(sql.Identifier(group)))
            if not _role_exists(connection, login):
                _run_as_owner(connection, sql.SQL("create role {}").format(sql.Identifier(login)))
            if not _can_log_in(connection, login, url):
                _run_as_owner(
                    connection,
                    sql.SQL("alter role {} with login password {}").format(
                        sql.Identifier(login), sql.Literal(str(parsed.password or ""))
                    ),
                )
            if not _belongs_to(connection, login, group):
                _run_as_owner(
                    connection, sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(login))
                )


def _run_as_owner(connection: psycopg.Connection[Any], statement: sql.Composed) -> None:
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise FaultError(
            f"The database's owner may not make roles. Let an administrator make {API_ROLE} and {WORKER_ROLE}, each"
            " with a login that belongs to it, and pass the URLs of both logins.",
            code=ErrorCode.INTERNAL,
        ) from error


def _role_exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone() is not None


def _belongs_to(connection: psycopg.Connection[Any], login: str, group: str) -> bool:
    row = connection.execute("select pg_has_role(%s, %s, 'usage')", [login, group]).fetchone()
    return row == (True,)


def _can_log_in(connection: psycopg.Connection[Any], login: str, url: str) -> bool:
    if connection.execute("select rolcanlogin from pg_roles where rolname = %s", [login]).fetchone() != (True,):
        return False
    try:
        psycopg.connect(**session_options(url, "arrears-migrate")).close()
    except psycopg.OperationalError:
        return False
    return True


def _migration_failed(error: sqlalchemy.exc.DBAPIError) -> Exception:
    translated = translate(error)
    if isinstance(translated, TemporaryError):
        return translated
    return FaultError(f"The migration failed and left nothing behind: {error.orig}", code=ErrorCode.INTERNAL)
