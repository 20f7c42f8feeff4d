"""Debts that are late, and rules that charge them, for tests of fees."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from arrears.charges import jobs as _jobs  # noqa: F401 - makes the followers of the ledger known
from arrears.charges.claiming import FeeClaim, FeeClaimed, claim_fee
from arrears.charges.running import Tally, run_charges
from arrears.ledger.commands import OpeningBalanceRecord, PaymentRecord, record_opening_balance, record_payment
from arrears.ledger.model import PaymentMethod
from arrears.ledger.verification import verify
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from arrears_sdk.plugin import Plugin
from tests.conftest import Deployment
from tests.plugin_hosts import TestHost, host_with
from tests.product.compliance.case import Case
from tests.telling import tell_everything

OPENED = datetime.date(2026, 1, 15)
DUE = datetime.date(2026, 2, 14)
TODAY = datetime.date(2026, 3, 2)
ONE_DAY = datetime.timedelta(days=1)

Rule = dict[str, JsonValue]


class Seen(NamedTuple):
    """A fee as a test looks at it."""

    rule: str
    period: str
    state: str
    minor: int
    quoted_on: datetime.date
    claimed_on: datetime.date | None


def late_fee(**given: JsonValue) -> Rule:
    """Ten dollars once a debt is ten days late, unless told otherwise."""
    amount: Rule = {} if "percent" in given else {"amount": "10.00"}
    return {"id": "late", "kind": "LATE", "currency": "USD", "after_days": 10, **amount, **given}


@dataclass
class Fees(Case):
    """One client with rules of fees, and debts that it charges."""

    client_id: UUID = field(default_factory=new_id)
    host: TestHost = None  # type: ignore[assignment]
    plugins: dict[str, dict[str, JsonValue]] = field(default_factory=dict)

    @classmethod
    async def open(
        cls, deployment: Deployment, *rules: Rule, plugins: Sequence[type[Plugin]] = (), name: str = "Acme Bank"
    ) -> Fees:
        fees = cls(deployment)
        fees.client_id = await fees.client(name)
        fees.plugins = {plugin.name: {} for plugin in plugins}
        fees.host = await host_with(deployment, plugins, {**fees.plugins, "charges": {"rules": list(rules)}})
        return fees

    def change_rules(self, *rules: Rule) -> None:
        """Other rules from now on."""
        self.host.change({**self.plugins, "charges": {"rules": list(rules)}})

    async def debt(self, owed: str = "1000.00", currency: str = "USD", **facts: Any) -> UUID:
        """A debt of principal that was due on 14 February."""
        values: dict[str, Any] = {"opened_on": OPENED, "due_on": DUE, "currency": currency, **facts}
        debtor_id = await self.person(self.client_id)
        account_id = await self.account(self.client_id, debtor_id, new_id().hex, **values)
        opening = OpeningBalanceRecord(
            account_id=account_id, principal=Money.parse(owed, currency), effective_on=values["opened_on"]
        )
        await record_opening_balance(self.context(), opening)
        # As if it had been taken in when it was opened.
        await self.execute("update account set placed_on = opened_on where id = %s", account_id)
        return account_id

    async def execute(self, statement: LiteralString, *parameters: object) -> None:
        """A statement of somebody who may change anything."""
        async with self.deployment.worker_database.pool.connection() as connection:
            await connection.execute(statement, parameters)

    async def run(self, through: datetime.date | None = None) -> Tally:
        """The daily run, as the night has it done."""
        return await run_charges(self.deployment.worker_context(), through)

    def go_to(self, day: datetime.date) -> None:
        """Noon of a later day."""
        self.deployment.clock.move_to(datetime.datetime.combine(day, datetime.time(12), datetime.UTC))

    async def seen(self, account_id: UUID) -> list[Seen]:
        """The fees of an account, the first one first."""
        found = await self.rows(
            "select rule, period, state, amount_minor, quoted_on, claimed_on from fee_claim"
            " where account_id = %(id)s order by quoted_on, rule, period",
            id=account_id,
        )
        return [Seen(*row) for row in found]

    async def fee(self, account_id: UUID) -> UUID:
        """The only fee of an account."""
        ((id,),) = await self.rows("select id from fee_claim where account_id = %(id)s", id=account_id)
        assert isinstance(id, UUID)
        return id

    async def claim(self, fee_claim_id: UUID, key: str | None = None) -> FeeClaimed:
        """What claiming a fee gave."""
        return (await claim_fee(self.context(), FeeClaim(fee_claim_id=fee_claim_id), idempotency_key=key)).result

    async def steps(self, fee_claim_id: UUID) -> list[str]:
        """What happened to a fee."""
        found = await self.rows(
            "select step from fee_claim_step where fee_claim_id = %(id)s order by position", id=fee_claim_id
        )
        return [str(row[0]) for row in found]

    async def pay(self, account_id: UUID, amount: str, on: datetime.date | None = None) -> UUID:
        """A payment of today, or of an earlier day."""
        change = PaymentRecord(
            account_id=account_id, amount=Money.parse(amount, "USD"), method=PaymentMethod.CARD, received_on=on
        )
        return (await record_payment(self.context(), change)).result.payment_id

    async def relay(self) -> None:
        """Everybody is told what happened."""
        await tell_everything(self.deployment.worker_context())

    async def fees_owed(self, account_id: UUID) -> int:
        """What is owed in fees, in minor units; the ledger has to be sound."""
        assert (await verify(self.context())).is_sound
        ((minor,),) = await self.rows("select fees_minor from account where id = %(id)s", id=account_id)
        return int(str(minor))
