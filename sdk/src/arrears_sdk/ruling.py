"""What a rule says about an act, and how many of them become one (rule sheet, section 0.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeAlias, cast

Facts: TypeAlias = Mapping[str, object]
NO_FACTS: Facts = {}


class Verdict(IntEnum):
    """What may be done, from the mildest to the strictest; the strictest finding decides."""

    ALLOW = 0
    WARN = 1
    REQUIRE = 2
    DEFER = 3
    DENY = 4


_ALLOW, _WARN, _REQUIRE, _DEFER, _DENY = Verdict


class EvaluatedRule(NamedTuple):
    """A rule that was asked, whether or not it had anything to say. The host fills in the plugin and its version."""

    rule: str
    version: int
    citation: str
    confidence: str
    plugin: str = ""
    plugin_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule said, and why.

    `facts` are those that it used, as names and values in plain words; `confidence` is how well its law was read.
    `until` is the end of an ALLOW, or the instant from which a DEFER no longer objects; `requirement` names what a
    REQUIRE asks for. `plugin`, `plugin_version` and `settings_version` are filled in by the host: whatever a plugin
    writes there is overwritten, so that no plugin can speak in another's name.
    """

    verdict: Verdict
    reason: str
    rule: str = ""
    citation: str = ""
    until: datetime | None = None
    requirement: str | None = None
    missing_fact: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    confidence: str = ""
    plugin: str = ""
    plugin_version: str = ""
    settings_version: int | None = None

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError("a finding says why: `reason` must not be empty")
        if self.until is not None and self.until.tzinfo is None:
            raise ValueError("`until` is an instant and needs a time zone")
        if self.verdict is _DEFER and self.until is None:
            raise ValueError("a DEFER says until when; what never becomes allowed by itself is a DENY")
        if self.verdict is _REQUIRE and not self.requirement:
            raise ValueError("a REQUIRE names its requirement")

    def __hash__(self) -> int:
        # Findings of one ruling differ in these; all else is compared only where they do not.
        return hash((self.rule, self.reason))


class _Open:
    """A finding while it is written: the same slots, not yet frozen. To fill a frozen one takes ten times as long."""

    __slots__ = Finding.__slots__

    verdict: Verdict
    reason: str
    rule: str
    citation: str
    until: datetime | None
    requirement: str | None
    missing_fact: str | None
    facts: tuple[tuple[str, str], ...]
    confidence: str
    plugin: str
    plugin_version: str
    settings_version: int | None


def finding(
    verdict: Verdict,
    reason: str,
    rule: str = "",
    citation: str = "",
    until: datetime | None = None,
    requirement: str | None = None,
    missing_fact: str | None = None,
    facts: tuple[tuple[str, str], ...] = (),
    confidence: str = "",
) -> Finding:
    """The same as `Finding(...)` in the name of no plugin yet, several times as fast: packs make one for most rules."""
    made = _Open()
    made.verdict = verdict
    made.reason = reason
    made.rule = rule
    made.citation = citation
    made.until = until
    made.requirement = requirement
    made.missing_fact = missing_fact
    made.facts = facts
    made.confidence = confidence
    made.plugin = made.plugin_version = ""
    made.settings_version = None
    made.__class__ = Finding  # type: ignore[assignment]
    sound = cast("Finding", made)
    sound.__post_init__()
    return sound


def cited(given: Finding, rule: str, citation: str, confidence: str, soft: bool) -> Finding:
    """A finding in the name of a rule, where it names none itself; a warning only where the rule is `soft`.

    Whatever it says of a plugin is left out. It was sound when it was made, and is not tried again.
    """
    made = _Open()
    if soft:
        made.verdict = _WARN
        made.until = made.requirement = None
    else:
        made.verdict = given.verdict
        made.until = given.until
        made.requirement = given.requirement
    made.reason = given.reason
    made.rule = given.rule or rule
    made.citation = given.citation or citation
    made.missing_fact = given.missing_fact
    made.facts = given.facts
    made.confidence = given.confidence or confidence
    made.plugin = made.plugin_version = ""
    made.settings_version = None
    made.__class__ = Finding  # type: ignore[assignment]
    return cast("Finding", made)


@dataclass(frozen=True)
class Ruling:
    """All findings about one act. Combining two is the union of their findings, so order and repetition do not matter.

    Nothing found means: allowed, without an end. `evaluated` are the rules that were asked, also the silent ones.
    """

    findings: frozenset[Finding] = frozenset()
    evaluated: frozenset[EvaluatedRule] = frozenset()

    @classmethod
    def allow(
        cls,
        until: datetime | None = None,
        *,
        reason: str = "within the rule",
        rule: str = "",
        citation: str = "",
        facts: Facts = NO_FACTS,
    ) -> Ruling:
        """No objection, and if `until` is given: no longer than to that instant, which itself is not allowed."""
        if until is None and not rule:
            return ALLOWED
        return cls._of(finding(_ALLOW, reason, rule, citation, until, facts=_told(facts) if facts else ()))

    @classmethod
    def warn(
        cls,
        reason: str,
        *,
        rule: str = "",
        citation: str = "",
        missing_fact: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> Ruling:
        """Allowed, but somebody should look at it. `missing_fact` names what would end the warning."""
        return cls._of(
            finding(_WARN, reason, rule, citation, missing_fact=missing_fact, facts=_told(facts) if facts else ())
        )

    @classmethod
    def require(
        cls,
        requirement: str,
        reason: str,
        *,
        rule: str = "",
        citation: str = "",
        missing_fact: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> Ruling:
        """Allowed once `requirement` (a notice, a consent, a waiting period) is met."""
        return cls._of(
            finding(
                _REQUIRE,
                reason,
                rule,
                citation,
                requirement=requirement,
                missing_fact=missing_fact,
                facts=_told(facts) if facts else (),
            )
        )

    @classmethod
    def defer(
        cls, until: datetime, reason: str, *, rule: str = "", citation: str = "", facts: Facts = NO_FACTS
    ) -> Ruling:
        """Not allowed now; this rule stops objecting at the instant `until`."""
        return cls._of(finding(_DEFER, reason, rule, citation, until, facts=_told(facts) if facts else ()))

    @classmethod
    def deny(
        cls,
        reason: str,
        *,
        rule: str = "",
        citation: str = "",
        missing_fact: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> Ruling:
        """Not allowed, and no day on which it becomes so by itself. `missing_fact` names what would change that."""
        return cls._of(
            finding(_DENY, reason, rule, citation, missing_fact=missing_fact, facts=_told(facts) if facts else ())
        )

    @classmethod
    def combine(cls, rulings: Iterable[Ruling]) -> Ruling:
        """One ruling out of many: every finding is kept, the strictest decides."""
        said = [ruling for ruling in rulings if ruling is not ALLOWED]
        found = frozenset[Finding]().union(*(ruling.findings for ruling in said))
        evaluated = frozenset[EvaluatedRule]().union(*(ruling.evaluated for ruling in said))
        return cls(found, evaluated) if found or evaluated else ALLOWED

    def __or__(self, other: Ruling) -> Ruling:
        """Both together; the same as `combine`."""
        return Ruling.combine((self, other))

    @cached_property
    def verdict(self) -> Verdict:
        """What decides: the strictest of the findings; ALLOW when there is none."""
        return max((finding.verdict for finding in self.findings), default=Verdict.ALLOW)

    @cached_property
    def until(self) -> datetime | None:
        """For a DEFER the latest instant that a finding names; for anything milder the earliest end; DENY: None."""
        if self.verdict is Verdict.DENY:
            return None
        if self.verdict is Verdict.DEFER:
            return max(f.until for f in self.findings if f.verdict is Verdict.DEFER and f.until is not None)
        return min((f.until for f in self.findings if f.until is not None), default=None)

    @cached_property
    def requirements(self) -> tuple[str, ...]:
        """Everything that has to be met first, sorted; also beside a DEFER. Empty beside a DENY."""
        if self.verdict is Verdict.DENY:
            return ()
        return tuple(sorted({finding.requirement for finding in self.findings if finding.requirement}))

    @cached_property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that bear the verdict, in the order of their plugins and rules."""
        return tuple(finding for finding in self.ordered if finding.verdict is self.verdict)

    @cached_property
    def ordered(self) -> tuple[Finding, ...]:
        """Every finding, strictest first, then by plugin, rule and reason: the same order whoever asks."""
        return tuple(sorted(self.findings, key=_place))

    def attributed(self, plugin: str, plugin_version: str, settings_version: int | None) -> Ruling:
        """The same findings in the name of the plugin that made them; the host calls this."""
        if not self.findings and not self.evaluated:
            return self
        return Ruling(
            frozenset(
                replace(finding, plugin=plugin, plugin_version=plugin_version, settings_version=settings_version)
                for finding in self.findings
            ),
            _evaluated_by(self.evaluated, plugin, plugin_version),
        )

    @classmethod
    def _of(cls, finding: Finding) -> Ruling:
        return ruling(frozenset((finding,)))


_NONE_EVALUATED: frozenset[EvaluatedRule] = frozenset()


def ruling(findings: frozenset[Finding], evaluated: frozenset[EvaluatedRule] = _NONE_EVALUATED) -> Ruling:
    """The same as `Ruling(...)`, twice as fast."""
    made = object.__new__(Ruling)
    kept = made.__dict__
    kept["findings"] = findings
    kept["evaluated"] = evaluated
    return made


def _place(finding: Finding) -> tuple[object, ...]:
    """By what findings are ordered: everything that may differ between two of them, so that none are tied."""
    return (
        -finding.verdict,
        finding.plugin,
        finding.rule,
        finding.reason,
        finding.citation,
        finding.until.isoformat() if finding.until else "",
        finding.requirement or "",
        finding.missing_fact or "",
        finding.facts,
    )


def _told(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Facts as texts: what is stored with a decision and read by people."""
    return tuple([(name, str(value)) for name, value in facts.items()])


@lru_cache(maxsize=1024)
def _evaluated_by(rules: frozenset[EvaluatedRule], plugin: str, plugin_version: str) -> frozenset[EvaluatedRule]:
    return frozenset(rule._replace(plugin=plugin, plugin_version=plugin_version) for rule in rules)


ALLOWED = Ruling()
