"""The answers of the families: rulings that are combined, scores side by side, duties one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from arrears.plugins.answers import WrongAnswerError, batch_of
from arrears_sdk.events import JsonValue
from arrears_sdk.ruling import ALLOWED, Finding, Ruling, Verdict

FAILED_RULE = "host.plugin-failed"


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
        made: dict[frozenset[Finding], Ruling] = {}
        rulings: list[object] = []
        for ruling in as_batch(answer):
            assert isinstance(ruling, Ruling)
            findings = ruling.findings
            if type(findings) is not frozenset:
                raise WrongAnswerError(f"gave a ruling whose findings are a {type(findings).__name__}")
            known = made.get(findings)
            if known is None:
                known = made[findings] = _in_the_name(findings, name)
            rulings.append(known)
        return rulings

    return check


def denied(name: Attribution, reason: str) -> Ruling:
    """The refusal that stands for a plugin's missing answer."""
    text = f"{name.plugin} did not answer: it {reason}"
    return Ruling.deny(text, rule=FAILED_RULE).attributed(name.plugin, name.version, name.settings_version)


def combined(columns: Sequence[Sequence[Ruling | None]], count: int) -> list[Ruling]:
    """Per attempt, the rulings of all plugins as one; the strictest wins and every finding is kept."""
    if not columns:
        return [ALLOWED] * count
    if len(columns) == 1:
        return [ruling or ALLOWED for ruling in columns[0]]
    return [Ruling.combine(one for one in row if one is not None) for row in zip(*columns, strict=True)]


def _in_the_name(findings: frozenset[Finding], name: Attribution) -> Ruling:
    if not findings:
        return ALLOWED
    return Ruling(frozenset([_sound(finding, name) for finding in findings]))


def _sound(finding: object, name: Attribution) -> Finding:
    if type(finding) is not Finding or type(finding.verdict) is not Verdict:
        raise WrongAnswerError("gave a ruling with something else than findings")
    texts = (finding.reason, finding.rule, finding.citation)
    optional = (finding.requirement, finding.missing_fact)
    if not all(isinstance(text, str) for text in texts) or not all(
        text is None or isinstance(text, str) for text in optional
    ):
        raise WrongAnswerError("gave a finding whose texts are no texts")
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
        plugin=name.plugin,
        plugin_version=name.version,
        settings_version=name.settings_version,
    )
