"""Accounts computed again from the beginning: after other settings, by whoever may, told over the API."""

from __future__ import annotations

from datetime import date

from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.ledger.commands import (
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentReverse,
    record_opening_balance,
    record_payment,
    reverse_payment,
)
from arrears.ledger.model import PaymentMethod
from arrears.ledger.replays import AccountReplay, replay_account, replay_books
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.api import Api
from tests.product.ledger.books import OPENED, Books
from tests.product.ledger.replaying import DAILY, assert_settled, bearing, interest, opened, paid, spread, usd

ALLOCATIONS = """
query ($id: ID!) {
  payment(id: $id) {
    direction inSettlement
    allocations(first: 10) { nodes {
      sequence isCurrent waterfall stage entry { kind corrects { kind } }
      lines(first: 10) { nodes { position instalment component owed { amount } paid { amount } reason } }
    } }
    entries(first: 10) { nodes { kind corrections(first: 5) { nodes { kind effectiveOn amount { amount } } } } }
  }
}
"""
PAY = """
mutation ($input: PaymentRecordInput!) {
  paymentRecord(input: $input) {
    userErrors { code field }
    payment { direction inSettlement allocations(first: 5) { nodes {
      stage waterfall lines(first: 5) { nodes { component paid { amount } reason } }
    } } }
  }
}
"""
REPLAY = """
mutation ($input: AccountReplayInput!) {
  accountReplay(input: $input) {
    userErrors { code } corrected added spreadAgain fromOn balance { amount } account { balance { amount } }
  }
}
"""


async def test_other_settings_change_nothing_until_a_replay_and_then_everything_at_once(books: Books) -> None:
    host = await bearing(books, {})
    account_id = await opened(books, principal="100.00", costs="10.00")
    payment_id, _ = await paid(books, account_id, "15.00", date(2026, 2, 20))
    context = books.deployment.context()
    host.change({"debts": {"allocation": "non-performing"}})

    due = await replay_books(books.deployment.worker_context(), check=True)
    assert (due.accounts, due.changed, due.corrected) == (1, (account_id,), 1)
    dry = (await replay_account(context, AccountReplay(account_id=account_id, dry_run=True))).result
    assert (dry.corrected, dry.spread_again, dry.from_on) == (1, 1, date(2026, 2, 20))
    assert len(await spread(books, payment_id)) == 2

    done = await replay_books(books.deployment.worker_context(), account_ids=[account_id])

    assert (done.changed, done.corrected, done.added) == ((account_id,), 1, 0)
    assert (await spread(books, payment_id))[2:] == [(2, "PRINCIPAL", 1500)]
    again = await replay_books(books.deployment.worker_context())
    assert (again.changed, again.corrected) == ((), 0)
    await assert_settled(books, account_id)


async def test_interest_that_a_client_begins_to_charge_is_added_by_a_replay_and_taken_back_by_another(
    books: Books,
) -> None:
    host = await bearing(books, {})
    account_id = await opened(books, principal="1000.00")
    await paid(books, account_id, "500.00", date(2026, 2, 2))
    host.change({"debts": DAILY})

    added = (await replay_account(books.deployment.context(), AccountReplay(account_id=account_id))).result

    assert (added.added, added.corrected, added.balance) == (18, 1, usd("518.00"))
    host.change({"debts": {"interest": [{"percent": "73"}]}})
    doubled = (await replay_account(books.deployment.context(), AccountReplay(account_id=account_id))).result
    assert (doubled.added, doubled.corrected, doubled.balance) == (0, 19, usd("536.00"))
    host.change({"debts": {}})
    gone = (await replay_account(books.deployment.context(), AccountReplay(account_id=account_id))).result
    assert gone.balance == usd("500.00")
    assert await interest(books, account_id) == 0
    assert await books.query("select count(*) from accrual") == [(0,)]
    await assert_settled(books, account_id)


async def test_yen_and_dinars_are_counted_in_their_own_minor_units(books: Books) -> None:
    await bearing(books)
    for currency, principal, owed in (("JPY", 100_000, 104_600), ("KWD", 1_000_000, 1_046_000)):
        account_id = await books.account(await books.client(currency=currency), currency=currency)
        change = OpeningBalanceRecord(account_id=account_id, principal=Money(principal, currency), effective_on=OPENED)
        await record_opening_balance(books.deployment.context(), change)
        paid_minor = PaymentRecord(account_id=account_id, amount=Money(1, currency), method=PaymentMethod.CASH)

        made = (await record_payment(books.deployment.context(), paid_minor)).result

        assert made.balance == Money(owed - 1, currency)
        await assert_settled(books, account_id)


async def test_the_ways_of_a_payment_and_a_replay_are_told_over_the_api(api: Api, books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")
    payment_id, _ = await paid(books, account_id, "15.00", date(2026, 2, 20))
    await paid(books, account_id, "10.00", date(2026, 2, 1))

    told = (await api(ALLOCATIONS, {"id": encode_id("paym", payment_id)}))["data"]["payment"]

    later, earlier = told["allocations"]["nodes"]
    assert (told["direction"], told["inSettlement"]) == ([], False)
    assert (later["sequence"], later["isCurrent"], later["stage"]) == (2, True, "STANDARD")
    assert later["entry"] == {"kind": "CORRECTION", "corrects": {"kind": "PAYMENT"}}
    assert (earlier["sequence"], earlier["isCurrent"]) == (1, False)
    assert earlier["entry"] == {"kind": "PAYMENT", "corrects": None}
    assert [
        (line["position"], line["instalment"], line["component"], line["owed"]["amount"], line["paid"]["amount"])
        for line in earlier["lines"]["nodes"]
    ] == [(1, None, "COSTS", "10.00", "10.00"), (2, None, "PRINCIPAL", "100.00", "5.00")]
    assert all(line["reason"] for line in earlier["lines"]["nodes"])
    corrections = [entry["corrections"]["nodes"] for entry in told["entries"]["nodes"] if entry["kind"] == "PAYMENT"]
    assert corrections == [[{"kind": "CORRECTION", "effectiveOn": "2026-02-20", "amount": {"amount": "0.00"}}]]

    replayed = await api(
        REPLAY,
        {"input": {"idempotencyKey": new_id().hex, "accountId": encode_id("acct", account_id), "dryRun": False}},
    )

    assert replayed["data"]["accountReplay"] == {
        "userErrors": [],
        "corrected": 0,
        "added": 0,
        "spreadAgain": 0,
        "fromOn": None,
        "balance": {"amount": "85.00"},
        "account": {"balance": {"amount": "85.00"}},
    }


async def test_a_collector_limited_to_a_team_corrects_what_it_does_not_see_of_the_agencys_books(books: Books) -> None:
    await bearing(books)
    account_id = await opened(books, principal="100.00", costs="10.00")
    first, _ = await paid(books, account_id, "150.00", date(2026, 2, 20), accepts_surplus=True)
    team = new_id()
    await books.execute(
        "insert into team (id, name, version, created_at, updated_at) values (%(id)s, 'North', 1, %(at)s, %(at)s)",
        {"id": team},
    )
    await books.execute("update account set team_id = %(team)s where id = %(id)s", {"team": team, "id": account_id})
    collector = Principal(
        id=new_id(),
        kind="PERSON",
        name="Collector",
        roles=frozenset(),
        permissions=frozenset({"ledger.write"}),
        scope=Scope(kind="limited", staff=True, teams=(team,)),
    )
    backdated = PaymentRecord(
        account_id=account_id,
        amount=usd("50.00"),
        method=PaymentMethod.CASH,
        received_on=date(2026, 2, 1),
        accepts_surplus=True,
    )

    await record_payment(books.deployment.context(collector), backdated)
    undone = PaymentReverse(payment_id=first, reason="Returned unpaid")
    await reverse_payment(books.deployment.context(collector), undone)

    assert (
        await books.query(
            "select ledger_account, sum(amount_minor)::bigint from posting where entry_id in"
            " (select id from ledger_entry where payment_id = %(id)s) group by 1 having sum(amount_minor) <> 0",
            {"id": first},
        )
        == []
    )
    await assert_settled(books, account_id)


async def test_a_debtors_direction_and_a_settlement_are_given_over_the_api(api: Api, books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")
    given = {
        "idempotencyKey": new_id().hex,
        "accountId": encode_id("acct", account_id),
        "amount": {"amount": "20.00", "currency": "USD"},
        "method": "CASH",
    }

    twice = await api(PAY, {"input": {**given, "direction": ["FEES", "FEES"]}})
    made = await api(PAY, {"input": {**given, "direction": ["PRINCIPAL"], "inSettlement": True}})

    assert twice["data"]["paymentRecord"]["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", "direction"]}]
    payment = made["data"]["paymentRecord"]["payment"]
    (allocation,) = payment["allocations"]["nodes"]
    assert (payment["direction"], payment["inSettlement"]) == (["PRINCIPAL"], True)
    assert (allocation["stage"], allocation["waterfall"]) == ("SETTLEMENT", "costs, interest, fees, principal")
    reason = "Principal is paid first, as the debtor directed: as far as the money goes."
    assert allocation["lines"]["nodes"] == [{"component": "PRINCIPAL", "paid": {"amount": "20.00"}, "reason": reason}]
