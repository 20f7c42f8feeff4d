"""Personal values sealed under one key per person, keyed look-up tokens, and message authentication.

Layout of a sealed value: one version byte, a 12-byte nonce, then AES-256-GCM ciphertext with its tag. The associated
data names person, table, row and column, so a value moved to another cell does not open.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, LiteralString, Protocol, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from arrears.kernel.keys import KEY_BYTES, DeploymentKey, DeploymentKeys, Secret, new_key_text
from arrears_sdk.errors import ErrorCode, FaultError, NotFoundError, RefusedError

__all__ = ["Cell", "Connected", "DeploymentKeys", "Secret", "UnitOfWork", "Vault", "new_key_text"]

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12

ValueT = TypeVar("ValueT")


class UnitOfWork(Protocol):
    """Whatever lends its connection: a transaction, or `Connected` around a connection of the read path."""

    async def connection(self) -> AsyncConnection[Any]:
        """The connection of the open transaction."""
        ...


@dataclass(frozen=True)
class Connected:
    """A plain connection in the form that the vault takes."""

    raw: AsyncConnection[Any]

    async def connection(self) -> AsyncConnection[Any]:
        """The connection it was made with."""
        return self.raw


@dataclass(frozen=True)
class Cell:
    """Where a sealed value lives and whose it is."""

    person_id: UUID
    table: str
    row_id: UUID
    column: str

    @property
    def associated_data(self) -> bytes:
        """The bytes that bind a ciphertext to this cell; lengths keep neighbouring parts apart."""
        return framed(b"cell", self.person_id.bytes, self.table.encode(), self.row_id.bytes, self.column.encode())


@dataclass(frozen=True)
class _PersonKeys:
    """Unwrapped data keys of one batch; a person whose key was destroyed is listed apart."""

    known: dict[UUID, Secret] = field(default_factory=dict)
    destroyed: set[UUID] = field(default_factory=set)


class Vault:
    """Seals, reveals and indexes personal values; its keys never appear in a repr or a log."""

    def __init__(self, deployment_keys: DeploymentKeys) -> None:
        self._keys = deployment_keys

    def __repr__(self) -> str:
        return f"Vault(current={self._keys.current.id!r}, older={[key.id for key in self._keys.older]!r})"

    @property
    def current_key_id(self) -> str:
        """The id of the deployment key that new wrappings and codes are made with."""
        return self._keys.current.id

    # -- sealed values -------------------------------------------------------------------------------------------

    async def seal(self, tx: UnitOfWork, person_id: UUID, text: str, *, table: str, row_id: UUID, column: str) -> bytes:
        """The text as ciphertext under the person's key, which is made now if there is none.

        Raises RefusedError once the person's key was destroyed.
        """
        return (await self.seal_many(tx, [(Cell(person_id, table, row_id, column), text)]))[0]

    async def seal_many(self, tx: UnitOfWork, values: Sequence[tuple[Cell, str | bytes]]) -> list[bytes]:
        """The ciphertext of each value, in order, with at most three statements for the whole batch."""
        sealed = await self.seal_unless_erased(tx, values)
        return [_present(ciphertext) for ciphertext in sealed]

    async def seal_unless_erased(
        self, tx: UnitOfWork, values: Sequence[tuple[Cell, str | bytes]]
    ) -> list[bytes | None]:
        """The ciphertext of each value, in order; None where the person's key was destroyed."""
        keys = await self._person_keys(tx, {cell.person_id for cell, _ in values}, make_missing=True)
        return [
            None if (key := _key_of(keys, cell)) is None else _encrypt(key, _as_bytes(value), cell.associated_data)
            for cell, value in values
        ]

    async def reveal(
        self, tx: UnitOfWork, person_id: UUID, sealed: bytes, *, table: str, row_id: UUID, column: str
    ) -> str:
        """The text that was sealed into this cell.

        Raises NotFoundError when the scope may not see the person, RefusedError once the key was destroyed, FaultError
        when the value was altered or belongs to another cell.
        """
        return (await self.reveal_many(tx, [(Cell(person_id, table, row_id, column), sealed)]))[0]

    async def reveal_many(self, tx: UnitOfWork, values: Sequence[tuple[Cell, bytes]]) -> list[str]:
        """The text of each sealed value, in order, with one statement for the whole batch."""
        return [_present(text) for text in await self.reveal_unless_erased(tx, values)]

    async def reveal_unless_erased(self, tx: UnitOfWork, values: Sequence[tuple[Cell, bytes]]) -> list[str | None]:
        """The text of each sealed value, in order; None where the person's key was destroyed."""
        return [None if opened is None else opened.decode() for opened in await self.open_unless_erased(tx, values)]

    async def open_unless_erased(self, tx: UnitOfWork, values: Sequence[tuple[Cell, bytes]]) -> list[bytes | None]:
        """The bytes of each sealed value, in order; None where the person's key was destroyed."""
        keys = await self._person_keys(tx, {cell.person_id for cell, _ in values}, make_missing=False)
        return [
            None if (key := _key_of(keys, cell)) is None else _decrypt(key, sealed, cell.associated_data)
            for cell, sealed in values
        ]

    # -- keyed codes ---------------------------------------------------------------------------------------------

    def blind(self, kind: str, text: str) -> str:
        """A keyed token (64 hex digits) by which equal texts of one kind are found without storing the text.

        The caller normalises the text. The token does not change when the deployment key is rotated.
        """
        return hmac.new(self._keys.index.reveal(), framed(kind.encode(), text.encode()), sha256).hexdigest()

    def mac(self, data: bytes, *, key_id: str | None = None) -> bytes:
        """The 32-byte HMAC-SHA256 of the data under the current deployment key's, or the named one's, own MAC key."""
        key = self._keys.by_id(key_id) if key_id else self._keys.current
        return hmac.new(key.mac.reveal(), data, sha256).digest()

    def mac_matches(self, data: bytes, code: bytes, *, key_id: str) -> bool:
        """Whether the code was made over this data with the named deployment key."""
        return hmac.compare_digest(self.mac(data, key_id=key_id), code)

    def knows_key(self, key_id: str) -> bool:
        """Whether the named deployment key is configured, as current or as an older one."""
        return any(key.id == key_id for key in (self._keys.current, *self._keys.older))

    # -- person keys ---------------------------------------------------------------------------------------------

    def wrap(self, person_id: UUID, data_key: Secret) -> bytes:
        """The data key encrypted under the current deployment key, bound to its person."""
        current = self._keys.current
        return _encrypt(current.wrapping, data_key.reveal(), _wrapping_data(person_id, current))

    def unwrap(self, person_id: UUID, wrapped: bytes, key_id: str) -> Secret:
        """The data key of the person; raises FaultError when it was altered or its deployment key is not configured."""
        key = self._keys.by_id(key_id)
        return Secret(_decrypt(key.wrapping, wrapped, _wrapping_data(person_id, key)))

    async def _person_keys(self, tx: UnitOfWork, wanted: set[UUID], *, make_missing: bool) -> _PersonKeys:
        keys = await self._stored_keys(tx, wanted)
        missing = sorted(wanted - keys.known.keys() - keys.destroyed)
        if not (missing and make_missing):
            return keys
        made = {person_id: Secret(secrets.token_bytes(KEY_BYTES)) for person_id in missing}
        connection = await tx.connection()
        # No RETURNING and no conflict target: either would need the person to be visible already, and a limited
        # principal seals a new debtor's values in the transaction that makes the debtor.
        inserted = await _execute(
            connection,
            """insert into person_key (person_id, wrapped, deployment_key_id)
               select * from unnest(%s::uuid[], %s::bytea[], %s::text[]) on conflict do nothing""",
            (
                missing,
                [self.wrap(person_id, key) for person_id, key in made.items()],
                [self._keys.current.id] * len(missing),
            ),
        )
        if inserted == len(missing):
            keys.known.update(made)
            return keys
        # A twin transaction made some of them first; its keys count.
        later = await self._stored_keys(tx, set(missing))
        keys.known.update(later.known)
        keys.destroyed.update(later.destroyed)
        return keys

    async def _stored_keys(self, tx: UnitOfWork, wanted: set[UUID]) -> _PersonKeys:
        keys = _PersonKeys()
        if not wanted:
            return keys
        connection = await tx.connection()
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                "select person_id, wrapped, deployment_key_id from person_key where person_id = any(%s)",
                (list(wanted),),
            )
            for person_id, wrapped, key_id in await cursor.fetchall():
                if wrapped is None:
                    keys.destroyed.add(person_id)
                else:
                    keys.known[person_id] = self.unwrap(person_id, wrapped, key_id)
        return keys


async def destroy_person_key(tx: UnitOfWork, person_id: UUID) -> bool:
    """True when the person's key was destroyed now: everything sealed under it stays unreadable for ever.

    The row remains as a tombstone, so that a late write cannot make a new key for an erased person.
    """
    destroyed = await _execute(
        await tx.connection(),
        """insert into person_key (person_id, wrapped, deployment_key_id, destroyed_at)
           values (%s, null, null, clock_timestamp())
           on conflict (person_id) do update set wrapped = null, deployment_key_id = null,
               destroyed_at = excluded.destroyed_at
           where person_key.destroyed_at is null""",
        (person_id,),
    )
    return destroyed == 1


async def _execute(connection: AsyncConnection[Any], statement: LiteralString, parameters: Sequence[object]) -> int:
    """Runs a statement and gives how many rows it wrote, also when the caller has a pipeline open."""
    async with connection.cursor() as cursor:
        # An inner pipeline ends with the server's answer.
        async with connection.pipeline():
            await cursor.execute(statement, parameters)
        return cursor.rowcount


def framed(*parts: bytes) -> bytes:
    """The parts joined with their lengths, so that no two different lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _key_of(keys: _PersonKeys, cell: Cell) -> Secret | None:
    """The key of the cell's person, None once it was destroyed."""
    if cell.person_id in keys.destroyed:
        return None
    try:
        return keys.known[cell.person_id]
    except KeyError:
        raise NotFoundError("the person has no key that this principal may use", code=ErrorCode.NOT_FOUND) from None


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _present(value: ValueT | None) -> ValueT:
    if value is None:
        raise RefusedError("the person's data was erased", code=ErrorCode.PERSON_ERASED)
    return value


def _wrapping_data(person_id: UUID, key: DeploymentKey) -> bytes:
    return framed(b"person-key", person_id.bytes, key.id.encode())


def _encrypt(key: Secret, plain: bytes, associated_data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key.reveal()).encrypt(nonce, plain, associated_data)


def _decrypt(key: Secret, sealed: bytes, associated_data: bytes) -> bytes:
    if sealed[:1] != _VERSION:
        raise FaultError("a sealed value has an unknown form")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key.reveal()).decrypt(nonce, ciphertext, associated_data)
    except (InvalidTag, ValueError):
        raise FaultError("a sealed value was altered, or belongs to another cell") from None
