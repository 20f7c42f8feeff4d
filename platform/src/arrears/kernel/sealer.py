"""Numbers audit entries without gaps, chains them, and writes the chain's head outside the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import tuple_row

from arrears.kernel.audit_heads import Head, HeadLog
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.vault import Vault, framed

FIRST_CHAIN: Final = bytes(32)
BATCH: Final = 2_000
HEARTBEAT: Final = timedelta(minutes=1)

# Any fixed number: whoever holds this lock seals, everyone else has nothing to do.
_SEALER_LOCK: Final = 0x4152_5345_414C

_LAST: Final[LiteralString] = "select sequence, chain from audit_seal order by sequence desc limit 1"
# In the order of their ids, which is the order in which they were made but for the clocks of several machines; the
# index gives it, however long the queue. An entry that vanished since it was written is sealed all the same, so that
# its number stays missing for ever.
_WAITING: Final[LiteralString] = """
select p.entry_id, p.code from audit_pending p
where not exists (select 1 from audit_seal s where s.entry_id = p.entry_id)
order by p.entry_id limit %s
"""
_SEAL: Final[LiteralString] = """
insert into audit_seal (sequence, entry_id, chain, key_id, sealed_at)
select sequence, entry_id, chain, %(key)s, %(now)s
from unnest(%(sequences)s::bigint[], %(ids)s::uuid[], %(chains)s::bytea[]) as link (sequence, entry_id, chain)
"""
_DONE: Final[LiteralString] = "delete from audit_pending where entry_id = any(%s)"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Link:
    """One entry's place in the chain."""

    sequence: int
    entry_id: UUID
    entry_code: bytes
    sealed_at: datetime
    key_id: str

    def chain_after(self, vault: Vault, chain: bytes) -> bytes:
        """The chain after this entry: a code over the chain before it, the entry's own code and everything here."""
        sealed_at = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        link = framed(
            b"audit-chain/1",
            chain,
            str(self.sequence).encode(),
            self.entry_id.bytes,
            self.entry_code,
            sealed_at.encode(),
        )
        return vault.mac(link, key_id=self.key_id)


class Sealer:
    """Seals what waits; one for each process that may do it, whichever comes first does."""

    def __init__(self, heads: HeadLog) -> None:
        self._heads = heads
        self._newest: Head | None = None

    async def seal(self, context: Context) -> int:
        """The number of entries sealed now: all that waited, or 0 when another process is at it.

        Runs as the worker's role. After it the head file vouches for everything that it sealed.
        """
        async with context.database.pool.connection() as connection, _only_sealer(connection) as alone:
            if not alone:
                return 0
            sealed = 0
            while True:
                batch = await self._seal_batch(context.vault, connection)
                sealed += batch
                if batch < BATCH:
                    break
            if sealed == 0:
                await self._beat(context.vault, connection)
            return sealed

    async def _seal_batch(self, vault: Vault, connection: Connection) -> int:
        async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LAST)
            sequence, chain = await cursor.fetchone() or (0, FIRST_CHAIN)
            await cursor.execute(_WAITING, [BATCH])
            waiting = await cursor.fetchall()
            if not waiting:
                return 0
            links, chains = [], []
            now, key_id = datetime.now(UTC), vault.current_key_id
            for entry_id, code in waiting:
                sequence += 1
                links.append(Link(sequence, entry_id, code, now, key_id))
                chain = links[-1].chain_after(vault, chain)
                chains.append(chain)
            sequences, entry_ids = [link.sequence for link in links], [link.entry_id for link in links]
            await cursor.execute(
                _SEAL, {"sequences": sequences, "ids": entry_ids, "chains": chains, "key": key_id, "now": now}
            )
            await cursor.execute(_DONE, [entry_ids])
        # Only after the commit: a head of a seal that never was would be a false alarm for ever.
        await self._write_head(vault, sequence, chain)
        return len(waiting)

    async def _beat(self, vault: Vault, connection: Connection) -> None:
        """Renews the head now and then: heads that stop coming mean a stopped sealer, never just a quiet day."""
        last = self._newest = self._newest or self._heads.last()
        if last is not None and datetime.now(UTC) - last.sealed_at < HEARTBEAT:
            return
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LAST)
            row = await cursor.fetchone()
        # Never below what was vouched for before: a shorter chain is for `verify` to report.
        if row is not None and (last is None or row[0] >= last.sequence):
            await self._write_head(vault, *row)

    async def _write_head(self, vault: Vault, sequence: int, chain: bytes) -> None:
        head = Head.of(vault, sequence, chain, datetime.now(UTC))
        await asyncio.to_thread(self._heads.append, head)
        self._newest = head
        # Logs leave the machine: a second place outside the database.
        _log.info("audit.head", sequence=head.sequence, chain=head.chain.hex(), code=head.code.hex())


@asynccontextmanager
async def _only_sealer(connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[bool]:
    """Whether this connection holds the sealer's lock; it is given back at the end, or lost with the connection."""
    cursor = await connection.execute("select pg_try_advisory_lock(%s)", [_SEALER_LOCK])
    row = await cursor.fetchone()
    alone = row is not None and bool(row[0])
    try:
        yield alone
    finally:
        if alone and not connection.closed:
            await connection.execute("select pg_advisory_unlock(%s)", [_SEALER_LOCK])
