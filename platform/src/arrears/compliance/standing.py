"""What a decision stands on, part by part: what changed since is found by comparing digests, and can be named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import orjson

from arrears.compliance.attempts import Attempt, plain
from arrears.compliance.facts import facts_digest
from arrears_sdk.views import Account, ContactAttempt

RECORDED_PARTS = frozenset({"holds", "consents", "facts"})
"""What is looked at once a contact was made; what came of the contact itself has changed the rest."""

_NO_DAY = date.min


def standing(attempts: Sequence[Attempt]) -> dict[str, str]:
    """One digest for each part of what attempts stand on, but for the history of contacts, which permits share."""
    parts: dict[str, list[object]] = {}
    for attempt in attempts:
        for name, value in _parts(attempt).items():
            parts.setdefault(name, []).append(value)
    return {name: _digest(values) for name, values in parts.items()}


def changed(before: Mapping[str, str], now: Mapping[str, str], parts: Iterable[str] | None = None) -> list[str]:
    """The parts that are not as they were."""
    looked_at = set(before) | set(now) if parts is None else set(parts)
    return sorted(name for name in looked_at if before.get(name) != now.get(name))


def same_facts(digest: str, asked_at: datetime, attempts: Sequence[Attempt]) -> bool:
    """Whether attempts made anew hold the facts of those made at an earlier instant, which their digest stands for."""
    return facts_digest([replace(attempt, at=asked_at) for attempt in attempts]) == digest


def _parts(attempt: Attempt) -> dict[str, object]:
    accounts = attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)
    return {
        "holds": [attempt.holds, *(account.holds for account in accounts)],
        "consents": attempt.debtor.consents,
        # What was learned later than the instant that is looked at was not known then.
        "facts": [fact for fact in attempt.facts if fact.received_at <= attempt.at],
        "notices": [notice for notice in attempt.notices if notice.sent_at <= attempt.at],
        "debtor": replace(attempt.debtor, consents=()),
        "accounts": [_lasting(account) for account in accounts],
        "agency": [attempt.licences, attempt.attestations],
        "contact point": attempt.contact_point if isinstance(attempt, ContactAttempt) else None,
    }


def _lasting(account: Account) -> Account:
    """An account without what each contact and each day changes."""
    return replace(account, holds=(), contacts=0, last_contact_at=None, days_past_due=0, as_of=_NO_DAY)


def _digest(values: object) -> str:
    text = orjson.dumps(values, default=plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(text).hexdigest()[:32]
