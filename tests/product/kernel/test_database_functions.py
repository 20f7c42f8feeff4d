"""The SQL functions of the kernel agree with the SDK's Python."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from arrears_sdk.ids import encode_id
from arrears_sdk.money import EXPONENTS, Money
from tests.conftest import Server

EXTREMES = (0, 1, -1, 5, 99, 100, -100, 12345, -12345, 9_223_372_036_854_775_807, -9_223_372_036_854_775_807)


@pytest.fixture(scope="module")
def own_database(server: Server) -> Iterator[str]:
    """One database for this file: its tests leave nothing behind."""
    name = server.new_name()
    yield server.clone(name).owner
    server.drop(name)


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
def test_money_text_equals_the_sdk(own_database: str, currency: str) -> None:
    with psycopg.connect(own_database) as connection:
        rows = connection.execute(
            "select minor, money_text(minor, %s) from unnest(%s::bigint[]) as given (minor)", [currency, list(EXTREMES)]
        ).fetchall()

    assert [text for _, text in rows] == [str(Money(minor, currency).amount) for minor in EXTREMES]  # type: ignore[arg-type]


def test_public_id_equals_the_sdk(own_database: str) -> None:
    given = uuid.UUID("01920000-0000-7000-8000-0000000000ff")
    with psycopg.connect(own_database) as connection:
        row = connection.execute("select public_id('acct', %s)", [given]).fetchone()

    assert row == (encode_id("acct", given),) == ("acct_019200000000700080000000000000ff",)


def test_uuid_v7_is_of_version_7_and_sorts_by_time(own_database: str) -> None:
    with psycopg.connect(own_database) as connection:
        connection.autocommit = True
        made = [connection.execute("select uuid_v7(), clock_timestamp()").fetchone() for _ in range(50)]

    ids = [row[0] for row in made if row is not None]
    assert {(made_id.version, made_id.variant) for made_id in ids} == {(7, uuid.RFC_4122)}
    assert ids == sorted(set(ids))
    millisecond = ids[-1].int >> 80
    assert abs(millisecond - made[-1][1].timestamp() * 1000) < 1000  # type: ignore[index]


@pytest.mark.parametrize(
    "statement",
    [
        "update kept set note = 'other'",
        "delete from kept",
        "truncate kept",
        "insert into kept values (1, 'new') on conflict (id) do update set note = excluded.note",
        "update kept set note = 'other' where false",
    ],
)
def test_append_only_refuses_every_change(own_database: str, statement: str) -> None:
    with psycopg.connect(own_database) as connection:
        connection.execute("create table kept (id integer primary key, note text)")
        connection.execute("call append_only('kept')")
        connection.execute("insert into kept values (1, 'first')")

        with pytest.raises(psycopg.Error) as refused, connection.transaction():
            connection.execute(sql.SQL(statement))  # type: ignore[arg-type]

        assert refused.value.sqlstate == "AR001"
        assert str(refused.value).startswith("kept is append-only: its rows are never updated, deleted or truncated")
        assert connection.execute("select * from kept").fetchall() == [(1, "first")]
        connection.rollback()
