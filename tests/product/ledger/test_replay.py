"""What is known later changes what earlier entries come to: corrections, and later allocations beside the old."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest

from arrears.ledger.commands import (
    PaymentReverse,
    reverse_payment,
)
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.standing import PaymentRestate, restate_payment
from arrears_sdk.errors import ErrorCode, RefusedError
from tests.product.ledger.books import Books
from tests.product.ledger.replaying import assert_settled, bearing, interest, opened, paid, spread, usd


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
