"""Whom and what a record is about, as far as the caller who makes it sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from arrears.kernel.database import Connection


@dataclass(frozen=True)
class AccountSeen:
    """An account as a record about it takes it over: its client, its primary debtor and all who stand on it."""

    id: UUID
    client_id: UUID
    debtor_id: UUID
    parties: Sequence[UUID]


async def accounts_seen(connection: Connection, account_ids: Sequence[UUID]) -> dict[UUID, AccountSeen]:
    """The accounts that the caller sees, by id."""
    cursor = await connection.execute(
        "select account.id, account.client_id, account.debtor_id,"
        " array(select party.debtor_id from party where party.account_id = account.id order by party.position)"
        " from account where account.id = any(%s::uuid[])",
        [list(account_ids)],
    )
    return {row[0]: AccountSeen(*row) for row in await cursor.fetchall()}


async def account_seen(connection: Connection, account_id: UUID) -> AccountSeen | None:
    """One account, if the caller sees it."""
    return (await accounts_seen(connection, [account_id])).get(account_id)


async def is_seen_debtor(connection: Connection, debtor_id: UUID, client_id: UUID | None = None) -> bool:
    """Whether the caller sees a debtor, or that it is one of a client's."""
    if client_id is None:
        cursor = await connection.execute("select 1 from debtor where id = %s", [debtor_id])
    else:
        cursor = await connection.execute(
            "select 1 from debtor_client where debtor_id = %s and client_id = %s", [debtor_id, client_id]
        )
    return await cursor.fetchone() is not None


async def debtor_zones(connection: Connection, debtor_id: UUID) -> tuple[str, ...]:
    """Every time zone in which a debtor may be."""
    cursor = await connection.execute(
        "select distinct zone from time_zone_candidate where debtor_id = %s order by zone", [debtor_id]
    )
    return tuple(zone for (zone,) in await cursor.fetchall())


async def interaction_seen(connection: Connection, interaction_id: UUID) -> tuple[UUID, UUID] | None:
    """The client and the debtor of an interaction, if the caller sees it."""
    cursor = await connection.execute("select client_id, debtor_id from interaction where id = %s", [interaction_id])
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])
