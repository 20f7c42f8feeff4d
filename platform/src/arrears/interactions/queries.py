"""What a batch of interactions stands on, as far as the principal who records them may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from arrears.debtors.model import ZoneSource
from arrears.kernel.database import Connection

# The most telling first (rule sheet, section 0.4): where the debtor is, says to be, lives, gets letters, has a number.
_TELLING = (
    ZoneSource.CURRENT_LOCATION,
    ZoneSource.STATED_LOCATION,
    ZoneSource.RESIDENCE,
    ZoneSource.MAILING_ADDRESS,
    ZoneSource.AREA_CODE,
    ZoneSource.NUMBER_COUNTRY,
)


@dataclass(frozen=True)
class AccountSeen:
    """The account of an interaction: its client and all debtors who stand or stood on it, the primary one first."""

    client_id: UUID
    debtor_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class EndpointSeen:
    """A contact point as an interaction takes it over."""

    debtor_id: UUID
    client_id: UUID | None
    value: str
    line_type: str | None
    owner: str
    used_for: str


@dataclass(frozen=True)
class Surroundings:
    """The visible rows that a batch of interactions stands on."""

    accounts: Mapping[UUID, AccountSeen]
    links: frozenset[tuple[UUID, UUID]]
    endpoints: Mapping[UUID, EndpointSeen]
    debtor_zones: Mapping[UUID, str]
    client_zones: Mapping[UUID, str]


async def surroundings(
    connection: Connection,
    *,
    accounts: Collection[UUID],
    debtors: Collection[UUID],
    clients: Collection[UUID],
    contact_points: Collection[UUID],
) -> Surroundings:
    """The rows of these ids, and of the debtors and clients of these accounts, in two round trips."""
    found = await connection.execute(
        "select account.id, account.client_id, array_agg(party.debtor_id order by party.position)"
        " from account join party on party.account_id = account.id where account.id = any(%s) group by account.id",
        [list(accounts)],
    )
    seen = {row[0]: AccountSeen(row[1], tuple(row[2])) for row in await found.fetchall()}
    all_debtors = list({*debtors, *(debtor for account in seen.values() for debtor in account.debtor_ids)})
    all_clients = list({*clients, *(account.client_id for account in seen.values())})
    async with connection.pipeline():
        links = await connection.execute(
            "select debtor_id, client_id from debtor_client where debtor_id = any(%s) and client_id = any(%s)",
            [list(debtors), list(clients)],
        )
        endpoints = await connection.execute(
            "select id, debtor_id, client_id, value, line_type, owner, used_for from contact_point where id = any(%s)",
            [list(contact_points)],
        )
        zones = await connection.execute(
            "select distinct on (debtor_id) debtor_id, zone from time_zone_candidate where debtor_id = any(%s)"
            " order by debtor_id, array_position(%s::text[], source), id",
            [all_debtors, [source.value for source in _TELLING]],
        )
        clients_of = await connection.execute("select id, time_zone from client where id = any(%s)", [all_clients])
    return Surroundings(
        accounts=seen,
        links=frozenset((row[0], row[1]) for row in await links.fetchall()),
        endpoints={row[0]: EndpointSeen(*row[1:]) for row in await endpoints.fetchall()},
        debtor_zones={row[0]: row[1] for row in await zones.fetchall()},
        client_zones={row[0]: row[1] for row in await clients_of.fetchall()},
    )


async def correction_of(connection: Connection, interaction_id: UUID) -> UUID | None:
    """The interaction that corrects this one, if there is one."""
    cursor = await connection.execute("select id from interaction where corrects_id = %s", [interaction_id])
    row = await cursor.fetchone()
    return None if row is None else UUID(str(row[0]))


async def discussed_accounts(connection: Connection, interaction_id: UUID) -> tuple[UUID, ...]:
    """The accounts that were discussed in an interaction."""
    cursor = await connection.execute(
        "select account_id from interaction_account where interaction_id = %s order by id", [interaction_id]
    )
    return tuple(row[0] for row in await cursor.fetchall())
