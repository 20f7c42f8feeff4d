"""Balances of whole books as of a day: from the postings, or from the nearest snapshot and what came after it.

A snapshot counts the postings of all transactions before its horizon that take effect by its day. What it lacks are the
postings of later days, and those of its days that later transactions made; both together are always the plain sum.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.database import Connection
    from arrears.kernel.scope import Scope

_TIMEOUT_MS = 10_000
# Sums by account are made in memory up to some 300,000 accounts; the plan is made for the very day that is asked for.
_SETTINGS: LiteralString = (
    "select set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)

# What both parts are sums of, for lines of postings that are called `line`.
SUMS: LiteralString = """
    sum(line.amount_minor) filter (where line.ledger_account = 'RECEIVABLE' and line.component = 'PRINCIPAL')
        as principal_minor,
    sum(line.amount_minor) filter (where line.ledger_account = 'RECEIVABLE' and line.component = 'INTEREST')
        as interest_minor,
    sum(line.amount_minor) filter (where line.ledger_account = 'RECEIVABLE' and line.component = 'FEES') as fees_minor,
    sum(line.amount_minor) filter (where line.ledger_account = 'RECEIVABLE' and line.component = 'COSTS')
        as costs_minor,
    sum(line.amount_minor) filter (where line.ledger_account = 'WRITTEN_OFF') as written_off_minor
"""
_LINE: LiteralString = "select line.account_id, line.ledger_account, line.component, line.amount_minor"
COUNTED: LiteralString = "line.ledger_account in ('RECEIVABLE', 'WRITTEN_OFF')"

# Every posting of the accounts that the principal sees; needs no more than the postings themselves.
_PLAIN: LiteralString = f"""
select line.account_id, {SUMS}
from posting line
where {COUNTED} and line.effective_on <= %(day)s
  and (%(known_at)s::timestamptz is null or line.recorded_at <= %(known_at)s)
  and (%(clients)s::uuid[] is null or line.client_id = any (%(clients)s))
group by line.account_id
"""
# The outermost bounds are given as plain values besides, so that the planner knows how little lies between them.
_SINCE_SNAPSHOTS: LiteralString = f"""
with chosen as (
    select * from unnest(%(snapshot_clients)s::uuid[], %(snapshots)s::uuid[], %(snapshot_days)s::date[],
                         %(horizons)s::text[]::xid8[]) as chosen (client_id, snapshot_id, day, horizon)
), since as (
    select line.account_id, {SUMS}
    from (
        {_LINE} from chosen join posting line on line.client_id = chosen.client_id
        where {COUNTED} and line.effective_on > chosen.day and line.effective_on <= %(day)s
          and line.effective_on > %(earliest_day)s
        union all
        {_LINE} from chosen join posting line on line.client_id = chosen.client_id
        where {COUNTED} and line.effective_on <= chosen.day and line.recorded_in >= chosen.horizon
          and line.recorded_in >= %(earliest_horizon)s::xid8
        union all
        {_LINE} from posting line
        where {COUNTED} and line.effective_on <= %(day)s and line.client_id = any (%(others)s::uuid[])
    ) line
    group by line.account_id
)
select coalesce(before.account_id, since.account_id) as account_id,
       coalesce(before.principal_minor, 0) + coalesce(since.principal_minor, 0) as principal_minor,
       coalesce(before.interest_minor, 0) + coalesce(since.interest_minor, 0) as interest_minor,
       coalesce(before.fees_minor, 0) + coalesce(since.fees_minor, 0) as fees_minor,
       coalesce(before.costs_minor, 0) + coalesce(since.costs_minor, 0) as costs_minor,
       coalesce(before.written_off_minor, 0) + coalesce(since.written_off_minor, 0) as written_off_minor
from (
    select kept.* from snapshot_balance kept where kept.snapshot_id = any (%(snapshots)s::uuid[])
) before full join since on since.account_id = before.account_id
"""
# `offset 0` has each account's sums computed once; otherwise every total computes them anew from the postings' sums.
_TOTALS: LiteralString = """
select account.currency, count(*) filter (where posted.owed > 0),
       coalesce(sum(posted.owed) filter (where posted.owed > 0), 0),
       count(*) filter (where posted.owed > 0 and account.due_on < %(day)s),
       coalesce(sum(posted.owed) filter (where posted.owed > 0 and account.due_on < %(day)s), 0),
       coalesce(sum(posted.principal) filter (where posted.owed > 0), 0),
       coalesce(sum(posted.interest) filter (where posted.owed > 0), 0),
       coalesce(sum(posted.fees) filter (where posted.owed > 0), 0),
       coalesce(sum(posted.costs) filter (where posted.owed > 0), 0),
       sum(posted.written_off)
from account join (
    select balances.account_id, coalesce(balances.principal_minor, 0) as principal,
           coalesce(balances.interest_minor, 0) as interest, coalesce(balances.fees_minor, 0) as fees,
           coalesce(balances.costs_minor, 0) as costs, coalesce(balances.written_off_minor, 0) as written_off,
           coalesce(balances.principal_minor, 0) + coalesce(balances.interest_minor, 0)
               + coalesce(balances.fees_minor, 0) + coalesce(balances.costs_minor, 0) as owed
    from ({balances}) balances
    offset 0
) as posted on posted.account_id = account.id
where (posted.owed > 0 or posted.written_off <> 0) and account.opened_on <= %(day)s
  and (%(clients)s::uuid[] is null or account.client_id = any(%(clients)s::uuid[]))
  and (%(portfolios)s::uuid[] is null or account.portfolio_id = any(%(portfolios)s::uuid[]))
group by account.currency
order by account.currency
"""
_CHOICE: LiteralString = """
select client.id, nearest.id, nearest.day, nearest.horizon::text
from client left join lateral (
    select made.id, made.day, made.horizon from balance_snapshot made
    where made.client_id = client.id and made.day <= %(day)s and made.completed_at is not null
      and made.server = (select system_identifier from pg_control_system())
    order by made.day desc limit 1
) nearest on true
where (%(clients)s::uuid[] is null or client.id = any (%(clients)s))
  and (%(portfolios)s::uuid[] is null
       or client.id in (select portfolio.client_id from portfolio where portfolio.id = any (%(portfolios)s)))
"""


@dataclass(frozen=True)
class CurrencyTotals:
    """How many accounts of one currency are open and past due as of a day, and their balances in minor units.

    The components are those of the open accounts; what was written off is that of all.
    """

    currency: str
    open_count: int
    open_minor: int
    past_due_count: int
    past_due_minor: int
    principal_minor: int
    interest_minor: int
    fees_minor: int
    costs_minor: int
    written_off_minor: int


@dataclass(frozen=True)
class _Chosen:
    """The snapshot that is nearest to the day, for each client that has one; `others` have none."""

    clients: list[UUID]
    snapshots: list[UUID]
    days: list[datetime.date]
    horizons: list[str]
    others: list[UUID]

    def parameters(self) -> dict[str, Any]:
        """What `_SINCE_SNAPSHOTS` asks for."""
        return {
            "snapshot_clients": self.clients,
            "snapshots": self.snapshots,
            "snapshot_days": self.days,
            "horizons": self.horizons,
            "earliest_day": min(self.days),
            "earliest_horizon": min(self.horizons, key=int),
            "others": self.others,
        }


async def account_totals(
    context: Context,
    as_of: datetime.date,
    *,
    clients: Sequence[UUID] | None = None,
    portfolios: Sequence[UUID] | None = None,
    known_at: datetime.datetime | None = None,
) -> list[CurrencyTotals]:
    """Open and past-due accounts at the end of a day with what they owe, one line for each currency that has any.

    Open is an account that owes something, past due one whose due day is before the day besides. With `known_at` only
    what was recorded by that instant counts. Sums are exact, whatever their size.
    """
    scope = context.principal.scope
    parameters: dict[str, Any] = {
        "day": as_of,
        "clients": None if clients is None else list(clients),
        "portfolios": None if portfolios is None else list(portfolios),
        "known_at": known_at,
    }
    async with context.database.reads(scope, timeout_ms=_TIMEOUT_MS) as connection:
        await connection.execute(_SETTINGS)
        chosen = None if known_at is not None else await _choose(connection, scope, parameters)
        balances = _PLAIN
        if chosen is not None:
            balances, parameters = _SINCE_SNAPSHOTS, {**parameters, **chosen.parameters()}
        cursor = await connection.execute(_TOTALS.format(balances=balances), parameters)
        rows = await cursor.fetchall()
    return [CurrencyTotals(row[0], *(int(figure) for figure in row[1:])) for row in rows]


async def _choose(connection: Connection, scope: Scope, parameters: dict[str, Any]) -> _Chosen | None:
    """The snapshots to begin from; none when there are none, or when the principal's accounts are not whole clients."""
    if scope.teams or scope.accounts or scope.debtor is not None:
        return None
    rows = await (await connection.execute(_CHOICE, parameters)).fetchall()
    found = [row for row in rows if row[1] is not None]
    if not found:
        return None
    clients, snapshots, days, horizons = (list(column) for column in zip(*found, strict=True))
    return _Chosen(clients, snapshots, days, horizons, [row[0] for row in rows if row[1] is None])
