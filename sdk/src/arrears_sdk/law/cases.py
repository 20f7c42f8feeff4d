"""Golden cases: what a rule says of one act, written down by whoever knows the law, and run against the packs.

A case needs no Python. `load_cases` reads files, `run_cases` asks the rules, `sides` tells which rules lack a case.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from arrears_sdk.errors import InputError
from arrears_sdk.law.case_attempts import Attempt, Expected, read_attempt, read_expected
from arrears_sdk.law.case_records import zone_of
from arrears_sdk.law.case_text import Part, merged, read_yaml
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.rules import AnyRule
from arrears_sdk.ruling import Finding, Ruling, Verdict
from arrears_sdk.views import ContactAttempt, PaymentAttempt

PluginClass = type[Plugin[Config]]
NEVER_OBJECTS = "never objects"
"""What the docstring of a rule says that only opens or closes the way for others: it needs no case that objects."""
_KINDS = ("contact", "act", "take")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of a file: of which rule it speaks, the attempt with all that is known, and what is expected."""

    id: str
    rule: str
    source: str
    file: Path
    attempt: Attempt
    settings: Mapping[str, object]
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What the rule of a case said, and in what that differs from what was expected (nothing: the case holds)."""

    case: Case
    plugin: str
    findings: tuple[Finding, ...]
    overall: Verdict
    asked: bool
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the rule said what the case expects."""
        return not self.differences

    @property
    def verdict(self) -> Verdict:
        """What the rule said; ALLOW when it did not object."""
        return max((finding.verdict for finding in self.findings), default=Verdict.ALLOW)


def load_cases(*paths: Path) -> list[Case]:
    """The cases of files, and of the `*.yaml` in folders; `InputError` lists every one that is not written rightly."""
    cases: list[Case] = []
    faults: list[str] = []
    seen: dict[str, Path] = {}
    for file in _files(paths):
        for where, value in _written(file):
            try:
                case = _read(file, where, value)
                if case.id in seen:
                    raise InputError(f"{file}: {case.id}.id: stands already in {seen[case.id]}")
            except InputError as error:
                faults.append(str(error))
                continue
            seen[case.id] = file
            cases.append(case)
    if faults:
        raise InputError("\n".join(faults))
    return cases


def shipped_cases(plugin: PluginClass) -> list[Case]:
    """The cases in the folder `cases` beside the module of a plugin's class."""
    file = getattr(sys.modules.get(plugin.__module__), "__file__", None)
    folder = Path(file).parent / "cases" if file else None
    return load_cases(folder) if folder is not None and folder.is_dir() else []


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found.extend(sorted(path.glob("*.yaml")) if path.is_dir() else [path])
    return found


def _written(file: Path) -> list[tuple[str, object]]:
    """The cases of a file with its defaults under them, each with its place in the file."""
    whole = Part(read_yaml(file), str(file))
    defaults = whole.take("defaults")
    found = whole.take("cases")
    whole.end()
    if not isinstance(found, list):
        raise InputError(f"{file}.cases: a list of cases is wanted")
    return [(f"{file}: cases[{number}]", _over(defaults, value)) for number, value in enumerate(found)]


def _over(defaults: object, case: object) -> object:
    """A case over the defaults; what it proposes takes the place of another kind of act that they propose."""
    if isinstance(case, Mapping) and isinstance(defaults, Mapping):
        own, usual = case.get("when"), defaults.get("when")
        if isinstance(own, Mapping) and isinstance(usual, Mapping) and any(kind in own for kind in _KINDS):
            usual = {key: value for key, value in usual.items() if key not in _KINDS}
            defaults = {**defaults, "when": usual}
    return merged(defaults or {}, case)


def _read(file: Path, where: str, value: object) -> Case:
    id = value.get("id") if isinstance(value, Mapping) else None
    part = Part(value, f"{file}: {id}" if isinstance(id, str) else where)
    for key in ("id", "rule", "source", "when", "then"):
        part.needed(key)
    id, rule = part.text("id") or "", part.text("rule") or ""
    if not id.startswith(f"{rule}/"):
        raise part.fault("id", f"begins with the id of its rule: {rule}/...")
    zone = zone_of(part.part("given"))
    part.zone = zone
    attempt = read_attempt(part.part("given"), part.part("when"))
    case = Case(
        id=id,
        rule=rule,
        source=part.text("source") or "",
        file=file,
        attempt=attempt,
        settings=_settings(part),
        expected=read_expected(part.part("then")),
    )
    part.end()
    return case


def _settings(part: Part) -> Mapping[str, object]:
    value = part.take("settings")
    if value is not None and not isinstance(value, Mapping):
        raise part.fault("settings", f"a mapping is wanted, not {value!r}")
    return {str(key): each for key, each in (value or {}).items()}


def rules_of(plugin: PluginClass) -> list[AnyRule]:
    """Every rule of the packs that a plugin names."""
    return [rule for pack in plugin.packs for rule in pack.rules]


def run_cases(cases: Sequence[Case], plugins: Sequence[PluginClass]) -> list[CaseResult]:
    """What each case's rule says, asked of the plugin that has it. `InputError` for a rule that none has."""
    run = _Run(plugins)
    return [run.result(case) for case in cases]


class _Run:
    """The plugins under the settings of the cases, made once for each."""

    def __init__(self, plugins: Sequence[PluginClass]) -> None:
        self._made: dict[tuple[PluginClass, str], tuple[Plugin[Config], _Clock]] = {}
        self._owners: dict[str, PluginClass] = {}
        for plugin in plugins:
            for pack in plugin.packs:
                for rule in pack.rules:
                    other = self._owners.setdefault(rule.id, plugin)
                    if other is not plugin:
                        raise InputError(f"{rule.id} is a rule of both {other.name} and {plugin.name}")

    def result(self, case: Case) -> CaseResult:
        owner = self._owners.get(case.rule)
        if owner is None:
            raise InputError(f"{case.file}: {case.id}.rule: no pack has a rule called {case.rule}")
        plugin, clock = self._plugin(owner, case)
        clock.at = case.attempt.at
        ruling = _asked(plugin, case.attempt)
        findings = tuple(finding for finding in ruling.ordered if finding.rule == case.rule)
        return CaseResult(
            case=case,
            plugin=owner.name,
            findings=findings,
            overall=ruling.verdict,
            asked=any(rule.rule == case.rule for rule in ruling.evaluated),
            differences=tuple(case.expected.differences(findings, ruling.verdict)),
        )

    def _plugin(self, owner: PluginClass, case: Case) -> tuple[Plugin[Config], _Clock]:
        key = (owner, json.dumps(case.settings, sort_keys=True, default=str))
        if key not in self._made:
            try:
                config = owner.config_type.model_validate(case.settings)
            except ValidationError as error:
                faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
                raise InputError(f"{case.file}: {case.id}.settings.{faults}") from error
            clock = _Clock()
            self._made[key] = (owner(config, _Lent(clock, owner.name)), clock)
        return self._made[key]


def _asked(plugin: Plugin[Config], attempt: Attempt) -> Ruling:
    """The plugin's ruling on one attempt."""
    if isinstance(attempt, ContactAttempt):
        answer = plugin.rule_on_contacts([attempt])
    elif isinstance(attempt, PaymentAttempt):
        answer = plugin.rule_on_payments([attempt])
    else:
        answer = plugin.rule_on_actions([attempt])
    if inspect.isawaitable(answer):
        answer = asyncio.run(_awaited(answer))
    return answer[0]


async def _awaited(answer: object) -> Sequence[Ruling]:
    assert inspect.isawaitable(answer)
    rulings: Sequence[Ruling] = await answer
    return rulings


@dataclass(slots=True)
class _Clock:
    """A clock that stands at the instant of the case that is asked."""

    at: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


class _Lent:
    """What a pack is lent while a case is asked: a clock and a log; a rule of law keeps no values."""

    def __init__(self, clock: _Clock, name: str) -> None:
        self.clock = clock
        self.log = logging.getLogger(f"arrears.plugin.{name}")

    def values(self, client_id: str | None = None) -> NoReturn:
        raise InputError("a golden case holds all that a rule may know; there are no stored values")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The rules that lack a case: one in which they object, or one in which they are asked and do not."""

    objecting: tuple[str, ...]
    silent: tuple[str, ...]


def sides(results: Sequence[CaseResult], plugins: Sequence[PluginClass]) -> Sides:
    """Which rules lack a case on which side. One whose docstring says that it never objects needs none that does."""
    objects = {result.case.rule for result in results if result.case.expected.verdict > Verdict.ALLOW}
    silent = {result.case.rule for result in results if result.case.expected.verdict is Verdict.ALLOW and result.asked}
    rules = {rule.id: rule for plugin in plugins for rule in rules_of(plugin)}
    return Sides(
        objecting=tuple(
            id for id, rule in rules.items() if id not in objects and NEVER_OBJECTS not in rule.summary.lower()
        ),
        silent=tuple(id for id in rules if id not in silent),
    )
