"""Changing the deployment key: every person's data key is wrapped anew, no personal value is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import tuple_row

from arrears.kernel.database import Connection, Database
from arrears.kernel.vault import Vault

BATCH: Final = 1_000

# Locked rows are being destroyed or wrapped by someone else; they come up again in a later round.
_NEXT: Final[LiteralString] = """
select person_id, wrapped, deployment_key_id from person_key
where deployment_key_id <> %s and wrapped is not null
order by deployment_key_id, person_id limit %s for update skip locked
"""
_REWRAP: Final[LiteralString] = """
update person_key k set wrapped = fresh.wrapped, deployment_key_id = %s
from unnest(%s::uuid[], %s::bytea[]) as fresh (person_id, wrapped) where k.person_id = fresh.person_id
"""
_LEFT: Final[LiteralString] = """
select deployment_key_id, count(*) from person_key where deployment_key_id is not null group by 1 order by 1
"""


@dataclass(frozen=True)
class RotationReport:
    """How many keys were wrapped anew, and how many are under each deployment key now."""

    rewrapped: int
    under_key: dict[str, int]


async def rotate_deployment_key(
    database: Database, vault: Vault, *, batch: int = BATCH, progress: Callable[[int], None] | None = None
) -> RotationReport:
    """Wraps every person's data key under the vault's current deployment key.

    Every batch is a transaction of its own: stopped anywhere, it is simply started again. Runs beside normal work, as
    the worker's or the owner's role. An older deployment key may be taken from the settings once `under_key` no longer
    names it and no audit entry that is to be verified was written under it.
    """
    rewrapped = 0
    async with database.pool.connection() as connection:
        while True:
            done = await _rewrap_batch(connection, vault, batch)
            rewrapped += done
            if progress is not None:
                progress(rewrapped)
            if done == 0:
                break
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LEFT)
            under_key: dict[str, int] = dict(await cursor.fetchall())
    return RotationReport(rewrapped, under_key)


async def _rewrap_batch(connection: Connection, vault: Vault, batch: int) -> int:
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_NEXT, [vault.current_key_id, batch])
        fresh: dict[UUID, bytes] = {
            person_id: vault.wrap(person_id, vault.unwrap(person_id, wrapped, key_id))
            for person_id, wrapped, key_id in await cursor.fetchall()
        }
        if fresh:
            await cursor.execute(_REWRAP, [vault.current_key_id, list(fresh), list(fresh.values())])
        return len(fresh)
