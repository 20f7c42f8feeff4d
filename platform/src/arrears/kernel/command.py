"""Commands: the only writers. Each is one function from a typed input to a typed result, in one transaction."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar, get_type_hints
from uuid import UUID

import orjson
import psycopg
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm.exc import StaleDataError

from arrears.kernel.context import Context
from arrears.kernel.database_errors import REPEATABLE, cause, is_connection_lost, stale, state, translate
from arrears.kernel.idempotency import IdempotencyKey, find, remember, take
from arrears.kernel.tables import Row, Versioned
from arrears.kernel.transaction import DATABASE_ERRORS, Isolation, Transaction, begin, open_transaction
from arrears_sdk.errors import (
    AccessError,
    ConflictError,
    ErrorCode,
    InputError,
    NotFoundError,
    Problem,
    TemporaryError,
)

MOST_RETRIES = 5
_FIRST_PAUSE_SECONDS = 0.02
_PAUSE_AFTER_LOSS_SECONDS = 0.1


class Command(BaseModel):
    """The input of a command: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64")


class Result(BaseModel):
    """What a command answers: ids and plain values, so that it can be stored and given again."""

    model_config = ConfigDict(frozen=True)


class GivenName(str):
    """A step of a problem's path in the caller's own spelling: names of our fields get camel case, this does not."""

    __slots__ = ()


InputT = TypeVar("InputT", bound=Command)
ResultT = TypeVar("ResultT", bound=Result)
RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)
class Receipt(Generic[ResultT]):
    """The result of a command, and whether it comes from an earlier call with the same idempotency key."""

    result: ResultT
    replayed: bool = False


@dataclass(frozen=True)
class CommandFunction(Generic[InputT, ResultT]):
    """A command that can be called with a context, or within the transaction of another command."""

    name: str
    permission: str
    function: Callable[[Transaction, InputT], Awaitable[ResultT]]
    constraints: Mapping[str, Problem] = field(default_factory=dict)
    isolation: Isolation = "READ COMMITTED"

    async def __call__(
        self, context: Context, change: InputT, *, idempotency_key: str | None = None
    ) -> Receipt[ResultT]:
        """Check the permission, do it once, commit. The same key with the same input gives the first result again.

        Raises the errors of the SDK only, as far as the database is concerned.
        """
        if not context.principal.may(self.permission):
            raise AccessError(f"This needs the permission {self.permission}.", code=ErrorCode.FORBIDDEN)
        key = self._key(context, change, idempotency_key)
        for attempt in range(MOST_RETRIES + 1):
            tx: Transaction | None = None
            try:
                async with open_transaction(context, isolation=self.isolation) as tx:
                    return await self._once(tx, change, key)
            except StaleDataError as error:
                raise stale(("input", "version")) from error
            except DATABASE_ERRORS as error:
                # A commit whose answer was lost may have happened: only a key tells, and finds the result again.
                in_doubt = tx is not None and tx.committing and key is None
                pause = _pause_before_retry(error, attempt, in_doubt=in_doubt)
                if pause is None:
                    raise self._refusal(error, in_doubt=in_doubt) from error
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def replay(self, context: Context, change: InputT, idempotency_key: str | None) -> Receipt[ResultT] | None:
        """The first result when the key was used before with the same input, None when it is new; nothing is written.

        For commands that ask others before they write: a replay must not ask them again.
        """
        key = self._key(context, change, idempotency_key)
        if key is None:
            return None
        async with begin(context) as tx:
            stored = await find(tx, key)
        return None if stored is None else Receipt(self.result_type.model_validate_json(stored), replayed=True)

    async def within(self, tx: Transaction, change: InputT) -> ResultT:
        """Do it inside the caller's transaction, under the caller's permission; the caller commits."""
        audited = tx.audited
        with tx.under_command(self.name):
            result = await self.function(tx, change)
            if tx.audited == audited:
                actor = tx.context.principal.id
                tx.audit(subject="prin", subject_id=actor, client_id=getattr(change, "client_id", None))
        return result

    @cached_property
    def input_type(self) -> type[InputT]:
        """The model of the input."""
        return self._hints[0]

    @cached_property
    def result_type(self) -> type[ResultT]:
        """The model of the result."""
        return self._hints[1]

    @cached_property
    def _hints(self) -> tuple[type[InputT], type[ResultT]]:
        hints = get_type_hints(self.function, localns={"Transaction": Transaction})
        result = hints.pop("return")
        hints.pop("tx", None)
        (change,) = hints.values()
        return change, result

    async def _once(self, tx: Transaction, change: InputT, key: IdempotencyKey | None) -> Receipt[ResultT]:
        if key is not None:
            stored = await take(tx, key)
            if stored is not None:
                return Receipt(self.result_type.model_validate_json(stored), replayed=True)
        result = await self.within(tx, change)
        await tx.commit(last=None if key is None else remember(key, result.model_dump_json()))
        return Receipt(result)

    def _key(self, context: Context, change: InputT, key: str | None) -> IdempotencyKey | None:
        if key is None:
            return None
        client = getattr(change, "client_id", None)
        return IdempotencyKey.of(
            context.principal.id,
            client if isinstance(client, UUID) else None,
            self.name,
            key,
            _keyed_hash(context, change),
        )

    def _refusal(self, error: Exception, *, in_doubt: bool) -> Exception:
        if in_doubt and is_connection_lost(error):
            return TemporaryError(
                "The database went away during the commit: whether this was stored is unknown. Look before a retry.",
                code=ErrorCode.UNAVAILABLE,
                retry_after_seconds=2.0,
            )
        general = translate(error)
        inner = cause(error)
        named = inner.diag.constraint_name if isinstance(inner, psycopg.Error) else None
        problem = self.constraints.get(named) if named else None
        if problem is not None and isinstance(general, (ConflictError, NotFoundError, InputError)):
            return type(general).of([problem])
        return general or error


def command(
    name: str,
    *,
    permission: str,
    constraints: Mapping[str, Problem] | None = None,
    isolation: Isolation = "READ COMMITTED",
) -> Callable[[Callable[[Transaction, InputT], Awaitable[ResultT]]], CommandFunction[InputT, ResultT]]:
    """Make a function of a transaction and an input into a command.

    `constraints` says in the caller's words what it means when a named constraint of the database refuses. Above READ
    COMMITTED the database ends one of two transactions that cannot both be right, and the command is run again.
    """

    def make(function: Callable[[Transaction, InputT], Awaitable[ResultT]]) -> CommandFunction[InputT, ResultT]:
        return CommandFunction(name, permission, function, constraints or {}, isolation)

    return make


def _pause_before_retry(error: Exception, attempt: int, *, in_doubt: bool) -> float | None:
    if attempt == MOST_RETRIES:
        return None
    jitter = 0.5 + random.random()
    if state(error) in REPEATABLE:
        return float(_FIRST_PAUSE_SECONDS * 2**attempt * jitter)
    if is_connection_lost(error) and not in_doubt:
        return float(_PAUSE_AFTER_LOSS_SECONDS * 2**attempt * jitter)
    return None


def input_hash(change: Command) -> bytes:
    """A digest of the input as it was understood; a field that was left out differs from one that was given."""
    fields = orjson.loads(change.model_dump_json(exclude_unset=True))
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()


def _keyed_hash(context: Context, change: Command) -> bytes:
    # Under a key outside the database: an input may be a national id, of which there are few enough to try them all.
    return bytes.fromhex(context.vault.blind("command input", input_hash(change).hex()))


def check_version(row: Versioned, expected: int, field: tuple[str, ...] = ("input", "version")) -> None:
    """Return when the caller has seen the row as it is now; else raise ConflictError."""
    if row.version != expected:
        raise stale(field)


async def load(
    tx: Transaction,
    row_type: type[RowT],
    id: UUID,
    *,
    kind: str,
    field: tuple[str, ...] = (),
    lock: bool = False,
) -> RowT:
    """The row of an id in the input, or NotFoundError: the same for an unknown id and for one outside the scope.

    With `lock` nobody else changes the row until this transaction ends.
    """
    row = await tx.session.get(row_type, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFoundError(
            f"There is no such record ({kind}) that you may see.", code=ErrorCode.NOT_FOUND, field=field
        )
    return row
