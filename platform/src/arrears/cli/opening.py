"""How a command opens the deployment: settings from the environment, with the command's own options before them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arrears.deployment import Deployment
    from arrears.settings import Settings

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The data folder of an embedded deployment; else ARREARS_DATA_FOLDER.", metavar="FOLDER"
    ),
]
PluginOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE",
        help="A file with a plugin to try, enabled for the whole deployment; may be given several times.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for a script.")]


def settings_for(
    data: Path | None, *, quiet: bool = True, plugins: list[Path] | None = None, **overrides: object
) -> Settings:
    """The settings of the deployment that a command is about; says when a variable looks misspelt.

    Logs go to standard error from here on; a quiet command logs warnings only.
    """
    from arrears.cli.output import note, options
    from arrears.kernel.logs import configure_logs
    from arrears.settings import read_settings, unknown_variables

    for name in unknown_variables():
        note(f"There is no setting {name}; it is ignored.")
    if plugins:
        overrides["plugin_files"] = ",".join(str(path.expanduser().absolute()) for path in plugins)
    if data is not None:
        overrides["data_folder"] = data
    settings = read_settings(**overrides)
    usual = "WARNING" if quiet else settings.log_level
    configure_logs("DEBUG" if options.debug else usual, settings.log_format)
    return settings


@asynccontextmanager
async def deployment_for(data: Path | None, *, plugins: list[Path] | None = None) -> AsyncIterator[Deployment]:
    """The open deployment that a command works on, started for the moment when it does not run."""
    from arrears.deployment import open_deployment

    async with open_deployment(settings_for(data, plugins=plugins)) as deployment:
        yield deployment
