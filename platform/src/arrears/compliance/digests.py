"""One digest of everything that is stored of a decision; its audit entry holds it, so that no change goes unnoticed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import orjson

from arrears_sdk.ruling import EvaluatedRule

Stored = Mapping[str, object]


def decision_digest(decision: Stored, accounts: Sequence[Stored], findings: Sequence[Stored]) -> str:
    """SHA-256 of a decision's rows, whether they are about to be written or were read."""
    document = {
        "decision": _canonical(decision),
        "accounts": sorted((_canonical(row) for row in accounts), key=lambda row: str(row["account_id"])),
        "findings": sorted((_canonical(row) for row in findings), key=lambda row: int(str(row["position"]))),
    }
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def rules_text(rules: frozenset[EvaluatedRule]) -> str:
    """The rules that were asked, in the one form of which the digest is made."""
    document = [{"position": position, **rule._asdict()} for position, rule in enumerate(sorted(rules))]
    return orjson.dumps(document).decode()


def rules_digest(text: str) -> str:
    """The digest under which a set of rules is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(row: Stored) -> dict[str, object]:
    # The id of a row that stands for nothing but its decision and place is given by the database.
    return {name: _plain(value) for name, value in row.items() if name != "id" or "kind" in row}


def _plain(value: object) -> object:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    return str(value)
