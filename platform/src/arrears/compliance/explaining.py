"""A stored decision in plain words: what was asked, what each rule said, what would help, and whether it is as made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.rows import dict_row

from arrears.compliance.attempts import stored_attempts
from arrears.compliance.digests import decision_digest
from arrears.compliance.facts import facts_digest
from arrears.compliance.model import AskedPlugin, Requirement, UsedFact, Verdict, requirement
from arrears.compliance.sealing import Seal, seal_of
from arrears.compliance.wording import CONFIDENCE, asked_in_words, summary
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.scope import Scope
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import encode_id

Stored = Mapping[str, Any]


class FactsState(StrEnum):
    """What became of the facts that a decision was based on."""

    KEPT = "KEPT"
    ERASED = "ERASED"
    ALTERED = "ALTERED"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that was asked or is known, by its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SilentRule:
    """A rule that was asked and had nothing to say."""

    rule: str
    version: int
    citation: str
    confidence: str
    plugin: str
    plugin_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFinding:
    """What one rule said, with all that stands behind it."""

    verdict: Verdict
    rule: str
    rule_version: int | None
    citation: str
    confidence: str
    reason: str
    until: datetime | None
    facts: Sequence[UsedFact]
    plugin: str
    plugin_version: str
    client_id: str | None

    @property
    def confidence_words(self) -> str:
        """How well the law was read, in a sentence; empty when the rule does not tell."""
        return CONFIDENCE.get(self.confidence, "")


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that would change the answer, were it known, and how to record it."""

    name: str
    rule: str
    meaning: str
    mutation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision in plain words."""

    decision_id: UUID
    title: str
    summary: str
    verdict: Verdict
    decided_at: datetime
    decided_by: str
    asked: Sequence[Detail]
    findings: Sequence[ExplainedFinding]
    silent_rules: Sequence[SilentRule]
    requirements: Sequence[Requirement]
    missing_facts: Sequence[MissingFact]
    plugins: Sequence[AskedPlugin]
    settings_version: int
    facts_digest: str
    rules_digest: str
    facts_state: FactsState
    seal: Seal

    @property
    def pdf_path(self) -> str:
        """Where it can be had as a page to print."""
        return f"/decisions/{encode_id('deci', self.decision_id)}.pdf"


async def explain(context: Context, decision_id: UUID) -> Explanation:
    """The explanation of a decision that the caller sees; NotFoundError for any other."""
    async with context.database.reads(context.principal.scope) as connection:
        rows = await _read(connection, decision_id)
        attempts = await stored_attempts(connection, context.vault, [decision_id])
    decision = rows.decision
    state = FactsState.ERASED
    if decision_id in attempts:
        shown = facts_digest(one.attempt for one in attempts[decision_id])
        state = FactsState.KEPT if shown == decision["facts_digest"] else FactsState.ALTERED
    return _explained(rows, state, await seal_of(context, decision_id, await _digest(context, decision_id)))


async def _digest(context: Context, decision_id: UUID) -> str:
    """The digest of all rows of a decision, of which a limited caller may not see each."""
    async with context.database.reads(Scope.everything()) as connection:
        rows = await _read(connection, decision_id)
    return decision_digest(rows.decision, rows.accounts, rows.findings)


@dataclass(frozen=True, slots=True)
class _Rows:
    decision: Stored
    accounts: Sequence[Stored]
    findings: Sequence[Stored]
    rules: Sequence[Stored]


async def _read(connection: Connection, decision_id: UUID) -> _Rows:
    async with connection.cursor(row_factory=dict_row) as cursor:

        async def rows(statement: str, value: object) -> list[dict[str, Any]]:
            await cursor.execute(statement.encode(), [value])
            return [_read_json(row) for row in await cursor.fetchall()]

        found = await rows("select * from decision where id = %s", decision_id)
        if not found:
            raise NotFoundError("There is no such record (deci) that you may see.", field=("id",))
        (decision,) = found
        return _Rows(
            decision,
            await rows("select * from decision_account where decision_id = %s order by account_id", decision_id),
            await rows("select * from decision_finding where decision_id = %s order by position", decision_id),
            (await rows("select rules from rule_set where digest = %s", decision["rules_digest"]))[0]["rules"],
        )


def _read_json(row: Mapping[str, Any]) -> dict[str, Any]:
    # The pool gives JSON as it is stored: what reads it most hands it on unread.
    return {name: orjson.loads(value) if isinstance(value, bytes) else value for name, value in row.items()}


def _explained(rows: _Rows, state: FactsState, seal: Seal) -> Explanation:
    decision = rows.decision
    versions = {(rule["plugin"], rule["rule"]): rule["version"] for rule in rows.rules}
    spoken = {(finding["plugin"], finding["rule"]) for finding in rows.findings}
    return Explanation(
        decision_id=decision["id"],
        title=f"Decision {encode_id('deci', decision['id'])}",
        summary=summary(decision),
        verdict=Verdict(decision["verdict"]),
        decided_at=decision["decided_at"],
        decided_by=decision["decided_by_name"],
        asked=[Detail(name, value) for name, value in asked_in_words(decision, rows.accounts)],
        findings=[_finding(finding, versions) for finding in rows.findings],
        silent_rules=[
            SilentRule(**{name: rule[name] for name in SilentRule.__dataclass_fields__})
            for rule in rows.rules
            if (rule["plugin"], rule["rule"]) not in spoken
        ],
        requirements=[Requirement(**stored) for stored in decision["requirements"]],
        missing_facts=_missing(rows.findings),
        plugins=[AskedPlugin(**plugin) for plugin in decision["plugins"]],
        settings_version=decision["settings_version"],
        facts_digest=decision["facts_digest"],
        rules_digest=decision["rules_digest"],
        facts_state=state,
        seal=seal,
    )


def _finding(stored: Stored, versions: Mapping[tuple[str, str], int]) -> ExplainedFinding:
    said_for = stored["said_for_id"]
    return ExplainedFinding(
        verdict=Verdict(stored["verdict"]),
        rule=stored["rule"],
        rule_version=versions.get((stored["plugin"], stored["rule"])),
        citation=stored["citation"],
        confidence=stored["confidence"],
        reason=stored["reason"],
        until=None if stored["until"] is None else stored["until"].astimezone(UTC),
        facts=[UsedFact(**fact) for fact in stored["facts"]],
        plugin=stored["plugin"],
        plugin_version=stored["plugin_version"],
        client_id=None if said_for is None else encode_id("clnt", said_for),
    )


_ATTRIBUTES: Final[Mapping[str, tuple[str, str]]] = {
    "time zone": ("Nobody knows what time it is for the debtor: record where the debtor is.", "residenceAdd"),
    "endpoint type": ("Nobody knows whose number or address it is, and what for: say so.", "contactPointUpdate"),
    "amount": ("Nobody said how much: ask again with an amount.", "actionRequest"),
    "rate": ("Nobody said which rate: ask again with one.", "actionRequest"),
    "place": ("Nobody said where: ask again with a place.", "actionRequest"),
}
"""What is neither a fact nor a requirement, and how it is told."""


def _missing(findings: Sequence[Stored]) -> list[MissingFact]:
    found: dict[tuple[str, str], MissingFact] = {}
    for finding in findings:
        name = finding["missing_fact"]
        if name is not None:
            read = requirement(name)
            meaning, mutation = _ATTRIBUTES.get(name, (f"This is not known: {name}.", None))
            if read.mutation is not None:
                meaning, mutation = read.meaning, read.mutation
            found.setdefault((name, finding["rule"]), MissingFact(name, finding["rule"], meaning, mutation))
    return list(found.values())
