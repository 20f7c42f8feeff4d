"""`arrears plugin`: which plugins there are, what is wrong with them and what to do, and a new one to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from arrears.cli.opening import DataOption, JsonOption, PluginOption, deployment_for
from arrears.cli.output import note, print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.plugins.host import PluginHost
    from arrears.plugins.status import PluginStatus
    from arrears_sdk.plugin import Config, Plugin

plugins = typer.Typer(no_args_is_help=True, help="See which plugins there are, what ails them, and write one.")

_COLUMNS = ("name", "version", "state", "hooks", "source", "reason")


@plugins.command("list")
def list_plugins(plugin: PluginOption = None, data: DataOption = None, json: JsonOption = False) -> None:
    """List every plugin that is installed or named as a file, enabled or not."""

    async def look() -> Sequence[PluginStatus]:
        async with deployment_for(data, plugins=plugin) as deployment:
            return deployment.services.find(_host()).plugins()

    found = wait_for(look())
    if json:
        print_json([_as_json(status) for status in found])
    elif found:
        rows = [(one.name, one.version, one.state, ", ".join(one.hooks), one.source, one.reason or "") for one in found]
        print_table(_COLUMNS, rows)
    else:
        say("No plugin is installed. `arrears plugin new` writes one; packages of plugins are installed with pip.")


@plugins.command()
def doctor(
    names: Annotated[list[str] | None, typer.Argument(help="Plugins to look at; all by default.")] = None,
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Run the conformance checks on every enabled plugin; takes a while.")
    ] = False,
    plugin: PluginOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Say what is wrong with plugins and what to do; exit code 1 when an enabled one is broken."""

    async def look() -> tuple[list[PluginStatus], dict[str, tuple[bool, str]]]:
        async with deployment_for(data, plugins=plugin) as deployment:
            host = deployment.services.find(_host())
            await host.snapshot()
            found = [status for status in host.plugins() if not names or status.name in names]
            return found, await _conformance(host, found) if conformance else {}

    found, reports = wait_for(look())
    missing = sorted(set(names or ()) - {status.name for status in found})
    ill = [status for status in found if _is_ill(status)]
    if json:
        print_json([{**_as_json(one), "conformance": reports.get(one.name, (None, None))[1]} for one in found])
    else:
        for status in found:
            _tell(status, reports.get(status.name))
        say(_summary(found, ill))
    for name in missing:
        note(f"No plugin is called {name!r}.")
    if ill or missing or not all(passed for passed, _ in reports.values()):
        raise typer.Exit(1)


@plugins.command()
def new(
    kind: Annotated[str, typer.Argument(help="What it is to be: strategy, gateway or compliance.")],
    name: Annotated[str, typer.Argument(help="Lower-case words joined by hyphens, such as winter-pause.")],
    folder: Annotated[Path, typer.Option("--in", help="The folder to write it into.")] = Path(),
) -> None:
    """Write the package of a new plugin, whose tests pass at once."""
    from arrears_sdk.scaffold import new_plugin

    files = new_plugin(kind, name, folder)
    for file in files:
        say(f"wrote {file}")
    package = next(file for file in files if file.name == "__init__.py")
    say(f"Try it: arrears serve --plugin {package}")


def _host() -> type[PluginHost]:
    from arrears.plugins.host import PluginHost

    return PluginHost


def _as_json(status: PluginStatus) -> dict[str, object]:
    return asdict(status)


def _is_ill(status: PluginStatus) -> bool:
    if status.state == "DISABLED":
        return False
    return status.state != "ENABLED" or any(check.status == "FAILED" for check in status.checks)


def _tell(status: PluginStatus, report: tuple[bool, str] | None) -> None:
    say(f"{status.name} {status.version} ({status.source}): {status.state}")
    if status.state == "DISABLED":
        say(f"  -        {status.reason} Enable it with `arrears config`, or for a try with --plugin.")
    for check in status.checks:
        mark = "ok" if check.status == "OK" else check.status.lower()
        say(f"  {mark:<8} {check.id}: {check.message}")
    if status.reason and status.state == "BROKEN":
        say(f"  failed   running: {status.reason}")
    if report is not None:
        passed, text = report
        say(f"  {'ok' if passed else 'failed':<8} conformance:")
        for line in text.strip().splitlines():
            say(f"           {line}")


def _summary(found: Sequence[PluginStatus], ill: Sequence[PluginStatus]) -> str:
    enabled = sum(status.state != "DISABLED" for status in found)
    if not ill:
        return f"{len(found)} plugins, {enabled} enabled; nothing is wrong with them."
    return f"{len(found)} plugins, {enabled} enabled; something is wrong with {', '.join(one.name for one in ill)}."


async def _conformance(host: PluginHost, found: Sequence[PluginStatus]) -> dict[str, tuple[bool, str]]:
    """What the kit finds about every running plugin, with the deployment's settings."""
    import asyncio

    from arrears.plugins.settings import DEPLOYMENT
    from arrears_sdk.errors import ArrearsError, InputError

    try:
        from arrears_sdk.testing import run_checks
    except ModuleNotFoundError as error:
        raise InputError(
            f'The conformance kit needs {error.name}: pip install "arrears-sdk[testing]" beside the platform.'
        ) from error
    reports = {}
    for status in found:
        loaded = host.loaded(status.name)
        if loaded is None or _is_ill(status):
            continue
        try:
            configs = [await host.config(status.name, DEPLOYMENT)]
        except ArrearsError:
            # Its settings are complete for clients only; the kit tries the defaults.
            configs = []
        plugin = cast("type[Plugin[Config]]", loaded.cls)
        report = await asyncio.to_thread(partial(run_checks, plugin, configs=configs))
        reports[status.name] = (report.passed, report.text())
    return reports
