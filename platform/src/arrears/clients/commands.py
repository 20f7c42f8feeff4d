"""The writers of clients, portfolios and placements."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel
from sqlmodel import col, select

from arrears.access.model import Permission
from arrears.clients.model import (
    ClientStatus,
    CollectorRole,
    checked_country,
    checked_currency,
    checked_text,
    checked_time_zone,
)
from arrears.clients.tables import ClientRow, PlacementRow, PortfolioRow
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import mask_card_numbers, protect_reference
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import AccessError, ErrorCode, InputError, NotFoundError, Problem

_REFERENCE = ("input", "reference")
_CHECKS: dict[str, Callable[..., str]] = {
    "name": lambda text, field: mask_card_numbers(checked_text(text, field)),
    "reference": checked_text,
    "product": lambda text, field: mask_card_numbers(checked_text(text, field)),
    "country": checked_country,
    "currency": checked_currency,
    "time_zone": checked_time_zone,
}


def _taken(what: str) -> Problem:
    return Problem(ErrorCode.DUPLICATE_REFERENCE, f"Another {what} has this reference already.", _REFERENCE)


class ClientCreate(Command):
    """A new client."""

    name: str
    reference: str
    country: str
    currency: str
    time_zone: str
    collector_role: CollectorRole
    collects_in_client_name: bool = False


class ClientUpdate(Command):
    """New values of a client; what is left out stays."""

    client_id: UUID
    version: int
    name: str | None = None
    reference: str | None = None
    country: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    collector_role: CollectorRole | None = None
    collects_in_client_name: bool | None = None
    status: ClientStatus | None = None


class ClientSaved(Result):
    """The client that was made or changed."""

    client_id: UUID


class PortfolioCreate(Command):
    """A new portfolio of a client; the currency is the client's unless given."""

    client_id: UUID
    name: str
    reference: str
    product: str | None = None
    currency: str | None = None


class PortfolioUpdate(Command):
    """New values of a portfolio; what is left out stays."""

    portfolio_id: UUID
    version: int
    name: str | None = None
    reference: str | None = None
    product: str | None = None
    currency: str | None = None


class PortfolioSaved(Result):
    """The portfolio that was made or changed."""

    portfolio_id: UUID


class PlacementCreate(Command):
    """A new placement, received from a client on a date of the client's calendar."""

    client_id: UUID
    portfolio_id: UUID | None = None
    reference: str
    received_on: datetime.date
    note: str | None = None


class PlacementCreated(Result):
    """The placement that was made."""

    placement_id: UUID


@command("client.create", permission=Permission.CLIENTS_WRITE, constraints={"uq_client_reference": _taken("client")})
async def client_create(tx: Transaction, change: ClientCreate) -> ClientSaved:
    """Makes a client, for a principal who may see every client. DUPLICATE_REFERENCE when the reference is taken."""
    if tx.context.principal.scope.kind != "all":
        raise AccessError("Only someone who may see every client can add one.", code=ErrorCode.FORBIDDEN)
    row = ClientRow(
        **_client_values(tx, change, change.model_fields_set | {"collects_in_client_name"}),
        status=ClientStatus.ACTIVE.value,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(row)
    after = _picture(row, ClientCreate.model_fields)
    tx.audit(subject="clnt", subject_id=row.id, client_id=row.id, after=after)
    tx.emit(Event("ClientCreated", "clnt", row.id, row.id, after))
    return ClientSaved(client_id=row.id)


@command("client.update", permission=Permission.CLIENTS_WRITE, constraints={"uq_client_reference": _taken("client")})
async def client_update(tx: Transaction, change: ClientUpdate) -> ClientSaved:
    """Changes a client. CONFLICT when it was changed since the caller read it."""
    row = await load(tx, ClientRow, change.client_id, kind="clnt", field=("input", "clientId"))
    check_version(row, change.version)
    given = change.model_fields_set - {"client_id", "version"}
    if "reference" in given and tx.context.principal.scope.kind != "all":
        # No two clients have the same: trying out references would tell which others there are.
        raise AccessError(
            "Only someone who may see every client can change a client's reference.", code=ErrorCode.FORBIDDEN
        )
    before = _picture(row, given)
    _apply(row, _client_values(tx, change, given))
    after = _picture(row, given)
    tx.audit(subject="clnt", subject_id=row.id, client_id=row.id, before=before, after=after)
    tx.emit(Event("ClientUpdated", "clnt", row.id, row.id, after))
    return ClientSaved(client_id=row.id)


@command(
    "portfolio.create",
    permission=Permission.CLIENTS_WRITE,
    constraints={"uq_portfolio_client_id_reference": _taken("portfolio of the client")},
)
async def portfolio_create(tx: Transaction, change: PortfolioCreate) -> PortfolioSaved:
    """Makes a portfolio of a client. DUPLICATE_REFERENCE when the client has one of this reference."""
    client = await load(tx, ClientRow, change.client_id, kind="clnt", field=("input", "clientId"))
    given = {"name", "reference", "product"} | ({"currency"} if change.currency is not None else set())
    values = {"currency": client.currency} | _portfolio_values(tx, change, given)
    row = PortfolioRow(client_id=client.id, **values, created_at=tx.now, updated_at=tx.now)
    tx.session.add(row)
    after = _picture(row, PortfolioCreate.model_fields)
    tx.audit(subject="port", subject_id=row.id, client_id=client.id, after=after)
    tx.emit(Event("PortfolioCreated", "port", row.id, client.id, after))
    return PortfolioSaved(portfolio_id=row.id)


@command(
    "portfolio.update",
    permission=Permission.CLIENTS_WRITE,
    constraints={"uq_portfolio_client_id_reference": _taken("portfolio of the client")},
)
async def portfolio_update(tx: Transaction, change: PortfolioUpdate) -> PortfolioSaved:
    """Changes a portfolio. CONFLICT when it was changed since the caller read it."""
    row = await load(tx, PortfolioRow, change.portfolio_id, kind="port", field=("input", "portfolioId"))
    check_version(row, change.version)
    given = change.model_fields_set - {"portfolio_id", "version"}
    before = _picture(row, given)
    _apply(row, _portfolio_values(tx, change, given))
    after = _picture(row, given)
    tx.audit(subject="port", subject_id=row.id, client_id=row.client_id, before=before, after=after)
    tx.emit(Event("PortfolioUpdated", "port", row.id, row.client_id, after))
    return PortfolioSaved(portfolio_id=row.id)


@command(
    "placement.create",
    permission=Permission.CLIENTS_WRITE,
    constraints={"uq_placement_client_id_reference": _taken("placement of the client")},
)
async def placement_create(tx: Transaction, change: PlacementCreate) -> PlacementCreated:
    """Makes a placement. DUPLICATE_REFERENCE when the client has one of this reference."""
    client = await load(tx, ClientRow, change.client_id, kind="clnt", field=("input", "clientId"))
    if change.portfolio_id is not None:
        portfolio = await load(tx, PortfolioRow, change.portfolio_id, kind="port", field=("input", "portfolioId"))
        if portfolio.client_id != client.id:
            raise InputError("The portfolio belongs to another client.", field=("input", "portfolioId"))
    row = PlacementRow(
        client_id=client.id,
        portfolio_id=change.portfolio_id,
        reference=protect_reference(checked_text(change.reference, _REFERENCE), tx.context.vault),
        received_on=change.received_on,
        note=_note(change.note),
        created_at=tx.now,
    )
    tx.session.add(row)
    # The note stays in its row, which nothing changes: it may tell of people, for whom there is no one key here.
    after = _picture(row, PlacementCreate.model_fields.keys() - {"note"})
    tx.audit(subject="plac", subject_id=row.id, client_id=client.id, after=after)
    tx.emit(Event("PlacementReceived", "plac", row.id, client.id, after))
    return PlacementCreated(placement_id=row.id)


async def client_countries(tx: Transaction, client_ids: Iterable[UUID], field: tuple[str, ...]) -> dict[UUID, str]:
    """The country of each client; NotFoundError at `field` when one of them is unknown or outside the scope."""
    wanted = set(client_ids)
    found = await tx.session.execute(select(ClientRow.id, ClientRow.country).where(col(ClientRow.id).in_(wanted)))
    countries: dict[UUID, str] = {row[0]: row[1] for row in found}
    if wanted - countries.keys():
        raise NotFoundError("There is no such record (clnt) that you may see.", field=field)
    return countries


def _client_values(tx: Transaction, change: ClientCreate | ClientUpdate, given: Iterable[str]) -> dict[str, Any]:
    """The given fields, checked, as columns; none of them may be null."""
    return _checked(tx, change, given)


def _portfolio_values(
    tx: Transaction, change: PortfolioCreate | PortfolioUpdate, given: Iterable[str]
) -> dict[str, Any]:
    """The given fields, checked, as columns; only the product may be null."""
    return _checked(tx, change, given, nullable={"product"})


def _checked(tx: Transaction, change: Command, given: Iterable[str], nullable: Collection[str] = ()) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in given:
        value, field = getattr(change, name), ("input", to_camel(name))
        if value is None and name not in nullable:
            raise InputError("This may be left out, but not set to null.", code=ErrorCode.REQUIRED, field=field)
        values[name] = _CHECKS[name](value, field) if value is not None and name in _CHECKS else value
    if "reference" in values:
        values["reference"] = protect_reference(values["reference"], tx.context.vault)
    return values


def _note(note: str | None) -> str | None:
    return mask_card_numbers(checked_text(note, ("input", "note"), most=2_000)) if note else None


def _apply(row: ClientRow | PortfolioRow, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _picture(row: ClientRow | PortfolioRow | PlacementRow, names: Iterable[str]) -> dict[str, str | bool | None]:
    """The named values of a row as they are audited and announced."""
    shown = {name: getattr(row, name) for name in names}
    return {name: value if isinstance(value, bool | None) else str(value) for name, value in shown.items()}
