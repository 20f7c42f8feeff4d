"""The answers of the families: rulings that are combined, scores side by side, duties one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from arrears.plugins.answers import WrongAnswerError, batch_of
from arrears_sdk.events import JsonValue
from arrears_sdk.ruling import ALLOWED, EvaluatedRule, Finding, Ruling, Verdict

FAILED_RULE = "host.plugin-failed"
PLATFORM = "arrears"
MISSING_RULE = "arrears.plugin-missing"
MOST_RULES = 5_000


@dataclass(frozen=True, slots=True)
class Attribution:
    """In whose name findings are kept."""

    plugin: str
    version: str
    settings_version: int


@dataclass(frozen=True, slots=True)
class DutyAnswer:
    """What one plugin did about a person's data: the answer, or why there is none."""

    plugin: str
    answer: Mapping[str, JsonValue] | None = None
    failure: str | None = None


def attributed_rulings(wanted: int, name: Attribution) -> Callable[[object], list[object]]:
    """A check for one ruling each, which gives them in the plugin's name.

    It runs on the plugin's own thread: what a plugin made is walked through nowhere else.
    """
    as_batch = batch_of(Ruling, wanted)

    def check(answer: object) -> list[object]:
        # Rules say the same about many: what was looked at once is known by its findings.
        made: dict[tuple[frozenset[Finding], int], Ruling] = {}
        evaluated: dict[int, frozenset[EvaluatedRule]] = {}
        rulings: list[object] = []
        for ruling in as_batch(answer):
            assert isinstance(ruling, Ruling)
            findings, asked = ruling.findings, ruling.evaluated
            if type(findings) is not frozenset or type(asked) is not frozenset:
                raise WrongAnswerError(f"gave a ruling whose findings are a {type(findings).__name__}")
            # The answer holds every set of rules while this runs, so that no other takes its place in memory.
            if id(asked) not in evaluated:
                evaluated[id(asked)] = _asked_in_the_name(asked, name)
            known = made.get((findings, id(asked)))
            if known is None:
                known = made[findings, id(asked)] = _in_the_name(findings, evaluated[id(asked)], name)
            rulings.append(known)
        return rulings

    return check


def denied(name: Attribution, reason: str) -> Ruling:
    """The refusal that stands for a plugin's missing answer."""
    text = f"{name.plugin} did not answer: it {reason}"
    return Ruling.deny(text, rule=FAILED_RULE).attributed(name.plugin, name.version, name.settings_version)


def missing(plugin: str, reason: str, settings_version: int) -> Ruling:
    """The platform's refusal where a plugin is enabled and does not run: it may have had a rule against this."""
    text = f"{plugin} is enabled here and does not run: {reason}"
    return Ruling.deny(text, rule=MISSING_RULE).attributed(PLATFORM, version(PLATFORM), settings_version)


def combined(columns: Sequence[Sequence[Ruling | None]], count: int) -> list[Ruling]:
    """Per attempt, the rulings of all plugins as one; the strictest wins and every finding is kept."""
    if not columns:
        return [ALLOWED] * count
    if len(columns) == 1:
        return [ruling or ALLOWED for ruling in columns[0]]
    return [Ruling.combine(one for one in row if one is not None) for row in zip(*columns, strict=True)]


def _in_the_name(findings: frozenset[Finding], evaluated: frozenset[EvaluatedRule], name: Attribution) -> Ruling:
    if not findings and not evaluated:
        return ALLOWED
    return Ruling(frozenset([_sound(finding, name) for finding in findings]), evaluated)


def _asked_in_the_name(rules: frozenset[EvaluatedRule], name: Attribution) -> frozenset[EvaluatedRule]:
    if len(rules) > MOST_RULES:
        raise WrongAnswerError(f"named {len(rules):,} rules; at most {MOST_RULES:,} are kept")
    for rule in rules:
        if type(rule) is not EvaluatedRule or type(rule.version) is not int:
            raise WrongAnswerError("named something else than rules as those that were asked")
        if not all(type(text) is str for text in (rule.rule, rule.citation, rule.confidence)):
            raise WrongAnswerError("named a rule whose texts are no texts")
    return frozenset(rule._replace(plugin=name.plugin, plugin_version=name.version) for rule in rules)


def _sound(finding: object, name: Attribution) -> Finding:
    if type(finding) is not Finding or type(finding.verdict) is not Verdict:
        raise WrongAnswerError("gave a ruling with something else than findings")
    texts = (finding.reason, finding.rule, finding.citation, finding.confidence)
    optional = (finding.requirement, finding.missing_fact)
    if not all(isinstance(text, str) for text in texts) or not all(
        text is None or isinstance(text, str) for text in optional
    ):
        raise WrongAnswerError("gave a finding whose texts are no texts")
    if type(finding.facts) is not tuple or not all(_is_fact(fact) for fact in finding.facts):
        raise WrongAnswerError("gave a finding whose facts are no pairs of texts")
    if finding.until is not None and not isinstance(finding.until, datetime):
        raise WrongAnswerError(f"gave a finding until a {type(finding.until).__name__}")
    return Finding(
        verdict=finding.verdict,
        reason=finding.reason,
        rule=finding.rule,
        citation=finding.citation,
        until=finding.until,
        requirement=finding.requirement,
        missing_fact=finding.missing_fact,
        facts=finding.facts,
        confidence=finding.confidence,
        plugin=name.plugin,
        plugin_version=name.version,
        settings_version=name.settings_version,
    )


def _is_fact(fact: object) -> bool:
    return type(fact) is tuple and len(fact) == 2 and all(isinstance(text, str) for text in fact)
