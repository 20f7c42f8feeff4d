"""Checks stored decisions against their audit entries: nothing of one can be changed, added or taken away unnoticed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

import orjson
from psycopg.rows import dict_row

from arrears.compliance.digests import decision_digest
from arrears.kernel.database import Connection, Database
from arrears.kernel.scope import Scope

_AT_ONCE: Final = 500
_TIMEOUT_MS: Final = 3_600_000

# Written with every decision; what is stored of it has to give the digest that its entry holds.
_DECISIONS: LiteralString = """
select decision.*, written.digest as written_digest
from decision
left join lateral (
    select entry.after ->> 'decision_digest' as digest from audit_entry entry
    where entry.subject_id = decision.id and entry.subject = 'deci' order by entry.id limit 1
) written on true
where decision.id > %(after)s order by decision.id limit %(most)s
"""
_GONE: LiteralString = """
select entry.subject_id from audit_entry entry
where entry.subject = 'deci' and not exists (select 1 from decision where decision.id = entry.subject_id)
order by entry.subject_id limit 1
"""
# What was shown is kept with every decision for as long as the person has a key; without one it reads as erased.
_STRIPPED: LiteralString = """
select decision.id from decision join person_key on person_key.person_id = decision.debtor_id
where person_key.destroyed_at is null
  and not exists (select 1 from decision_facts facts where facts.id = decision.id)
order by decision.id limit 1
"""


@dataclass(frozen=True)
class BadDecision:
    """The first decision that is not as it was made, and what is wrong in a sentence."""

    decision_id: UUID
    message: str


@dataclass(frozen=True)
class DecisionReport:
    """How many decisions were looked at, and the first bad one if there is one."""

    checked: int
    first_bad: BadDecision | None


async def check_decisions(database: Database) -> DecisionReport:
    """Reads every decision once with its findings and debts. Needs the worker's or the owner's role.

    The audit trail itself is checked apart: an entry that was forged together with its decision is found there.
    """
    checked, after = 0, UUID(int=0)
    async with database.reads(Scope.everything(), timeout_ms=_TIMEOUT_MS) as connection:
        while rows := await _rows(connection, _DECISIONS, after=after, most=_AT_ONCE):
            ids = [row["id"] for row in rows]
            accounts = await _of(connection, "select * from decision_account where decision_id = any(%(ids)s)", ids)
            findings = await _of(connection, "select * from decision_finding where decision_id = any(%(ids)s)", ids)
            bad = await asyncio.to_thread(_first_bad, rows, accounts, findings)
            checked, after = checked + len(rows), ids[-1]
            if bad is not None:
                return DecisionReport(checked, bad)
        for row in await _rows(connection, _GONE):
            return DecisionReport(checked, BadDecision(row["subject_id"], "A decision was deleted."))
        for row in await _rows(connection, _STRIPPED):
            return DecisionReport(checked, BadDecision(row["id"], "What was shown for a decision was deleted."))
    return DecisionReport(checked, None)


Grouped = dict[UUID, list[dict[str, Any]]]


def _first_bad(rows: Sequence[dict[str, Any]], accounts: Grouped, findings: Grouped) -> BadDecision | None:
    for row in rows:
        id, written = row["id"], row.pop("written_digest")
        if written is None:
            return BadDecision(id, "A decision has no audit entry: it was put in by hand.")
        if decision_digest(row, accounts[id], findings[id]) != written:
            return BadDecision(id, "A decision, or what was said to it, is not as its audit entry has it: altered.")
    return None


async def _of(connection: Connection, statement: LiteralString, ids: Sequence[UUID]) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in await _rows(connection, statement, ids=list(ids)):
        found[row["decision_id"]].append(row)
    return found


async def _rows(connection: Connection, statement: LiteralString, **parameters: object) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, parameters)
        # JSON comes unparsed on the read path.
        return [{name: _parsed(value) for name, value in row.items()} for row in await cursor.fetchall()]


def _parsed(value: object) -> object:
    return orjson.loads(value) if isinstance(value, bytes) else value
