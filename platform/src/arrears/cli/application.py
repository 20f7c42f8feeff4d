"""The commands put together, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from arrears.cli import (
    access,
    audit,
    charges,
    clients,
    compliance,
    config,
    database,
    demo,
    events,
    imports,
    ledger,
    plugins,
    replaying,
    schema,
    server,
    strategies,
)
from arrears.cli.output import options

application = typer.Typer(
    name="arrears",
    help="Arrears, a headless platform for collecting debts lawfully and humanely.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
application.command("demo")(demo.demo)
application.command("serve")(server.serve)
application.command("worker")(server.worker)
application.command("import")(imports.import_file)
application.command("schema")(schema.schema)
application.add_typer(access.keys, name="keys")
application.add_typer(clients.clients, name="clients")
application.add_typer(compliance.compliance, name="compliance")
compliance.compliance.command("replay")(replaying.replay)
application.add_typer(config.config, name="config")
application.add_typer(ledger.ledger, name="ledger")
application.add_typer(charges.charges, name="charges")
application.add_typer(strategies.strategies, name="strategies")
application.add_typer(audit.audit, name="audit")
application.add_typer(events.events, name="events")
application.add_typer(plugins.plugins, name="plugin")
application.add_typer(database.database, name="db")
application.command("health")(server.health)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("arrears"))
        raise typer.Exit


@application.callback()
def begin(
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Arrears, a headless platform for collecting debts lawfully and humanely."""
    options.debug = debug


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives the exit code, having told an error in one sentence on standard error."""
    options.debug = False
    try:
        code = application(args=list(arguments), prog_name="arrears", standalone_mode=False)
    except BaseException as error:
        if options.debug and isinstance(error, Exception):
            raise
        from arrears.cli.failures import explain

        failure = explain(error)
        if failure is None:
            raise
        if failure.sentence:
            typer.echo(failure.sentence, err=True)
        return failure.exit_code
    return code if isinstance(code, int) else 0
