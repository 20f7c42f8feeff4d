"""Replays: the courses of accounts computed again from the beginning, and the ledger put right where it differs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.kernel.command import Command, Result, command
from arrears.kernel.context import Context
from arrears.kernel.transaction import Transaction, begin
from arrears.ledger.booking import changes_due, resettle
from arrears.ledger.posting import lock_accounts
from arrears.ledger.wishes import Plan
from arrears_sdk.errors import AccessError, NotFoundError
from arrears_sdk.money import Money

ACCOUNTS_PER_TRANSACTION = 200
"""Few enough that nobody waits long for an account of the batch, many enough that reading them costs little each."""

_CLIENT = "select id from client where reference = %(named)s or public_id('clnt', id) = %(named)s"
_ACCOUNTS = """
select id from account
where last_entry_on is not null and (%(after)s::uuid is null or id > %(after)s::uuid)
  and (%(client)s::uuid is null or client_id = %(client)s::uuid)
order by id limit %(most)s
"""


class AccountReplay(Command):
    """An account whose course is to be computed again; with `dry_run` nothing is written."""

    account_id: UUID
    dry_run: bool = False


class AccountReplayed(Result):
    """How many entries came to another result, how many were missing, how many payments are spread otherwise, and when.

    `balance` is what is owed after it, or would be.
    """

    account_id: UUID
    corrected: int
    added: int
    spread_again: int
    from_on: date | None
    balance: Money


@command("ledger.replay", permission=Permission.LEDGER_WRITE)
async def replay_account(tx: Transaction, change: AccountReplay) -> AccountReplayed:
    """Puts an account's ledger right by what is known and settled now; writes nothing when it is right already."""
    accounts = await lock_accounts(tx, [change.account_id])
    account = accounts.get(change.account_id)
    if account is None:
        raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
    before = account.balance
    settle = changes_due if change.dry_run else resettle
    plan = (await settle(tx, accounts, accounts=accounts)).get(change.account_id, Plan())
    return AccountReplayed(
        account_id=account.account_id,
        corrected=plan.corrected,
        added=len(plan.following) - plan.corrected,
        spread_again=len(plan.besides.allocations),
        from_on=plan.from_on,
        balance=before + Money(sum(draft.amount_minor for draft in plan.following), account.currency),
    )


@dataclass(frozen=True)
class Replay:
    """How many accounts were looked at, which changed, and how many entries were corrected or missing."""

    accounts: int
    changed: tuple[UUID, ...]
    corrected: int
    added: int


async def replay_books(
    context: Context,
    *,
    account_ids: Sequence[UUID] = (),
    client: str | None = None,
    check: bool = False,
    size: int = ACCOUNTS_PER_TRANSACTION,
) -> Replay:
    """Replays these accounts, those of a client (reference or id), or all, each batch in its own transaction.

    `check` writes nothing. Ended in the middle, it is begun again: what is right already is not written twice.
    """
    if not context.principal.may(Permission.LEDGER_WRITE):
        raise AccessError("Replaying accounts needs the right to write the ledger.")
    client_id = None if client is None else await _client(context, client)
    looked_at = 0
    changed: list[UUID] = []
    corrected = added = 0
    async for batch in _batches(context, account_ids, client_id, size):
        async with begin(context) as tx:
            with tx.under_command(replay_account.name):
                plans = await (changes_due if check else resettle)(tx, batch)
        looked_at += len(batch)
        changed += plans
        corrected += sum(plan.corrected for plan in plans.values())
        added += sum(len(plan.following) - plan.corrected for plan in plans.values())
    return Replay(looked_at, tuple(changed), corrected, added)


async def _client(context: Context, named: str) -> UUID:
    rows = await context.database.read(context.principal.scope, _CLIENT, {"named": named})
    if not rows:
        raise NotFoundError(f"There is no client {named[:80]!r} that you may see.", field=("client",))
    found: UUID = rows[0][0]
    return found


async def _batches(
    context: Context, account_ids: Sequence[UUID], client_id: UUID | None, size: int
) -> AsyncIterator[list[UUID]]:
    if account_ids:
        wanted = sorted(set(account_ids))
        for first in range(0, len(wanted), size):
            yield wanted[first : first + size]
        return
    after: UUID | None = None
    while True:
        parameters = {"after": after, "client": client_id, "most": size}
        found = [row[0] for row in await context.database.read(context.principal.scope, _ACCOUNTS, parameters)]
        if not found:
            return
        yield found
        after = found[-1]
