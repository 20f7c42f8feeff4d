"""The command `arrears-sdk cases`: runs golden cases, and says what differs and what is missing."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from arrears_sdk.errors import InputError
from arrears_sdk.law.cases import CaseResult, PluginClass, load_cases, run_cases, shipped_cases, sides
from arrears_sdk.loading import load_plugin


def run(where: str, files: Sequence[Path] = (), rule: str | None = None) -> bool:
    """Runs files of cases, or those that the plugin ships, and prints the outcome; whether all hold."""
    plugin = plugin_at(where)
    cases = load_cases(*files) if files else shipped_cases(plugin)
    results = run_cases([case for case in cases if case.rule.startswith(rule or "")], [plugin])
    lines = list(told(results))
    if not rule and not files:
        lines.extend(lacking(results, [plugin]))
    failed = sum(not result.passed for result in results)
    lines.append(f"{len(results)} cases, {failed} failed")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return failed == 0


def plugin_at(where: str) -> PluginClass:
    """The plugin class of a folder with a pyproject.toml, of a file, or by its name."""
    project = Path(where) / "pyproject.toml"
    if not project.is_file():
        return load_plugin(where)
    points = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {}).get("entry-points", {})
    found = list(points.get("arrears.plugins", {}).values())
    if len(found) != 1:
        raise InputError(f"{project} names {len(found)} plugins; give module:Class")
    return load_plugin(found[0])


def told(results: Sequence[CaseResult]) -> Iterator[str]:
    """Every case that failed, with what the rule said instead."""
    for result in results:
        if result.passed:
            continue
        yield f"FAILED {result.case.id}  ({result.case.file}; {result.case.source})"
        yield from (f"    {difference}" for difference in result.differences)
        if not result.asked:
            yield "    the rule was not asked: jurisdiction, day, channel or kind of act do not fit it"
        for finding in result.findings:
            yield f"    said {finding.verdict.name}: {finding.reason}"
            if finding.facts:
                yield f"         with {'; '.join(f'{name}: {value}' for name, value in finding.facts)}"


def lacking(results: Sequence[CaseResult], plugins: Sequence[PluginClass]) -> Iterator[str]:
    """The rules that lack a case on a side."""
    found = sides(results, plugins)
    yield from (f"no case in which it objects: {rule}" for rule in found.objecting)
    yield from (f"no case in which it is asked and does not object: {rule}" for rule in found.silent)
