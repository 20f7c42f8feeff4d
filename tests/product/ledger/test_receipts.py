"""Money that came once, shared among the accounts of a debtor: exact shares, one payment each, under one receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from arrears_sdk.ids import decode_id, encode_id, new_id
from tests.api import Api
from tests.product.ledger.books import Books
from tests.product.ledger.desk import Desk, codes, money, owed

_PARTY = """
insert into party (id, client_id, account_id, debtor_id, role, liability, position, name, from_on, version, created_at,
                   updated_at)
select gen_random_uuid(), client_id, id, %(debtor)s, %(role)s, %(liability)s,
       1 + (select count(*) from party where account_id = account.id), 'Ada Example', opened_on, 1, %(at)s, %(at)s
from account where id = %(account)s
"""
_HOLD = """
insert into hold (id, client_id, account_id, debtor_id, kind, scope, blocks, reason, source, starts_at, ends_at,
                  version, created_at, updated_at)
select gen_random_uuid(), case when %(of_debt)s then client_id end, case when %(of_debt)s then id end, debtor_id,
       'DISPUTE', case when %(of_debt)s then 'DEBT' else 'DEBTOR' end, '{CONTACT}', 'x', 'DEBTOR', %(from)s, %(until)s,
       1, %(at)s, %(at)s
from account where id = %(account)s
"""


@dataclass
class Till:
    """A debtor with several accounts, and the money that comes from them."""

    desk: Desk
    debtor_id: UUID
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def debtor(self) -> str:
        return encode_id("dbtr", self.debtor_id)

    async def account(
        self,
        reference: str,
        principal: str,
        *,
        client_id: UUID | None = None,
        currency: str = "USD",
        due_on: date = date(2026, 1, 15),
        **amounts: str,
    ) -> str:
        """An account of the debtor that owes so much."""
        books = self.desk.books
        client_id = client_id or self.desk.client_id
        account_id = await books.account(
            client_id, debtor_id=self.debtor_id, reference=reference, currency=currency, due_on=due_on
        )
        await self.join(account_id, self.debtor_id, "PRIMARY", "WHOLE")
        self.accounts[reference] = account = encode_id("acct", account_id)
        opened = {
            component: money(amount, currency) for component, amount in {"principal": principal, **amounts}.items()
        }
        done = await self.desk.do("openingBalanceRecord", accountId=account, effectiveOn="2026-01-15", **opened)
        assert done["userErrors"] == []
        return account

    async def join(self, account_id: UUID, debtor_id: UUID, role: str, liability: str) -> None:
        """A further party of an account."""
        values = {"account": account_id, "debtor": debtor_id, "role": role, "liability": liability}
        await self.desk.books.execute(_PARTY, values)

    async def dispute(self, reference: str, *, of_debt: bool = True, until: str | None = None) -> None:
        """The debtor disputes an account, or everything."""
        values = {"account": decode_id("acct", self.accounts[reference]), "of_debt": of_debt}
        values |= {"from": "2026-02-01T00:00:00Z", "until": until}
        await self.desk.books.execute(_HOLD, values)

    async def receive(
        self, amount: str, way: str, *references: str | Mapping[str, Any], **given: Any
    ) -> dict[str, Any]:
        """What becomes of money that came."""
        named = [{"accountId": self.accounts[one]} if isinstance(one, str) else dict(one) for one in references]
        currency = given.pop("currency", "USD")
        return await self.desk.do(
            "receiptRecord",
            **{"debtorId": self.debtor, "amount": money(amount, currency), "method": "BANK_TRANSFER", "way": way}
            | ({"accounts": named} if named else {})
            | given,
        )

    def named(self, reference: str, **given: Any) -> dict[str, Any]:
        return {"accountId": self.accounts[reference], **given}

    async def balances(self) -> dict[str, str]:
        return {
            reference: (await self.desk.shown(account))["balance"]["amount"]
            for reference, account in self.accounts.items()
        }


def shares(payload: dict[str, Any]) -> dict[str, str]:
    """What each account gets, by its reference."""
    assert payload["userErrors"] == []
    return {share["reference"]: share["amount"]["amount"] for share in payload["shares"]}


def reasons(payload: dict[str, Any]) -> dict[str, str]:
    return {share["reference"]: share["reason"] for share in payload["shares"]}


@pytest.fixture
async def till(api: Api, books: Books) -> Till:
    client_id = await books.client()
    other = await books.client()
    till = Till(Desk(api, books, client_id), await books.debtor(client_id, other))
    await till.account("A", "100.00", due_on=date(2026, 1, 20))
    await till.account("B", "50.00", costs="10.00", due_on=date(2026, 1, 18))
    await till.account("C", "40.00", client_id=other, due_on=date(2026, 1, 25))
    return till


async def test_money_is_shared_in_proportion_to_what_is_owed(till: Till) -> None:
    done = await till.receive("100.00", "PRO_RATA", reference="RF18 5390")

    # 100.00 of 200.00 owed
    assert shares(done) == {"A": "50.00", "B": "30.00", "C": "20.00"}
    assert reasons(done)["B"] == "In proportion: 60.00 USD of 200.00 USD owed."
    receipt = done["receipt"]
    assert (receipt["way"], receipt["amount"]["amount"], receipt["sortedBy"]) == ("PRO_RATA", "100.00", [])
    assert receipt["client"] is None, "the accounts are of two clients"
    assert {payment["amount"]["amount"] for payment in receipt["payments"]["nodes"]} == {"50.00", "30.00", "20.00"}
    assert {payment["receipt"]["id"] for payment in receipt["payments"]["nodes"]} == {receipt["id"]}
    by_payment = {share["payment"]["id"]: share["amount"]["amount"] for share in receipt["shares"]["nodes"]}
    assert by_payment == {one["id"]: one["amount"]["amount"] for one in receipt["payments"]["nodes"]}
    assert await till.balances() == {"A": "50.00", "B": "30.00", "C": "20.00"}
    # of B the costs were paid first
    assert owed(await till.desk.shown(till.accounts["B"])) == ("30.00", "0.00", "0.00", "0.00")
    assert (await till.desk.events()).count("ReceiptRecorded") == 1
    assert (await till.desk.events()).count("PaymentRecorded") == 3


async def test_what_rounding_leaves_goes_to_the_oldest_first(till: Till) -> None:
    done = await till.receive("0.05", "PRO_RATA")

    # 0.025, 0.015 and 0.01, rounded down; the cent that is left goes to B, which fell due before A
    assert shares(done) == {"A": "0.02", "B": "0.02", "C": "0.01"}


async def test_yen_and_dinars_are_shared_to_the_unit(till: Till) -> None:
    for currency, amounts, paid, expected in [
        ("JPY", ("100", "100", "100"), "100", ["34", "33", "33"]),
        ("KWD", ("0.100", "0.100", "0.100"), "0.100", ["0.034", "0.033", "0.033"]),
    ]:
        names = [f"{currency}{number}" for number in range(3)]
        for name, amount in zip(names, amounts, strict=True):
            await till.account(name, amount, currency=currency)

        done = await till.receive(paid, "PRO_RATA", currency=currency)

        assert list(shares(done).values()) == expected


async def test_every_account_gets_the_same_up_to_what_is_owed(till: Till) -> None:
    done = await till.receive("150.00", "EVEN")

    # 50.00 each, of which C takes 40.00; the rest in halves
    assert shares(done) == {"A": "55.00", "B": "55.00", "C": "40.00"}


async def test_ranks_are_paid_one_after_the_other_and_equals_in_proportion(till: Till) -> None:
    done = await till.receive(
        "120.00",
        "PRIORITY",
        till.named("A", priority=2),
        till.named("B", priority=1),
        till.named("C", priority=2),
    )

    # 60.00 on B; of 140.00 owed on A and C the other 60.00 pay 42.85 and 17.14, and a cent for A, which is older
    assert shares(done) == {"A": "42.86", "B": "60.00", "C": "17.14"}
    assert reasons(done) == {
        "A": "Priority 2, shared: In proportion: 100.00 USD of 140.00 USD owed.",
        "B": "Priority 1.",
        "C": "Priority 2, shared: In proportion: 40.00 USD of 140.00 USD owed.",
    }


async def test_the_order_of_the_list_is_the_priority_unless_given(till: Till) -> None:
    assert shares(await till.receive("50.00", "PRIORITY", "C", "A")) == {"C": "40.00", "A": "10.00"}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([{"key": "DUE_ON"}], {"A": "40.00", "B": "60.00", "C": "0.00"}),
        ([{"key": "DUE_ON", "descending": True}], {"A": "60.00", "B": "0.00", "C": "40.00"}),
        ([{"key": "BALANCE"}], {"A": "0.00", "B": "60.00", "C": "40.00"}),
        ([{"key": "PLACED_ON"}, {"key": "REFERENCE"}], {"A": "100.00", "B": "0.00", "C": "0.00"}),
        ([{"key": "INTEREST_RATE"}, {"key": "BALANCE", "descending": True}], {"A": "100.00", "B": "0.00", "C": "0.00"}),
    ],
)
async def test_accounts_are_paid_in_the_order_of_the_keys(
    till: Till, sort: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    done = await till.receive("100.00", "SORTED", sort=sort)

    assert shares(done) == expected
    assert done["receipt"]["sortedBy"] == [("-" if key.get("descending") else "") + key["key"] for key in sort]


async def test_what_the_debtor_named_is_followed(till: Till) -> None:
    done = await till.receive(
        "30.00", "DIRECTED", till.named("C", amount=money("20.00")), till.named("A", amount=money("10.00"))
    )

    assert shares(done) == {"C": "20.00", "A": "10.00"}
    assert reasons(done)["C"] == "As the debtor directed."
    assert await till.balances() == {"A": "90.00", "B": "60.00", "C": "20.00"}


async def test_disputed_debts_get_nothing_in_any_way(till: Till) -> None:
    await till.dispute("A")

    tried = {
        way: shares(await till.receive("90.00", way, "A", "B", "C", dryRun=True, **given))
        for way, given in [
            ("PRO_RATA", {}),
            ("EVEN", {}),
            ("PRIORITY", {}),
            ("SORTED", {"sort": [{"key": "BALANCE", "descending": True}]}),
        ]
    }
    too_much = await till.receive("100.01", "EVEN", "A", "B", "C")
    named = await till.receive("1.00", "DIRECTED", till.named("A", amount=money("1.00")))
    alone = await till.receive("1.00", "PRO_RATA", "A")
    done = await till.receive("100.00", "PRO_RATA", "A", "B", "C")

    assert tried == {
        "PRO_RATA": {"A": "0.00", "B": "54.00", "C": "36.00"},
        "EVEN": {"A": "0.00", "B": "50.00", "C": "40.00"},
        "PRIORITY": {"A": "0.00", "B": "60.00", "C": "30.00"},
        "SORTED": {"A": "0.00", "B": "60.00", "C": "30.00"},
    }
    assert codes(too_much) == [("AMOUNT_EXCEEDS_BALANCE", "amount")]
    assert codes(named) == [("DEBT_DISPUTED", "accounts.0.accountId")]
    assert codes(alone) == [("DEBT_DISPUTED", "accounts")]
    assert shares(done) == {"A": "0.00", "B": "60.00", "C": "40.00"}
    assert reasons(done)["A"] == "It is disputed: nothing is paid on it."
    assert [share["payment"] is None for share in done["receipt"]["shares"]["nodes"]] == [True, False, False]
    assert len(done["receipt"]["payments"]["nodes"]) == 2


async def test_a_dispute_that_ended_bars_nothing_and_one_of_the_debtor_bars_all(till: Till) -> None:
    await till.dispute("A", until="2026-02-15T00:00:00Z")
    assert shares(await till.receive("10.00", "PRIORITY", "A", "B")) == {"A": "10.00", "B": "0.00"}

    await till.dispute("B", of_debt=False)

    assert codes(await till.receive("10.00", "PRIORITY", "A", "B")) == [("DEBT_DISPUTED", "accounts")]


async def test_more_than_all_debts_is_refused_unless_a_surplus_is_taken(till: Till) -> None:
    refused = await till.receive("200.01", "PRO_RATA")
    done = await till.receive("210.00", "SORTED", sort=[{"key": "DUE_ON"}], acceptsSurplus=True)

    assert codes(refused) == [("AMOUNT_EXCEEDS_BALANCE", "amount")]
    assert shares(done) == {"A": "100.00", "B": "60.00", "C": "50.00"}
    assert reasons(done)["C"] == "Number 3 by due date. 10.00 USD of it is more than is owed."
    assert await till.balances() == {"A": "0.00", "B": "0.00", "C": "0.00"}
    of_c = next(one["id"] for one in done["receipt"]["payments"]["nodes"] if one["amount"]["amount"] == "50.00")
    back = await till.desk.do("paymentRefundRecord", paymentId=of_c, surplusOnly=True, reason="Overpaid.")
    assert (back["entry"]["kind"], back["account"]["balance"]["amount"]) == ("REFUND", "0.00")
    again = await till.desk.do("paymentRefundRecord", paymentId=of_c, surplusOnly=True, reason="Overpaid.")
    assert codes(again) == [("REFUND_EXCEEDS_PAYMENT", "surplusOnly")]


async def test_a_dry_run_writes_nothing_and_leaves_the_key_free(till: Till) -> None:
    given = {"idempotencyKey": "once"}

    tried = await till.receive("100.00", "PRO_RATA", dryRun=True, **given)
    rows = await till.desk.books.query("select (select count(*) from receipt), (select count(*) from payment)")
    done = await till.receive("100.00", "PRO_RATA", **given)
    again = await till.receive("100.00", "PRO_RATA", **given)

    assert tried["receipt"] is None
    assert rows == [(0, 0)]
    assert tried["shares"] == done["shares"] == again["shares"]
    assert again["receipt"]["id"] == done["receipt"]["id"]
    assert sum(float(balance) for balance in (await till.balances()).values()) == 100


async def test_money_that_came_earlier_is_shared_by_what_was_owed_then(till: Till) -> None:
    # A was paid off since: it takes nothing more, however much was owed on the day
    await till.desk.paid(till.accounts["A"], "100.00", "2026-02-20")

    done = await till.receive("40.00", "PRO_RATA", "A", "B", receivedOn="2026-02-10")

    assert shares(done) == {"A": "0.00", "B": "40.00"}
    early = await till.receive("1.00", "PRO_RATA", "B", "C", receivedOn="2026-01-14")
    late = await till.receive("1.00", "PRO_RATA", "B", "C", receivedOn="2026-03-03")
    assert codes(early) == [("INVALID_INPUT", "effectiveOn")]
    assert codes(late) == [("INVALID_INPUT", "receivedOn")]


async def test_a_written_off_account_shares_by_what_may_be_recovered(till: Till) -> None:
    await till.desk.do("writeOffRecord", accountId=till.accounts["A"], reason="Bankrupt.", effectiveOn="2026-02-01")

    done = await till.receive("70.00", "PRO_RATA", "A", "C")

    assert shares(done) == {"A": "50.00", "C": "20.00"}
    kinds = await till.desk.books.query("select kind from ledger_entry where payment_id is not null order by kind")
    assert [kind for (kind,) in kinds] == ["PAYMENT", "RECOVERY"]
    assert (await till.desk.shown(till.accounts["A"]))["writtenOff"]["amount"] == "50.00"


async def test_accounts_of_a_co_debtor_share_and_those_of_strangers_do_not(till: Till, books: Books) -> None:
    stranger = await books.account(till.desk.client_id, reference="S")
    till.accounts["S"] = encode_id("acct", stranger)
    await till.desk.do("openingBalanceRecord", accountId=till.accounts["S"], principal=money("100.00"))
    refused = await till.receive("10.00", "PRIORITY", "S")

    await till.join(stranger, till.debtor_id, "CO_DEBTOR", "JOINT_AND_SEVERAL")
    taken = await till.receive("10.00", "PRIORITY", "S")
    everywhere = await till.receive("29.00", "PRO_RATA", dryRun=True)

    assert codes(refused) == [("INVALID_INPUT", "accounts.0.accountId")]
    assert shares(taken) == {"S": "10.00"}
    assert shares(everywhere) == {"A": "10.00", "B": "6.00", "C": "4.00", "S": "9.00"}


async def test_what_is_wrong_with_a_receipt_is_told_where_it_is(till: Till) -> None:
    await till.account("E", "10.00", currency="EUR")
    a, one = till.named, money("1.00")

    answers = {
        "nothing": await till.receive("0.00", "EVEN"),
        "twice": await till.receive("1.00", "EVEN", "A", "A"),
        "currency": await till.receive("1.00", "EVEN", "A", "E"),
        "unknown": await till.receive("1.00", "EVEN", {"accountId": encode_id("acct", new_id())}),
        "debtor": await till.receive("1.00", "EVEN", debtorId=encode_id("dbtr", new_id())),
        "no accounts": await till.receive("1.00", "DIRECTED"),
        "no amount": await till.receive("1.00", "DIRECTED", "A"),
        "other sum": await till.receive("2.00", "DIRECTED", a("A", amount=one)),
        "amount": await till.receive("1.00", "EVEN", a("A", amount=one)),
        "priority": await till.receive("1.00", "EVEN", a("A", priority=1)),
        "no keys": await till.receive("1.00", "SORTED"),
        "keys": await till.receive("1.00", "EVEN", sort=[{"key": "BALANCE"}]),
        "key twice": await till.receive("1.00", "SORTED", sort=[{"key": "BALANCE"}, {"key": "BALANCE"}]),
        "other debts": await till.receive("1", "EVEN", currency="JPY"),
    }

    assert {name: codes(answer) for name, answer in answers.items()} == {
        "nothing": [("AMOUNT_NOT_POSITIVE", "amount")],
        "twice": [("INVALID_INPUT", "accounts")],
        "currency": [("CURRENCY_MISMATCH", "accounts.1.accountId")],
        "unknown": [("NOT_FOUND", "accounts.0.accountId")],
        "debtor": [("NOT_FOUND", "debtorId")],
        "no accounts": [("REQUIRED", "accounts")],
        "no amount": [("REQUIRED", "accounts.0.amount")],
        "other sum": [("INVALID_INPUT", "amount")],
        "amount": [("INVALID_INPUT", "accounts.0.amount")],
        "priority": [("INVALID_INPUT", "accounts.0.priority")],
        "no keys": [("REQUIRED", "sort")],
        "keys": [("INVALID_INPUT", "sort")],
        "key twice": [("INVALID_INPUT", "sort")],
        "other debts": [("REQUIRED", "accounts")],
    }


async def test_receipts_at_once_over_the_same_accounts_wait_and_never_overpay(till: Till) -> None:
    orders = [("A", "B", "C"), ("C", "B", "A"), ("B", "C", "A")] * 4

    answers = await asyncio.gather(*(till.receive("25.00", "PRIORITY", *order) for order in orders))

    # 200.00 are owed: eight receipts are taken, four refused
    refused = [answer for answer in answers if answer["userErrors"]]
    assert len(refused) == 4
    assert {code for answer in refused for code in codes(answer)} == {("AMOUNT_EXCEEDS_BALANCE", "amount")}
    assert await till.balances() == {"A": "0.00", "B": "0.00", "C": "0.00"}


async def test_a_client_sees_its_own_part_and_not_the_receipt_over_several_clients(till: Till, api: Api) -> None:
    done = await till.receive("100.00", "PRO_RATA")
    await api.sign_in("CLIENT", clients=[till.desk.client_id])

    seen = await api(
        "{ receipts { nodes { id } } payments { nodes { amount { amount } receipt { id } } } }", role="CLIENT"
    )

    assert (done["userErrors"], seen["data"]["receipts"]["nodes"]) == ([], [])
    nodes = seen["data"]["payments"]["nodes"]
    assert sorted(node["amount"]["amount"] for node in nodes) == ["30.00", "50.00"]
    assert [node["receipt"] for node in nodes] == [None, None]
