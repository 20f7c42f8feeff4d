"""Keeps decisions: in a fixed number of statements, however many they are, with what they were based on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID
from weakref import WeakKeyDictionary

from arrears.compliance.attempts import FactsToStore, PlacedAttempt, store_attempts
from arrears.compliance.digests import decision_digest, rules_digest, rules_text
from arrears.compliance.model import (
    ActAnswer,
    AnyAnswer,
    AskedPlugin,
    ContactAnswer,
    DecisionKind,
    PaymentAnswer,
    Requirement,
    UsedFact,
)
from arrears.kernel.batches import insert_rows
from arrears.kernel.database import Connection, Database
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import FaultError
from arrears_sdk.ids import decode_id, new_id
from arrears_sdk.ruling import EvaluatedRule

Columns: TypeAlias = dict[str, object]

# Sets of rules that this process knows to be stored; there are few, and they change with versions and dates only.
_stored_rules: WeakKeyDictionary[Database, set[str]] = WeakKeyDictionary()


async def store_decisions(tx: Transaction, answers: Sequence[AnyAnswer], *, retrospective: bool = False) -> list[UUID]:
    """Keeps what was answered, with its findings, rules and facts; gives the decisions' ids in the answers' order."""
    if not answers:
        return []
    rules = {answer.evaluated: rules_of(answer.evaluated) for answer in answers}
    connection = await tx.connection()
    decisions: list[Columns] = []
    accounts: list[Columns] = []
    findings: list[Columns] = []
    for answer in answers:
        row = _decision(tx, answer, rules[answer.evaluated][0], retrospective=retrospective)
        its_accounts, its_findings = _accounts(row, answer), _findings(row, answer)
        decisions.append(row)
        accounts += its_accounts
        findings += its_findings
        _announce(tx, row, answer, decision_digest(row, its_accounts, its_findings))
    async with connection.pipeline():
        await _store_rules(tx, connection, dict(rules.values()))
        await insert_rows(connection, "decision", decisions)
        await insert_rows(connection, "decision_account", accounts)
        await insert_rows(connection, "decision_finding", findings)
    await store_attempts(
        tx, tx.context.vault, [_facts(row, answer) for row, answer in zip(decisions, answers, strict=True)]
    )
    return [UUID(str(row["id"])) for row in decisions]


@lru_cache(maxsize=256)
def rules_of(evaluated: frozenset[EvaluatedRule]) -> tuple[str, str]:
    """The digest of a set of rules, and the text that it is of."""
    text = rules_text(evaluated)
    return rules_digest(text), text


async def _store_rules(tx: Transaction, connection: Connection, rules: Mapping[str, str]) -> None:
    known = _stored_rules.setdefault(tx.context.database, set())
    unknown = {digest: text for digest, text in rules.items() if digest not in known}
    if not unknown:
        return
    await connection.execute(
        "insert into rule_set (digest, rules) select * from unnest(%s::text[], %s::json[]) on conflict do nothing",
        [list(unknown), list(unknown.values())],
    )
    tx.after_commit(lambda: known.update(unknown))


def _decision(tx: Transaction, answer: AnyAnswer, rules: str, *, retrospective: bool) -> Columns:
    return {
        "id": new_id(),
        "client_id": answer.client_id,
        "debtor_id": answer.debtor_id,
        "decided_at": answer.at.astimezone(UTC),
        "retrospective": retrospective,
        **_asked(answer),
        "verdict": answer.verdict.value,
        "until": _utc(answer.until),
        "rounds": answer.rounds,
        "requirements": [_fields(requirement) for requirement in answer.requirements],
        "plugins": [_fields(plugin) for plugin in answer.plugins],
        "facts_digest": answer.facts_digest,
        "rules_digest": rules,
        "settings_version": answer.settings_version,
        "decided_by_id": tx.context.principal.id,
        "decided_by_name": tx.context.principal.name,
    }


_NOTHING_ASKED: Columns = dict.fromkeys(
    (
        "channel",
        "contact_point_id",
        "purpose",
        "party",
        "reply_to",
        "action",
        "method",
        "gateway",
        "planned_on",
        "amount_minor",
        "currency",
        "rate",
        "place",
    )
) | {"languages": [], "content": [], "at_debtor_request": False, "required_by_law": False, "initiated_by": "AGENCY"}


def _asked(answer: AnyAnswer) -> Columns:
    """What was asked, in the columns of its kind."""
    if isinstance(answer, ContactAnswer):
        return _NOTHING_ASKED | _contact(answer)
    if isinstance(answer, ActAnswer):
        return _NOTHING_ASKED | _act(answer)
    return _NOTHING_ASKED | _payment(answer)


def _contact(answer: ContactAnswer) -> Columns:
    question = answer.question
    return {
        "kind": DecisionKind.CONTACT.value,
        "channel": question.channel.value,
        "contact_point_id": question.contact_point_id,
        "purpose": question.purpose.value,
        "party": question.party.value,
        "reply_to": _utc(question.reply_to),
        "languages": list(question.languages),
        "at_debtor_request": question.at_debtor_request,
        "required_by_law": question.required_by_law,
        "initiated_by": question.initiated_by.value,
        "content": sorted(word.value for word in question.content),
    }


def _act(answer: ActAnswer) -> Columns:
    question = answer.question
    return {
        "kind": DecisionKind.ACTION.value,
        "action": question.action.value,
        "planned_on": question.planned_on,
        "amount_minor": question.amount and question.amount.minor,
        "currency": question.amount and question.amount.currency,
        "rate": question.rate,
        "place": question.place,
        "content": sorted(word.value for word in question.content),
    }


def _payment(answer: PaymentAnswer) -> Columns:
    question = answer.question
    return {
        "kind": DecisionKind.PAYMENT.value,
        "method": question.method.value,
        "gateway": question.gateway,
        "initiated_by": question.initiated_by.value,
        "amount_minor": question.amount.minor,
        "currency": question.amount.currency,
    }


def _accounts(row: Columns, answer: AnyAnswer) -> list[Columns]:
    return [
        {
            "client_id": account.client_id,
            "decision_id": row["id"],
            "account_id": account.account_id,
            "debtor_id": row["debtor_id"],
            "decided_at": row["decided_at"],
            "verdict": account.verdict.value,
            "until": _utc(account.until),
        }
        for account in answer.accounts
    ]


def _findings(row: Columns, answer: AnyAnswer) -> list[Columns]:
    return [
        {
            "client_id": row["client_id"],
            "decision_id": row["id"],
            "debtor_id": row["debtor_id"],
            "decided_at": row["decided_at"],
            "position": finding.position,
            "said_for_id": None if finding.client_id is None else decode_id("clnt", finding.client_id),
            "verdict": finding.verdict.value,
            "reason": finding.reason,
            "rule": finding.rule,
            "citation": finding.citation,
            "confidence": finding.confidence,
            "until": _utc(finding.until),
            "requirement": finding.requirement,
            "missing_fact": finding.missing_fact,
            "facts": [_fields(fact) for fact in finding.facts],
            "plugin": finding.plugin,
            "plugin_version": finding.plugin_version,
            "settings_version": finding.settings_version,
        }
        for finding in answer.findings
    ]


def _fields(part: Requirement | AskedPlugin | UsedFact) -> Columns:
    """A part of a decision as the JSON that is read again."""
    return {name: getattr(part, name) for name in part.__slots__}


def _utc(instant: datetime | None) -> datetime | None:
    """As it is read again, so that the digest is the same."""
    return None if instant is None else instant.astimezone(UTC)


def _facts(row: Columns, answer: AnyAnswer) -> FactsToStore:
    attempts = [PlacedAttempt(part.place, part.attempt) for part in answer.parts if part.attempt is not None]
    if len(attempts) != len(answer.parts):
        raise FaultError("A decision is stored with what every part of it was based on.")
    return FactsToStore(UUID(str(row["id"])), answer.client_id, answer.debtor_id, attempts)


def _announce(tx: Transaction, row: Columns, answer: AnyAnswer, digest: str) -> None:
    id, client_id, debtor_id = UUID(str(row["id"])), answer.client_id, answer.debtor_id
    after = {
        "decision_digest": digest,
        "kind": row["kind"],
        "verdict": row["verdict"],
        "until": row["until"],
        **{name: row[name] for name in ("channel", "action", "method") if row[name] is not None},
        "findings": [
            {
                "plugin": finding.plugin,
                "version": finding.plugin_version,
                "rule": finding.rule,
                "verdict": finding.verdict.value,
            }
            for finding in answer.findings
        ],
        "plugins": row["plugins"],
        "settings_version": row["settings_version"],
        "facts_digest": row["facts_digest"],
        "rules_digest": row["rules_digest"],
    }
    tx.audit(subject="deci", subject_id=id, client_id=client_id, after=after, person_id=debtor_id)
    tx.emit(Event(_EVENTS[str(row["kind"])], "deci", id, client_id, _payload(row, answer)))


_EVENTS = {"CONTACT": "ContactDecided", "ACTION": "ActDecided", "PAYMENT": "PaymentDecided"}


def _payload(row: Columns, answer: AnyAnswer) -> dict[str, object]:
    payload: dict[str, object] = {
        "debtorId": str(answer.debtor_id),
        "accountIds": [str(account.account_id) for account in answer.accounts],
        "verdict": row["verdict"],
        "until": None if answer.until is None else answer.until.isoformat(),
    }
    if isinstance(answer, ContactAnswer):
        point = answer.contact_point_id
        return payload | {"channel": row["channel"], "contactPointId": None if point is None else str(point)}
    if isinstance(answer, PaymentAnswer):
        return payload | {"method": row["method"], "amountMinor": row["amount_minor"], "currency": row["currency"]}
    return payload | {"action": row["action"]}
