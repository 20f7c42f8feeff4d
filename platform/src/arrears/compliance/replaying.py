"""Past decisions put to the rules again, on the facts that they were made on: which would now be others, and why.

What the platform itself found (a hold, consent taken back) was so and stays; what the rules said is asked anew.
Nothing is stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from psycopg.rows import dict_row

from arrears.compliance.attempts import PlacedAttempt, stored_attempts
from arrears.compliance.model import Answer, AskedPlugin, Finding, PlacedRuling, UsedFact, Verdict
from arrears.compliance.ruling import ACTIONS, CONTACTS, PAYMENTS, asked_plugins, rulings_of
from arrears.compliance.state import NEVER_RULE, NO_RULES_RULE
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.plugins.deciding import MISSING_RULE, PLATFORM
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import InputError
from arrears_sdk.ids import encode_id
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt

MOST_DAYS = 31
MOST_PAGE = 500
_HOOKS: Mapping[type, str] = {ContactAttempt: CONTACTS, PaymentAttempt: PAYMENTS, ActionAttempt: ACTIONS}
_ASKED_ANEW = frozenset({NO_RULES_RULE, NEVER_RULE, MISSING_RULE})
_STRICTNESS = {verdict: place for place, verdict in enumerate(Verdict)}
_Key: TypeAlias = tuple[str, str, str, str, str, str]
Stored: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayQuestion:
    """Which decisions: from an instant up to another, after one of them, so many; `rule` shows only its differences."""

    since: datetime
    until: datetime
    rule: str | None = None
    after: UUID | None = None
    first: int = MOST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A decision that would now be another."""

    decision_id: UUID
    decided_at: datetime
    before: Verdict
    after: Verdict
    gone: Sequence[Finding]
    new: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often what a rule said is gone, and how often it says something new."""

    plugin: str
    rule: str
    gone: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One page: how many were asked again, of how many the facts are erased, and which differ."""

    replayed: int
    erased: int
    differences: Sequence[Difference]
    by_rule: Sequence[RuleCount]
    plugins: Sequence[AskedPlugin]
    settings_version: int
    last_id: UUID | None
    has_next_page: bool

    @property
    def end_cursor(self) -> str | None:
        """The last decision of the page, after which the next one goes on."""
        return None if self.last_id is None else encode_id("deci", self.last_id)


async def replay(context: Context, host: PluginHost, question: ReplayQuestion) -> Replay:
    """A page of the decisions that the caller sees, asked again of the plugins of the host.

    InputError for more than a month, or a page that is too long.
    """
    _check(question)
    async with context.database.reads(context.principal.scope) as connection:
        decisions = await _decisions(connection, question)
        more = len(decisions) > question.first
        decisions = decisions[: question.first]
        ids = [row["id"] for row in decisions]
        findings = await _findings(connection, ids)
        attempts = await stored_attempts(connection, context.vault, ids)
    rulings = await _asked(host, attempts)
    compared = [_compared(row, findings[row["id"]], rulings[row["id"]]) for row in decisions if row["id"] in attempts]
    found = [one for one in compared if one is not None and _is_about(one, question.rule)]
    snapshot = await host.snapshot()
    places = {one.place for placed in attempts.values() for one in placed}
    return Replay(
        replayed=len(compared),
        erased=len(decisions) - len(compared),
        differences=found,
        by_rule=counted(found),
        plugins=sorted({plugin for place in places for plugin in asked_plugins(host, snapshot, place)}),
        settings_version=snapshot.version,
        last_id=ids[-1] if ids else None,
        has_next_page=more,
    )


def _check(question: ReplayQuestion) -> None:
    if question.until < question.since:
        raise InputError("The end does not lie before the beginning.", field=("until",))
    if question.until - question.since > timedelta(days=MOST_DAYS):
        raise InputError(f"At most {MOST_DAYS} days can be replayed at once.", field=("until",))
    if not 1 <= question.first <= MOST_PAGE:
        raise InputError(f"A page has 1 to {MOST_PAGE} decisions.", field=("first",))


def counted(differences: Iterable[Difference]) -> list[RuleCount]:
    """The differences by rule, the most frequent first."""
    gone: Counter[tuple[str, str]] = Counter()
    new: Counter[tuple[str, str]] = Counter()
    for one in differences:
        gone.update((finding.plugin, finding.rule) for finding in one.gone)
        new.update((finding.plugin, finding.rule) for finding in one.new)
    found = [RuleCount(plugin, rule, gone[plugin, rule], new[plugin, rule]) for plugin, rule in {*gone, *new}]
    return sorted(found, key=lambda count: (-count.gone - count.new, count.plugin, count.rule))


async def _decisions(connection: Connection, question: ReplayQuestion) -> list[Stored]:
    after = (
        "" if question.after is None else " and (decided_at, id) > (select decided_at, id from decision where id = %s)"
    )
    statement = (
        "select id, debtor_id, decided_at, verdict from decision where decided_at >= %s and decided_at < %s"
        f"{after} order by decided_at, id limit %s"
    )
    given = [question.since, question.until, *([] if question.after is None else [question.after]), question.first + 1]
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), given)
        return list(await cursor.fetchall())


async def _findings(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Finding]]:
    found: defaultdict[UUID, list[Finding]] = defaultdict(list)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select * from decision_finding where decision_id = any(%s) order by decision_id, position", [list(ids)]
        )
        for row in await cursor.fetchall():
            found[row["decision_id"]].append(stored_finding(row))
    return found


def stored_finding(row: Stored) -> Finding:
    """A finding as it was stored."""
    facts = row["facts"]
    return Finding(
        position=row["position"],
        client_id=None if row["said_for_id"] is None else encode_id("clnt", row["said_for_id"]),
        verdict=Verdict(row["verdict"]),
        facts=[UsedFact(**fact) for fact in (orjson.loads(facts) if isinstance(facts, bytes) else facts)],
        **{name: row[name] for name in _SAME},
    )


_SAME = (
    *("reason", "rule", "citation", "until", "requirement", "missing_fact", "confidence"),
    *("plugin", "plugin_version", "settings_version"),
)


async def _asked(
    host: PluginHost, attempts: Mapping[UUID, Sequence[PlacedAttempt]]
) -> Mapping[UUID, Sequence[PlacedRuling]]:
    """What the plugins say of each decision's attempts, all of one kind in one call."""
    found: defaultdict[UUID, list[PlacedRuling]] = defaultdict(list)
    for kind, hook in _HOOKS.items():
        asked = [(id, one) for id, placed in attempts.items() for one in placed if type(one.attempt) is kind]
        if not asked:
            continue
        views: list[Any] = [one.attempt for _, one in asked]
        rulings: list[Ruling] = await rulings_of(host, hook, views, [one.place for _, one in asked])
        for (id, one), ruling in zip(asked, rulings, strict=True):
            found[id].append(PlacedRuling(one.place, (), ruling))
    return found


def _compared(decision: Stored, stored: Sequence[Finding], said: Sequence[PlacedRuling]) -> Difference | None:
    """How a decision would differ; None when it would not."""
    now = Answer(
        debtor_id=decision["debtor_id"], parts=tuple(said), until=None, rounds=0, facts_digest="", settings_version=0
    ).findings
    known, new = {_key(finding) for finding in stored}, {_key(finding) for finding in now}
    state = [finding for finding in stored if finding.plugin == PLATFORM and finding.rule not in _ASKED_ANEW]
    if _deferring(stored) == _deferring(now):
        # That no later instant stands was found by asking at later ones: with the same deferrals it stays so.
        state += [finding for finding in stored if finding.rule == NEVER_RULE and finding.plugin == PLATFORM]
    kept = {_key(finding) for finding in state}
    gone = [finding for finding in stored if _key(finding) not in new | kept]
    added = [finding for finding in now if _key(finding) not in known]
    if not gone and not added:
        return None
    after = max((finding.verdict for finding in [*state, *now]), key=_STRICTNESS.__getitem__, default=Verdict.ALLOW)
    return Difference(
        decision_id=decision["id"],
        decided_at=decision["decided_at"],
        before=Verdict(decision["verdict"]),
        after=after,
        gone=gone,
        new=added,
    )


def _key(finding: Finding) -> _Key:
    """What makes two findings the same: who said what of whom, and until when; not in which words."""
    until = "" if finding.until is None else finding.until.astimezone(UTC).isoformat()
    texts = (finding.client_id or "", finding.plugin, finding.rule, finding.verdict.value)
    return (*texts, finding.requirement or "", until)


def _deferring(findings: Iterable[Finding]) -> set[_Key]:
    deferring = (one for one in findings if one.verdict is Verdict.DEFER)
    return {_key(finding) for finding in deferring if finding.plugin != PLATFORM}


def _is_about(difference: Difference, rule: str | None) -> bool:
    return rule is None or any(finding.rule == rule for finding in [*difference.gone, *difference.new])
