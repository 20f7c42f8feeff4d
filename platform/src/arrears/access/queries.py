"""What the writers of access ask the database beside their own rows."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Final, LiteralString
from uuid import UUID

from sqlmodel import col, select

from arrears.access.grants import Grant, Limit
from arrears.access.model import Role
from arrears.access.tables import RoleGrantRow, TeamRow
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import NotFoundError

# Read by SQL and through the principal's own scope: these tables belong to domains that come after this one.
_VISIBLE_CLIENTS: Final[LiteralString] = "select id from client where id = any(%s)"
_VISIBLE_ACCOUNTS: Final[LiteralString] = "select id from account where id = any(%s)"
_VISIBLE_DEBTORS: Final[LiteralString] = "select id from debtor where id = any(%s)"
# Keys expire in real time, and by the database's clock: it is the same for every process.
_REAL_TIME: Final[LiteralString] = "select clock_timestamp()"


async def active_grants(tx: Transaction, principal_id: UUID) -> list[Grant]:
    """The roles that the principal holds now."""
    rows = await tx.session.execute(
        select(RoleGrantRow).where(
            col(RoleGrantRow.principal_id) == principal_id, col(RoleGrantRow.revoked_at).is_(None)
        )
    )
    return [grant_of(row) for row in rows.scalars()]


def grant_of(row: RoleGrantRow) -> Grant:
    """The grant that a row stands for."""
    return Grant(Role(row.role), Limit(row.client_id, row.team_id, row.account_id))


async def check_visible(
    tx: Transaction,
    *,
    clients: Sequence[UUID] = (),
    teams: Sequence[UUID] = (),
    accounts: Sequence[UUID] = (),
    debtors: Sequence[UUID] = (),
) -> None:
    """Returns when every id names something the principal may see; else raises NotFoundError with the field's path."""
    connection = await tx.connection()
    for field, kind, ids, statement in (
        ("client_ids", "clnt", clients, _VISIBLE_CLIENTS),
        ("account_ids", "acct", accounts, _VISIBLE_ACCOUNTS),
        ("debtor_id", "dbtr", debtors, _VISIBLE_DEBTORS),
    ):
        if ids:
            found = await (await connection.execute(statement, [list(ids)])).fetchall()
            _all_found(ids, {row[0] for row in found}, kind, field)
    if teams:
        rows = await tx.session.execute(select(TeamRow.id).where(col(TeamRow.id).in_(teams)))
        _all_found(teams, set(rows.scalars()), "team", "team_ids")


async def existing_teams(tx: Transaction, team_ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that name a team."""
    return set((await tx.session.execute(select(TeamRow.id).where(col(TeamRow.id).in_(team_ids)))).scalars())


async def real_time(tx: Transaction) -> datetime.datetime:
    """The database's own clock: keys live in real time, which a sandbox cannot move."""
    row = await (await (await tx.connection()).execute(_REAL_TIME)).fetchone()
    assert row is not None
    now: datetime.datetime = row[0]
    return now


def _all_found(wanted: Sequence[UUID], found: Collection[UUID], kind: str, field: str) -> None:
    if any(one not in found for one in wanted):
        raise NotFoundError(f"There is no such record ({kind}) that you may see.", field=("input", field))
