"""Checks the whole audit trail against its codes, its chain and the heads outside the database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from arrears.kernel.audit import STORED_COLUMNS, StoredEntry
from arrears.kernel.audit_heads import Head
from arrears.kernel.database import Database
from arrears.kernel.scope import Scope
from arrears.kernel.sealer import FIRST_CHAIN, Link
from arrears.kernel.vault import Vault

UNSEALED_LIMIT: Final = timedelta(minutes=1)
_TIMEOUT_MS: Final = 24 * 3600 * 1000
_FETCH: Final = 5_000
_JSON_COLUMNS: Final = ("before", "after")


class AuditFault(StrEnum):
    """What is wrong with a row of the trail."""

    ALTERED = "ALTERED"
    DELETED = "DELETED"
    UNNUMBERED = "UNNUMBERED"
    CHAIN_BROKEN = "CHAIN_BROKEN"
    CUT_OFF = "CUT_OFF"
    NEVER_SEALED = "NEVER_SEALED"
    HEAD_FORGED = "HEAD_FORGED"
    HEAD_MISSING = "HEAD_MISSING"
    HEAD_DISAGREES = "HEAD_DISAGREES"


@dataclass(frozen=True)
class BadRow:
    """The first row that is not as it was written: its number in the chain, its id, and what is wrong in a sentence."""

    fault: AuditFault
    sequence: int | None
    entry_id: UUID | None
    message: str


@dataclass(frozen=True)
class AuditReport:
    """What was checked, and the first bad row if there is one."""

    sealed: int
    unsealed: int
    heads: int
    first_bad: BadRow | None

    @property
    def whole(self) -> bool:
        """Whether nothing was found wrong."""
        return self.first_bad is None


@dataclass
class _Counts:
    sealed: int = 0
    unsealed: int = 0
    heads: int = 0


async def verify(
    database: Database, vault: Vault, heads: Iterable[Head], *, unsealed_limit: timedelta = UNSEALED_LIMIT
) -> AuditReport:
    """Reads the whole trail once, in the order of its numbers, and reports the first row that is not as written.

    `heads` are all the heads kept outside the database (`HeadLog.read()`). An entry may wait for its number for
    `unsealed_limit`. Memory does not grow with the trail. Needs the worker's or the owner's role.
    """
    # Read before the trail: sealing goes on meanwhile, and a head newer than the snapshot would look like a cut tail.
    kept = list(heads)
    async with database.reads(Scope.everything(), timeout_ms=_TIMEOUT_MS) as connection:
        return await verify_on(connection, vault, kept, unsealed_limit=unsealed_limit)


async def verify_on(
    connection: AsyncConnection[Any], vault: Vault, heads: Sequence[Head], *, unsealed_limit: timedelta = UNSEALED_LIMIT
) -> AuditReport:
    """The same on a connection inside a transaction of the caller's, for instance on a restored copy."""
    counts = _Counts(heads=len(heads))
    first_bad = _forged(vault, heads) or _clashing(heads)
    if first_bad is None:
        chains = {head.sequence: head.chain for head in heads}
        oldest = datetime.now(UTC) - unsealed_limit
        # Closed here and now: a report that ends early must not leave its cursor to the garbage collector.
        async with aclosing(_rows(connection)) as rows:
            first_bad = await _first_bad(rows, vault, chains, counts, oldest)
    return AuditReport(counts.sealed, counts.unsealed, counts.heads, first_bad)


@dataclass(frozen=True)
class _TrailRow:
    """One number with its entry; either may be missing."""

    sequence: int | None
    sealed_id: UUID | None
    chain: bytes
    chain_key_id: str
    sealed_at: datetime | None
    entry: StoredEntry | None
    code: bytes
    waiting_id: UUID | None


async def _first_bad(
    rows: AsyncIterator[_TrailRow], vault: Vault, heads: dict[int, bytes], counts: _Counts, oldest_unsealed: datetime
) -> BadRow | None:
    sequence, chain = 0, FIRST_CHAIN
    async for row in rows:
        if row.sequence is None:
            if sequence < max(heads, default=0):
                return _cut_off(sequence, heads)
            bad = _bad_unsealed(row, vault, oldest_unsealed)
            counts.unsealed += 1
        else:
            sequence += 1
            counts.sealed += 1
            bad = _bad_sealed(row, vault, sequence, chain, heads.get(sequence))
            chain = row.chain
        if bad is not None:
            return bad
    if sequence < max(heads, default=0):
        return _cut_off(sequence, heads)
    if sequence and not heads:
        return BadRow(
            AuditFault.HEAD_MISSING, None, None, "No head is kept outside the database: a cut tail would not show."
        )
    return None


def _bad_sealed(row: _TrailRow, vault: Vault, sequence: int, chain: bytes, head: bytes | None) -> BadRow | None:
    if row.sequence != sequence:
        return BadRow(AuditFault.DELETED, sequence, None, f"Entry number {sequence} and its seal are gone.")
    if row.entry is None or row.sealed_id is None:
        return BadRow(AuditFault.DELETED, sequence, row.sealed_id, f"Entry number {sequence} was deleted.")
    if not _is_as_written(row, vault):
        return BadRow(AuditFault.ALTERED, sequence, row.entry.id, f"Entry number {sequence} was altered.")
    if not _follows(row, vault, chain):
        message = f"Entry number {sequence} does not follow the one before it: entries were swapped, or seals replaced."
        return BadRow(AuditFault.CHAIN_BROKEN, sequence, row.entry.id, message)
    if head is not None and head != row.chain:
        message = f"At number {sequence} the chain is not the one whose head was written outside the database."
        return BadRow(AuditFault.HEAD_DISAGREES, sequence, row.entry.id, message)
    return None


def _bad_unsealed(row: _TrailRow, vault: Vault, oldest: datetime) -> BadRow | None:
    if row.entry is None:
        return BadRow(AuditFault.DELETED, None, row.waiting_id, "An entry was deleted before it got its number.")
    if not _is_as_written(row, vault):
        return BadRow(
            AuditFault.ALTERED, None, row.entry.id, "An entry without a number was altered, or put in by hand."
        )
    if row.waiting_id is None:
        return BadRow(AuditFault.UNNUMBERED, None, row.entry.id, "An entry lost its number, or its place in the queue.")
    if row.entry.recorded_at < oldest:
        return BadRow(
            AuditFault.NEVER_SEALED, None, row.entry.id, "An entry has waited too long: is the sealer running?"
        )
    return None


def _follows(row: _TrailRow, vault: Vault, chain: bytes) -> bool:
    if row.sequence is None or row.sealed_id is None or row.sealed_at is None or not vault.knows_key(row.chain_key_id):
        return False
    link = Link(row.sequence, row.sealed_id, row.code, row.sealed_at, row.chain_key_id)
    return row.chain == link.chain_after(vault, chain)


def _is_as_written(row: _TrailRow, vault: Vault) -> bool:
    entry = row.entry
    return (
        entry is not None
        and vault.knows_key(entry.key_id)
        and vault.mac_matches(entry.canonical(), row.code, key_id=entry.key_id)
    )


def _cut_off(sequence: int, heads: dict[int, bytes]) -> BadRow:
    furthest = max(heads)
    message = f"The trail ends at number {sequence}; the head outside the database says {furthest}."
    return BadRow(AuditFault.CUT_OFF, sequence + 1, None, message)


def _forged(vault: Vault, heads: Iterable[Head]) -> BadRow | None:
    for head in heads:
        if not head.is_genuine(vault):
            message = f"The head kept for number {head.sequence} was not written by this deployment's sealer."
            return BadRow(AuditFault.HEAD_FORGED, head.sequence, None, message)
    return None


def _clashing(heads: Iterable[Head]) -> BadRow | None:
    """Two heads for one number: the tail was cut off and the chain went on from there."""
    chains: dict[int, bytes] = {}
    for head in heads:
        if chains.setdefault(head.sequence, head.chain) != head.chain:
            message = f"Two different chains reached number {head.sequence}: the trail was cut off and continued."
            return BadRow(AuditFault.HEAD_DISAGREES, head.sequence, None, message)
    return None


_TRAIL: Final[LiteralString] = """
select s.sequence, s.entry_id, s.chain, s.key_id, s.sealed_at, {columns}, e.code, p.entry_id
from audit_seal s
full join audit_entry e on e.id = s.entry_id
full join audit_pending p on p.entry_id = e.id
where s.sequence is not null or e.id is not null
    or not exists (select 1 from audit_seal made where made.entry_id = p.entry_id)
order by s.sequence nulls last, e.id nulls first
"""


async def _rows(connection: AsyncConnection[Any]) -> AsyncGenerator[_TrailRow, None]:
    columns = ", ".join(f"e.{name}::text" if name in _JSON_COLUMNS else f"e.{name}" for name in STORED_COLUMNS)
    async with connection.cursor("audit_trail", row_factory=tuple_row) as cursor:
        cursor.itersize = _FETCH
        await cursor.execute(_TRAIL.replace("{columns}", columns))
        async for row in cursor:
            yield _trail_row(row)


def _trail_row(row: tuple[Any, ...]) -> _TrailRow:
    sequence, sealed_id, chain, chain_key_id, sealed_at, *stored, code, waiting_id = row
    entry = None if stored[0] is None else StoredEntry(*stored)
    return _TrailRow(sequence, sealed_id, chain or b"", chain_key_id or "", sealed_at, entry, code or b"", waiting_id)
