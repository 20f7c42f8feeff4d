"""The reference pages of the law: every rule with its citation and its cases, and every choice an agency has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from arrears.compliance.settings import ComplianceSettings
from arrears_sdk.law.case_command import plugin_at
from arrears_sdk.law.cases import PluginClass, shipped_cases
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.plugin import Config
from arrears_sdk.rules import AnyRule
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

ROOT = Path(__file__).parent.parent
CONFIDENCE = {
    "S": "read at its source",
    "P": "read in part, or quoted by another",
    "G": "general knowledge, to be verified before it is relied on",
}
_ENTRY_POINTS = '\n[project.entry-points."arrears.plugins"]'
_TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


@cache
def packs() -> tuple[PluginClass, ...]:
    """The plugins of this repository that have rules of law."""
    projects = sorted((ROOT / "plugins").glob("*/pyproject.toml"))
    folders = [path.parent for path in projects if _ENTRY_POINTS in path.read_text("utf-8")]
    return tuple(plugin for plugin in map(_plugin, folders) if plugin.packs)


def _plugin(folder: Path) -> PluginClass:
    return plugin_at(str(folder))


def rules() -> Iterator[str]:
    """Every rule of the bundled packs."""
    yield "# Rules of law"
    yield (
        "Every rule of the packs that come with Arrears, written from the packs themselves. This is not legal advice. "
        "A decision names its rules by these ids. What an agency may choose stands in "
        "[policy choices](policy-choices.md); how to read and write cases in "
        "[compliance packs](../guides/compliance-packs.md)."
    )
    grouped = {plugin: _by_id(plugin) for plugin in packs()}
    rows = ["| Pack | Rules | Cases |", "|---|---|---|"]
    cases = {plugin: _cases(plugin) for plugin in packs()}
    rows += [
        f"| [{plugin.name}](#{plugin.name}) | {len(found)} | {sum(map(len, cases[plugin].values()))} |"
        for plugin, found in grouped.items()
    ]
    yield "\n".join(rows)
    for plugin, found in grouped.items():
        yield f"## {plugin.name}"
        yield _line(plugin.__doc__ or "")
        tests = _tests(plugin)
        for id, same in found.items():
            yield f"### {id}"
            yield _line(same[0].summary)
            yield "\n".join(_facts(same, cases[plugin][id], tests[id]))


def _by_id(plugin: PluginClass) -> dict[str, list[AnyRule]]:
    found: defaultdict[str, list[AnyRule]] = defaultdict(list)
    for pack in plugin.packs:
        for rule in pack.rules:
            found[rule.id].append(rule)
    return dict(found)


def _cases(plugin: PluginClass) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for case in shipped_cases(plugin):
        found[case.rule].append(case.id.removeprefix(f"{case.rule}/"))
    return found


def _tests(plugin: PluginClass) -> dict[str, list[str]]:
    """Which tests of a pack name which rule."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    ids = _by_id(plugin)
    for file in sorted((ROOT / "plugins" / plugin.name / "tests").glob("test_*.py")):
        text = file.read_text("utf-8")
        parts = _TEST.split(text)[1:]
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            for id in ids:
                if re.search(rf"{re.escape(id)}(?![\w.-])", body):
                    found[id].append(name)
    return found


def _facts(same: list[AnyRule], cases: list[str], tests: list[str]) -> Iterator[str]:
    rule = same[0]
    yield f"- Law: {_line(rule.citation)} ({CONFIDENCE[rule.confidence]})"
    yield f"- Place: {', '.join(dict.fromkeys(each.jurisdiction for each in same))}; {_dates(rule)}"
    if applies := _applies(same):
        yield f"- Applies to: {applies}"
    if any(each.presumption for each in same):
        yield "- A presumption: the setting `presumptions` decides whether it objects or warns"
    if rule.version > 1:
        yield f"- Version {rule.version}"
    yield f"- Cases: {', '.join(f'`{case}`' for case in cases) or 'none'}"
    if tests:
        yield f"- Tests: {', '.join(f'`{test}`' for test in tests)}"


def _dates(rule: AnyRule) -> str:
    begins = f"from {rule.effective_from}" if rule.effective_from > date.min else ""
    ends = f"to {rule.effective_to}" if rule.effective_to < date.max else ""
    return " ".join(filter(None, (begins, ends))) or "no dates"


def _applies(same: list[AnyRule]) -> str:
    channels = frozenset[CommunicationChannel]().union(*(rule.channels for rule in same))
    actions = frozenset[ActionKind]().union(*(rule.actions for rule in same))
    return ", ".join(_words(channels) + _words(actions))


def _words(words: Iterable[CommunicationChannel | ActionKind]) -> list[str]:
    return [str(word).lower().replace("_", " ") for word in sorted(words)]


def policy_choices() -> Iterator[str]:
    """Every setting by which an agency chooses what the law leaves open."""
    yield "# Policy choices"
    yield (
        "What the law leaves open, and an agency decides. The defaults are the careful ones. They are set for the "
        "whole deployment, a client or a portfolio; see [configuration](../guides/configuration.md)."
    )
    yield "## compliance"
    yield _choices(ComplianceSettings, set())
    yield "## Every pack"
    yield "Each pack has these settings, under its own name."
    yield _choices(LawConfig, set())
    for plugin in packs():
        own = set(plugin.config_type.model_fields) - set(LawConfig.model_fields)
        if own:
            yield f"## {plugin.name}"
            yield _choices(plugin.config_type, set(LawConfig.model_fields))


def _choices(config: type[Config], left_out: set[str]) -> str:
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for name, field in config.model_fields.items():
        if name not in left_out:
            default = field.get_default(call_default_factory=True)
            rows.append(f"| `{name}` | {_default(default)} | {_line(field.description or '')} |")
    return "\n".join(rows)


def _default(value: object) -> str:
    if isinstance(value, frozenset | set | tuple | list):
        words = [str(each) for each in (value if isinstance(value, tuple | list) else sorted(value, key=str))]
        return f"`{', '.join(words)}`" if words else "none"
    return "none" if value is None else f"`{value}`"


def _line(text: str) -> str:
    """A text in one line, with what tables cannot hold put aside."""
    return " ".join(text.split()).replace("|", "\\|")
