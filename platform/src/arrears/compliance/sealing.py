"""Whether a stored decision still is what the audit trail says was decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from arrears.kernel.audit import STORED_COLUMNS, StoredEntry
from arrears.kernel.context import Context
from arrears.kernel.scope import Scope

_JSON = ("before", "after")
_COLUMNS = ", ".join(f"entry.{name}::text" if name in _JSON else f"entry.{name}" for name in STORED_COLUMNS)
_ENTRIES = f"""
select {_COLUMNS}, entry.code, seal.sequence
from audit_entry entry left join audit_seal seal on seal.entry_id = entry.id
where entry.subject_id = %(id)s and entry.subject = 'deci' order by entry.id
"""


class SealState(StrEnum):
    """Whether a decision agrees with the audit trail."""

    AGREES = "AGREES"
    WAITING = "WAITING"
    ALTERED = "ALTERED"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Seal:
    """What the audit trail says of a decision: its number there, and whether what is stored is what was decided."""

    state: SealState
    sequence: int | None
    digest: str

    @property
    def words(self) -> str:
        """The same in a sentence."""
        return {
            SealState.AGREES: f"It agrees with entry number {self.sequence} of the audit trail.",
            SealState.WAITING: "It agrees with its entry of the audit trail, which waits for its number.",
            SealState.ALTERED: "It does not agree with the audit trail: it was altered after it was made.",
            SealState.MISSING: "The audit trail knows nothing of it.",
        }[self.state]


async def seal_of(context: Context, decision_id: UUID, digest: str) -> Seal:
    """What the trail says of a decision whose rows have this digest; the caller has checked that it may be seen.

    The entry's own code is checked as well. That the chain of all entries is whole is for `arrears audit verify`.
    """
    rows = await context.database.read(Scope.everything(), _ENTRIES, {"id": decision_id})
    if not rows:
        return Seal(SealState.MISSING, None, digest)
    state, sequence = SealState.ALTERED, None
    for *stored, code, number in rows:
        entry = StoredEntry(*stored)
        if _is_genuine(context, entry, code) and _told_digest(entry) == digest:
            sequence = None if number is None else int(number)
            state = SealState.WAITING if number is None else SealState.AGREES
            break
    return Seal(state, sequence, digest)


def _is_genuine(context: Context, entry: StoredEntry, code: bytes) -> bool:
    vault = context.vault
    return vault.knows_key(entry.key_id) and vault.mac_matches(entry.canonical(), bytes(code), key_id=entry.key_id)


def _told_digest(entry: StoredEntry) -> str | None:
    after: Any = None if entry.after is None else orjson.loads(entry.after)
    return after.get("decision_digest") if isinstance(after, dict) else None
