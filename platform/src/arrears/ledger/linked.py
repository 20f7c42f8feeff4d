"""The accounts of one debtor on which a receipt can be booked: found, locked, and seen as debts that share money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.ledger.histories import histories
from arrears.ledger.history import History
from arrears.ledger.interest import rate_on, terms_of_count
from arrears.ledger.outlook import room
from arrears.ledger.posting import LockedAccount
from arrears.ledger.sharing import SharedDebt

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_LINKED = """
select account.id from party join account on account.id = party.account_id
where party.debtor_id = %(debtor)s and party.until_on is null and party.liability in ('WHOLE', 'JOINT_AND_SEVERAL')
  and account.currency = %(currency)s and account.status not in ('CLOSED', 'RETURNED')
  and account.opened_on <= %(day)s and (account.balance_minor > 0 or account.written_off_minor > 0)
order by account.id limit %(most)s
"""
_FACTS = """
select account.id, account.reference, account.opened_on, account.placed_on,
       account.debtor_id = %(debtor)s or exists (
           select 1 from party where party.account_id = account.id and party.debtor_id = %(debtor)s),
       account.id in (select disputed_accounts(%(ids)s::uuid[], %(instant)s))
from account where account.id = any (%(ids)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """What a receipt asks of an account besides what is owed on it."""

    account_id: UUID
    reference: str
    opened_on: date
    placed_on: date
    is_of_debtor: bool
    is_disputed: bool


async def linked_account_ids(tx: Transaction, debtor_id: UUID, currency: str, day: date, most: int) -> list[UUID]:
    """Open accounts on which the debtor answers for the whole and something is owed, `most` at most."""
    parameters = {"debtor": debtor_id, "currency": currency, "day": day, "most": most}
    cursor = await (await tx.connection()).execute(_LINKED, parameters)
    return [row[0] for row in await cursor.fetchall()]


async def linked_accounts(tx: Transaction, debtor_id: UUID, account_ids: Sequence[UUID]) -> dict[UUID, LinkedAccount]:
    """The accounts as a receipt of the debtor sees them."""
    parameters = {"debtor": debtor_id, "ids": list(account_ids), "instant": tx.now}
    cursor = await (await tx.connection()).execute(_FACTS, parameters)
    return {row[0]: LinkedAccount(*row) for row in await cursor.fetchall()}


async def sharing_debts(
    tx: Transaction,
    accounts: Sequence[LockedAccount],
    linked: Mapping[UUID, LinkedAccount],
    day: date,
    money_minor: int,
) -> list[SharedDebt]:
    """The locked accounts as debts that share so much money of a day, in their order, without rank or direction."""
    recorded = await histories(tx, [account.account_id for account in accounts])
    found: list[SharedDebt] = []
    for account in accounts:
        history, facts = recorded[account.account_id].history, linked[account.account_id]
        stands = room(history, day, account.today, money_minor)
        found.append(
            SharedDebt(
                account_id=account.account_id,
                reference=facts.reference,
                due_on=account.due_on,
                placed_on=facts.placed_on,
                rate_percent=_rate(history, day),
                balance_minor=stands.owed_minor,
                room_minor=stands.room_minor,
                is_disputed=facts.is_disputed,
            )
        )
    return found


def _rate(history: History, day: date) -> Decimal:
    """The yearly rate at which the debt bears interest on a day; nought where it bears none."""
    awards = [award for award in history.awards if award.entered_on <= day]
    latest = max(awards, key=lambda award: award.entered_on, default=None)
    period = rate_on(terms_of_count(history.terms, latest), day)
    return Decimal(0) if period is None else period.percent
