"""The interest of many accounts in few statements: what is counted so far is read and locked, what is new is copied in.

Amounts go through temporary tables by COPY, so that each table of the ledger sees one statement a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, LiteralString
from uuid import UUID

from arrears.kernel.database import Connection
from arrears.kernel.transaction import Transaction
from arrears.ledger.history import Award, InterestState
from arrears.ledger.interest import PARTS
from arrears.ledger.model import DebtComponent

FIRST_ID = UUID(int=0)

# A batch takes longer than a request may, and waits for whoever books on one of its accounts.
_PATIENCE: LiteralString = (
    "select set_config('statement_timeout', '300000', true), set_config('lock_timeout', '60000', true)"
)
# What owes nothing bears nothing; a closed account bears interest up to the day on which it was closed.
_BEHIND: LiteralString = """
accrual.client_id = %(client)s and accrual.through_on < %(through)s
and (account.principal_minor > 0 or account.interest_minor > 0 or account.fees_minor > 0 or account.costs_minor > 0)
and (account.closed_at is null or (account.closed_at at time zone %(zone)s)::date > accrual.through_on)
and accrual.account_id <> all (%(without)s::uuid[])
"""
_FIRSTS: LiteralString = f"""
select account_id from (
    select accrual.account_id, row_number() over (order by accrual.account_id) as place
    from accrual join account on account.id = accrual.account_id
    where {_BEHIND}
) numbered where (place - 1) %% %(size)s = 0 order by account_id
"""
_FIND: LiteralString = f"""
select account.id, %(through)s - accrual.through_on
from accrual join account on account.id = accrual.account_id
where {_BEHIND} and accrual.account_id >= %(first)s
  and (%(until)s::uuid is null or accrual.account_id < %(until)s::uuid)
order by account.id limit %(most)s
"""
# The accounts first, as everything else that books locks them; whoever came before has told its count by then.
_LOCK: LiteralString = "select id from account where id = any (%(ids)s::uuid[]) order by id for no key update"
_READ: LiteralString = f"""
select account.id, account.client_id, account.currency, account.portfolio_id, account.product,
       account.interest_rate_percent, account.principal_minor, account.interest_minor, account.fees_minor,
       account.costs_minor, account.last_entry_on, accrual.through_on, accrual.exact, accrual.accrued_minor,
       accrual.capitalised_minor, accrual.began_on, accrual.principal_at_start_minor, accrual.rule,
       award.entry_id, award.entered_on, award.rate_percent
from unnest(%(ids)s::uuid[]) as wanted (id)
join account on account.id = wanted.id join accrual on accrual.account_id = wanted.id
left join lateral (
    select judgment.entry_id, judgment.entered_on, judgment.rate_percent from judgment
    where judgment.account_id = account.id and judgment.entered_on = accrual.began_on
      and not exists (select 1 from ledger_entry undone where undone.reverses_id = judgment.entry_id)
    order by judgment.id desc limit 1
) award on true
where {_BEHIND}
order by account.id
"""

_STAGES: tuple[LiteralString, ...] = (
    """
    create temporary table if not exists staged_interest (
        entry_id uuid not null default uuid_v7(), account_id uuid not null, effective_on date not null,
        amount_minor bigint not null, currency text not null
    ) on commit delete rows
    """,
    """
    create temporary table if not exists staged_count (
        account_id uuid not null, through_on date not null, exact numeric not null, accrued_minor bigint not null,
        capitalised_minor bigint not null, rule text not null, interest_minor bigint not null, entry_on date
    ) on commit delete rows
    """,
)
_COPY_INTEREST: LiteralString = "copy staged_interest (account_id, effective_on, amount_minor, currency) from stdin"
_COPY_COUNT: LiteralString = "copy staged_count from stdin"
_ENTRIES: LiteralString = """
insert into ledger_entry (id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor, command,
                          principal_id)
select entry_id, %(client)s, account_id, 'INTEREST', effective_on, %(now)s, currency, amount_minor, %(command)s,
       %(principal)s
from staged_interest
"""
_POSTINGS: LiteralString = """
insert into posting (entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor,
                     currency, effective_on, recorded_at)
select staged.entry_id, line.position, %(client)s, staged.account_id, 'DEBT', line.ledger_account, 'INTEREST',
       line.sign * staged.amount_minor, staged.currency, staged.effective_on, %(now)s
from staged_interest staged
cross join (values (1, 'RECEIVABLE', 1), (2, 'PLACED', -1)) as line (position, ledger_account, sign)
"""
_BALANCES: LiteralString = """
update account set
    interest_minor = account.interest_minor + staged.interest_minor,
    balance_minor = account.balance_minor + staged.interest_minor,
    last_entry_on = greatest(account.last_entry_on, staged.entry_on)
from staged_count staged where account.id = staged.account_id and staged.interest_minor <> 0
"""
_COUNTS: LiteralString = """
update accrual set through_on = staged.through_on, exact = staged.exact, accrued_minor = staged.accrued_minor,
       capitalised_minor = staged.capitalised_minor, rule = staged.rule
from staged_count staged where accrual.account_id = staged.account_id
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """One stretch of a client's accounts whose interest is counted less far than to a day.

    Accounts have ids from `first` to the one before `until`; without one, to the last. Those in `without` are left out.
    """

    client_id: UUID
    zone: str
    through_on: date
    first: UUID = FIRST_ID
    until: UUID | None = None
    without: frozenset[UUID] = frozenset()

    def parameters(self) -> dict[str, Any]:
        """The values of the statements above."""
        return {
            "client": self.client_id,
            "zone": self.zone,
            "through": self.through_on,
            "first": self.first,
            "until": self.until,
            "without": list(self.without),
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """An account as its interest is counted so far, locked: what it owes, and by what it bears interest.

    `award` is the judgment from whose day the count runs.
    """

    account_id: UUID
    client_id: UUID
    currency: str
    portfolio_id: UUID | None
    product: str
    contract_percent: Decimal | None
    owed: Mapping[DebtComponent, int]
    last_entry_on: date | None
    state: InterestState
    rule: str
    award: Award | None


@dataclass(frozen=True, slots=True)
class Accrued:
    """The interest of one account on the days that bear any, in minor units, and its count from there."""

    account: Counted
    days: Sequence[tuple[date, int]]
    state: InterestState
    rule: str


async def first_accounts(connection: Connection, behind: Behind, size: int) -> list[UUID]:
    """The first account of every stretch of so many accounts that are behind, in order."""
    cursor = await connection.execute(_FIRSTS, {**behind.parameters(), "size": size})
    return [row[0] for row in await cursor.fetchall()]


async def locked_accounts(tx: Transaction, behind: Behind, days_at_most: int) -> list[Counted] | None:
    """The first accounts of a stretch that are behind, locked: as many as have so many days to count, or one.

    None when none is behind; fewer than that, or an empty list, when others counted them meanwhile.
    """
    connection = await tx.connection()
    await connection.execute(_PATIENCE)
    found = await connection.execute(_FIND, {**behind.parameters(), "most": days_at_most})
    ids: list[UUID] = []
    days = 0
    for account_id, missing in await found.fetchall():
        if ids and days + missing > days_at_most:
            break
        ids.append(account_id)
        days += missing
    if not ids:
        return None
    await connection.execute(_LOCK, {"ids": ids})
    cursor = await connection.execute(_READ, {**behind.parameters(), "ids": ids})
    return [_counted(row) for row in await cursor.fetchall()]


def _counted(row: tuple[Any, ...]) -> Counted:
    through_on, exact, accrued, capitalised, began_on, principal_at_start, rule, *award = row[11:]
    return Counted(
        account_id=row[0],
        client_id=row[1],
        currency=row[2],
        portfolio_id=row[3],
        product=row[4],
        contract_percent=row[5],
        owed=dict(zip(DebtComponent, row[6:10], strict=True)),
        last_entry_on=row[10],
        state=InterestState(
            through_on, Fraction(int(exact), PARTS), accrued, capitalised, began_on, principal_at_start
        ),
        rule=rule,
        award=None if award[0] is None else Award(*award),
    )


async def write_interest(tx: Transaction, client_id: UUID, accrued: Sequence[Accrued]) -> None:
    """Books the interest of days with the balances and counts of their accounts, which the caller has locked."""
    connection = await tx.connection()
    for statement in _STAGES:
        await connection.execute(statement)
    await _copy(
        connection,
        _COPY_INTEREST,
        (
            f"{one.account.account_id}\t{day}\t{minor}\t{one.account.currency}\n"
            for one in accrued
            for day, minor in one.days
        ),
    )
    await _copy(connection, _COPY_COUNT, (_count_line(one) for one in accrued))
    values = {
        "client": client_id,
        "now": tx.now,
        "command": tx.command,
        "principal": tx.context.principal.id,
    }
    async with connection.pipeline():
        for statement in (_ENTRIES, _POSTINGS, _BALANCES, _COUNTS):
            await connection.execute(statement, values)


def _count_line(one: Accrued) -> str:
    state = one.state
    exact = (state.exact * PARTS).numerator
    interest = sum(minor for _, minor in one.days)
    last = one.days[-1][0].isoformat() if one.days else "\\N"
    return (
        f"{one.account.account_id}\t{state.through_on}\t{exact}\t{state.accrued_minor}\t{state.capitalised_minor}"
        f"\t{one.rule}\t{interest}\t{last}\n"
    )


async def _copy(connection: Connection, statement: LiteralString, lines: Iterable[str]) -> None:
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write("".join(lines))
