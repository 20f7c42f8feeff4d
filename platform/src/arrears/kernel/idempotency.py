"""Keys that make sending a command twice harmless: the effect happens once, and the first result is given again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from arrears.kernel.database import Connection
from arrears.kernel.transaction import LOCK_TIMEOUT_MS, Transaction
from arrears_sdk.errors import ConflictError, ErrorCode, InputError, TemporaryError

KEPT_FOR = timedelta(days=30)
LONGEST_KEY = 255
WAIT_FOR_TWIN_MS = 2_000

# The key of a command whose input names no client.
_NO_CLIENT = UUID(int=0)

_SET_LOCK_TIMEOUT = "select set_config('lock_timeout', %s, true)"
_TAKE = (
    "insert into idempotency (principal_id, client_id, command, key, input_hash) values (%s, %s, %s, %s, %s)"
    " on conflict do nothing returning true"
)
_FIND = (
    "select input_hash, result::text from idempotency"
    " where principal_id = %s and client_id = %s and command = %s and key = %s"
)
_REMEMBER = (
    "update idempotency set result = %s::jsonb where principal_id = %s and client_id = %s and command = %s and key = %s"
)
_PRUNE = "delete from idempotency where created_at < clock_timestamp() - %s"


@dataclass(frozen=True)
class IdempotencyKey:
    """A key within its scope: the principal (not its credential), the client where the input names one, the command."""

    principal_id: UUID
    client_id: UUID
    command: str
    key: str
    input_hash: bytes

    @classmethod
    def of(
        cls, principal_id: UUID, client_id: UUID | None, command: str, key: str, input_hash: bytes
    ) -> IdempotencyKey:
        """The key; raises InputError when it is empty or too long."""
        if not 1 <= len(key) <= LONGEST_KEY or "\x00" in key:
            raise InputError(
                f"An idempotency key has 1 to {LONGEST_KEY} characters.",
                code=ErrorCode.INVALID_INPUT,
                field=("input", "idempotencyKey"),
            )
        return cls(principal_id, client_id or _NO_CLIENT, command, key, input_hash)

    @property
    def columns(self) -> list[Any]:
        """The values of the primary key."""
        return [self.principal_id, self.client_id, self.command, self.key]


async def take(tx: Transaction, key: IdempotencyKey) -> str | None:
    """The stored result as JSON when the key was used before, else None: the key is now this transaction's.

    A twin that is still running is waited for, for a bounded time; its rollback frees the key.
    """
    connection = await tx.connection()
    try:
        async with connection.pipeline():
            await connection.execute(_SET_LOCK_TIMEOUT, [str(WAIT_FOR_TWIN_MS)])
            cursor = await connection.execute(_TAKE, [*key.columns, key.input_hash], prepare=True)
            await connection.execute(_SET_LOCK_TIMEOUT, [str(LOCK_TIMEOUT_MS)])
        taken = await cursor.fetchone()
    except psycopg.errors.LockNotAvailable as error:
        raise TemporaryError(
            "The same request is being carried out at this moment.",
            code=ErrorCode.IDEMPOTENCY_IN_PROGRESS,
            field=("input", "idempotencyKey"),
            retry_after_seconds=1.0,
        ) from error
    return None if taken is not None else await _stored(connection, key)


async def find(tx: Transaction, key: IdempotencyKey) -> str | None:
    """The stored result as JSON when the key was used before, else None: the key is left to whoever takes it."""
    connection = await tx.connection()
    row = await (await connection.execute(_FIND, key.columns)).fetchone()
    return None if row is None else _result(row, key)


async def _stored(connection: AsyncConnection[Any], key: IdempotencyKey) -> str:
    return _result(await (await connection.execute(_FIND, key.columns)).fetchone(), key)


def _result(row: tuple[Any, ...] | None, key: IdempotencyKey) -> str:
    if row is None or row[1] is None:
        raise TemporaryError(
            "The same request is being carried out at this moment.",
            code=ErrorCode.IDEMPOTENCY_IN_PROGRESS,
            field=("input", "idempotencyKey"),
            retry_after_seconds=1.0,
        )
    if bytes(row[0]) != key.input_hash:
        raise ConflictError(
            "This idempotency key was used before with another input.",
            code=ErrorCode.IDEMPOTENCY_KEY_REUSED,
            field=("input", "idempotencyKey"),
        )
    return str(row[1])


def remember(key: IdempotencyKey, result: str) -> Callable[[Connection], Awaitable[object]]:
    """What stores the result with the key, as the last thing in the transaction of the effect."""

    async def store(connection: Connection) -> None:
        await connection.execute(_REMEMBER, [result, *key.columns], prepare=True)

    return store


async def prune(tx: Transaction) -> int:
    """Forget keys past their time, by the database's own clock, and say how many; a worker does this now and then."""
    connection = await tx.connection()
    return (await connection.execute(_PRUNE, [KEPT_FOR])).rowcount
