"""`arrears events`: events that a plugin could not take, and having them told again."""

from __future__ import annotations

from typing import Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, print_table, say, wait_for

events = typer.Typer(no_args_is_help=True, help="Look after events that plugins could not take.")

_COLUMNS = ("id", "plugin", "subscriber", "event", "subject", "client", "attempts", "died_at", "error")
_LIST = """
select public_id('dead', id), plugin, subscriber, event_name, public_id(subject, subject_id),
       public_id('clnt', client_id), attempts, died_at, error
from dead_letter
where state = 'DEAD' and (%(plugin)s::text is null or plugin = %(plugin)s)
order by died_at, id limit %(limit)s
"""
_IDS = """
select id from dead_letter
where state = 'DEAD' and (%(plugin)s::text is null or plugin = %(plugin)s)
order by died_at, id
"""

PluginOption = Annotated[str | None, typer.Option("--plugin", help="Only those of this plugin.")]


@events.command("dead")
def list_dead(
    plugin: PluginOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most.")] = 100,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List the dead letters, the oldest first; exit code 1 when there are any."""

    async def read() -> list[tuple[object, ...]]:
        async with deployment_for(data) as deployment:
            scope = deployment.context().principal.scope
            return await deployment.database.read(scope, _LIST, {"plugin": plugin, "limit": limit})

    rows = wait_for(read())
    if json:
        print_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    elif rows:
        print_table([name.replace("_", " ") for name in _COLUMNS], rows)
    else:
        say("There are no dead letters.")
    if rows:
        raise typer.Exit(1)


@events.command("replay")
def replay(
    letters: Annotated[list[str] | None, typer.Argument(help="The ids of dead letters (dead_...).")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter, or every one of --plugin.")] = False,
    plugin: PluginOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Have plugins told again of events that they could not take."""

    async def replay_each() -> int:
        from arrears.deliveries.commands import DeadLetterReplay, replay_dead_letter
        from arrears_sdk.errors import InputError
        from arrears_sdk.ids import decode_id

        if bool(letters) == everything or (plugin is not None and not everything):
            raise InputError("Give the ids of dead letters, or --all, with --plugin for those of one plugin.")
        wanted = [decode_id("dead", letter) for letter in letters or ()]
        async with deployment_for(data) as deployment:
            context = deployment.context()
            if everything:
                found = await deployment.database.read(context.principal.scope, _IDS, {"plugin": plugin})
                wanted = [row[0] for row in found]
            for letter in wanted:
                await replay_dead_letter(context, DeadLetterReplay(dead_letter_id=letter))
        return len(wanted)

    count = wait_for(replay_each())
    if json:
        print_json({"replayed": count})
    else:
        say(f"{count:,} dead letters are told again by the worker.")
