"""`arrears clients`: the creditors whose debts are collected."""

from __future__ import annotations

from typing import Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, print_table, say, wait_for

clients = typer.Typer(no_args_is_help=True, help="List the clients, or add one.")

_COLUMNS = ("id", "reference", "name", "country", "currency", "time_zone", "status")
_LIST = (
    "select public_id('clnt', id), reference, name, country, currency, time_zone, status from client order by name, id"
)


@clients.command("list")
def list_clients(data: DataOption = None, json: JsonOption = False) -> None:
    """List every client."""

    async def read() -> list[tuple[object, ...]]:
        async with deployment_for(data) as deployment:
            return await deployment.database.read(deployment.context().principal.scope, _LIST)

    rows = wait_for(read())
    if json:
        print_json([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    else:
        print_table([name.replace("_", " ") for name in _COLUMNS], rows)


@clients.command("create")
def create_client(
    name: Annotated[str, typer.Option(help="The client's name.")],
    reference: Annotated[str, typer.Option(help="Your own short reference of the client.")],
    country: Annotated[str, typer.Option(help="Its country, such as US.")],
    currency: Annotated[str, typer.Option(help="The currency of its debts, such as USD.")],
    time_zone: Annotated[str, typer.Option(help="The zone of its business days, such as America/New_York.")],
    role: Annotated[str, typer.Option(help="As what debts are collected.")] = "THIRD_PARTY",
    in_client_name: Annotated[bool, typer.Option("--in-client-name", help="Collect in the client's name.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Add a client; prints its id."""

    async def create() -> str:
        from arrears.clients.commands import ClientCreate, client_create
        from arrears.clients.model import CollectorRole
        from arrears_sdk.errors import InputError
        from arrears_sdk.ids import encode_id

        if role not in CollectorRole.__members__:
            raise InputError(f"There is no collector role {role}; there are {', '.join(CollectorRole)}.")
        change = ClientCreate(
            name=name,
            reference=reference,
            country=country,
            currency=currency,
            time_zone=time_zone,
            collector_role=CollectorRole[role],
            collects_in_client_name=in_client_name,
        )
        async with deployment_for(data) as deployment:
            receipt = await client_create(deployment.context(), change)
        return encode_id("clnt", receipt.result.client_id)

    identifier = wait_for(create())
    if json:
        print_json({"id": identifier})
    else:
        say(identifier)
