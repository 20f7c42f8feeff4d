"""`arrears schema`: the GraphQL schema as a file that is reviewed like code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arrears.cli.opening import DataOption, PluginOption, settings_for
from arrears.cli.output import note, say, wait_for


def schema(
    file: Annotated[Path, typer.Argument(help="The file to write or compare; - for standard output.")] = Path(
        "schema.graphql"
    ),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 when the file differs.")] = False,
    deployed: Annotated[
        bool, typer.Option("--deployed", help="With what the plugins of the deployment add, as its API serves it.")
    ] = False,
    data: DataOption = None,
    plugin: PluginOption = None,
) -> None:
    """Write the GraphQL schema to a file, or check that the file holds it."""
    from arrears.schema import core_sdl

    sdl = wait_for(_deployed_sdl(data, plugin)) if deployed else core_sdl()
    if str(file) == "-":
        typer.echo(sdl, nl=False)
    elif check:
        _compare(file, sdl)
    else:
        file.write_text(sdl, encoding="utf-8")
        say(f"Wrote {file} ({sdl.count(chr(10)):,} lines).")


async def _deployed_sdl(data: Path | None, plugins: list[Path] | None) -> str:
    from arrears.deployment import open_deployment
    from arrears.plugins.host import PluginHost
    from arrears.schema import schema_of

    async with open_deployment(settings_for(data, plugins=plugins)) as deployment:
        return schema_of(deployment.services.find(PluginHost)).strawberry.as_str() + "\n"


def _compare(file: Path, sdl: str) -> None:
    import difflib

    found = file.read_text(encoding="utf-8") if file.exists() else ""
    if found == sdl:
        say(f"{file} holds the present schema.")
        return
    difference = difflib.unified_diff(found.splitlines(), sdl.splitlines(), str(file), "the code", lineterm="", n=1)
    for line in list(difference)[:60]:
        note(line)
    note(f"{file} differs from the code. Run `arrears schema {file}` and look at the change.")
    raise typer.Exit(1)
