"""A till to take payments at: clients with accounts that owe, the sandbox as their gateway, and what came of it all."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.ledger.commands import OpeningBalanceRecord, record_opening_balance
from arrears.ledger.verification import verify
from arrears.payments import jobs as _jobs  # noqa: F401 - makes the questions to providers known
from arrears_sandbox_gateway import SandboxGateway
from arrears_sandbox_gateway.orders import CHARGE, DECLINED, REFUND, FileDrawer, ProviderOrder
from arrears_sandbox_gateway.webhooks import Delivery, notice
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.plugin import Plugin
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import TestHost, enabled_at, host_with
from tests.product.ledger.books import Books

SECRET = "whsec_of_the_till"
CHARGE_MUTATION = """
mutation ($input: PaymentChargeInput!) {
  paymentCharge(input: $input) {
    userErrors { code detailCode field message }
    account { balance { amount currency } }
    paymentIntent {
      id status outcome method initiatedBy gateway plugin providerReference actionUrl problem problemCode timesAsked
      amount { amount currency } captured { amount } refunded { amount } chargedBack { amount }
      payment { id state amount { amount currency } method reference }
      findings { verdict rule reason plugin pluginVersion settingsVersion until requirement }
      attempts { kind outcome problem }
      refunds { nodes { id status amount { amount } } }
    }
  }
}
"""
REFUND_MUTATION = """
mutation ($input: PaymentRefundInput!) {
  paymentRefund(input: $input) {
    userErrors { code field message }
    account { balance { amount currency } }
    refund { id status amount { amount currency } reason outcome problemCode providerReference }
    paymentIntent { id status refunded { amount } payment { state } }
  }
}
"""
INTENT = """
query ($id: ID!) {
  paymentIntent(id: $id) {
    id status outcome problem problemCode providerReference timesAsked
    captured { amount } refunded { amount } chargedBack { amount }
    account { balance { amount } }
    payment { id state amount { amount } entries { nodes { kind amount { amount } } } }
    attempts { kind outcome problem }
    refunds { nodes { id status amount { amount } outcome problem problemCode timesAsked } }
    notices { nodes { noticeId kind outcome } }
    chargebacks { amount { amount } won }
  }
}
"""


@dataclass
class Till:
    """One deployment with the sandbox as its gateway, and an account of 100.00 USD to pay on."""

    deployment: Deployment
    api: Api
    books: Books
    folder: Path
    host: TestHost
    client_id: UUID
    account_id: UUID
    drawer: FileDrawer
    settings: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    last_job: int = 0

    @classmethod
    async def open(
        cls,
        deployment: Deployment,
        api: Api,
        folder: Path,
        *,
        currency: str = "USD",
        owed: str = "100.00",
        further: Sequence[type[Plugin]] = (),
        **sandbox: JsonValue,
    ) -> Till:
        books = Books(deployment)
        client_id = await books.client(currency=currency)
        settings = settings_of(folder, **sandbox)
        settings |= {plugin.name: {} for plugin in further}
        host = await host_with(deployment, [SandboxGateway, *further], settings)
        till = cls(
            deployment, api, books, folder, host, client_id, client_id, FileDrawer(folder / "provider"), settings
        )
        till.account_id = await till.account(owed, currency)
        return till

    async def account(self, owed: str, currency: str = "USD", client_id: UUID | None = None) -> UUID:
        """One more account, of the till's client unless another is named."""
        account_id = await self.books.account(client_id or self.client_id, currency=currency)
        opening = OpeningBalanceRecord(account_id=account_id, principal=Money.parse(owed, currency))
        await record_opening_balance(self.deployment.context(), opening)
        return account_id

    async def charge(self, token: str = "tok_ok", amount: str = "40.00", **more: Any) -> dict[str, Any]:
        """The payload of a charge."""
        answer = await self.api(CHARGE_MUTATION, {"input": self.charge_input(token, amount, **more)})
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["paymentCharge"]
        return found

    def charge_input(
        self, token: str, amount: str, *, key: str = "key", currency: str = "USD", **more: Any
    ) -> dict[str, Any]:
        """The input of a charge."""
        return {
            "idempotencyKey": key,
            "accountId": encode_id("acct", self.account_id),
            "amount": {"amount": amount, "currency": currency},
            "method": "CARD",
            "token": token,
            "initiatedBy": "DEBTOR",
            **more,
        }

    async def charged(self, token: str = "tok_ok", amount: str = "40.00", **more: Any) -> str:
        """The id of the intent of a charge that was not refused."""
        payload = await self.charge(token, amount, **more)
        assert payload["userErrors"] == [], payload
        return str(payload["paymentIntent"]["id"])

    async def refund(self, intent_id: str, amount: str | None = None, *, key: str = "refund") -> dict[str, Any]:
        """The payload of a refund."""
        given = {"idempotencyKey": key, "intentId": intent_id, "reason": "Paid twice"}
        if amount is not None:
            given["amount"] = {"amount": amount, "currency": "USD"}  # type: ignore[assignment]
        answer = await self.api(REFUND_MUTATION, {"input": given})
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["paymentRefund"]
        return found

    async def intent(self, intent_id: str) -> dict[str, Any]:
        """An intent as it stands."""
        answer = await self.api(INTENT, {"id": intent_id})
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["paymentIntent"]
        return found

    async def sweep(self, after: datetime.timedelta = datetime.timedelta(minutes=3)) -> int:
        """Has everything done that is due by then; gives how many jobs were run."""
        self.deployment.clock.advance(after)
        context = self.deployment.worker_context()
        await dispatch_due(context)
        jobs = await self.books.query(
            "select id, task_name, args from jobs.procrastinate_jobs"
            " where task_name like 'payment.%%' and id > %(last)s order by id",
            {"last": self.last_job},
        )
        for number, name, arguments in jobs:
            self.last_job = number
            await registry.find(name).function(context, **arguments)
        return len(jobs)

    def orders(self, kind: str = CHARGE) -> list[ProviderOrder]:
        """What the provider has."""
        return [order for order in self.drawer.orders() if order.kind == kind]

    def captured_minor(self) -> int:
        """What the provider took and did not give back."""
        taken = {
            kind: sum(order.minor for order in self.orders(kind) if order.status != DECLINED)
            for kind in (CHARGE, REFUND)
        }
        return taken[CHARGE] - taken[REFUND]

    async def booked_minor(self) -> int:
        """What the ledger has of payments: what they took off debts, and what came beyond that."""
        rows = await self.books.query(
            "select coalesce(-sum(line.amount_minor), 0)::bigint from ledger_entry entry"
            " join posting line on line.entry_id = entry.id"
            " where entry.payment_id is not null and line.ledger_account in ('RECEIVABLE', 'REFUNDS_PAYABLE')"
        )
        assert (await verify(self.deployment.context())).is_sound
        return int(rows[0][0])

    def webhook(self, what: str = "settled", kind: str = CHARGE) -> Delivery:
        """What the provider tells about its last order of a kind."""
        return notice(self.orders(kind)[-1], what)

    async def post(
        self,
        delivery: Delivery,
        *,
        client_id: UUID | None = None,
        secret: str = SECRET,
        headers: Mapping[str, str] | None = None,
        sent_at: datetime.datetime | None = None,
    ) -> httpx.Response:
        """Sends a webhook, signed now unless told otherwise."""
        signed = delivery.signed(secret, sent_at or self.deployment.clock.now()) if headers is None else headers
        address = f"/webhooks/sandbox/{encode_id('clnt', client_id or self.client_id)}"
        return await self.api.http.post(address, content=delivery.body, headers=dict(signed))

    async def count(self, table: str) -> int:
        """How many rows there are."""
        return int((await self.books.query(f"select count(*) from {table}"))[0][0])

    def enable_only_at(self, *client_ids: UUID, **groups: Mapping[str, JsonValue]) -> None:
        """Enables the groups for these clients alone."""
        from arrears.plugins.settings import Place

        self.host.change(enabled_at({Place(client_id): dict(groups) for client_id in client_ids}))


def settings_of(folder: Path, **sandbox: JsonValue) -> dict[str, dict[str, JsonValue]]:
    """Settings that enable the sandbox, with the provider's state in a folder."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    return {
        "sandbox-gateway": {
            "state_file": str(folder / "provider"),
            "webhook_secret": {"file": str(secret)},
            "settles_after_seconds": 60.0,
            **sandbox,
        },
        "payments": {"gateway": "sandbox", "call_seconds": 60.0},
    }
