"""The peer of the worklist benchmark: the same answer from plain Strawberry with a dataloader for each relation.

It reads the same rows through the same role, policies and connection pool; what differs is only how an answer is made.
"""

from __future__ import annotations

import datetime
import enum
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from arrears.kernel.database import Database
from arrears.kernel.scope import Scope

SCOPE = Scope.everything()


def public_id(prefix: str, value: UUID) -> str:
    """The outside form of an id."""
    return f"{prefix}_{value.hex}"


@strawberry.type
class Money:
    amount: Decimal
    currency: str


@strawberry.type
class ContactPoint:
    channel: str
    value: str


@strawberry.type
class Party:
    role: str
    name: str


@strawberry.type
class Interaction:
    started_at: datetime.datetime
    channel: str
    result: str


@strawberry.type
class Client:
    id: strawberry.ID
    name: str


@strawberry.type
class ContactPointConnection:
    nodes: list[ContactPoint]


@strawberry.type
class PartyConnection:
    nodes: list[Party]


@strawberry.type
class InteractionConnection:
    nodes: list[Interaction]


@strawberry.type
class Debtor:
    key: strawberry.Private[UUID]
    id: strawberry.ID
    display_name: str

    @strawberry.field
    async def contact_points(self, info: strawberry.Info[Any, Any], first: int) -> ContactPointConnection:
        """The debtor's contact points."""
        return ContactPointConnection(nodes=(await info.context["contact_points"].load(self.key))[:first])


@strawberry.type
class Account:
    key: strawberry.Private[UUID]
    client_key: strawberry.Private[UUID]
    debtor_key: strawberry.Private[UUID]
    id: strawberry.ID
    reference: str
    status: str
    due_on: datetime.date
    days_past_due: int
    balance: Money

    @strawberry.field
    async def client(self, info: strawberry.Info[Any, Any]) -> Client:
        """The creditor."""
        found: Client = await info.context["clients"].load(self.client_key)
        return found

    @strawberry.field
    async def debtor(self, info: strawberry.Info[Any, Any]) -> Debtor:
        """The primary debtor."""
        found: Debtor = await info.context["debtors"].load(self.debtor_key)
        return found

    @strawberry.field
    async def parties(self, info: strawberry.Info[Any, Any], first: int) -> PartyConnection:
        """Who stands on the account."""
        return PartyConnection(nodes=(await info.context["parties"].load(self.key))[:first])

    @strawberry.field
    async def interactions(self, info: strawberry.Info[Any, Any], first: int) -> InteractionConnection:
        """The last interactions."""
        return InteractionConnection(nodes=(await info.context["interactions"].load(self.key))[:first])


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class AccountConnection:
    nodes: list[Account]
    page_info: PageInfo


@strawberry.input
class DateComparison:
    lt: datetime.date


@strawberry.input
class AccountWhere:
    due_on: DateComparison


@strawberry.enum
class AccountOrderField(enum.StrEnum):
    DUE_ON = "DUE_ON"


@strawberry.enum
class OrderDirection(enum.StrEnum):
    DESC = "DESC"


@strawberry.input
class AccountOrder:
    field: AccountOrderField
    direction: OrderDirection


@strawberry.type
class Query:
    @strawberry.field
    async def accounts(
        self, info: strawberry.Info[Any, Any], first: int, where: AccountWhere, order_by: AccountOrder
    ) -> AccountConnection:
        """A page of the worklist."""
        rows = await info.context["database"].read(
            SCOPE,
            "select id, client_id, debtor_id, reference, status, due_on, balance_minor, currency,"
            " client_day(client_id, now()) - due_on from account"
            " where due_on < %(before)s order by due_on desc, id desc limit %(most)s",
            {"before": where.due_on.lt, "most": first + 1},
        )
        nodes = [
            Account(
                key=row[0],
                client_key=row[1],
                debtor_key=row[2],
                id=strawberry.ID(public_id("acct", row[0])),
                reference=row[3],
                status=row[4],
                due_on=row[5],
                days_past_due=max(0, row[8]),
                balance=Money(amount=Decimal(row[6]).scaleb(-2), currency=row[7]),
            )
            for row in rows[:first]
        ]
        return AccountConnection(nodes=nodes, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=None))


Load = Callable[[Sequence[UUID]], Awaitable[list[Any]]]


def one_each(database: Database, sql: str, make: Callable[[Any], Any]) -> Load:
    """A loader of one row for each key."""

    async def load(keys: Sequence[UUID]) -> list[Any]:
        found = {row[0]: make(row) for row in await database.read(SCOPE, sql, {"keys": list(keys)})}
        return [found.get(key) for key in keys]

    return load


def many_each(database: Database, sql: str, make: Callable[[Any], Any]) -> Load:
    """A loader of the child rows of each key."""

    async def load(keys: Sequence[UUID]) -> list[Any]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for row in await database.read(SCOPE, sql, {"keys": list(keys)}):
            found[row[0]].append(make(row))
        return [found[key] for key in keys]

    return load


def loaders(database: Database) -> dict[str, Any]:
    """The loaders of one request."""
    clients = "select id, name from client where id = any(%(keys)s)"
    debtors = "select id, display_name from debtor where id = any(%(keys)s)"
    points = "select debtor_id, channel, value from contact_point where debtor_id = any(%(keys)s) order by id"
    parties = "select account_id, role, name from party where account_id = any(%(keys)s) order by position"
    interactions = (
        "select k, i.started_at, i.channel, i.result from unnest(%(keys)s::uuid[]) k cross join lateral"
        " (select * from interaction i where i.account_id = k order by started_at desc, id desc limit 5) i"
    )
    return {
        "database": database,
        "clients": DataLoader(
            one_each(database, clients, lambda r: Client(id=strawberry.ID(public_id("clnt", r[0])), name=r[1]))
        ),
        "debtors": DataLoader(
            one_each(
                database,
                debtors,
                lambda r: Debtor(key=r[0], id=strawberry.ID(public_id("dbtr", r[0])), display_name=r[1]),
            )
        ),
        "contact_points": DataLoader(many_each(database, points, lambda r: ContactPoint(channel=r[1], value=r[2]))),
        "parties": DataLoader(many_each(database, parties, lambda r: Party(role=r[1], name=r[2]))),
        "interactions": DataLoader(
            many_each(database, interactions, lambda r: Interaction(started_at=r[1], channel=r[2], result=r[3]))
        ),
    }


class PeerView(GraphQL[Any, Any]):
    """Strawberry's own ASGI view with the loaders in its context."""

    def __init__(self, database: Database) -> None:
        super().__init__(strawberry.Schema(query=Query), graphql_ide=None)
        self.database = database

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """Fresh loaders for each request."""
        return loaders(self.database)


def peer_app(database: Database) -> Starlette:
    """The peer's server."""
    return Starlette(routes=[Route("/graphql", PeerView(database))])
