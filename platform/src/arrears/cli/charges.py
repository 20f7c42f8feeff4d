"""`arrears charges`: late and dunning fees."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, say, wait_for

if TYPE_CHECKING:
    from arrears.charges.running import Tally

charges = typer.Typer(no_args_is_help=True, help="Charge late and dunning fees.")


@charges.callback()
def _group() -> None:
    """Keeps `run` a word of its own while it is the only command."""


@charges.command("run")
def run_charges(
    through: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last business day to charge for; else today.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Charge every account that the clients' rules apply to, for each day since the last run; nothing twice."""

    async def run() -> Tally:
        from arrears.charges.running import run_charges

        async with deployment_for(data) as deployment:
            day = None if through is None else through.date()
            return await run_charges(deployment.worker_context("charges run"), day)

    done = wait_for(run())
    if json:
        print_json(asdict(done))
    else:
        say(
            f"Fees: {done.quoted:,} quoted, {done.claimed:,} claimed, {done.waived:,} waived,"
            f" {done.refused:,} not allowed; {done.failed:,} accounts failed."
        )
    if done.failed:
        raise typer.Exit(1)
