"""`arrears compliance`: golden cases run against the rules of law; needs no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from arrears.cli.opening import JsonOption, PluginOption
from arrears.cli.output import note, print_json, print_table, say

if TYPE_CHECKING:
    from arrears.plugins.discovery import Candidate
    from arrears_sdk.law.cases import Case, CaseResult, PluginClass

compliance = typer.Typer(no_args_is_help=True, help="Try the rules of law: on cases, and on past decisions.")

_FAILED = ("case", "differs", "what the rule said", "file")
_TOTALS = ("pack", "rules", "cases", "failed", "rules without a case on one side")


@compliance.callback()
def begin() -> None:
    """Try the rules of law: on cases, and on past decisions."""


@compliance.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of cases, or folders of them; those that packs ship by default.")
    ] = None,
    plugin: PluginOption = None,
    json: JsonOption = False,
) -> None:
    """Run golden cases against the rules of every installed pack; exit code 1 when one does not hold."""
    from arrears_sdk.law.cases import load_cases, run_cases

    packs = _packs(plugin or ())
    cases = load_cases(*files) if files else _shipped(packs)
    results = run_cases(cases, packs)
    if json:
        print_json([_as_json(result) for result in results])
    else:
        _tell(results, packs, whole=not files)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _packs(files: Iterable[Path]) -> list[PluginClass]:
    """Every plugin with rule packs that is installed, or given as a file."""
    from arrears.plugins.discovery import check_names, in_file, installed

    candidates = [*installed(), *(candidate for file in files for candidate in in_file(file))]
    check_names(candidates)
    found = [_loaded(candidate) for candidate in candidates]
    return [plugin for plugin in found if plugin is not None and plugin.packs]


def _loaded(candidate: Candidate) -> PluginClass | None:
    try:
        return cast("PluginClass", candidate.load())
    except Exception as error:  # noqa: BLE001 - a plugin that cannot be imported is told of, and has no rules here
        note(f"{candidate.name} ({candidate.origin}) cannot be loaded: {type(error).__name__}: {error}")
        return None


def _shipped(packs: Sequence[PluginClass]) -> list[Case]:
    from arrears_sdk.law.cases import shipped_cases

    return [case for plugin in packs for case in shipped_cases(plugin)]


def _tell(results: Sequence[CaseResult], packs: Sequence[PluginClass], *, whole: bool) -> None:
    failed = [result for result in results if not result.passed]
    if failed:
        print_table(_FAILED, [_row(result) for result in failed])
    if whole:
        print_table(_TOTALS, [_total(plugin, results) for plugin in packs])
    say(f"{len(results)} cases, {len(failed)} failed.")


def _row(result: CaseResult) -> tuple[str, str, str, str]:
    said = "; ".join(f"{finding.verdict.name}: {finding.reason}" for finding in result.findings)
    silent = "nothing" if result.asked else "it was not asked: its place, day, channel or kind of act is another"
    return result.case.id, "; ".join(result.differences), said or silent, str(result.case.file)


def _total(plugin: PluginClass, results: Sequence[CaseResult]) -> tuple[str, int, int, int, int]:
    from arrears_sdk.law.cases import rules_of, sides

    own = [result for result in results if result.plugin == plugin.name]
    lacking = sides(own, [plugin])
    return (
        plugin.name,
        len({rule.id for rule in rules_of(plugin)}),
        len(own),
        sum(not result.passed for result in own),
        len({*lacking.objecting, *lacking.silent}),
    )


def _as_json(result: CaseResult) -> dict[str, object]:
    return {
        "case": result.case.id,
        "rule": result.case.rule,
        "source": result.case.source,
        "file": str(result.case.file),
        "passed": result.passed,
        "asked": result.asked,
        "verdict": result.verdict.name,
        "overall": result.overall.name,
        "differences": list(result.differences),
        "findings": [
            {
                "verdict": finding.verdict.name,
                "reason": finding.reason,
                "citation": finding.citation,
                "until": finding.until,
                "requirement": finding.requirement,
                "missingFact": finding.missing_fact,
                "facts": dict(finding.facts),
            }
            for finding in result.findings
        ],
    }
