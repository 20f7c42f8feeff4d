"""The balances on accounts, kept in step by the ledger in the ledger's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import NotFoundError


@dataclass(frozen=True)
class BalanceChange:
    """By how many minor units the components of one account's balance rise, or fall when negative.

    `placed_minor` raises what was placed, `written_off_minor` what was given up and may yet be recovered; `paid_on` is
    the effective day of a payment by the debtor, `entry_on` that of the entry.
    """

    account_id: UUID
    principal_minor: int = 0
    interest_minor: int = 0
    fees_minor: int = 0
    costs_minor: int = 0
    placed_minor: int = 0
    written_off_minor: int = 0
    entry_on: date | None = None
    paid_on: date | None = None


@dataclass(frozen=True)
class Balances:
    """What is owed on one account by component, in minor units of its currency."""

    principal_minor: int
    interest_minor: int
    fees_minor: int
    costs_minor: int

    @property
    def balance_minor(self) -> int:
        """All components together."""
        return self.principal_minor + self.interest_minor + self.fees_minor + self.costs_minor


# Rows are locked in the order of their ids, so that two batches over the same accounts wait and never deadlock. The
# version stays: it protects what people edit, and a payment must not turn an edit into a conflict.
_APPLY = """
with change as (
    select account_id, sum(principal)::bigint as principal, sum(interest)::bigint as interest,
           sum(fees)::bigint as fees, sum(costs)::bigint as costs, sum(placed)::bigint as placed,
           sum(written_off)::bigint as written_off, max(entry_on) as entry_on, max(paid_on) as paid_on
    from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                %s::date[], %s::date[])
         as given (account_id, principal, interest, fees, costs, placed, written_off, entry_on, paid_on)
    group by account_id
), locked as (
    select account.id from account where account.id = any(%s::uuid[]) order by account.id for no key update
)
update account set
    principal_minor = account.principal_minor + change.principal,
    interest_minor = account.interest_minor + change.interest,
    fees_minor = account.fees_minor + change.fees,
    costs_minor = account.costs_minor + change.costs,
    balance_minor = account.balance_minor + change.principal + change.interest + change.fees + change.costs,
    placed_minor = account.placed_minor + change.placed,
    written_off_minor = account.written_off_minor + change.written_off,
    last_entry_on = greatest(account.last_entry_on, change.entry_on),
    last_payment_on = greatest(account.last_payment_on, change.paid_on)
from locked join change on change.account_id = locked.id
where account.id = locked.id
returning account.id, account.principal_minor, account.interest_minor, account.fees_minor, account.costs_minor
"""


_IN_INSTALMENTS = "update account set in_instalments = true where id = %s and not in_instalments"


async def mark_in_instalments(tx: Transaction, account_id: UUID) -> None:
    """Notes that an account is due in instalments; its version stays, as with a payment."""
    await (await tx.connection()).execute(_IN_INSTALMENTS, [account_id])


async def apply_balances(tx: Transaction, changes: Sequence[BalanceChange]) -> dict[UUID, Balances]:
    """Add changes to the balances of accounts in one statement; gives the balances that result, by account.

    Several changes of one account add up. NotFoundError when one of the accounts is unknown or not visible: nothing may
    be posted where no balance follows.
    """
    if not changes:
        return {}
    connection = await tx.connection()
    ids = [change.account_id for change in changes]
    amounts = [
        [getattr(change, name) for change in changes]
        for name in (
            "principal_minor",
            "interest_minor",
            "fees_minor",
            "costs_minor",
            "placed_minor",
            "written_off_minor",
            "entry_on",
            "paid_on",
        )
    ]
    cursor = await connection.execute(_APPLY, [ids, *amounts, ids])
    found = {row[0]: Balances(*row[1:]) for row in await cursor.fetchall()}
    if len(found) != len(set(ids)):
        raise NotFoundError("There is no such record (acct) that you may see.")
    return found
