"""The schema's revisions: making roles, going forward, and refusing a schema that this code does not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import arrears
from arrears.kernel.database import DatabaseUrls, session_options
from arrears.kernel.database_errors import translate
from arrears.kernel.roles import close_to_strangers, make_roles
from arrears.kernel.scope import Scope
from arrears_sdk.errors import ErrorCode, FaultError, TemporaryError

FOLDER = Path(arrears.__path__[0]) / "migrations"

# Any fixed number: whoever holds this lock migrates, everyone else waits.
_MIGRATION_LOCK = 0x41525245415253
_LOCK_WAIT_SECONDS = 120


def migrate(urls: DatabaseUrls, *, sandbox: bool = False) -> str:
    """Bring the database to this code's schema and return its revision; a database that is there already is left alone.

    Each revision is one transaction, so that a crash leaves the one before. `sandbox` counts only on an empty database.
    """
    with _connect(urls.owner) as waiting, _migration_lock(waiting):
        found = _revision(waiting)
        _refuse_unknown(found)
        make_roles(waiting, urls)
        if found is None:
            close_to_strangers(waiting, urls)
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


def _migration_failed(error: sqlalchemy.exc.DBAPIError) -> Exception:
    translated = translate(error)
    if isinstance(translated, TemporaryError):
        return translated
    return FaultError(f"The migration failed and left nothing behind: {error.orig}", code=ErrorCode.INTERNAL)
