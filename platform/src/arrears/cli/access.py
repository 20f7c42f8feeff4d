"""`arrears keys`: API keys and the deployment's own keys."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import note, print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.access.key_commands import ApiKeyIssued

keys = typer.Typer(no_args_is_help=True, help="Make, list, revoke and roll API keys.")

_COLUMNS = ("id", "name", "principal", "kind", "scopes", "created", "last used", "expires", "state")
# Keys live in real time, by the database's own clock.
_LIST = """
select public_id('akey', key.id), key.name, principal.name, principal.kind, key.scopes, key.created_at,
       key.last_used_at, key.expires_at,
       case when key.revoked_at is not null then 'revoked'
            when key.expires_at <= clock_timestamp() then 'expired'
            else 'active' end
from api_key key join principal on principal.id = key.principal_id
order by key.created_at desc, key.id
limit 1000
"""


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[str, typer.Option(help="ADMIN, MANAGER, COLLECTOR, AUDITOR, or SERVICE with --scope.")] = "ADMIN",
    person: Annotated[str | None, typer.Option(help="Who the new principal is; by default the key's name.")] = None,
    principal: Annotated[
        str | None, typer.Option(help="An existing principal (prin_...) instead of a new one.")
    ] = None,
    client: Annotated[list[str] | None, typer.Option(help="A client (clnt_...) to limit the role to.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="A permission of the key, such as accounts.read.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")] = 90,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make an API key, and a principal with a role for it; the key is shown once."""

    async def create() -> ApiKeyIssued:
        from arrears.cli.principals import WantedKey, issue_key

        wanted = WantedKey(name, role.upper(), person or name, principal, client or (), scope, days)
        async with deployment_for(data) as deployment:
            return await issue_key(deployment.context(reason="made at the command line"), wanted)

    _show(wait_for(create()), json)


@keys.command("list")
def list_keys(data: DataOption = None, json: JsonOption = False) -> None:
    """List the API keys, the newest first; secrets are not kept."""

    async def read() -> list[tuple[object, ...]]:
        async with deployment_for(data) as deployment:
            return await deployment.database.read(deployment.context().principal.scope, _LIST)

    rows = wait_for(read())
    if json:
        print_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    else:
        shown = [place for place, name in enumerate(_COLUMNS) if name != "scopes"]
        print_table([_COLUMNS[place] for place in shown], [[_readable(row[place]) for place in shown] for row in rows])


@keys.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="The key's id, akey_...")], data: DataOption = None) -> None:
    """End a key in every process within a second."""

    async def revoke() -> None:
        from arrears.access.key_commands import ApiKeyRevoke, api_key_revoke

        async with deployment_for(data) as deployment:
            await api_key_revoke(deployment.context(), ApiKeyRevoke(api_key_id=_key_id(key)))

    wait_for(revoke())
    say(f"{key} is revoked.")


@keys.command("roll")
def roll_key(
    key: Annotated[str, typer.Argument(help="The key's id, akey_...")],
    overlap_hours: Annotated[float, typer.Option(min=0, max=720, help="How long the old key still works.")] = 24,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Replace a key by a new one; the old one works on for a while."""

    async def roll() -> ApiKeyIssued:
        from arrears.access.key_commands import ApiKeyRoll, api_key_roll

        change = ApiKeyRoll(api_key_id=_key_id(key), overlap_seconds=int(overlap_hours * 3600))
        async with deployment_for(data) as deployment:
            return (await api_key_roll(deployment.context(), change)).result

    _show(wait_for(roll()), json)


@keys.command("deployment")
def deployment_key() -> None:
    """Print a new random deployment key, for ARREARS_DEPLOYMENT_KEYS; nothing is stored."""
    from arrears.kernel.keys import new_key_text

    say(new_key_text())


@keys.command("rotate-deployment")
def rotate_deployment(data: DataOption = None, json: JsonOption = False) -> None:
    """Put every person's key under the first deployment key, after a new one was listed before the others.

    Runs beside normal work and may be stopped and started again. Every process must know the new key already.
    """

    async def rotate() -> tuple[str, int, dict[str, int]]:
        from arrears.kernel.key_rotation import rotate_deployment_key

        async with deployment_for(data) as deployment:
            with _counting("persons' keys put under the first deployment key", shown=not json) as counted:
                report = await rotate_deployment_key(deployment.worker_database, deployment.vault, progress=counted)
            return deployment.keys.current.id, report.rewrapped, report.under_key

    current, rewrapped, under_key = wait_for(rotate())
    if json:
        print_json({"current": current, "rewrapped": rewrapped, "under_key": under_key})
        return
    say(f"{rewrapped:,} persons' keys were put under the deployment key {current}.")
    for older in sorted(set(under_key) - {current}):
        note(f"{under_key[older]:,} are still under {older}, in use by others just now; run this again.")
    note("Keep the older deployment keys listed while audit entries written under them are to be verified.")


@contextmanager
def _counting(what: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done: progress.update(task, completed=done)


def _show(issued: ApiKeyIssued, json: bool) -> None:
    from arrears_sdk.ids import encode_id

    identifier, principal = encode_id("akey", issued.api_key_id), encode_id("prin", issued.principal_id)
    if json:
        print_json({"id": identifier, "principal": principal, "key": issued.secret})
    else:
        note(f"{identifier} of {principal}. The key is shown this once:")
        say(str(issued.secret))


def _key_id(text: str) -> UUID:
    from arrears_sdk.ids import decode_id

    return decode_id("akey", text)


def _readable(value: object) -> object:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime.datetime) else value
