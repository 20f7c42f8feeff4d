"""Many rows of one table in one statement, for commands whose core takes a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from psycopg import sql


async def insert_rows(
    connection: psycopg.AsyncConnection[Any], table: str, rows: Sequence[Mapping[str, object]], *, on_conflict: str = ""
) -> int:
    """Insert rows given as columns and values; gives how many were written.

    All rows have the columns of the first. Values are what JSON holds, UUIDs, dates, instants and decimals; a list
    becomes an array. The rows travel as one parameter and are read back with the table's own column types.
    """
    if not rows:
        return 0
    statement = _statement(table, tuple(rows[0]), on_conflict)
    cursor = await connection.execute(statement, [orjson.dumps(list(rows), default=_plain).decode()])
    return cursor.rowcount


@lru_cache(maxsize=512)
def _statement(table: str, columns: tuple[str, ...], on_conflict: str) -> bytes:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL(
        "insert into {table} ({columns})"
        " select {columns} from json_populate_recordset(null::{table}, %s::json) {conflict}"
    )
    conflict = sql.SQL(on_conflict)
    return statement.format(table=sql.Identifier(table), columns=names, conflict=conflict).as_bytes(None)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a row cannot hold a {type(value).__name__}")
