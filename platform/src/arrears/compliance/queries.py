"""Look-ups that questions about debtors start from."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from arrears.accounts.model import CLOSED_STATUSES
from arrears.kernel.database import Connection


async def open_accounts(connection: Connection, debtor_id: UUID, *, most: int) -> list[UUID]:
    """The accounts that are not closed and on which the debtor stands, the oldest first, as the caller sees them."""
    cursor = await connection.execute(
        "select account.id from party join account on account.id = party.account_id"
        " where party.debtor_id = %s and party.until_on is null and account.status <> all(%s)"
        " order by account.id limit %s",
        [debtor_id, [status.value for status in CLOSED_STATUSES], most],
    )
    return [id for (id,) in await cursor.fetchall()]


async def clients_of_debtor(connection: Connection, debtor_id: UUID) -> list[UUID]:
    """The clients that see the debtor, as far as the caller sees them."""
    cursor = await connection.execute(
        "select client_id from debtor_client where debtor_id = %s order by client_id", [debtor_id]
    )
    return [id for (id,) in await cursor.fetchall()]


async def debtor_of_contact_point(connection: Connection, contact_point_id: UUID) -> UUID | None:
    """Whose contact point it is; None when there is no such one that the caller sees."""
    cursor = await connection.execute("select debtor_id from contact_point where id = %s", [contact_point_id])
    row = await cursor.fetchone()
    return None if row is None else UUID(str(row[0]))


async def reachable_points(
    connection: Connection, debtor_id: UUID, channels: Collection[str], *, most: int
) -> list[tuple[UUID, str]]:
    """The debtor's contact points of some kinds with their kinds, preferred ones first, as the caller sees them."""
    cursor = await connection.execute(
        "select id, channel from contact_point where debtor_id = %s and channel = any(%s)"
        " order by channel, (validity = 'INVALID'), not preferred, id limit %s",
        [debtor_id, list(channels), most],
    )
    return [(id, channel) for id, channel in await cursor.fetchall()]


async def debtors_of_accounts(connection: Connection, account_ids: Collection[UUID]) -> set[UUID]:
    """The primary debtors of the accounts that the caller sees."""
    cursor = await connection.execute("select debtor_id from account where id = any(%s)", [list(account_ids)])
    return {id for (id,) in await cursor.fetchall()}
