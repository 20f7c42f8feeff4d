"""`arrears demo`: an agency to look at, one command from nothing."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import PluginOption, settings_for
from arrears.cli.output import note, say, serve_until_stopped

if TYPE_CHECKING:
    from arrears.access.model import Role

FOLDER = Path(".arrears") / "demo"
PORTS_TRIED = 20


def demo(
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help=f"Where it is kept; by default {FOLDER}.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port, or the next one that is free.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    accounts: Annotated[int, typer.Option(min=1, max=100_000, help="How many accounts to invent.")] = 2_000,
    plugin: PluginOption = None,
) -> None:
    """Start a demonstration: three clients, their debtors and eighteen months of work, all invented.

    Ctrl-C stops everything; starting again keeps the data.
    """

    async def run() -> None:
        from arrears.cli.stopping import stop_requests
        from arrears.demo.running import Telling, run_demo

        # What is set for a real deployment has no place here.
        settings = settings_for(
            data or _usual_folder(),
            plugins=plugin,
            database_url=None,
            api_database_url=None,
            worker_database_url=None,
            deployment_keys=None,
            deployment_keys_file=None,
            sandbox=True,
            host=host,
            port=_free_port(host, port),
        )
        with stop_requests() as stop:
            await run_demo(settings, stop, Telling(_show_set_aside, _show_seeding, _show_ready), accounts=accounts)
        note("Stopped; the data stays in " + str(settings.data_folder) + ".")

    serve_until_stopped(run())


def _usual_folder() -> Path:
    """The folder below the present one, unless it lies in a home that root keeps to itself.

    As root, PostgreSQL runs as a user of its own, who could not enter it.
    """
    folder = FOLDER.absolute()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return folder
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents if parent.exists()):
        return folder
    from arrears.settings import default_data_folder

    place = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    return default_data_folder() / f"demo-{place}"


def _free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on."""
    import socket

    from arrears_sdk.errors import InputError

    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        try:
            socket.create_server((host, port)).close()
        except OSError:
            continue
        if port != wanted:
            note(f"Port {wanted} is taken; {port} is used instead.")
        return port
    raise InputError(f"The ports from {wanted} to {wanted + PORTS_TRIED - 1} of {host} are taken. Give another --port.")


def _show_set_aside(earlier: Path) -> None:
    note(f"This version cannot read the demonstration of an earlier one; it is kept in {earlier}.")


def _show_seeding() -> Callable[[int], None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from arrears.demo.seed import PROGRESS_STEPS

    note("Inventing eighteen months of an agency's work; this happens once.")
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Seeding"), BarColumn(), TimeElapsedColumn(), console=console, disable=not console.is_terminal
    )
    task = bar.add_task("seeding", total=PROGRESS_STEPS)
    bar.start()

    def advance(steps: int) -> None:
        bar.advance(task, steps)
        if bar.finished:
            bar.stop()

    return advance


def _show_ready(address: str, keys: dict[Role, str]) -> None:
    say("")
    say("Arrears is ready. Open GraphiQL as one of the roles:")
    for role, key in keys.items():
        say(f"  {role:<10} {address}/graphiql#token={key}")
    say("")
    say(f"What follows #token= is the role's key, for your own calls of {address}/graphql (Authorization: Bearer ...).")
    say("Ctrl-C stops everything. Starting again keeps the data, and makes new keys.")
