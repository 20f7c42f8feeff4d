"""Prints the grade of every plugin whose suite was run, and keeps the reports where `--conformance-report` says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from arrears_sdk.testing.report import CheckResult, Report, Status

if TYPE_CHECKING:
    import pytest

PROPERTY = "arrears conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that keeps the reports."""
    parser.getgroup("arrears").addoption(
        "--conformance-report",
        metavar="FILE",
        help="keep the conformance reports of the plugins in this JSON file",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each plugin, and the file when one was asked for."""
    found = reports(
        report for group in ("passed", "failed", "skipped") for report in terminalreporter.stats.get(group, ())
    )
    if found:
        terminalreporter.section("conformance")
        for report in found:
            terminalreporter.write_line(report.summary)
    if target := config.getoption("--conformance-report"):
        Path(str(target)).write_text(
            json.dumps([json.loads(report.as_json()) for report in found], indent=2) + "\n", encoding="utf-8"
        )


def reports(outcomes: Iterable[object]) -> list[Report]:
    """The reports of all plugins, out of what their tests left on pytest's own reports."""
    gathered: dict[tuple[str, str], dict[str, CheckResult]] = {}
    for outcome in outcomes:
        for name, value in getattr(outcome, "user_properties", ()):
            if name == PROPERTY:
                result = CheckResult(check_id=value["check"], status=Status(value["status"]), message=value["message"])
                gathered.setdefault((value["plugin"], value["version"]), {})[result.check_id] = result
    return [
        Report(plugin=plugin, version=version, results=tuple(results.values()))
        for (plugin, version), results in sorted(gathered.items())
    ]


def kept(report: Report) -> dict[str, str]:
    """What a test leaves on pytest's report about its one result; it has to pass from process to process."""
    (result,) = report.results
    return {
        "plugin": report.plugin,
        "version": report.version,
        "check": result.check_id,
        "status": result.status.value,
        "message": result.message,
    }
