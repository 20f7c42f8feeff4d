"""What a request about a person has to know first: whether there is one, and what keeps the data."""

from __future__ import annotations

from uuid import UUID

from arrears.kernel.transaction import Transaction
from arrears.privacy.model import ErasureBlock, ErasureGround

# A hold on an account stands for every party of it: the evidence in a suit is about all of them.
_LITIGATION = """
select 1 from hold
where kind = 'LITIGATION' and starts_at <= %(now)s and (ends_at is null or ends_at > %(now)s)
  and (released_at is null or released_at > %(now)s)
  and (debtor_id = %(debtor)s or account_id in (select account_id from party where debtor_id = %(debtor)s))
limit 1
"""
_OPEN_ACCOUNT = """
select 1 from account
where status not in ('CLOSED', 'RETURNED', 'RECALLED')
  and (debtor_id = %(debtor)s or id in (
      select account_id from party where debtor_id = %(debtor)s and until_on is null and liability <> 'NONE'))
limit 1
"""
_PAYMENT_UNDER_WAY = """
select 1 from payment_intent
where debtor_id = %(debtor)s and (
    status in ('CREATED', 'PENDING', 'UNKNOWN', 'NEEDS_ATTENTION') or exists (
        select 1 from payment_refund refund where refund.intent_id = payment_intent.id
        and refund.status in ('CREATED', 'PENDING', 'UNKNOWN', 'NEEDS_ATTENTION')))
limit 1
"""


async def is_erased(tx: Transaction, debtor_id: UUID) -> bool:
    """Whether the person's data was erased."""
    cursor = await (await tx.connection()).execute(
        "select 1 from person_key where person_id = %s and destroyed_at is not null", [debtor_id]
    )
    return await cursor.fetchone() is not None


async def block_on_erasure(tx: Transaction, debtor_id: UUID, ground: ErasureGround | None) -> ErasureBlock | None:
    """What keeps the person's data from being erased now, the strongest first; a ground in law opens accounts only."""
    asked = [(ErasureBlock.LITIGATION, _LITIGATION), (ErasureBlock.PAYMENT_UNDER_WAY, _PAYMENT_UNDER_WAY)]
    if ground is None:
        asked.append((ErasureBlock.OPEN_ACCOUNT, _OPEN_ACCOUNT))
    connection = await tx.connection()
    for block, statement in asked:
        cursor = await connection.execute(statement.encode(), {"debtor": debtor_id, "now": tx.now})
        if await cursor.fetchone() is not None:
            return block
    return None


async def keeping_plugins(tx: Transaction, debtor_id: UUID) -> dict[str, UUID | None]:
    """The plugins that keep values about the person here, each with one of the clients for which they do."""
    cursor = await (await tx.connection()).execute(
        "select plugin, client_id from plugin_value where debtor_id = %s order by plugin, client_id", [debtor_id]
    )
    return dict(await cursor.fetchall())
