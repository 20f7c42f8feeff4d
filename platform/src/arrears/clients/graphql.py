"""Clients, portfolios and placements in the schema, and the mutations that write them."""

from __future__ import annotations

import datetime

from strawberry import Maybe

from arrears.access.model import Permission
from arrears.clients.commands import (
    client_create,
    client_update,
    placement_create,
    portfolio_create,
    portfolio_update,
)
from arrears.clients.model import ClientStatus, CollectorRole
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    describe_enum,
    entity,
    loaded,
    many,
    mutations,
    one,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import CurrencyCode

describe_enum(
    CollectorRole,
    "In what capacity the agency collects for a client; it decides which rules of law apply.",
    {
        "THIRD_PARTY": "As an agency, for the creditor.",
        "DEBT_BUYER": "As the buyer of the debts.",
        "ATTORNEY": "As a lawyer or law firm.",
        "FIRST_PARTY": "As the creditor itself, in its own name.",
        "SERVICER_PREDEFAULT": "As the servicer since before the debts fell into default.",
        "AFFILIATE_OF_CREDITOR": "As a company of the creditor's group.",
        "GOVERNMENT": "As a public authority, or for one.",
    },
)
describe_enum(
    ClientStatus,
    "Where the relation with a client stands.",
    {
        "ACTIVE": "New debts are taken and worked.",
        "SUSPENDED": "No new debts are taken for the time being.",
        "ENDED": "The contract has ended; the records remain.",
    },
)


@entity(
    "clnt",
    table="client",
    description="A creditor whose debts the agency collects.",
    permission=Permission.CLIENTS_READ,
    scope_column="id",
)
class Client:
    name: str = column(description="The client's name, as notices give it.", order=True)
    reference: str = column(
        description="The agency's own short name for the client; no two have the same.", filter=True, order=True
    )
    country: str = column(description="The client's country (ISO 3166-1, two letters).")
    currency: CurrencyCode = column(description="The currency that new portfolios and accounts begin with.")
    time_zone: str = column(description="The IANA zone in which the client's legal days begin and end.")
    collector_role: CollectorRole = column(description="In what capacity the agency collects for this client.")
    collects_in_client_name: bool = column(description="Whether debtors are written to in the client's own name.")
    status: ClientStatus = column(description="Where the relation stands.", filter=True)
    version: int = column(description="Pass it with a change; it grows with each.")
    created_at: datetime.datetime = column(description="When the client was added.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    portfolios: Connection[Portfolio] = many("client_id", description="The client's products and segments.")
    placements: Connection[Placement] = many(
        "client_id", order="-received_on", description="The batches received from the client, the latest first."
    )


@entity(
    "port",
    table="portfolio",
    description="A product or segment of a client's debts, such as its credit cards.",
    permission=Permission.CLIENTS_READ,
    scope_column="client_id",
)
class Portfolio:
    name: str = column(description="The portfolio's name.", order=True)
    reference: str = column(
        description="The client's own reference; unique within the client.", filter=True, order=True
    )
    product: str | None = column(description="What was sold or lent, in the client's words.")
    currency: CurrencyCode = column(description="The currency that new accounts begin with.")
    version: int = column(description="Pass it with a change; it grows with each.")
    created_at: datetime.datetime = column(description="When the portfolio was added.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    client: Client | None = one("client_id", description="The client that it belongs to.", filter=True)
    placements: Connection[Placement] = many("portfolio_id", description="The batches received for it.")


@entity(
    "plac",
    table="placement",
    description="A batch of debts received from a client on a date; stair-step reports follow each batch.",
    permission=Permission.CLIENTS_READ,
    scope_column="client_id",
)
class Placement:
    reference: str = column(
        description="The client's own reference of the batch; unique within the client.", filter=True, order=True
    )
    received_on: datetime.date = column(
        description="The day, in the client's zone, on which it was received.", filter=True, order=True
    )
    note: str | None = column(description="What the agency noted about the batch.")
    created_at: datetime.datetime = column(description="When it was entered.")
    client: Client | None = one("client_id", description="The client that placed it.", filter=True)
    portfolio: Portfolio | None = one("portfolio_id", description="The portfolio that it belongs to.", filter=True)


@queries
class ClientQueries:
    client: Client | None = root_one(description="A client by its id.")
    clients: Connection[Client] = root_many(description="All clients that you may see.")
    portfolio: Portfolio | None = root_one(description="A portfolio by its id.")
    portfolios: Connection[Portfolio] = root_many(description="All portfolios that you may see.")
    placement: Placement | None = root_one(description="A placement by its id.")
    placements: Connection[Placement] = root_many(description="All placements that you may see.")


@input_type(description="A new client.")
class ClientCreateInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    name: str = input_field(description="The client's name, as notices give it.")
    reference: str = input_field(description="The agency's own short name for the client, not taken by another.")
    country: str = input_field(description="The client's country (ISO 3166-1, two letters).")
    currency: CurrencyCode = input_field(description="The currency of most of its debts.")
    time_zone: str = input_field(description="The IANA zone of the client's legal days, such as Europe/Berlin.")
    collector_role: CollectorRole = input_field(description="In what capacity the agency collects for it.")
    collects_in_client_name: bool = input_field(
        default=False, description="Whether debtors are written to in the client's own name."
    )


@input_type(description="New values of a client; what is left out stays.")
class ClientUpdateInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    client_id: ID = input_field("clnt", description="The client.")
    version: int = input_field(description="The version that you read; CONFLICT when it has changed since.")
    name: Maybe[str] = input_field(description="The client's name.")
    reference: Maybe[str] = input_field(description="The agency's own short name for the client.")
    country: Maybe[str] = input_field(description="The client's country (ISO 3166-1, two letters).")
    currency: Maybe[CurrencyCode] = input_field(description="The currency of most of its debts.")
    time_zone: Maybe[str] = input_field(description="The IANA zone of the client's legal days.")
    collector_role: Maybe[CollectorRole] = input_field(description="In what capacity the agency collects for it.")
    collects_in_client_name: Maybe[bool] = input_field(
        description="Whether debtors are written to in the client's own name."
    )
    status: Maybe[ClientStatus] = input_field(description="Where the relation stands.")


@input_type(description="A new portfolio of a client.")
class PortfolioCreateInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    client_id: ID = input_field("clnt", description="The client.")
    name: str = input_field(description="The portfolio's name.")
    reference: str = input_field(description="The client's own reference, not taken by another of its portfolios.")
    product: str | None = input_field(description="What was sold or lent, in the client's words.")
    currency: CurrencyCode | None = input_field(description="The currency of its debts; the client's unless given.")


@input_type(description="New values of a portfolio; what is left out stays.")
class PortfolioUpdateInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    portfolio_id: ID = input_field("port", description="The portfolio.")
    version: int = input_field(description="The version that you read; CONFLICT when it has changed since.")
    name: Maybe[str] = input_field(description="The portfolio's name.")
    reference: Maybe[str] = input_field(description="The client's own reference.")
    product: Maybe[str | None] = input_field(description="What was sold or lent; null removes it.")
    currency: Maybe[CurrencyCode] = input_field(description="The currency of its debts.")


@input_type(description="A batch of debts received from a client.")
class PlacementCreateInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    client_id: ID = input_field("clnt", description="The client that placed it.")
    portfolio_id: ID | None = input_field("port", description="The portfolio of the client that it belongs to.")
    reference: str = input_field(description="The client's own reference, not taken by another of its placements.")
    received_on: datetime.date = input_field(description="The day, in the client's zone, on which it was received.")
    note: str | None = input_field(description="What to note about the batch.")


@payload
class ClientCreatePayload(Payload):
    """The new client."""

    client: Client | None = loaded("client_id", description="The new client.")


@payload
class ClientUpdatePayload(Payload):
    """The client after the change."""

    client: Client | None = loaded("client_id", description="The client after the change.")


@payload
class PortfolioCreatePayload(Payload):
    """The new portfolio."""

    portfolio: Portfolio | None = loaded("portfolio_id", description="The new portfolio.")


@payload
class PortfolioUpdatePayload(Payload):
    """The portfolio after the change."""

    portfolio: Portfolio | None = loaded("portfolio_id", description="The portfolio after the change.")


@payload
class PlacementCreatePayload(Payload):
    """The new placement."""

    placement: Placement | None = loaded("placement_id", description="The new placement.")


@mutations
class ClientMutations:
    @mutation(client_create, description="Add a client; only for those who may see every client.")
    async def client_create(self, info: Info, input: ClientCreateInput) -> ClientCreatePayload:
        return await run(info, ClientCreatePayload, client_create, input, idempotency_key=input.idempotency_key)

    @mutation(client_update, description="Change a client.")
    async def client_update(self, info: Info, input: ClientUpdateInput) -> ClientUpdatePayload:
        return await run(info, ClientUpdatePayload, client_update, input, idempotency_key=input.idempotency_key)

    @mutation(portfolio_create, description="Add a portfolio to a client.")
    async def portfolio_create(self, info: Info, input: PortfolioCreateInput) -> PortfolioCreatePayload:
        return await run(info, PortfolioCreatePayload, portfolio_create, input, idempotency_key=input.idempotency_key)

    @mutation(portfolio_update, description="Change a portfolio.")
    async def portfolio_update(self, info: Info, input: PortfolioUpdateInput) -> PortfolioUpdatePayload:
        return await run(info, PortfolioUpdatePayload, portfolio_update, input, idempotency_key=input.idempotency_key)

    @mutation(placement_create, description="Enter a batch of debts received from a client.")
    async def placement_create(self, info: Info, input: PlacementCreateInput) -> PlacementCreatePayload:
        return await run(info, PlacementCreatePayload, placement_create, input, idempotency_key=input.idempotency_key)
