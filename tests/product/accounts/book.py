"""Clients, debtors and accounts made by the platform's own commands, for tests of what stands on them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from arrears.accounts.commands import AccountOpen, AccountOpening, PartyOpening, open_account, open_accounts
from arrears.accounts.model import AccountStatus, Product, Purpose
from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.debtors.commands.create import debtor_create
from arrears.debtors.commands.inputs import DebtorCreate, NewClientLink, NewContactPoint, NewName
from arrears.debtors.model import ContactChannel, DebtorKind
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.ids import new_id
from tests.conftest import Deployment

OPENED = datetime.date(2026, 1, 15)
DUE = datetime.date(2026, 2, 14)
EVERYTHING = frozenset({"*"})


def limited(scope: Scope, name: str = "Limited") -> Principal:
    """A person who may do everything to the rows of a scope."""
    return Principal(new_id(), "PERSON", name, frozenset({"COLLECTOR"}), EVERYTHING, scope)


def opening(client_id: UUID, debtor_id: UUID, reference: str, **facts: Any) -> AccountOpening:
    """An invoice of a company, opened on 15 January 2026 and due on 14 February."""
    values = {
        "product": Product.INVOICE,
        "purpose": Purpose.COMMERCIAL,
        "currency": "USD",
        "opened_on": OPENED,
        "due_on": DUE,
        "status": AccountStatus.ACTIVE,
        **facts,
    }
    return AccountOpening(client_id=client_id, debtor_id=debtor_id, reference=reference, **values)


@dataclass
class Book:
    """A deployment with shortcuts to what accounts need."""

    deployment: Deployment

    def context(self, principal: Principal | None = None) -> Context:
        """The platform's own context, or a principal's."""
        return self.deployment.context(principal)

    async def client(self, name: str = "Acme Bank", zone: str = "America/New_York", currency: str = "USD") -> UUID:
        """A client; its reference is its name."""
        change = ClientCreate(
            name=name,
            reference=name,
            country="US",
            currency=currency,
            time_zone=zone,
            collector_role=CollectorRole.THIRD_PARTY,
        )
        return (await client_create(self.context(), change)).result.client_id

    async def debtor(self, *clients: UUID, name: str = "Ada Example", phone: str | None = None) -> UUID:
        """A person whom the clients see."""
        contacts = () if phone is None else (NewContactPoint(channel=ContactChannel.PHONE, value=phone),)
        change = DebtorCreate(
            kind=DebtorKind.PERSON,
            clients=tuple(NewClientLink(client_id=client) for client in clients),
            names=(NewName(full_name=name),),
            contact_points=contacts,
        )
        return (await debtor_create(self.context(), change)).result.debtor_id

    async def account(
        self,
        client_id: UUID,
        debtor_id: UUID,
        reference: str = "INV-1",
        parties: Sequence[PartyOpening] = (),
        **facts: Any,
    ) -> UUID:
        """One account, as `opening` describes it."""
        given = opening(client_id, debtor_id, reference, parties=tuple(parties), **facts)
        change = AccountOpen(**{name: getattr(given, name) for name in given.model_fields_set})
        return (await open_account(self.context(), change)).result.account_id

    async def accounts(self, openings: Sequence[AccountOpening]) -> list[UUID]:
        """Many accounts at once."""
        async with begin(self.context()) as tx:
            return [opened.account_id for opened in await open_accounts(tx, openings)]

    async def rows(self, sql: str, principal: Principal | None = None, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a principal reads."""
        return await self.deployment.database.read(self.context(principal).principal.scope, sql, parameters)

    async def row(self, table: str, id: UUID, principal: Principal | None = None) -> dict[str, Any]:
        """One row by its id, by column."""
        context = self.context(principal)
        async with self.deployment.database.reads(context.principal.scope) as connection:
            cursor = await connection.execute(f"select * from {table} where id = %s", [id])  # type: ignore[arg-type]
            assert cursor.description is not None
            (found,) = await cursor.fetchall()
            return dict(zip([column.name for column in cursor.description], found, strict=True))

    async def events(self, name: str) -> list[dict[str, Any]]:
        """The payloads of the events of a name, in their order."""
        import json

        rows = await self.rows("select payload from event where name = %(name)s order by position", name=name)
        return [json.loads(row[0]) for row in rows]
