"""How commands speak: sentences and tables for people, JSON where a script asks for it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

import typer

Answer = TypeVar("Answer")

# For a file or a pipe nothing is broken into lines.
WIDE = 500


@dataclass
class Options:
    """What holds for the whole command line."""

    debug: bool = False


options = Options()


def say(text: str) -> None:
    """Print a sentence for people, on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Print something beside the result, on standard error."""
    typer.echo(text, err=True)


def print_json(value: object) -> None:
    """Print a value as JSON for a script, on standard output."""
    import json

    typer.echo(json.dumps(value, default=str, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, aligned for reading; only the headings when there are none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        # The first column is what the next command is given, so it is never broken.
        table.add_column(column, no_wrap=position == 0)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    console.print(table)


def wait_for(work: Coroutine[object, object, Answer]) -> Answer:
    """Run async work to its end and give its answer."""
    import asyncio

    return asyncio.run(work)


def serve_until_stopped(work: Coroutine[object, object, None]) -> None:
    """Run a server to its end, on the fastest event loop there is."""
    import sys

    if sys.platform == "win32":
        wait_for(work)
    else:
        import uvloop

        uvloop.run(work)
