"""Payments that stand in part: surplus, refunds, chargebacks, and chargebacks that were won."""

from __future__ import annotations

from uuid import UUID

import pytest

from arrears.ledger.commands import (
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentReverse,
    record_opening_balance,
    record_payment,
    reverse_payment,
)
from arrears.ledger.model import EntryKind, PaymentMethod
from arrears.ledger.standing import PaymentRestate, PaymentRestated, restate_payment
from arrears.ledger.verification import verify
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.money import Money
from tests.product.ledger.books import Books


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


async def paid(books: Books, amount: str, *, role: str = "THIRD_PARTY", **owed: str) -> tuple[UUID, UUID]:
    """An account that owes, and a payment that a provider took of it."""
    account_id = await books.account(await books.client(role=role))
    amounts = {name: usd(text) for name, text in owed.items()}
    context = books.deployment.context()
    await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, **amounts))
    change = PaymentRecord(account_id=account_id, amount=usd(amount), method=PaymentMethod.CARD, accepts_surplus=True)
    return account_id, (await record_payment(context, change)).result.payment_id


async def restated(books: Books, payment_id: UUID, standing: str, kind: EntryKind) -> PaymentRestated:
    change = PaymentRestate(payment_id=payment_id, standing=usd(standing), kind=kind, reason="The provider says so.")
    return (await restate_payment(books.deployment.context(), change)).result


async def standing_of(books: Books, payment_id: UUID) -> dict[tuple[str, str | None], int]:
    """What all entries of a payment leave on each account of the books."""
    rows = await books.query(
        "select ledger_account, component, sum(amount_minor)::bigint from posting where entry_id in"
        " (select id from ledger_entry where payment_id = %(id)s) group by 1, 2 having sum(amount_minor) <> 0",
        {"id": payment_id},
    )
    return {(account, component): amount for account, component, amount in rows}


async def state(books: Books, payment_id: UUID) -> str:
    return str((await books.query("select state from payment where id = %(id)s", {"id": payment_id}))[0][0])


async def test_a_part_that_is_refunded_is_owed_again_last_paid_first(books: Books) -> None:
    account_id, payment_id = await paid(books, "90.00", principal="70.00", costs="30.00")

    made = await restated(books, payment_id, "25.00", EntryKind.REFUND)

    assert made.entry_id is not None
    assert made.balance == usd("75.00")
    assert await books.lines(made.entry_id) == [
        ("DEBT", "RECEIVABLE", "PRINCIPAL", 6000),
        ("DEBT", "RECOVERED", "PRINCIPAL", -6000),
        ("DEBT", "RECEIVABLE", "COSTS", 500),
        ("DEBT", "RECOVERED", "COSTS", -500),
        ("AGENCY", "TRUST_BANK", None, -6500),
        ("AGENCY", "CLIENT_PAYABLE", None, 6500),
    ]
    assert await state(books, payment_id) == "RECORDED"
    assert (await books.kept(account_id))["balance_minor"] == 7500
    assert (await verify(books.deployment.context())).is_sound


async def test_more_than_is_owed_is_owed_back_to_the_debtor_and_goes_first(books: Books) -> None:
    account_id, payment_id = await paid(books, "120.00", principal="100.00")
    assert await standing_of(books, payment_id) == {
        ("RECEIVABLE", "PRINCIPAL"): -10000,
        ("RECOVERED", "PRINCIPAL"): 10000,
        ("TRUST_BANK", None): 12000,
        ("CLIENT_PAYABLE", None): -10000,
        ("REFUNDS_PAYABLE", None): -2000,
    }

    await restated(books, payment_id, "95.00", EntryKind.REFUND)

    assert (await standing_of(books, payment_id))["TRUST_BANK", None] == 9500
    assert (await books.kept(account_id))["balance_minor"] == 500
    assert (await verify(books.deployment.context())).is_sound


async def test_surplus_of_money_that_is_ones_own_does_not_touch_the_trust_account(books: Books) -> None:
    _, payment_id = await paid(books, "120.00", role="DEBT_BUYER", principal="100.00")

    found = await standing_of(books, payment_id)

    assert (found["UNCLEARED", None], found["REFUNDS_PAYABLE", None]) == (2000, -2000)
    assert ("TRUST_BANK", None) not in found
    assert (await verify(books.deployment.context())).is_sound


async def test_a_chargeback_that_was_won_leaves_the_ledger_as_before(books: Books) -> None:
    account_id, payment_id = await paid(books, "90.00", principal="70.00", costs="30.00")
    before = await standing_of(books, payment_id), await books.kept(account_id)

    await restated(books, payment_id, "0.00", EntryKind.CHARGEBACK)
    assert await state(books, payment_id) == "REVERSED"
    assert (await books.kept(account_id))["last_payment_on"] is None
    assert (await verify(books.deployment.context())).is_sound
    await restated(books, payment_id, "90.00", EntryKind.CHARGEBACK_WON)

    assert (await standing_of(books, payment_id), await books.kept(account_id)) == before
    assert await state(books, payment_id) == "RECORDED"
    assert (await verify(books.deployment.context())).is_sound


async def test_what_comes_back_after_the_debt_was_paid_otherwise_is_owed_back(books: Books) -> None:
    account_id, payment_id = await paid(books, "100.00", principal="100.00")
    await restated(books, payment_id, "0.00", EntryKind.CHARGEBACK)
    change = PaymentRecord(account_id=account_id, amount=usd("70.00"), method=PaymentMethod.CASH)
    await record_payment(books.deployment.context(), change)

    made = await restated(books, payment_id, "100.00", EntryKind.CHARGEBACK_WON)

    assert made.balance == usd("0.00")
    assert (await standing_of(books, payment_id))["REFUNDS_PAYABLE", None] == -7000
    assert (await verify(books.deployment.context())).is_sound


async def test_stating_what_stands_already_posts_nothing(books: Books) -> None:
    _, payment_id = await paid(books, "90.00", principal="90.00")

    assert (await restated(books, payment_id, "90.00", EntryKind.REFUND)).entry_id is None


async def test_a_payment_of_which_parts_were_given_back_is_not_reversed_as_a_whole(books: Books) -> None:
    _, payment_id = await paid(books, "90.00", principal="90.00")
    await restated(books, payment_id, "50.00", EntryKind.REFUND)

    with pytest.raises(RefusedError) as caught:
        await reverse_payment(books.deployment.context(), PaymentReverse(payment_id=payment_id, reason="Bounced"))

    assert caught.value.code is ErrorCode.PAYMENT_RETURNED
