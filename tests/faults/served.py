"""The real server in processes of its own, an account to pay on, and keyed payments sent to it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from arrears.access.model import Role
from arrears.accounts.commands import AccountOpen, open_account
from arrears.accounts.model import Product, Purpose
from arrears.cli.principals import WantedKey, issue_key
from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.debtors.commands import DebtorCreate, NewClientLink, NewName, debtor_create
from arrears.debtors.model import DebtorKind
from arrears.kernel.context import Context
from arrears.ledger.commands import OpeningBalanceRecord, record_opening_balance
from arrears_sdk.clock import business_date
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money

PAY = """
mutation ($input: PaymentRecordInput!) {
  paymentRecord(input: $input) {
    userErrors { code }
    payment { id }
    account { balance { amount } }
  }
}
"""
READY_SECONDS = 60.0


@dataclass
class Served:
    """One `arrears serve`, started as an operator starts it."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    output: Path
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "arrears", "serve", "--port", str(self.port), *self.arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )

    async def ready(self) -> float:
        """Seconds until the server says that it is ready."""
        assert self.process is not None
        began = time.monotonic()
        async with httpx.AsyncClient() as http:
            while True:
                assert self.process.poll() is None, self.output.read_text(errors="replace")
                waited = time.monotonic() - began
                assert waited < READY_SECONDS, self.output.read_text(errors="replace")
                try:
                    if (await http.get(f"{self.address}/readyz", timeout=2)).status_code == 200:
                        return waited
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, and nothing is tidied up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """The gentle way, for the end of a test."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def serving(*servers: Served) -> Iterator[None]:
    """The servers started; whatever still runs in the end is stopped."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Desk:
    """An account with a large debt, and a key that may record payments on it."""

    client_id: UUID
    account_id: UUID
    key: str

    @classmethod
    async def open(cls, context: Context, *, reference: str = "A", owed: str = "1000000.00") -> Desk:
        """A new client with a debtor and an account, and a manager's key limited to that client."""
        client = ClientCreate(
            name=f"Client {reference}",
            reference=reference,
            country="US",
            currency="USD",
            time_zone="America/New_York",
            collector_role=CollectorRole.THIRD_PARTY,
        )
        client_id = (await client_create(context, client)).result.client_id
        debtor = DebtorCreate(
            kind=DebtorKind.PERSON, clients=(NewClientLink(client_id=client_id),), names=(NewName(full_name="Ada"),)
        )
        today = business_date(context.clock.now(), "America/New_York")
        opening = AccountOpen(
            client_id=client_id,
            debtor_id=(await debtor_create(context, debtor)).result.debtor_id,
            reference="1",
            product=Product.LOAN,
            purpose=Purpose.CONSUMER,
            currency="USD",
            opened_on=today,
            due_on=today,
        )
        account_id = (await open_account(context, opening)).result.account_id
        balance = OpeningBalanceRecord(account_id=account_id, principal=Money.parse(owed, "USD"))
        await record_opening_balance(context, balance)
        wanted = WantedKey(f"key {reference}", Role.MANAGER, "Manager", None, [encode_id("clnt", client_id)], None, 2)
        secret = (await issue_key(context, wanted)).secret
        assert secret is not None
        return cls(client_id, account_id, secret)

    async def pay(self, http: httpx.AsyncClient, address: str, idempotency_key: str, amount: str) -> httpx.Response:
        """One payment sent once."""
        sent = {
            "idempotencyKey": idempotency_key,
            "accountId": encode_id("acct", self.account_id),
            "amount": {"amount": amount, "currency": "USD"},
            "method": "CASH",
        }
        return await http.post(
            f"{address}/graphql",
            json={"query": PAY, "variables": {"input": sent}},
            headers={"authorization": f"Bearer {self.key}"},
            timeout=30,
        )


def outcome(response: httpx.Response) -> tuple[str, Any]:
    """What became of a payment: done with its id, refused with its code, or a top-level error with its code."""
    answer = response.json()
    if answer.get("errors"):
        return "error", answer["errors"][0]["extensions"]["code"]
    made = answer["data"]["paymentRecord"]
    if made["userErrors"]:
        return "refused", made["userErrors"][0]["code"]
    return "done", made["payment"]["id"]
