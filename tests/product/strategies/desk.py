"""Accounts with a history, for tests of what strategies are told and of what they would do."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl

from arrears.debtors.model import CommunicationChannel
from arrears.interactions.commands import InteractionRecord, record_interaction
from arrears.interactions.model import Direction, InteractionResult
from arrears.kernel.principal import Principal
from arrears.ledger.commands import OpeningBalanceRecord, PaymentRecord, record_opening_balance, record_payment
from arrears.ledger.model import PaymentMethod
from arrears.strategies.facts import FactsWanted, read_facts
from arrears.strategies.frame import account_frame
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from tests.conftest import START
from tests.product.compliance.case import Case

ZONE = "America/New_York"
TODAY = datetime.date(2026, 3, 2)


@dataclass
class Desk(Case):
    """A book whose accounts owe something, were paid on and written about."""

    async def owing(
        self, client: UUID, debtor: UUID, reference: str = "INV-1", minor: int = 12_050, **facts: Any
    ) -> UUID:
        """An account on which so much is owed since it was opened."""
        account = await self.account(client, debtor, reference, **facts)
        on = facts.get("opened_on", datetime.date(2026, 1, 15))
        owed = OpeningBalanceRecord(
            account_id=account, principal=Money(minor, facts.get("currency", "USD")), effective_on=on
        )
        await record_opening_balance(self.context(), owed, idempotency_key=f"owed-{account}")
        return account

    async def paid(self, account: UUID, minor: int, on: datetime.date) -> UUID:
        """A payment with effect on a day."""
        change = PaymentRecord(
            account_id=account,
            amount=Money(minor, "USD"),
            method=PaymentMethod.BANK_TRANSFER,
            received_on=min(on, TODAY),
            effective_on=on,
        )
        receipt = await record_payment(self.context(), change, idempotency_key=f"paid-{account}-{minor}-{on}")
        return receipt.result.payment_id

    async def wrote(self, account: UUID, at: datetime.datetime, template: str | None, **facts: Any) -> UUID:
        """A letter to the debtor."""
        values = {"channel": CommunicationChannel.LETTER, "result": InteractionResult.SENT, **facts}
        change = InteractionRecord(
            account_id=account, started_at=at, direction=Direction.OUTBOUND, template=template, **values
        )
        return (await record_interaction(self.context(), change)).result.interaction_id

    async def facts(
        self, client: UUID, *accounts: UUID, on: datetime.date = TODAY, principal: Principal | None = None
    ) -> pl.DataFrame:
        """The frame of a client's accounts, all of them when none is named, as somebody sees them."""
        instant = START if on == TODAY else datetime.datetime.combine(on, datetime.time(23, 59), datetime.UTC)
        wanted = FactsWanted(client, on, instant, list(accounts) or None)
        scope = self.context(principal).principal.scope
        async with self.deployment.database.reads(scope) as connection:
            return account_frame(await read_facts(connection, wanted, ZONE)).sort("account_id")

    async def fact(self, client: UUID, account: UUID, **where: Any) -> dict[str, Any]:
        """The one row of an account."""
        found = await self.facts(client, account, **where)
        whole = (await self.facts(client, **where)).filter(pl.col("account_id") == encode_id("acct", account))
        assert found.equals(whole), "an account by itself is as it is among all"
        return found.row(0, named=True)
