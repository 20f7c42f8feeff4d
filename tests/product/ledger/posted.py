"""Entries put into the ledger by SQL, and what totals over them must be by plain adding up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg

from arrears.accounts.totals import CurrencyTotals
from arrears.ledger.model import DebtComponent
from arrears_sdk.ids import new_id
from tests.product.ledger.books import OPENED, Books

_ENTRY = """
insert into ledger_entry (id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor, reason,
                          command, principal_id)
values (%(id)s, %(client)s, %(account)s, %(kind)s, %(day)s, %(at)s, %(currency)s, %(amount)s, 'test', 'test', %(id)s)
"""
_POSTINGS = """
insert into posting (id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor,
                     currency, effective_on, recorded_at)
select gen_random_uuid(), %(id)s, position, %(client)s, %(account)s, 'DEBT', ledger_account, %(component)s, amount,
       %(currency)s, %(day)s, %(at)s
from unnest(array['RECEIVABLE', %(against)s], array[%(amount)s, -%(amount)s]::bigint[])
    with ordinality as line (ledger_account, amount, position)
"""


@dataclass(frozen=True)
class Posted:
    """One entry: what it changes on an account, from which day on, and when it was recorded."""

    client_id: UUID
    account_id: UUID
    component: DebtComponent
    amount: int
    day: date
    at: datetime
    is_write_off: bool = False
    currency: str = "USD"


@dataclass
class Ledger:
    """The entries of a book, in the database and in memory."""

    books: Books
    entries: list[Posted] = field(default_factory=list)

    async def post(
        self,
        client_id: UUID,
        account_id: UUID,
        amount: int,
        day: date,
        *,
        component: DebtComponent = DebtComponent.PRINCIPAL,
        is_write_off: bool = False,
        on: psycopg.AsyncConnection[Any] | None = None,
    ) -> UUID:
        """Change what is owed by an amount from a day on; in a transaction of the caller's, or in one of its own."""
        at = self.books.deployment.clock.now()
        entry = Posted(client_id, account_id, component, amount, day, at, is_write_off)
        values = {
            "id": new_id(),
            "client": client_id,
            "account": account_id,
            "kind": "WRITE_OFF" if is_write_off else "CHARGE",
            "day": day,
            "at": at,
            "currency": entry.currency,
            "amount": amount,
            "component": component.value,
            "against": "WRITTEN_OFF" if is_write_off else "PLACED",
        }
        if on is not None:
            await self._write(on, values)
        else:
            async with await psycopg.AsyncConnection.connect(self.books.deployment.urls.owner) as connection:
                await self._write(connection, values)
        self.entries.append(entry)
        return UUID(str(values["id"]))

    def totals(
        self, day: date, *, clients: Iterable[UUID] | None = None, known_at: datetime | None = None
    ) -> list[CurrencyTotals]:
        """What the totals of a day must be; every account is due on the day on which it was opened."""
        counted = [
            entry
            for entry in self.entries
            if entry.day <= day
            and day >= OPENED
            and (clients is None or entry.client_id in set(clients))
            and (known_at is None or entry.at <= known_at)
        ]
        owed: dict[UUID, dict[DebtComponent, int]] = {}
        written_off: dict[UUID, int] = {}
        for entry in counted:
            of_account = owed.setdefault(entry.account_id, dict.fromkeys(DebtComponent, 0))
            of_account[entry.component] += entry.amount
            if entry.is_write_off:
                written_off[entry.account_id] = written_off.get(entry.account_id, 0) - entry.amount
        still_open = [account for account in owed.values() if sum(account.values()) > 0]
        if not still_open and not any(written_off.values()):
            return []
        balance = sum(sum(account.values()) for account in still_open)
        is_late = day > OPENED
        return [
            CurrencyTotals(
                "USD",
                len(still_open),
                balance,
                len(still_open) if is_late else 0,
                balance if is_late else 0,
                *(sum(account[component] for account in still_open) for component in DebtComponent),
                sum(written_off.values()),
            )
        ]

    @staticmethod
    async def _write(connection: psycopg.AsyncConnection[Any], values: dict[str, object]) -> None:
        await connection.execute(_ENTRY, values)
        await connection.execute(_POSTINGS, values)
