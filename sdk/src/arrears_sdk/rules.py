"""Rules of law as plain functions: dated, cited, and bound to the places where they apply."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Generic, Literal, TypeAlias, TypeVar, get_args
from zoneinfo import ZoneInfo

from arrears_sdk.clock import business_date
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.ruling import ALLOWED, EvaluatedRule, Finding, Ruling, Verdict, cited, ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

AttemptT = TypeVar("AttemptT", ContactAttempt, PaymentAttempt, ActionAttempt)
FunctionT = TypeVar("FunctionT", bound=Callable[..., Ruling | None])

Confidence = Literal["S", "P", "G"]
"""S: read at its source; P: read in part or quoted; G: general knowledge, to be verified before it is relied on."""

_PLACE = re.compile(r"[A-Z]{2}(-[^-].*)?")

CENTURY = 2000
QUARTER = 15

EUROPEAN_UNION = "EU"
# fmt: off
MEMBER_STATES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on
"""The member states of the European Union, whose law is the law of each of them."""


def chain(country: str, region: str | None = None, city: str | None = None) -> frozenset[str]:
    """The jurisdictions of a place with its parents: `US`, `US-NY`, `US-NY-NEW YORK`; `EU`, `DE` for a member state."""
    parts = [country.upper()]
    if region:
        parts.append(region.upper())
        if city:
            parts.append(city.upper())
    places = frozenset("-".join(parts[: length + 1]) for length in range(len(parts)))
    return places | {EUROPEAN_UNION} if parts[0] in MEMBER_STATES else places


@lru_cache(maxsize=256)
def local_days(instant: datetime, zones: tuple[str, ...]) -> tuple[date, ...]:
    """The calendar days that it may be for somebody in one of the zones; the day in UTC when no zone is known."""
    if instant.tzinfo is UTC and instant.year >= CENTURY:
        # Every clock of this century is some quarters of an hour from UTC: within one no day begins.
        quarter = instant.replace(minute=instant.minute - instant.minute % QUARTER, second=0, microsecond=0)
        return _days_of(quarter, zones)
    return _days_of.__wrapped__(instant, zones)


@lru_cache(maxsize=256)
def _days_of(instant: datetime, zones: tuple[str, ...]) -> tuple[date, ...]:
    return tuple(sorted({business_date(instant, zone) for zone in zones or ("UTC",)}))


def first_of_day(day: date, zones: tuple[str, ...]) -> datetime:
    """The instant at which a day begins in the first of the zones: what may not be on that day ends here."""
    return min(datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC) for zone in zones or ("UTC",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[AttemptT]):
    """One rule. It is asked only where and when it applies; None from its function means that it does not object.

    `jurisdiction` is one place as `chain` spells it: `GB`, `US-NY`, or `EU` for every member state. An attempt none of
    whose jurisdictions is known to be that place is not asked about, so a rule that holds everywhere, such as a
    client's instruction, stands beside the pack: `law | own` combines two rulings. `channels` and `actions` narrow a
    rule; without any it holds for all.
    `effective_from` is the first day on which it holds, `effective_to` the last one; both are days at the debtor's.
    `confidence` is how well the law was read: S at its source, P in part or quoted, G general knowledge. A
    `presumption` may be rebutted: an agency can choose to be warned only. `version` grows when the rule's test changes.
    `softened` rules warn where they would object.
    """

    id: str
    citation: str
    jurisdiction: str
    function: Callable[..., Ruling | None]
    effective_from: date = date.min
    effective_to: date = date.max
    confidence: Confidence = "S"
    channels: frozenset[CommunicationChannel] = frozenset()
    actions: frozenset[ActionKind] = frozenset()
    summary: str = ""
    presumption: bool = False
    version: int = 1
    softened: bool = False

    def __post_init__(self) -> None:
        if not self.citation.strip():
            raise ValueError(f"{self.id} needs a citation: the law, or the contract, that says so")
        if not _PLACE.fullmatch(self.jurisdiction):
            raise ValueError(
                f"{self.id} has the jurisdiction {self.jurisdiction!r}; give a place in capitals, such as 'US-NY'."
                " A rule that holds everywhere stands beside the pack, and is combined with its ruling by |"
            )
        if self.confidence not in get_args(Confidence):
            raise ValueError(f"{self.id} has the confidence {self.confidence!r}; give one of S, P and G")
        for name, words, kind in (
            ("channels", self.channels, CommunicationChannel),
            ("actions", self.actions, ActionKind),
        ):
            if unknown := sorted(repr(word) for word in words if not isinstance(word, kind)):
                raise ValueError(f"{self.id} has {name} that are no {kind.__name__}: {', '.join(unknown)}")

    def concerns(self, attempt: AttemptT) -> bool:
        """Whether the rule, on a day on which it holds, has anything to say about such an attempt."""
        if self.jurisdiction not in attempt.jurisdictions:
            return False
        if self.channels and getattr(attempt, "channel", None) not in self.channels:
            return False
        return not self.actions or getattr(attempt, "kind", None) in self.actions

    def applies_to(self, attempt: AttemptT) -> bool:
        """Whether the rule has anything to say about this attempt."""
        if not self.concerns(attempt):
            return False
        if self.effective_from == date.min and self.effective_to == date.max:
            return True
        days = local_days(attempt.at, attempt.debtor.time_zones)
        return any(self.effective_from <= day <= self.effective_to for day in days)

    def rule_on(self, attempt: AttemptT) -> Ruling:
        """What the rule says, with its id and citation on every finding."""
        said = self.function(attempt)
        found = [] if said is None else self.cited(said)
        return Ruling(frozenset(found)) if found else ALLOWED

    def cited(self, said: Ruling) -> list[Finding]:
        """What the rule's function said, with its id and citation on every finding."""
        if not isinstance(said, Ruling):
            raise TypeError(f"{self.id} gave {type(said).__name__}, where a Ruling or None is wanted")
        return [
            cited(finding, self.id, self.citation, self.confidence, self.softened and finding.verdict > Verdict.WARN)
            for finding in said.findings
        ]

    @property
    def evaluated(self) -> EvaluatedRule:
        """The rule as decisions keep it."""
        return _evaluated(self.id, self.version, self.citation, self.confidence)


@lru_cache(maxsize=4096)
def _evaluated(rule: str, version: int, citation: str, confidence: str) -> EvaluatedRule:
    return EvaluatedRule(rule, version, citation, confidence)


_Applicable = tuple[tuple[tuple[Rule[AttemptT], Callable[..., Ruling | None]], ...], Ruling]
MOST_CASES = 4096
CHANGES_SOON = timedelta(days=62)


@dataclass(slots=True)
class RulePack(Generic[AttemptT]):
    """The rules of one body of law about one kind of attempt. Strictest wins; a rule can only tighten.

        LAW: RulePack[ContactAttempt] = RulePack("winter-law")

        @LAW.rule("winter-law.january", citation="Winter Act 2026, s. 1", jurisdiction="GB")
        def january(attempt: ContactAttempt) -> Ruling | None:
            \"\"\"No contact in January.\"\"\"
            return Ruling.deny("It is January.") if attempt.at.month == 1 else None

    The hook answers with `LAW.rule_on(attempts)`. A rule that needs settings takes them as its second argument and
    says `configured=True`; `LAW.under(settings)` is the pack with these settings, made in the plugin's `__init__`.
    """

    name: str
    rules: list[Rule[AttemptT]] = field(default_factory=list)
    _cases: dict[object, _Applicable[AttemptT]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _configured: set[str] = field(default_factory=set, repr=False, compare=False)
    _edges: list[date] = field(default_factory=list, init=False, repr=False, compare=False)
    _known: int = field(default=-1, init=False, repr=False, compare=False)

    def rule(
        self,
        id: str,
        *,
        citation: str,
        jurisdiction: str,
        effective_from: date = date.min,
        effective_to: date = date.max,
        confidence: Confidence = "S",
        channels: Iterable[CommunicationChannel] = (),
        actions: Iterable[ActionKind] = (),
        presumption: bool = False,
        version: int = 1,
        configured: bool = False,
    ) -> Callable[[FunctionT], FunctionT]:
        """Add the decorated function as a rule; its docstring is the rule in plain words. A second id is refused."""
        if any(rule.id == id for rule in self.rules):
            raise ValueError(f"two rules of {self.name} are called {id}")
        if effective_to < effective_from:
            raise ValueError(f"{id} ends before it begins")

        def add(function: FunctionT) -> FunctionT:
            summary = (function.__doc__ or "").strip()
            if not summary:
                raise ValueError(f"{id} needs a docstring that says what it demands, in plain words")
            made: Rule[AttemptT] = Rule(
                id=id,
                citation=citation,
                jurisdiction=jurisdiction.upper(),
                function=function,
                effective_from=effective_from,
                effective_to=effective_to,
                confidence=confidence,
                channels=frozenset(channels),
                actions=frozenset(actions),
                summary=summary,
                presumption=presumption,
                version=version,
            )
            self.rules.append(made)
            if configured:
                self._configured.add(id)
            self._cases.clear()
            return function

        return add

    def under(self, settings: LawConfig) -> RulePack[AttemptT]:
        """The same rules as an agency chose to have them: with its settings, and warning where it said so."""
        pack: RulePack[AttemptT] = RulePack(self.name)
        for rule in self.rules:
            function = partial(rule.function, settings=settings) if rule.id in self._configured else rule.function
            changed: Rule[AttemptT] = replace(rule, function=function, softened=settings.softens(rule))
            pack.rules.append(changed)
        return pack

    def rule_on(self, attempts: Sequence[AttemptT]) -> list[Ruling]:
        """One ruling for each attempt, combined from every rule that applies."""
        return [self._rule_on(attempt) for attempt in attempts]

    def _rule_on(self, attempt: AttemptT) -> Ruling:
        rules, silent = self._applicable(attempt)
        found: list[Finding] = []
        for rule, function in rules:
            said = function(attempt)
            if said is not None and said is not ALLOWED:
                found.extend(rule.cited(said))
        return ruling(silent.findings.union(found), silent.evaluated) if found else silent

    def _applicable(self, attempt: AttemptT) -> _Applicable[AttemptT]:
        """The rules that apply, and the ruling when none of them objects; remembered by what decides it."""
        zones = attempt.debtor.time_zones
        edges = self._edges_of_time()
        days = local_days(attempt.at, zones) if edges else ()
        # Between two days on which something changes every day is like the others, so few cases have to be kept.
        epoch = tuple([bisect_right(edges, day) for day in days])
        way: object = getattr(attempt, "channel", None) or getattr(attempt, "kind", None)
        case: object = (way, attempt.jurisdictions, zones, epoch)
        found = self._cases.get(case)
        if found is None:
            found = self._made(attempt, days, zones)
            if len(self._cases) >= MOST_CASES:
                self._cases.clear()
            self._cases[case] = found
        return found

    def _edges_of_time(self) -> list[date]:
        """The days on which a rule begins, ends, or comes so near that it is told of; forgotten with a new rule."""
        if self._known != len(self.rules):
            self._cases.clear()
            changes = {day for rule in self.rules for day in _changes(rule)}
            self._edges = sorted(changes | {day - CHANGES_SOON for day in changes if day - date.min >= CHANGES_SOON})
            self._known = len(self.rules)
        return self._edges

    def _made(self, attempt: AttemptT, days: tuple[date, ...], zones: tuple[str, ...]) -> _Applicable[AttemptT]:
        rules = tuple(rule for rule in self.rules if rule.applies_to(attempt))
        evaluated = frozenset(rule.evaluated for rule in rules)
        concerned = [rule for rule in self.rules if rule.concerns(attempt)]
        findings = frozenset(_change(concerned, days[-1], zones)) if days else frozenset[Finding]()
        calls = tuple((rule, rule.function) for rule in rules)
        return (calls, Ruling(findings, evaluated) if evaluated or findings else ALLOWED)


AnyPack: TypeAlias = RulePack[ContactAttempt] | RulePack[PaymentAttempt] | RulePack[ActionAttempt]
AnyRule: TypeAlias = Rule[ContactAttempt] | Rule[PaymentAttempt] | Rule[ActionAttempt]


def _changes(rule: AnyRule) -> Iterator[date]:
    """The first day on which a rule holds, and the first on which it no longer does."""
    if rule.effective_from > date.min:
        yield rule.effective_from
    if rule.effective_to < date.max:
        yield rule.effective_to + timedelta(days=1)


def _change(rules: Sequence[Rule[AttemptT]], today: date, zones: tuple[str, ...]) -> Iterator[Finding]:
    """When other rules hold from a day soon on, what is allowed today is allowed no longer than to that day."""
    days = {rule.effective_from: rule for rule in rules if rule.effective_from > today}
    days |= {rule.effective_to + timedelta(days=1): rule for rule in rules if today <= rule.effective_to < date.max}
    soon = min((day for day in days if day - today <= CHANGES_SOON), default=None)
    if soon is not None:
        begins = first_of_day(soon, zones)
        rule = days[soon]
        reason = f"Other rules hold from {soon.isoformat()} on."
        yield Finding(verdict=Verdict.ALLOW, reason=reason, rule=rule.id, citation=rule.citation, until=begins)
