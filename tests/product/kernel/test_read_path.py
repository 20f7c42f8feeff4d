"""Reads: one round trip, JSON left as text, nothing written, and a connection that is clean whatever happened on it."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import psycopg
import pytest

from arrears.kernel.database import Database
from arrears.kernel.scope import Scope
from arrears_sdk.errors import ErrorCode, FaultError, LimitError, TemporaryError
from tests.conftest import Deployment, Server

EVERYTHING = Scope.everything()
SETTINGS = "select current_setting('app.scope', true), current_setting('transaction_read_only')"


def only_connection(database: Database) -> AbstractAsyncContextManager[psycopg.AsyncConnection[tuple[object, ...]]]:
    return database.pool.connection()


@pytest.fixture
async def narrow(deployment: Deployment) -> Database:
    """A database with one connection, so that every read uses the same."""
    database = Database(deployment.urls.api, application_name="narrow", pool_size=1)
    return await database.open()


@pytest.fixture(autouse=True)
async def closed_after(narrow: Database):  # type: ignore[no-untyped-def]
    yield
    await narrow.close()


async def test_json_comes_as_the_servers_own_bytes(narrow: Database) -> None:
    rows = await narrow.read(
        EVERYTHING, """select '{"b": 1.10, "a": [null]}'::json, '{"b":1.10,"a":2}'::jsonb, '{"t": 1}'::json::text"""
    )

    assert rows == [(b'{"b": 1.10, "a": [null]}', b'{"a": 2, "b": 1.10}', '{"t": 1}')]


async def test_parameters_are_typed_and_null_is_null(narrow: Database) -> None:
    given = UUID(int=7)
    rows = await narrow.read(
        EVERYTHING,
        "select %(id)s::uuid, %(on)s::date, %(none)s::text, %(many)s::uuid[], '100%%'",
        {"id": given, "on": datetime.date(2026, 2, 28), "none": None, "many": [given]},
    )

    assert rows == [(given, datetime.date(2026, 2, 28), None, [given], "100%")]


async def test_the_scope_and_read_only_hold_for_the_statement_and_are_gone_after(narrow: Database) -> None:
    assert await narrow.read(EVERYTHING, SETTINGS) == [("all", "on")]

    async with only_connection(narrow) as connection:
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert await (await connection.execute(SETTINGS)).fetchall() == [("", "off")]


async def test_a_read_can_write_nothing(narrow: Database) -> None:
    with pytest.raises(FaultError, match="refused a statement of the platform"):
        await narrow.read(EVERYTHING, "update deployment set version = 2 returning id")

    assert await narrow.read(EVERYTHING, "select version from deployment") == [(1,)]


async def test_statements_are_prepared_once(narrow: Database) -> None:
    for number in range(3):
        assert await narrow.read(EVERYTHING, "select %(n)s::integer + 1", {"n": number}) == [(number + 1,)]

    async with only_connection(narrow) as connection:
        prepared = await (
            await connection.execute(
                "select count(*) from pg_prepared_statements where statement like '%%::integer + 1'", []
            )
        ).fetchall()
        assert prepared == [(1,)]


async def test_an_error_leaves_the_connection_clean(narrow: Database) -> None:
    with pytest.raises(FaultError) as failed:
        await narrow.read(EVERYTHING, "select 1 / 0")
    assert isinstance(failed.value.__cause__, psycopg.errors.DivisionByZero)

    assert await narrow.read(Scope("limited", staff=False), SETTINGS) == [("limited", "on")]
    async with only_connection(narrow) as connection:
        assert await (await connection.execute(SETTINGS)).fetchall() == [("", "off")]


async def test_a_statement_past_its_time_is_ended_and_named_a_limit(narrow: Database) -> None:
    before = time.monotonic()
    with pytest.raises(LimitError) as ended:
        await narrow.read(EVERYTHING, "select pg_sleep(5)", timeout_ms=100)

    assert ended.value.code is ErrorCode.LIMIT_EXCEEDED
    assert time.monotonic() - before < 2
    assert await narrow.read(EVERYTHING, SETTINGS) == [("all", "on")]
    async with only_connection(narrow) as connection:
        assert await (await connection.execute("show statement_timeout")).fetchall() == [("0",)]


async def test_a_cancelled_read_ends_its_statement_and_leaves_the_connection_clean(
    narrow: Database, server: Server
) -> None:
    reading = asyncio.create_task(narrow.read(EVERYTHING, "select pg_sleep(30)", timeout_ms=60_000))
    await asyncio.sleep(0.2)
    process = asleep(server, narrow)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert asleep(server, narrow) == []
    assert await narrow.read(Scope("limited", staff=False), SETTINGS) == [("limited", "on")]
    async with only_connection(narrow) as connection:
        assert [connection.info.backend_pid] == process
        assert await (await connection.execute(SETTINGS)).fetchall() == [("", "off")]


def asleep(server: Server, narrow: Database) -> list[int]:
    name = psycopg.conninfo.conninfo_to_dict(narrow.url)["dbname"]
    with psycopg.connect(server.superuser_url) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where datname = %s and wait_event = 'PgSleep'", [name]
        )
        return [int(row[0]) for row in found]


async def test_many_reads_at_once_share_the_pool(deployment: Deployment) -> None:
    scopes = [Scope("limited", staff=False, clients=(UUID(int=number),)) for number in range(100)]
    seen = await asyncio.gather(
        *(deployment.database.read(scope, "select current_setting('app.clients')") for scope in scopes)
    )

    assert [rows[0][0] for rows in seen] == [f"{{{UUID(int=number)}}}" for number in range(100)]


async def test_reads_see_one_snapshot(deployment: Deployment) -> None:
    async with deployment.database.reads(EVERYTHING) as connection:
        before = await (await connection.execute("select version from deployment")).fetchall()
        async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
            await owner.execute("update deployment set version = 9")
        after = await (await connection.execute("select version from deployment")).fetchall()
        settings = await (await connection.execute(SETTINGS)).fetchall()

    assert (before, after, settings) == ([(1,)], [(1,)], [("all", "on")])
    assert await deployment.database.read(EVERYTHING, "select version from deployment") == [(9,)]


async def test_reads_leave_the_connection_clean_after_an_error_of_the_caller(narrow: Database) -> None:
    with pytest.raises(KeyError):
        async with narrow.reads(EVERYTHING):
            raise KeyError

    async with only_connection(narrow) as connection:
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert await (await connection.execute(SETTINGS)).fetchall() == [("", "off")]


async def test_a_pool_without_a_free_connection_is_a_temporary_error(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow.pool, "timeout", 0.1)
    async with narrow.reads(EVERYTHING):
        with pytest.raises(TemporaryError) as refused:
            await narrow.read(EVERYTHING, "select 1")

    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert refused.value.retry_after_seconds == 1.0
    assert await narrow.read(EVERYTHING, "select 1") == [(1,)]


async def test_text_forms_do_not_depend_on_the_servers_settings(narrow: Database) -> None:
    instant = "'2026-03-02 12:00:00.5+00'::timestamptz"
    rows = await narrow.read(
        EVERYTHING, f"select {instant}::text, json_build_object('d', date '2026-03-02', 't', {instant})"
    )

    assert rows[0][0] == "2026-03-02 12:00:00.5+00"
    assert json.loads(rows[0][1]) == {"d": "2026-03-02", "t": "2026-03-02T12:00:00.5+00:00"}
