"""A clerk's desk for the tests of corrections: what is done through the API, and what the books say after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from arrears.kernel.transaction import begin
from arrears.ledger.booking import resettle
from arrears.ledger.verification import verify
from arrears_sdk.ids import decode_id, encode_id, new_id
from tests.api import Api
from tests.product.ledger.books import Books

ENTRY = """{ id kind reason effectiveOn amount { amount }
  postings(first: 20) { nodes { ledgerAccount component amount { amount } } } }"""
ACCOUNT = """{ id balance { amount } principal { amount } interest { amount } fees { amount } costs { amount }
  writtenOff { amount } judgmentOn }"""
PAYMENT = "{ id state receivedOn effectiveOn reference amount { amount } account { id } }"
_FIELDS = {
    "openingBalanceRecord": f"entry {ENTRY} account {ACCOUNT}",
    "chargeRecord": f"entry {ENTRY} account {ACCOUNT}",
    "paymentRecord": f"payment {PAYMENT} entry {ENTRY} account {ACCOUNT}",
    "paymentReverse": f"payment {PAYMENT} entry {ENTRY} account {ACCOUNT}",
    "entryReverse": f"entry {ENTRY} account {ACCOUNT}",
    "balanceAdjust": f"entry {ENTRY} account {ACCOUNT}",
    "discountGrant": f"entry {ENTRY} account {ACCOUNT}",
    "writeOffRecord": f"entry {ENTRY} account {ACCOUNT}",
    "balanceTransfer": f"entry {ENTRY} account {ACCOUNT} toEntry {ENTRY} toAccount {ACCOUNT}",
    "judgmentRecord": f"""judgment {{ id enteredOn court caseReference ratePercent isReversed
        principal {{ amount }} interest {{ amount }} costs {{ amount }} }} entry {ENTRY} account {ACCOUNT}""",
    "paymentRefundRecord": f"payment {PAYMENT} entry {ENTRY} account {ACCOUNT}",
    "paymentChargebackRecord": f"payment {PAYMENT} entry {ENTRY} account {ACCOUNT}",
    "paymentMove": f"""payment {PAYMENT} entry {ENTRY} account {ACCOUNT}
        movedPayment {PAYMENT} reversal {ENTRY} fromAccount {ACCOUNT}""",
    "receiptRecord": """receipt { id way sortedBy amount { amount } client { id }
        payments(first: 20) { nodes { id amount { amount } account { id } receipt { id } } }
        shares(first: 20) { nodes { position reason owed { amount } amount { amount } account { id }
                                    payment { id } } } }
        shares { accountId reference owed { amount } amount { amount } surplus { amount } isDisputed reason }""",
}
_TRIAL = (
    "select client_id, currency, book, sum(amount_minor) from posting group by 1, 2, 3 having sum(amount_minor) <> 0"
)


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def codes(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The refusals of a payload: code, and the field after `input`."""
    return [(problem["code"], ".".join((problem["field"] or ["input"])[1:])) for problem in payload["userErrors"]]


def lines(entry: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """The postings of an entry."""
    return [(line["ledgerAccount"], line["component"], line["amount"]["amount"]) for line in entry["postings"]["nodes"]]


def owed(account: dict[str, Any]) -> tuple[str, ...]:
    """Principal, interest, fees and costs of an account."""
    return tuple(account[component]["amount"] for component in ("principal", "interest", "fees", "costs"))


@dataclass
class Desk:
    """Accounts of one client, and a clerk who works on them."""

    api: Api
    books: Books
    client_id: UUID

    async def account(self, *, status: str = "ACTIVE", **opened: str) -> str:
        """An account that owes so much from its first day on."""
        account_id = await self.books.account(self.client_id, status="ACTIVE")
        account = encode_id("acct", account_id)
        if opened:
            amounts = {component: money(amount) for component, amount in opened.items()}
            done = await self.do("openingBalanceRecord", accountId=account, effectiveOn="2026-01-15", **amounts)
            assert done["userErrors"] == []
        if status == "CLOSED":
            await self.books.execute(
                "update account set status = 'CLOSED', closed_at = %(at)s, close_reason = 'SETTLED' where id = %(id)s",
                {"id": account_id},
            )
        return account

    async def paid(self, account: str, amount: str, on: str, **given: Any) -> str:
        """The id of a payment that was recorded."""
        done = await self.do(
            "paymentRecord", accountId=account, amount=money(amount), method="BANK_TRANSFER", receivedOn=on, **given
        )
        assert done["userErrors"] == []
        return str(done["payment"]["id"])

    async def do(self, mutation: str, **given: Any) -> dict[str, Any]:
        """What a mutation gives back; a top-level error fails the test, and so do books that are not right after it."""
        name = mutation[0].upper() + mutation[1:]
        query = f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code field message }}"
        answer = await self.api(
            f"{query} {_FIELDS[mutation]} }} }}", {"input": {"idempotencyKey": new_id().hex, **given}}
        )
        assert "errors" not in answer, answer["errors"]
        await self.check()
        payload: dict[str, Any] = answer["data"][mutation]
        return payload

    async def shown(self, account: str) -> dict[str, Any]:
        """The account as the API shows it."""
        answer = await self.api(f"query ($id: ID!) {{ account(id: $id) {ACCOUNT} }}", {"id": account})
        found: dict[str, Any] = answer["data"]["account"]
        return found

    async def check(self) -> None:
        """The books balance, what is kept agrees with what is posted, and a replay would change nothing."""
        context = self.books.deployment.context()
        report = await verify(context)
        assert report.is_sound, report.faults
        assert await self.books.query(_TRIAL) == []
        accounts = [row[0] for row in await self.books.query("select id from account")]
        async with begin(context) as tx:
            assert await resettle(tx, accounts) == {}

    async def events(self) -> list[str]:
        """The names of what was told so far, the order kept."""
        return [row[0] for row in await self.books.query("select name from event order by id")]


def uuid_of(account: str) -> UUID:
    return decode_id("acct", account)
