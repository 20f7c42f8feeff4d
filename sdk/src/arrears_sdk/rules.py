"""Rules of law as plain functions: dated, cited, and bound to the places where they apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from arrears_sdk.clock import business_date
from arrears_sdk.ruling import ALLOWED, Finding, Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

AttemptT = TypeVar("AttemptT", ContactAttempt, PaymentAttempt, ActionAttempt)

Confidence = Literal["S", "P", "G"]
"""S: read at its source; P: read in part or quoted; G: general knowledge, to be verified before it is relied on."""


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

    `effective_from` is the first day on which it holds, `effective_to` the last one; both are days at the debtor's.
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
        if said is None or not said.findings:
            return ALLOWED
        return Ruling(frozenset(self._cited(finding) for finding in said.findings))

    def _cited(self, finding: Finding) -> Finding:
        return replace(finding, rule=finding.rule or self.id, citation=finding.citation or self.citation)


@dataclass(slots=True)
class RulePack(Generic[AttemptT]):
    """The rules of one body of law about one kind of attempt. Strictest wins; a rule can only tighten."""

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
