"""What plugins keep between calls: small JSON values by key, for one client or for the whole deployment.

The database belongs to the platform's event loop, and plugins run beside it on loops of their own. A call from there is
carried over to the platform's loop and its answer back, within a time limit.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson

from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction, begin
from arrears.kernel.vault import Cell, Connected
from arrears_sdk.errors import AccessError, ErrorCode, InputError, TemporaryError
from arrears_sdk.events import JsonValue
from arrears_sdk.host import StoredValue
from arrears_sdk.ids import decode_id, encode_id, new_id

if TYPE_CHECKING:
    from arrears.kernel.context import Context

LARGEST_VALUE_BYTES = 64 * 1024
LONGEST_KEY = 200
LONGEST_PAGE = 250
MOST_OF_DEBTOR = 1_000
CALL_SECONDS = 5.0

_TABLE = "plugin_value"
_COLUMN = "sealed"
AnswerT = TypeVar("AnswerT")


class ValueStore:
    """The values of every plugin, reached through the platform's event loop: the one on which this is made."""

    def __init__(self, context: Context, *, call_seconds: float = CALL_SECONDS) -> None:
        self._context = context
        self._call_seconds = call_seconds
        self._loop = asyncio.get_running_loop()

    def values(self, plugin: str, *, client_id: str | None = None, personal_data: bool = False) -> PluginValues:
        """What one plugin keeps for a client (`clnt_...`), or for the deployment.

        Values about persons are refused unless the plugin says that it keeps `personal_data`.
        """
        client = None if client_id is None else decode_id("clnt", client_id)
        return PluginValues(self, plugin, client, personal_data)

    def context_for(self, plugin: str, client_id: UUID | None) -> Context:
        """A context that sees the rows of one client only, or without one every row."""
        scope = Scope.everything() if client_id is None else Scope("limited", staff=False, clients=(client_id,))
        principal = dataclasses.replace(Principal.system(f"plugin {plugin}"), scope=scope)
        return self._context.acting_as(principal)

    async def on_platform_loop(self, work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
        """The answer of database work, asked for on any loop of any thread; TemporaryError past the time limit."""
        try:
            async with asyncio.timeout(self._call_seconds):
                if asyncio.get_running_loop() is self._loop:
                    return await work
                try:
                    carried = asyncio.run_coroutine_threadsafe(work, self._loop)
                except RuntimeError:
                    work.close()
                    raise _not_in_time("The platform is stopping.") from None
                # Cancelling the wait cancels the work too.
                return await asyncio.wrap_future(carried)
        except TimeoutError:
            raise _not_in_time("What the plugin keeps could not be reached in time.") from None


@dataclass(frozen=True)
class PluginValues:
    """The `arrears_sdk.host.Values` of one plugin at one place."""

    store: ValueStore
    plugin: str
    client_id: UUID | None
    personal_data: bool

    async def get(self, key: str) -> JsonValue:
        """The value, None when there is none, or when it was about a person whose data has been erased."""
        _check_key(key)
        found = await self._select("key = %(key)s", {"key": key}, 1)
        return found[0].value if found else None

    async def put(self, key: str, value: JsonValue, *, debtor_id: str | None = None) -> None:
        """Keep a value, in place of an earlier one; of two at the same moment the later one stays.

        Raises InputError for what is no JSON value or too large, AccessError for a value about a person from a plugin
        that keeps none, NotFoundError for a debtor that is not the client's, RefusedError once the debtor was erased.
        """
        _check_key(key)
        text = _written(value)
        if debtor_id is not None and not self.personal_data:
            raise AccessError(f"The plugin {self.plugin} keeps no personal data: it does not say personal_data = True.")
        debtor = None if debtor_id is None else decode_id("dbtr", debtor_id)
        await self.store.on_platform_loop(self._put(key, text, debtor))

    async def delete(self, key: str) -> bool:
        """Forget a value; whether there was one."""
        _check_key(key)
        return await self.store.on_platform_loop(self._delete(key))

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> Sequence[StoredValue]:
        """Values in the order of their keys, at most 250 at a time; `after` is the last key of the page before."""
        if not 1 <= limit <= LONGEST_PAGE:
            raise InputError(f"A page has 1 to {LONGEST_PAGE} values, not {limit}.", field=("limit",))
        condition = "key >= %(prefix)s and starts_with(key, %(prefix)s) and key > %(after)s"
        return await self._select(condition, {"prefix": _text(prefix), "after": _text(after)}, limit)

    async def of_debtor(self, debtor_id: str) -> Sequence[StoredValue]:
        """Everything kept here about one person, at most 1,000 values; none once the person was erased."""
        condition = "debtor_id = %(debtor)s"
        return await self._select(condition, {"debtor": decode_id("dbtr", debtor_id)}, MOST_OF_DEBTOR)

    async def _select(self, condition: str, parameters: dict[str, object], limit: int) -> Sequence[StoredValue]:
        return await self.store.on_platform_loop(self._read(condition, parameters, limit))

    async def _read(self, condition: str, parameters: dict[str, object], limit: int) -> Sequence[StoredValue]:
        context = self.store.context_for(self.plugin, self.client_id)
        statement = (
            f"select id, key, debtor_id, value, sealed from plugin_value where {_HERE} and {condition}"
            " order by key limit %(limit)s"
        )
        wanted = {**parameters, "plugin": self.plugin, "client": self.client_id, "limit": limit}
        async with context.database.reads(context.principal.scope) as connection:
            rows = await (await connection.execute(statement.encode(), wanted)).fetchall()
            sealed = [(Cell(row[2], _TABLE, row[0], _COLUMN), row[4]) for row in rows if row[2] is not None]
            opened = iter(await context.vault.reveal_unless_erased(Connected(connection), sealed))
        texts = [(row, row[3] if row[2] is None else next(opened)) for row in rows]
        return [
            StoredValue(
                key=row[1],
                value=orjson.loads(text),
                debtor_id=None if row[2] is None else encode_id("dbtr", row[2]),
            )
            for row, text in texts
            if text is not None
        ]

    async def _put(self, key: str, text: str, debtor_id: UUID | None) -> None:
        async with begin(self.store.context_for(self.plugin, self.client_id)) as tx:
            row_id = new_id()
            sealed: bytes | None = None
            if debtor_id is not None:
                sealed = await tx.context.vault.seal(tx, debtor_id, text, table=_TABLE, row_id=row_id, column=_COLUMN)
            parameters = {
                "id": row_id,
                "plugin": self.plugin,
                "client": self.client_id,
                "key": key,
                "debtor": debtor_id,
                "value": text if sealed is None else None,
                "sealed": sealed,
                "now": tx.now,
            }
            await (await tx.connection()).execute(_PUT, parameters)

    async def _delete(self, key: str) -> bool:
        async with begin(self.store.context_for(self.plugin, self.client_id)) as tx:
            parameters = {"plugin": self.plugin, "client": self.client_id, "key": key}
            cursor = await (await tx.connection()).execute(_DELETE, parameters)
            return cursor.rowcount == 1


async def forget_values_of(tx: Transaction, debtor_id: UUID) -> int:
    """Remove what any plugin keeps about a person, at every client; how many values there were."""
    cursor = await (await tx.connection()).execute("delete from plugin_value where debtor_id = %s", [debtor_id])
    return cursor.rowcount


def _check_key(key: str) -> None:
    if not 1 <= len(_text(key)) <= LONGEST_KEY:
        raise InputError(f"A key has 1 to {LONGEST_KEY} characters.", field=("key",))


def _text(text: str) -> str:
    """The text, InputError when the database cannot hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("A key is Unicode text.", field=("key",)) from None
    if "\0" in text:
        raise InputError("A key does not hold the character U+0000.", field=("key",))
    return text


def _written(value: JsonValue) -> str:
    """The value as JSON that reads back as the same value; InputError for anything else."""
    try:
        encoded = orjson.dumps(value)
        same = orjson.loads(encoded) == value
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"This is not a JSON value: {error}.", field=("value",)) from error
    if not same:
        raise InputError("This is not a JSON value: it would not read back as the same.", field=("value",))
    if len(encoded) > LARGEST_VALUE_BYTES:
        message = f"A value has at most {LARGEST_VALUE_BYTES // 1024} KiB as JSON; this one has {len(encoded)} bytes."
        raise InputError(message, code=ErrorCode.PAYLOAD_TOO_LARGE, field=("value",))
    return encoded.decode()


def _not_in_time(message: str) -> TemporaryError:
    return TemporaryError(message, code=ErrorCode.UNAVAILABLE, retry_after_seconds=1.0)


_HERE = "plugin = %(plugin)s and client_id is not distinct from %(client)s::uuid"

# The row's id changes with its value: a sealed value opens only in the row for which it was sealed.
_PUT = """
insert into plugin_value (id, plugin, client_id, key, debtor_id, value, sealed, kept_at)
values (%(id)s, %(plugin)s, %(client)s, %(key)s, %(debtor)s, %(value)s::json, %(sealed)s, %(now)s)
on conflict (plugin, client_id, key) do update
set id = excluded.id, debtor_id = excluded.debtor_id, value = excluded.value, sealed = excluded.sealed,
    kept_at = excluded.kept_at
"""

_DELETE = f"delete from plugin_value where {_HERE} and key = %(key)s"
