"""What is known later changes what earlier entries come to: corrections, later allocations, replays."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from arrears.kernel.transaction import begin
from arrears.ledger.booking import resettle
from arrears.ledger.commands import (
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentReverse,
    record_opening_balance,
    record_payment,
    reverse_payment,
)
from arrears.ledger.model import DebtComponent, EntryKind, PaymentMethod
from arrears.ledger.replays import AccountReplay, replay_account, replay_books
from arrears.ledger.standing import PaymentRestate, restate_payment
from arrears.ledger.verification import verify
from arrears_csv_importer import CsvImporter
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.api import Api
from tests.plugin_hosts import TestHost, host_with
from tests.product.ledger.books import OPENED, Books

# A tenth of a per cent a day: 1.00 on every 1,000.00.
DAILY: dict[str, JsonValue] = {"interest": [{"percent": "36.5"}]}
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
REPLAY = """
mutation ($input: AccountReplayInput!) {
  accountReplay(input: $input) {
    userErrors { code } corrected added spreadAgain fromOn balance { amount } account { balance { amount } }
  }
}
"""


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


async def bearing(books: Books, settings: dict[str, JsonValue] | None = None) -> TestHost:
    """The deployment with these settings of debts."""
    return await host_with(books.deployment, [CsvImporter], {"debts": DAILY if settings is None else settings})


async def opened(books: Books, **amounts: str) -> UUID:
    account_id = await books.account(await books.client())
    given = {name: usd(amount) for name, amount in amounts.items()}
    change = OpeningBalanceRecord(account_id=account_id, effective_on=OPENED, **given)
    await record_opening_balance(books.deployment.context(), change)
    return account_id


async def paid(books: Books, account_id: UUID, amount: str, on: date, **more: Any) -> tuple[UUID, UUID]:
    """The payment and its entry."""
    change = PaymentRecord(account_id=account_id, amount=usd(amount), method=PaymentMethod.CASH, received_on=on, **more)
    made = (await record_payment(books.deployment.context(), change)).result
    return made.payment_id, made.entry_id


async def spread(books: Books, payment_id: UUID) -> list[tuple[int, str | None, int]]:
    """Every way in which a payment was spread: its number, the component and what it received."""
    return await books.query(
        "select allocation.sequence, line.component, line.paid_minor from allocation"
        " join allocation_line line on line.allocation_id = allocation.id"
        " where payment_id = %(id)s order by 1, line.position",
        {"id": payment_id},
    )


async def entries(books: Books, account_id: UUID) -> list[tuple[str, date, int]]:
    """Kind, day and amount of an account's entries, interest left out."""
    return await books.query(
        "select entry.kind, entry.effective_on, entry.amount_minor from ledger_entry entry"
        " left join ledger_entry corrected on corrected.id = entry.corrects_id"
        " where entry.account_id = %(id)s and coalesce(corrected.kind, entry.kind) <> 'INTEREST'"
        " order by entry.effective_on, entry.id",
        {"id": account_id},
    )


async def interest(books: Books, account_id: UUID) -> int:
    """All interest that was charged, corrections counted in."""
    ((sum_minor,),) = await books.query(
        "select coalesce(sum(line.amount_minor), 0)::bigint from posting line join ledger_entry entry"
        " on entry.id = line.entry_id left join ledger_entry corrected on corrected.id = entry.corrects_id"
        " where line.account_id = %(id)s and line.ledger_account = 'RECEIVABLE'"
        " and coalesce(corrected.kind, entry.kind) = 'INTEREST'",
        {"id": account_id},
    )
    return int(sum_minor)


async def assert_settled(books: Books, account_id: UUID) -> None:
    """A replay finds nothing, and the books are sound."""
    async with begin(books.deployment.context()) as tx:
        assert await resettle(tx, [account_id]) == {}
    assert (await verify(books.deployment.context())).faults == ()


async def test_a_backdated_payment_takes_the_place_of_an_allocation_and_keeps_the_old_one(books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")
    first, first_entry = await paid(books, account_id, "15.00", date(2026, 2, 20))
    before = await books.lines(first_entry)

    backdated, _ = await paid(books, account_id, "10.00", date(2026, 2, 1))

    assert await spread(books, backdated) == [(1, "COSTS", 1000)]
    assert await spread(books, first) == [(1, "COSTS", 1000), (1, "PRINCIPAL", 500), (2, "PRINCIPAL", 1500)]
    assert await books.lines(first_entry) == before
    ((correction, day, amount, corrects),) = await books.query(
        "select id, effective_on, amount_minor, corrects_id from ledger_entry where kind = 'CORRECTION'"
    )
    assert (day, amount, corrects) == (date(2026, 2, 20), 0, first_entry)
    assert sorted(await books.lines(correction)) == [
        ("DEBT", "RECEIVABLE", "COSTS", 1000),
        ("DEBT", "RECEIVABLE", "PRINCIPAL", -1000),
        ("DEBT", "RECOVERED", "COSTS", -1000),
        ("DEBT", "RECOVERED", "PRINCIPAL", 1000),
    ]
    assert await books.query("select entry_id from allocation where sequence = 2") == [(correction,)]
    assert await books.query("select payload ->> 'corrected' from event where name = 'DebtReplayed'") == [("1",)]
    await assert_settled(books, account_id)


async def test_a_backdated_payment_lowers_the_interest_of_all_days_since(books: Books) -> None:
    await bearing(books)
    account_id = await opened(books, principal="1000.00")
    # The interest of eighteen days comes first; then 518.00 bear 0.518 a day.
    await paid(books, account_id, "500.00", date(2026, 2, 2))
    await paid(books, account_id, "100.00", date(2026, 3, 2))
    assert await interest(books, account_id) == 1800 + 1450

    await paid(books, account_id, "200.00", date(2026, 1, 25))

    # Ten days on 1,000.00; 810.00 for eight days; then 316.48 for 28: the exact sum is rounded each day.
    assert await interest(books, account_id) == 1000 + 648 + 886
    kept = await books.kept(account_id)
    assert kept["balance_minor"] == 100_000 + 2534 - 80_000
    await assert_settled(books, account_id)


async def test_a_chargeback_three_weeks_later_makes_the_debt_bear_interest_again(books: Books) -> None:
    await bearing(books)
    account_id = await opened(books, principal="1000.00")
    payment_id, _ = await paid(books, account_id, "500.00", date(2026, 2, 2))

    change = PaymentRestate(
        payment_id=payment_id, standing=usd("0.00"), kind=EntryKind.CHARGEBACK, reason="The card's bank says so."
    )
    made = (await restate_payment(books.deployment.context(), change)).result

    # 18.00 to 2 February, and 28 days of 0.518 to 2 March, on which the whole is owed again.
    assert made.balance == usd("1032.50")
    assert (await books.kept(account_id))["interest_minor"] == 3250
    books.deployment.clock.advance(timedelta(days=10))
    await paid(books, account_id, "1.00", date(2026, 3, 12))
    assert await interest(books, account_id) == 3250 + 1000
    await assert_settled(books, account_id)


async def test_a_reversal_mirrors_the_payment_and_what_was_corrected_of_it(books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")
    first, first_entry = await paid(books, account_id, "15.00", date(2026, 2, 20))
    await paid(books, account_id, "10.00", date(2026, 2, 1))
    before = await books.kept(account_id)

    change = PaymentReverse(payment_id=first, reason="Returned unpaid")
    undone = (await reverse_payment(books.deployment.context(), change)).result

    mirrored = [(*line[:3], -line[3]) for line in await books.lines(first_entry)]
    assert await books.lines(undone.entry_id) == mirrored
    ((correction,),) = await books.query(
        "select id from ledger_entry where corrects_id = %(id)s", {"id": undone.entry_id}
    )
    assert sorted(await books.lines(correction)) == [
        ("DEBT", "RECEIVABLE", "COSTS", -1000),
        ("DEBT", "RECEIVABLE", "PRINCIPAL", 1000),
        ("DEBT", "RECOVERED", "COSTS", 1000),
        ("DEBT", "RECOVERED", "PRINCIPAL", -1000),
    ]
    kept = await books.kept(account_id)
    assert kept["balance_minor"] == before["balance_minor"] + 1500 == 10000
    assert kept["costs_minor"] == 0
    await assert_settled(books, account_id)


async def test_what_was_known_at_an_instant_is_left_as_it_was(books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")
    await paid(books, account_id, "15.00", date(2026, 2, 20))
    known_at = books.deployment.clock.now()
    books.deployment.clock.advance(timedelta(hours=1))
    await paid(books, account_id, "10.00", date(2026, 2, 1))

    async def owed(component: str, at: datetime) -> int:
        ((minor,),) = await books.query(
            "select sum(amount_minor)::bigint from posting where ledger_account = 'RECEIVABLE'"
            " and recorded_at <= %(at)s and component = %(component)s and effective_on <= '2026-02-20'",
            {"at": at, "component": component},
        )
        return int(minor)

    assert [await owed(name, known_at) for name in ("COSTS", "PRINCIPAL")] == [0, 9500]
    now = books.deployment.clock.now()
    assert [await owed(name, now) for name in ("COSTS", "PRINCIPAL")] == [0, 8500]


async def test_a_payment_recorded_by_mistake_and_undone_moves_no_other_of_its_day(books: Books) -> None:
    account_id = await opened(books, principal="100.00")
    today = date(2026, 3, 2)
    wrong, _ = await paid(books, account_id, "100.00", today)
    await reverse_payment(books.deployment.context(), PaymentReverse(payment_id=wrong, reason="Mistyped"))

    right, _ = await paid(books, account_id, "10.00", today)

    assert await spread(books, right) == [(1, "PRINCIPAL", 1000)]
    assert (await books.kept(account_id))["balance_minor"] == 9000
    await assert_settled(books, account_id)


async def test_the_debtors_direction_comes_before_the_creditors_order(books: Books) -> None:
    account_id = await opened(books, principal="100.00", costs="10.00")

    payment_id, _ = await paid(books, account_id, "20.00", date(2026, 3, 2), direction=(DebtComponent.PRINCIPAL,))

    assert await spread(books, payment_id) == [(1, "PRINCIPAL", 2000)]


async def test_money_that_an_earlier_day_does_not_take_is_refused(books: Books) -> None:
    account_id = await opened(books, principal="100.00")
    await paid(books, account_id, "90.00", date(2026, 2, 20))

    with pytest.raises(RefusedError) as refused:
        await paid(books, account_id, "30.00", date(2026, 2, 1))

    assert refused.value.code is ErrorCode.AMOUNT_EXCEEDS_BALANCE
    assert "30.00 USD is more than the 10.00 USD" in str(refused.value)


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


async def test_two_payments_at_once_on_one_account_are_both_spread(books: Books) -> None:
    await bearing(books)
    account_id = await opened(books, principal="1000.00", costs="50.00")

    await asyncio.gather(
        *(paid(books, account_id, amount, date(2026, 2, 10)) for amount in ("40.00", "30.00", "20.00", "10.00"))
    )

    # 26.00 of interest and 50.00 of costs: the larger payments come first, whichever arrived first.
    found = await books.query(
        "select payment.amount_minor, array_agg(line.component || ' ' || line.paid_minor order by line.position)"
        " from payment join allocation on allocation.payment_id = payment.id"
        " and sequence = (select max(sequence) from allocation other where other.payment_id = payment.id)"
        " join allocation_line line on line.allocation_id = allocation.id group by payment.id order by 1 desc"
    )
    assert found == [
        (4000, ["COSTS 4000"]),
        (3000, ["COSTS 1000", "INTEREST 2000"]),
        (2000, ["INTEREST 600", "PRINCIPAL 1400"]),
        (1000, ["PRINCIPAL 1000"]),
    ]
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
