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
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for a script.")]


def settings_for(data: Path | None, **overrides: object) -> Settings:
    """The settings of the deployment that a command is about; says when a variable looks misspelt."""
    from arrears.cli.output import note
    from arrears.settings import read_settings, unknown_variables

    for name in unknown_variables():
        note(f"There is no setting {name}; it is ignored.")
    if data is not None:
        overrides["data_folder"] = data
    return read_settings(**overrides)


@asynccontextmanager
async def deployment_for(data: Path | None) -> AsyncIterator[Deployment]:
    """The open deployment that a command works on, started for the moment when it does not run."""
    from arrears.deployment import open_deployment

    async with open_deployment(settings_for(data)) as deployment:
        yield deployment
