"""`arrears db`: the database's schema, its address and the clock of a sandbox."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for, settings_for
from arrears.cli.output import print_json, say, wait_for

database = typer.Typer(no_args_is_help=True, help="Migrate the database, look at it, move a sandbox's clock.")


@database.command("migrate")
def migrate_database(
    data: DataOption = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Make an empty database a sandbox, whose clock can be moved.")
    ] = False,
) -> None:
    """Bring the database to this version's schema; a database that is there already is left alone."""

    async def migrate() -> str:
        import asyncio

        from arrears.deployment import reach_database
        from arrears.kernel import migrations

        settings = settings_for(data)
        async with reach_database(settings) as urls:
            return await asyncio.to_thread(migrations.migrate, urls, sandbox=sandbox or settings.sandbox)

    say(f"The database is at schema {wait_for(migrate())}.")


@database.command("status")
def database_status(data: DataOption = None, json: JsonOption = False) -> None:
    """Show the database's schema and the one this version needs; exit code 1 when they differ."""

    async def look() -> tuple[str | None, str]:
        import asyncio

        from arrears.deployment import reach_database
        from arrears.kernel import migrations

        async with reach_database(settings_for(data)) as urls:
            return await asyncio.to_thread(migrations.current_revision, urls.owner), migrations.newest_revision()

    found, needed = wait_for(look())
    if json:
        print_json({"schema": found, "needed": needed, "current": found == needed})
    else:
        have = "is empty" if found is None else f"is at schema {found}"
        say(f"The database {have}; this version needs schema {needed}.")
    if found != needed:
        raise typer.Exit(1)


@database.command("url")
def database_url(
    data: DataOption = None,
    role: Annotated[str, typer.Option(help="As whom: owner, api or worker.")] = "owner",
) -> None:
    """Print the database's address with its password, for psql or a backup while the server runs."""

    async def find() -> str:
        from arrears.deployment import reach_database
        from arrears_sdk.errors import InputError

        if role not in {"owner", "api", "worker"}:
            raise InputError(f"There is no role {role}; there are owner, api and worker.")
        async with reach_database(settings_for(data)) as urls:
            return str(getattr(urls, role))

    say(wait_for(find()))


@database.command("clock")
def database_clock(
    data: DataOption = None,
    to: Annotated[str | None, typer.Option(help="An instant to move to, such as 2026-03-02T12:00:00Z.")] = None,
    by: Annotated[float | None, typer.Option(help="Days to move ahead by.")] = None,
    json: JsonOption = False,
) -> None:
    """Show the platform's clock; in a sandbox, move it."""

    async def move() -> datetime.datetime:
        from arrears.kernel.clock import move_clock
        from arrears_sdk.errors import InputError

        if to is not None and by is not None:
            raise InputError("Give --to or --by, not both.")
        async with deployment_for(data) as deployment:
            if to is not None:
                return await move_clock(deployment.context(), to=_instant(to))
            if by is not None:
                return await move_clock(deployment.context(), by=datetime.timedelta(days=by))
            await deployment.clock.refresh()
            return deployment.clock.now()

    now = wait_for(move())
    if json:
        print_json({"now": now.isoformat()})
    else:
        say(f"The platform's clock shows {now:%Y-%m-%d %H:%M:%S} UTC.")


def _instant(text: str) -> datetime.datetime:
    from arrears_sdk.errors import InputError

    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not an instant such as 2026-03-02T12:00:00Z.") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
