"""What happens to accounts by itself when its time comes."""

from __future__ import annotations

from arrears.kernel.context import Context
from arrears.kernel.dispatcher import Due, due
from arrears.kernel.events import RecordedEvent, on
from arrears.kernel.records import Event
from arrears.kernel.transaction import begin

# A hold that was released, or that another run has announced already, is left alone: this may run twice.
_EXPIRE = """
update hold set expired_at = %(now)s
where id = %(id)s and expired_at is null and released_at is null and ends_at <= %(now)s
returning client_id, account_id, debtor_id, kind
"""


@due("hold.expire")
async def expire_hold(context: Context, due: Due) -> None:
    """Announce once that a hold has come to its end."""
    async with begin(context) as tx:
        connection = await tx.connection()
        found = await (await connection.execute(_EXPIRE, {"now": tx.now, "id": due.subject_id})).fetchone()
        if found is None:
            return
        client_id, account_id, debtor_id, kind = found
        payload = {
            "debtorId": str(debtor_id),
            "accountId": None if account_id is None else str(account_id),
            "kind": kind,
        }
        tx.emit(Event("HoldExpired", "hold", due.subject_id, client_id, payload))
        tx.audit(subject="hold", subject_id=due.subject_id, client_id=client_id, after={"expired_at": tx.now})


_RENAME = """
update party set name = debtor.display_name, version = party.version + 1, updated_at = %(now)s
from debtor
where debtor.id = party.debtor_id and party.debtor_id = %(debtor)s and party.name <> debtor.display_name
"""


@on("DebtorRenamed", name="accounts.rename_parties")
async def rename_parties(context: Context, event: RecordedEvent) -> None:
    """Give the parties that a debtor is the name it is shown by now; told twice, it changes nothing more."""
    async with begin(context) as tx:
        connection = await tx.connection()
        await connection.execute(_RENAME, {"now": tx.now, "debtor": event.subject_id})
