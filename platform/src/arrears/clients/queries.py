"""What other domains ask about clients and portfolios beyond a plain selection: their references."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from arrears.clients.tables import ClientRow, PortfolioRow
from arrears.kernel.command import load
from arrears.kernel.context import Context
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import NotFoundError

_CLIENTS = "select id, reference from client where id = any(%(ids)s) or reference = any(%(references)s)"
_PORTFOLIOS = (
    "select portfolio.id, portfolio.client_id, portfolio.reference from portfolio"
    " where portfolio.client_id = any(%(clients)s)"
)
_CLIENT = "select id from client where id = %(client)s"
_CLIENT_OF = (
    "select client_id from portfolio where id = %(portfolio)s and (%(client)s::uuid is null or client_id = %(client)s)"
)
_CLIENT_REFERENCES = "select reference from client order by reference limit 10000"


@dataclass(frozen=True)
class References:
    """Clients and portfolios by their ids and by their references, as far as the asking principal sees them."""

    clients: dict[str, UUID] = field(default_factory=dict)
    portfolios: dict[tuple[UUID, str], UUID] = field(default_factory=dict)

    def client(self, id: UUID) -> str | None:
        """The reference of a client; None for one that is unknown or not to be seen."""
        return self._clients.get(id)

    def portfolio(self, id: UUID) -> str | None:
        """The reference of a portfolio; None for one that is unknown or not to be seen."""
        return self._portfolios.get(id)

    @cached_property
    def _clients(self) -> dict[UUID, str]:
        return {id: reference for reference, id in self.clients.items()}

    @cached_property
    def _portfolios(self) -> dict[UUID, str]:
        return {id: reference for (_, reference), id in self.portfolios.items()}


async def references(
    context: Context, *, ids: Iterable[UUID] = (), client_references: Iterable[str] = ()
) -> References:
    """The clients with one of the ids or references, and all of their portfolios."""
    scope = context.principal.scope
    wanted = {"ids": list(set(ids)), "references": list(set(client_references))}
    if not wanted["ids"] and not wanted["references"]:
        return References()
    clients = {reference: id for id, reference in await context.database.read(scope, _CLIENTS, wanted)}
    found = await context.database.read(scope, _PORTFOLIOS, {"clients": list(clients.values())})
    return References(clients, {(client, reference): id for id, client, reference in found})


async def visible_client(context: Context, client_id: UUID | None, portfolio_id: UUID | None) -> UUID | None:
    """The client that is named, by itself or by its portfolio; None when it is unknown or not to be seen."""
    statement = _CLIENT if portfolio_id is None else _CLIENT_OF
    named = {"client": client_id, "portfolio": portfolio_id}
    rows = await context.database.read(context.principal.scope, statement, named)
    return rows[0][0] if rows else None


async def client_references(context: Context) -> list[str]:
    """The references of all clients that the principal sees, to tell the one that was most likely meant."""
    rows = await context.database.read(context.principal.scope, _CLIENT_REFERENCES)
    return [reference for (reference,) in rows]


async def client_named(
    tx: Transaction, client_id: UUID | None, portfolio_id: UUID | None, field: tuple[str, ...] = ("input",)
) -> UUID | None:
    """The client that is named, by itself or by its portfolio; NotFoundError when either is not to be seen."""
    if client_id is not None:
        await load(tx, ClientRow, client_id, kind="clnt", field=(*field, "clientId"))
    if portfolio_id is None:
        return client_id
    portfolio = await load(tx, PortfolioRow, portfolio_id, kind="port", field=(*field, "portfolioId"))
    if client_id not in (None, portfolio.client_id):
        raise NotFoundError("The client has no such portfolio.", field=(*field, "portfolioId"))
    return portfolio.client_id
