"""What the days of accounts are counted from: what was owed since when, by which rules, and what pauses there were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from arrears.delinquency.model import Pause, Rules, Unpaid
from arrears.delinquency.settings import DelinquencySettings
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place


@dataclass(frozen=True, slots=True)
class Debt:
    """An account as far as its days are concerned; `unpaid` tells the earliest due day of what was owed since when."""

    account_id: UUID
    client_id: UUID
    portfolio_id: UUID | None
    debtor_id: UUID
    currency: str
    due_on: date
    today: date
    has_instalments: bool
    unpaid: tuple[Unpaid, ...]
    balances: tuple[tuple[date, int], ...]
    pauses: tuple[Pause, ...]

    def balance_on(self, day: date) -> int:
        """What was owed at the end of a day, in minor units."""
        return sum(change for on, change in self.balances if on <= day)


_ACCOUNTS = """
select account.id, account.client_id, account.portfolio_id, account.debtor_id, account.currency, account.due_on,
       client_day(account.client_id, %(now)s),
       exists (select 1 from instalment_schedule schedule where schedule.account_id = account.id
               and (%(known_at)s::timestamptz is null or schedule.recorded_at <= %(known_at)s))
from account where account.id = any (%(ids)s::uuid[])
"""
_OWED = """
select account_id, effective_on, sum(amount_minor)::bigint from posting
where account_id = any (%(ids)s::uuid[]) and ledger_account = 'RECEIVABLE'
  and (%(known_at)s::timestamptz is null or recorded_at <= %(known_at)s)
group by account_id, effective_on order by account_id, effective_on
"""
_OLDEST = """
select account_id, from_on, due_on from unpaid_since where account_id = any (%(ids)s::uuid[])
order by account_id, from_on
"""
_PAUSES = """
select paused.account_id, paused.from_on, coalesce(resumed.from_on, paused.until_on)
from delinquency_pause paused
left join delinquency_pause resumed on resumed.pause_id = paused.id
    and (%(known_at)s::timestamptz is null or resumed.recorded_at <= %(known_at)s)
where paused.account_id = any (%(ids)s::uuid[]) and paused.kind = 'PAUSE'
  and (%(known_at)s::timestamptz is null or paused.recorded_at <= %(known_at)s)
order by paused.account_id, paused.from_on
"""


async def debts(
    connection: Connection, account_ids: Sequence[UUID], now: datetime, *, known_at: datetime | None = None
) -> dict[UUID, Debt]:
    """The accounts among these that the transaction's principal sees, in one round trip.

    With `known_at`, what was recorded later is left out; which instalment was the oldest unpaid one is always told by
    what is known now.
    """
    parameters = {"ids": list(account_ids), "now": now, "known_at": known_at}
    async with connection.pipeline():
        found = [await connection.execute(statement, parameters) for statement in (_ACCOUNTS, _OWED, _OLDEST, _PAUSES)]
    accounts, owed, oldest, paused = [await cursor.fetchall() for cursor in found]
    balances: dict[UUID, list[tuple[date, int]]] = {}
    for account_id, day, change in owed:
        balances.setdefault(account_id, []).append((day, change))
    instalments: dict[UUID, list[Unpaid]] = {}
    for account_id, from_on, due_on in oldest:
        instalments.setdefault(account_id, []).append(Unpaid(from_on, due_on))
    pauses: dict[UUID, list[Pause]] = {}
    for account_id, from_on, until_on in paused:
        # One that was resumed on its first day covers no day at all.
        if from_on < until_on:
            pauses.setdefault(account_id, []).append(Pause(from_on, until_on))
    made = {}
    for account_id, client_id, portfolio_id, debtor_id, currency, due_on, today, has_instalments in accounts:
        changes = balances.get(account_id, [])
        made[account_id] = Debt(
            account_id=account_id,
            client_id=client_id,
            portfolio_id=portfolio_id,
            debtor_id=debtor_id,
            currency=currency,
            due_on=due_on,
            today=today,
            has_instalments=has_instalments,
            unpaid=tuple(instalments[account_id]) if account_id in instalments else _unpaid(changes, due_on),
            balances=tuple(changes),
            pauses=tuple(pauses.get(account_id, ())),
        )
    return made


def _unpaid(balances: Sequence[tuple[date, int]], due_on: date) -> tuple[Unpaid, ...]:
    """Since when something was owed, and since when nothing, for a debt that is due on one day."""
    found: list[Unpaid] = []
    balance = 0
    for day, change in balances:
        balance += change
        due = due_on if balance > 0 else None
        if not found or found[-1].due_on != due:
            found.append(Unpaid(day, due))
    return tuple(found)


async def rules_at(context: Context, client_id: UUID, portfolio_id: UUID | None) -> Rules:
    """The days of grace and the buckets that hold for accounts of a portfolio, or of a client."""
    if not context.services.offers(PluginHost):
        return Rules()
    settings = await context.service(PluginHost).config(DelinquencySettings, Place(client_id, portfolio_id))
    return settings.rules()


_STALE = """
select account.id from account left join delinquency state on state.account_id = account.id
where account.client_id = %(client)s and account.portfolio_id is not distinct from %(portfolio)s
  and (%(after)s::uuid is null or account.id > %(after)s) and (%(until)s::uuid is null or account.id <= %(until)s)
  and (state.evaluated_on is null or state.rule <> %(rule)s or state.next_on <= %(through)s)
order by account.id
"""
_PARTS = """
select client_id, portfolio_id from account where client_id = %(client)s group by client_id, portfolio_id
order by portfolio_id
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Accounts of one client and portfolio whose ids lie after the first and not after the last, if these are given."""

    client_id: UUID
    portfolio_id: UUID | None
    after: UUID | None = None
    until: UUID | None = None


async def parts_of(connection: Connection, client_id: UUID) -> list[Part]:
    """The portfolios in which a client has accounts; accounts in none are a part as well."""
    cursor = await connection.execute(_PARTS, {"client": client_id})
    return [Part(row[0], row[1]) for row in await cursor.fetchall()]


async def stale_accounts(connection: Connection, part: Part, rule: str, through: date) -> list[UUID]:
    """The accounts of a part that were never evaluated, or by other rules, or change by themselves up to a day."""
    parameters = {
        "client": part.client_id,
        "portfolio": part.portfolio_id,
        "after": part.after,
        "until": part.until,
        "rule": rule,
        "through": through,
    }
    return [row[0] for row in await (await connection.execute(_STALE, parameters)).fetchall()]
