"""What accounts are read by beyond a plain selection: as of a day, and what an opening stands on."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.accounts.tables import AccountRow
from arrears.kernel.database import Connection
from arrears.kernel.personal import protect_reference

if TYPE_CHECKING:
    from arrears.graphql.planner.source import SourceRequest

COMPONENTS = ("PRINCIPAL", "INTEREST", "FEES", "COSTS")


def accounts_source(request: SourceRequest) -> str:
    """All accounts; with argument `as_of`, those that existed on that day with the balances of its end.

    Today's knowledge counts (a payment dated that day has been made, whenever it was recorded) unless argument
    `known_at` names an instant: then what was recorded by it counts alone, and the day is the client's day of it where
    no other is given.
    """
    return _standing_as_of(request, "") or "account"


def account_source(request: SourceRequest) -> str:
    """The one account of argument `id`, as of a day and an instant as `accounts_source` says."""
    chosen = f"account.id = {request.argument('id')}"
    return _standing_as_of(request, f" and {chosen}") or f"(select * from account where {chosen})"


def _standing_as_of(request: SourceRequest, chosen: str) -> str | None:
    day, instant = request.argument("as_of"), request.argument("known_at")
    if day is None and instant is None:
        return None
    posted, existing = "", chosen
    if instant is not None:
        posted = f" and posting.recorded_at <= {instant}"
        existing = f"{chosen} and account.created_at <= {instant}"
        day = day or f"client_day(account.client_id, {instant})"
    summed = ", ".join(
        f"coalesce(sum(posting.amount_minor) filter (where posting.component = '{component}'), 0)::bigint"
        f" as {component.lower()}_minor"
        for component in COMPONENTS
    )
    # One scan of the receivables' index for each account that the outer query really looks at.
    return f"""(
        select {_columns_as_of()}
        from account cross join lateral (
            select {summed}, coalesce(sum(posting.amount_minor), 0)::bigint as balance_minor
            from posting
            where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
              and posting.effective_on <= {day}{posted}
        ) as posted
        where account.opened_on <= {day}{existing})"""


def _columns_as_of() -> str:
    posted = {f"{component.lower()}_minor" for component in COMPONENTS} | {"balance_minor"}
    table: Iterable[str] = AccountRow.__table__.columns.keys()  # type: ignore[attr-defined]
    return ", ".join(f"{'posted' if name in posted else 'account'}.{name}" for name in table)


def account_by_reference(request: SourceRequest) -> str:
    """The one account of arguments `client_id` and `reference`."""
    client = request.argument("client_id")
    # A card number in a reference is stored as a token, under which it is found again.
    reference = request.derived(lambda vault, text: protect_reference(text.strip(), vault), "text", "reference")
    return f"(select * from account where account.client_id = {client} and account.reference = {reference})"


@dataclass(frozen=True)
class Wanted:
    """The ids and references that a batch of openings names."""

    clients: Collection[UUID]
    debtors: Collection[UUID]
    portfolios: Collection[UUID]
    placements: Collection[UUID]
    teams: Collection[UUID]
    references: Collection[str]


@dataclass(frozen=True)
class ClientFacts:
    """What an opening takes from its client."""

    name: str
    time_zone: str


@dataclass(frozen=True)
class Surroundings:
    """The visible rows that a batch of openings stands on, and the references that are taken."""

    clients: dict[UUID, ClientFacts]
    debtors: dict[UUID, str]
    portfolios: frozenset[tuple[UUID, UUID]]
    placements: dict[tuple[UUID, UUID], datetime.date]
    teams: frozenset[UUID]
    links: frozenset[tuple[UUID, UUID]]
    references: set[tuple[UUID, object]]


_WANTED_ROWS = (
    "select id, name, time_zone from client where id = any(%(clients)s)",
    "select id, display_name from debtor where id = any(%(debtors)s)",
    "select client_id, id from portfolio where id = any(%(portfolios)s)",
    "select client_id, id, received_on from placement where id = any(%(placements)s)",
    "select id from team where id = any(%(teams)s)",
    (
        "select debtor_id, client_id from debtor_client"
        " where debtor_id = any(%(debtors)s) and client_id = any(%(clients)s)"
    ),
    "select client_id, reference from account where client_id = any(%(clients)s) and reference = any(%(references)s)",
)


async def surroundings(connection: Connection, wanted: Wanted) -> Surroundings:
    """What a batch of openings stands on, as far as the transaction's principal sees it, in one round trip."""
    parameters = {name: list(ids) for name, ids in vars(wanted).items()}
    async with connection.pipeline():
        found = [await connection.execute(statement, parameters) for statement in _WANTED_ROWS]
    rows = [await cursor.fetchall() for cursor in found]
    return Surroundings(
        clients={row[0]: ClientFacts(row[1], row[2]) for row in rows[0]},
        debtors={row[0]: row[1] for row in rows[1]},
        portfolios=frozenset((row[0], row[1]) for row in rows[2]),
        placements={(row[0], row[1]): row[2] for row in rows[3]},
        teams=frozenset(row[0] for row in rows[4]),
        links=frozenset((row[0], row[1]) for row in rows[5]),
        references={(row[0], row[1]) for row in rows[6]},
    )


async def debtor_name(connection: Connection, debtor_id: UUID) -> str | None:
    """The display name of a debtor, or None when there is none that the transaction's principal sees."""
    row = await (await connection.execute("select display_name from debtor where id = %s", [debtor_id])).fetchone()
    return None if row is None else str(row[0])


async def is_debtor_of_client(connection: Connection, debtor_id: UUID, client_id: UUID) -> bool:
    """Whether a client that the transaction's principal sees is linked with a debtor."""
    statement = "select 1 from debtor_client where debtor_id = %s and client_id = %s"
    return await (await connection.execute(statement, [debtor_id, client_id])).fetchone() is not None


async def is_portfolio_of_client(connection: Connection, portfolio_id: UUID, client_id: UUID) -> bool:
    """Whether a portfolio is of a client, as far as the transaction's principal sees it."""
    statement = "select 1 from portfolio where id = %s and client_id = %s"
    return await (await connection.execute(statement, [portfolio_id, client_id])).fetchone() is not None


async def is_placement_of_client(connection: Connection, placement_id: UUID, client_id: UUID) -> bool:
    """Whether a placement is of a client, as far as the transaction's principal sees it."""
    statement = "select 1 from placement where id = %s and client_id = %s"
    return await (await connection.execute(statement, [placement_id, client_id])).fetchone() is not None
