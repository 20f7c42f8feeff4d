"""Clients and accounts to post on, made by SQL so that the ledger is tested by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from arrears_sdk.ids import new_id
from tests.conftest import Deployment

OPENED = date(2026, 1, 15)
_CLIENT = """
insert into client (id, name, reference, country, currency, time_zone, collector_role, collects_in_client_name, status,
                    version, created_at, updated_at)
values (%(id)s, 'Client', %(reference)s, 'US', %(currency)s, %(zone)s, %(role)s, false, 'ACTIVE', 1, %(at)s, %(at)s)
"""
_DEBTOR = """
with link as (
    insert into debtor_client (id, debtor_id, client_id, created_at)
    select gen_random_uuid(), %(id)s, client, %(at)s from unnest(%(clients)s::uuid[]) as client
)
insert into debtor (id, kind, display_name, sort_name, languages, version, created_at, updated_at)
values (%(id)s, 'PERSON', 'Ada Example', 'example ada', '{}', 1, %(at)s, %(at)s)
"""
_ACCOUNT = """
insert into account (id, client_id, debtor_id, reference, product, purpose, currency, status, opened_on, due_on,
                     placed_on, last_payment_on, placed_minor, principal_minor, interest_minor, fees_minor, costs_minor,
                     balance_minor, closed_at, close_reason, version, created_at, updated_at)
values (%(id)s, %(client)s, %(debtor)s, %(reference)s, 'LOAN', 'CONSUMER', %(currency)s, %(status)s, %(opened)s,
        %(due)s, %(opened)s, %(last_payment)s, 0, 0, 0, 0, 0, 0,
        case when %(status)s = 'CLOSED' then %(at)s::timestamptz end,
        case when %(status)s = 'CLOSED' then 'SETTLED' end, 1, %(at)s, %(at)s)
"""
_KEPT = (
    "principal_minor",
    "interest_minor",
    "fees_minor",
    "costs_minor",
    "balance_minor",
    "placed_minor",
    "last_payment_on",
)
_LINES = """
select book, ledger_account, component, amount_minor from posting where entry_id = %(id)s order by position
"""


@dataclass
class Books:
    """A deployment to which clients and accounts can be added."""

    deployment: Deployment

    async def client(self, *, currency: str = "USD", zone: str = "America/New_York", role: str = "THIRD_PARTY") -> UUID:
        client_id = new_id()
        values = {"id": client_id, "reference": client_id.hex, "currency": currency, "zone": zone, "role": role}
        await self.execute(_CLIENT, values)
        return client_id

    async def debtor(self, *client_ids: UUID) -> UUID:
        """A debtor that these clients know."""
        debtor_id = new_id()
        await self.execute(_DEBTOR, {"id": debtor_id, "clients": list(client_ids)})
        return debtor_id

    async def account(
        self,
        client_id: UUID,
        *,
        currency: str = "USD",
        status: str = "ACTIVE",
        last_payment_on: date | None = None,
        debtor_id: UUID | None = None,
        reference: str | None = None,
        due_on: date = OPENED,
    ) -> UUID:
        account_id = new_id()
        if debtor_id is None:
            debtor_id = await self.debtor(client_id)
        values: dict[str, Any] = {
            "id": account_id,
            "client": client_id,
            "debtor": debtor_id,
            "reference": reference or account_id.hex,
            "currency": currency,
            "status": status,
            "opened": OPENED,
            "due": due_on,
            "last_payment": last_payment_on,
        }
        await self.execute(_ACCOUNT, values)
        return account_id

    async def kept(self, account_id: UUID) -> dict[str, Any]:
        """The balances kept on an account, in minor units, and its last payment."""
        rows = await self.query(f"select {', '.join(_KEPT)} from account where id = %(id)s", {"id": account_id})
        return dict(zip(_KEPT, rows[0], strict=True))

    async def lines(self, entry_id: UUID) -> list[tuple[str, str, str | None, int]]:
        """LedgerBook, ledger account, component and amount of an entry's postings, in their order."""
        return await self.query(_LINES, {"id": entry_id})

    async def execute(self, statement: str, values: dict[str, Any] | None = None) -> None:
        async with await self._connect() as connection:
            await connection.execute(statement, {"at": self.deployment.clock.now(), **(values or {})})

    async def query(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        async with await self._connect() as connection:
            return await (await connection.execute(statement, values or {})).fetchall()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self.deployment.urls.owner)
