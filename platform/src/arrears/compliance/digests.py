"""One digest of everything that is stored of a decision; its audit entry holds it, so that no change goes unnoticed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import orjson

from arrears.compliance.attempts import plain
from arrears.compliance.tables import DecisionAccountRow, DecisionFindingRow, DecisionRow
from arrears_sdk.ruling import EvaluatedRule

Stored = Mapping[str, object]

# In the order in which they are digested; a row's own id stands for nothing but its decision and place.
_DECISION = tuple(sorted(DecisionRow.model_fields))
_ACCOUNT = tuple(sorted(set(DecisionAccountRow.model_fields) - {"id"}))
_FINDING = tuple(sorted(set(DecisionFindingRow.model_fields) - {"id"}))


def decision_digest(decision: Stored, accounts: Sequence[Stored], findings: Sequence[Stored]) -> str:
    """SHA-256 of a decision's rows, whether they are about to be written or were read; their instants are in UTC."""
    document = [
        [decision[name] for name in _DECISION],
        [[row[name] for name in _ACCOUNT] for row in sorted(accounts, key=_account_id)],
        [[row[name] for name in _FINDING] for row in sorted(findings, key=_position)],
    ]
    text = orjson.dumps(document, default=plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(text).hexdigest()


def rules_text(rules: frozenset[EvaluatedRule]) -> str:
    """The rules that were asked, in the one form of which the digest is made."""
    document = [{"position": position, **rule._asdict()} for position, rule in enumerate(sorted(rules))]
    return orjson.dumps(document).decode()


def rules_digest(text: str) -> str:
    """The digest under which a set of rules is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def _account_id(row: Stored) -> str:
    return str(row["account_id"])


def _position(row: Stored) -> int:
    return int(str(row["position"]))
