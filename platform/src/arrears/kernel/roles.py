"""The database's roles: the groups that policies name, the logins of API and worker, and who may connect."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from arrears.kernel.database import DatabaseUrls, session_options, set_url
from arrears_sdk.errors import ErrorCode, FaultError

API_ROLE = "arrears_api"
WORKER_ROLE = "arrears_worker"


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


def make_roles(connection: psycopg.Connection[Any], urls: DatabaseUrls) -> None:
    """Make what is missing of the group roles and their logins, and refuse logins that would see too much."""
    with connection.transaction():
        for group, url in ((API_ROLE, urls.api), (WORKER_ROLE, urls.worker)):
            login, password = _login(url), make_url(url).password or ""
            for role in (group, login):
                _create(connection, role)
            _refuse_powerful(connection, login)
            if not _can_log_in(connection, login, url):
                statement = sql.SQL("alter role {} with login password {}")
                _run_as_owner(connection, statement.format(sql.Identifier(login), sql.Literal(str(password))))
            if not _holds(connection, "select pg_has_role(%s, %s, 'usage')", [login, group]):
                statement = sql.SQL("grant {} to {}")
                _run_as_owner(connection, statement.format(sql.Identifier(group), sql.Identifier(login)))


def close_to_strangers(connection: psycopg.Connection[Any], urls: DatabaseUrls) -> None:
    """Let only this deployment's logins connect: the roles that its tables trust are those of the whole server.

    Where the database belongs to an administrator, that is left to the administrator.
    """
    if not _holds(
        connection, "select pg_has_role(datdba, 'usage') from pg_database where datname = current_database()", []
    ):
        return
    database = sql.Identifier(connection.info.dbname)
    logins = sql.SQL(", ").join(sql.Identifier(_login(url)) for url in (urls.api, urls.worker))
    with connection.transaction():
        connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(database))
        connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(database, logins))


def _login(url: str) -> str:
    login = make_url(url).username
    if login is None:
        raise FaultError("The URLs of the API's and the worker's database need a user name.", code=ErrorCode.INTERNAL)
    return login


def _create(connection: psycopg.Connection[Any], role: str) -> None:
    if _holds(connection, "select true from pg_roles where rolname = %s", [role]):
        return
    try:
        _run_as_owner(connection, sql.SQL("create role {}").format(sql.Identifier(role)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        # Another deployment on the same server made it this very moment; the two do not wait for each other.
        return


def _refuse_powerful(connection: psycopg.Connection[Any], login: str) -> None:
    powerful = (
        "select exists (select 1 from pg_roles where (rolsuper or rolbypassrls or rolname = current_user)"
        " and pg_has_role(%s, oid, 'member'))"
    )
    if _holds(connection, powerful, [login]):
        raise FaultError(
            f"The role {login} is, or may become, the owner or a role that row-level security does not bind."
            " Give the API and the worker logins of their own.",
            code=ErrorCode.INTERNAL,
        )


def _can_log_in(connection: psycopg.Connection[Any], login: str, url: str) -> bool:
    if not _holds(connection, "select rolcanlogin from pg_roles where rolname = %s", [login]):
        return False
    try:
        psycopg.connect(**session_options(url, "arrears-migrate")).close()
    except psycopg.OperationalError:
        return False
    return True


def _run_as_owner(connection: psycopg.Connection[Any], statement: sql.Composed) -> None:
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise FaultError(
            f"The database's owner may not make roles. Let an administrator make {API_ROLE} and {WORKER_ROLE}, each"
            " with a login that belongs to it, and pass the URLs of both logins.",
            code=ErrorCode.INTERNAL,
        ) from error


def _holds(connection: psycopg.Connection[Any], question: str, parameters: list[str]) -> bool:
    return connection.execute(question.encode(), parameters).fetchone() == (True,)
