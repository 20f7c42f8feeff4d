"""Look-ups of debtors that other domains and the search need."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from arrears.kernel.transaction import Transaction


async def debtors_by_reference(tx: Transaction, client_id: UUID, references: Collection[str]) -> dict[str, UUID]:
    """The debtor of each reference (as it is stored) that the client knows one by."""
    connection = await tx.connection()
    cursor = await connection.execute(
        "select reference, debtor_id from debtor_client where client_id = %s and reference = any(%s)",
        (client_id, list(references)),
    )
    return dict(await cursor.fetchall())


async def display_names(tx: Transaction, debtor_ids: Collection[UUID]) -> dict[UUID, str]:
    """The name that each debtor in scope is shown by."""
    connection = await tx.connection()
    cursor = await connection.execute("select id, display_name from debtor where id = any(%s)", (list(debtor_ids),))
    return dict(await cursor.fetchall())


async def clients_of(tx: Transaction, debtor_id: UUID) -> list[UUID]:
    """The clients in scope that see the debtor, in the order in which they came to."""
    connection = await tx.connection()
    cursor = await connection.execute(
        "select client_id from debtor_client where debtor_id = %s order by id", (debtor_id,)
    )
    return [client_id for (client_id,) in await cursor.fetchall()]
