"""Rules of law as plain functions: dated, cited, and bound to the places where they apply."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Generic, Literal, TypeVar, get_args

from arrears_sdk.clock import business_date
from arrears_sdk.ruling import ALLOWED, Finding, Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

AttemptT = TypeVar("AttemptT", ContactAttempt, PaymentAttempt, ActionAttempt)

Confidence = Literal["S", "P", "G"]
"""S: read at its source; P: read in part or quoted; G: general knowledge, to be verified before it is relied on."""

_PLACE = re.compile(r"[A-Z]{2}(-[^-].*)?")


def chain(country: str, region: str | None = None, city: str | None = None) -> frozenset[str]:
    """The jurisdictions of a place with its parents: `US`, `US-NY`, `US-NY-NEW YORK`."""
    parts = [country.upper()]
    if region:
        parts.append(region.upper())
        if city:
            parts.append(city.upper())
    return frozenset("-".join(parts[: length + 1]) for length in range(len(parts)))


@lru_cache(maxsize=4096)
def local_days(instant: datetime, zones: tuple[str, ...]) -> tuple[date, ...]:
    """The calendar days that it may be for somebody in one of the zones; the day in UTC when no zone is known."""
    return tuple(sorted({business_date(instant, zone) for zone in zones or ("UTC",)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[AttemptT]):
    """One rule. It is asked only where and when it applies; None from its function means that it does not object.

    `jurisdiction` is one place as `chain` spells it: `GB`, `US-NY`. An attempt none of whose jurisdictions is known to
    be that place is not asked about, so a rule that holds everywhere, such as a client's instruction, stands beside
    the pack: `law | own` combines two rulings. `channels` and `actions` narrow a rule; without any it holds for all.
    `effective_from` is the first day on which it holds, `effective_to` the last one; both are days at the debtor's.
    `confidence` is how well the law was read: S at its source, P in part or quoted, G general knowledge.
    """

    id: str
    citation: str
    jurisdiction: str
    function: Callable[[AttemptT], Ruling | None]
    effective_from: date = date.min
    effective_to: date = date.max
    confidence: Confidence = "S"
    channels: frozenset[CommunicationChannel] = frozenset()
    actions: frozenset[ActionKind] = frozenset()
    summary: str = ""

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

    def applies_to(self, attempt: AttemptT) -> bool:
        """Whether the rule has anything to say about this attempt."""
        if self.jurisdiction not in attempt.jurisdictions:
            return False
        if self.channels and getattr(attempt, "channel", None) not in self.channels:
            return False
        if self.actions and getattr(attempt, "kind", None) not in self.actions:
            return False
        if self.effective_from == date.min and self.effective_to == date.max:
            return True
        days = local_days(attempt.at, attempt.debtor.time_zones)
        return any(self.effective_from <= day <= self.effective_to for day in days)

    def rule_on(self, attempt: AttemptT) -> Ruling:
        """What the rule says, with its id and citation on every finding."""
        said = self.function(attempt)
        if said is None:
            return ALLOWED
        if not isinstance(said, Ruling):
            raise TypeError(f"{self.id} gave {type(said).__name__}, where a Ruling or None is wanted")
        return Ruling(frozenset(self._cited(finding) for finding in said.findings))

    def _cited(self, finding: Finding) -> Finding:
        return replace(finding, rule=finding.rule or self.id, citation=finding.citation or self.citation)


@dataclass(slots=True)
class RulePack(Generic[AttemptT]):
    """The rules of one body of law about one kind of attempt. Strictest wins; a rule can only tighten.

        LAW: RulePack[ContactAttempt] = RulePack("winter-law")

        @LAW.rule("winter-law.january", citation="Winter Act 2026, s. 1", jurisdiction="GB")
        def january(attempt: ContactAttempt) -> Ruling | None:
            \"\"\"No contact in January.\"\"\"
            return Ruling.deny("It is January.") if attempt.at.month == 1 else None

    The hook answers with `LAW.rule_on(attempts)`. Rules that need settings are made where these are known: build the
    pack in the plugin's `__init__`, with `Rule(...)` objects in `rules`.
    """

    name: str
    rules: list[Rule[AttemptT]] = field(default_factory=list)

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
    ) -> Callable[[Callable[[AttemptT], Ruling | None]], Callable[[AttemptT], Ruling | None]]:
        """Add the decorated function as a rule; its docstring is the rule in plain words. A second id is refused."""
        if any(rule.id == id for rule in self.rules):
            raise ValueError(f"two rules of {self.name} are called {id}")
        if effective_to < effective_from:
            raise ValueError(f"{id} ends before it begins")

        def add(function: Callable[[AttemptT], Ruling | None]) -> Callable[[AttemptT], Ruling | None]:
            summary = (function.__doc__ or "").strip()
            if not summary:
                raise ValueError(f"{id} needs a docstring that says what it demands, in plain words")
            self.rules.append(
                Rule(
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
                )
            )
            return function

        return add

    def rule_on(self, attempts: Sequence[AttemptT]) -> list[Ruling]:
        """One ruling for each attempt, combined from every rule that applies."""
        return [
            Ruling.combine(rule.rule_on(attempt) for rule in self.rules if rule.applies_to(attempt))
            for attempt in attempts
        ]
