"""The commands of plugin authors, and what they print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from arrears_sdk.errors import ArrearsError
from arrears_sdk.scaffold import Kind, new_plugin

FINE, FAILED, WRONG_USE = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """Runs a command and gives its status: 0 fine, 1 a check failed, 2 asked for something that cannot be."""
    options = _parser().parse_args(arguments)
    try:
        return {"new": _new, "check": _check, "cases": _cases}[options.command](options)
    except ArrearsError as error:
        sys.stderr.write(f"arrears-sdk: {error}\n")
        return WRONG_USE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="arrears-sdk", description="For those who write plugins for Arrears.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="write a plugin whose tests pass at once")
    new.add_argument("kind", choices=[kind.value for kind in Kind], help="what it is to be")
    new.add_argument("name", help="lower-case words joined by hyphens, such as winter-pause")
    new.add_argument("--in", dest="folder", type=Path, default=Path(), help="the folder to write it into")
    check = commands.add_parser("check", help="try every check on a plugin, without pytest")
    check.add_argument("plugin", help="path/to/file.py, or module:Class")
    check.add_argument("--config", metavar="JSON", help="settings to try, as JSON")
    check.add_argument("--report", type=Path, metavar="FILE", help="keep the report as JSON")
    cases = commands.add_parser("cases", help="run golden cases against the rules of a plugin")
    cases.add_argument("plugin", help="a plugin's folder, path/to/file.py, or module:Class")
    cases.add_argument("files", nargs="*", type=Path, help="files of cases; without any those that the plugin ships")
    cases.add_argument("--rule", metavar="ID", help="only the cases of rules whose ids begin so")
    return parser


def _new(options: argparse.Namespace) -> int:
    files = new_plugin(options.kind, options.name, options.folder)
    sys.stdout.write("".join(f"wrote {file}\n" for file in files))
    extra = "strategies,testing" if options.kind == Kind.STRATEGY else "testing"
    sys.stdout.write(f'\nNext: pip install "arrears-sdk[{extra}]" && cd {files[0].parent} && python -m pytest\n')
    return FINE


def _check(options: argparse.Namespace) -> int:
    from arrears_sdk.loading import load_plugin, settings_of

    try:
        from arrears_sdk.testing import (
            checks as _every_check,  # noqa: F401 - so that what is missing shows here
            run_checks,
        )
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("arrears_sdk"):
            raise
        sys.stderr.write(f'arrears-sdk: {error.name} is missing: pip install "arrears-sdk[testing]"\n')
        return WRONG_USE
    plugin = load_plugin(options.plugin)
    report = run_checks(plugin, configs=settings_of(plugin, options.config))
    sys.stdout.write(report.text())
    if options.report:
        report.write(options.report)
    return FINE if report.passed else FAILED


def _cases(options: argparse.Namespace) -> int:
    try:
        from arrears_sdk.law.case_command import run as run_cases
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("arrears_sdk"):
            raise
        sys.stderr.write(f'arrears-sdk: {error.name} is missing: pip install "arrears-sdk[law]"\n')
        return WRONG_USE
    return FINE if run_cases(options.plugin, options.files, options.rule) else FAILED
