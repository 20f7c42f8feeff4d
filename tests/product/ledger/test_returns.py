"""Payments put right by hand through the API: given back, taken back by banks, and moved where they belong."""

from __future__ import annotations

from arrears_sdk.ids import encode_id, new_id
from tests.product.ledger.books import Books
from tests.product.ledger.desk import Desk, codes, lines, money, owed


async def test_a_chargeback_makes_a_debt_stand_again_three_weeks_later(desk: Desk) -> None:
    account = await desk.account(principal="100.00", costs="20.00")
    payment = await desk.paid(account, "50.00", "2026-02-02")

    done = await desk.do(
        "paymentChargebackRecord", paymentId=payment, reason="Fraud, says the bank.", effectiveOn="2026-02-23"
    )

    assert done["entry"]["kind"] == "CHARGEBACK"
    assert lines(done["entry"]) == [
        ("RECEIVABLE", "PRINCIPAL", "30.00"),
        ("RECOVERED", "PRINCIPAL", "-30.00"),
        ("RECEIVABLE", "COSTS", "20.00"),
        ("RECOVERED", "COSTS", "-20.00"),
        ("TRUST_BANK", None, "-50.00"),
        ("CLIENT_PAYABLE", None, "50.00"),
    ]
    assert owed(done["account"]) == ("100.00", "0.00", "0.00", "20.00")
    assert done["payment"]["state"] == "REVERSED"
    assert "PaymentChargedBack" in await desk.events()


async def test_parts_of_a_payment_are_given_back_what_was_paid_last_first(desk: Desk) -> None:
    account = await desk.account(principal="100.00", costs="20.00")
    payment = await desk.paid(account, "50.00", "2026-02-02")

    first = await desk.do("paymentRefundRecord", paymentId=payment, amount=money("35.00"), reason="Paid twice.")
    too_much = await desk.do("paymentRefundRecord", paymentId=payment, amount=money("15.01"), reason="x")
    rest = await desk.do("paymentRefundRecord", paymentId=payment, reason="All of it.")
    nothing = await desk.do("paymentRefundRecord", paymentId=payment, reason="x")

    # the principal was paid last
    assert owed(first["account"]) == ("100.00", "0.00", "0.00", "5.00")
    assert first["payment"]["state"] == "RECORDED"
    assert codes(too_much) == [("REFUND_EXCEEDS_PAYMENT", "amount")]
    assert rest["entry"]["amount"]["amount"] == "15.00"
    assert rest["payment"]["state"] == "REVERSED"
    assert codes(nothing) == [("ALREADY_REVERSED", "paymentId")]


async def test_a_payment_in_the_middle_is_charged_back_and_later_ones_pay_its_part(desk: Desk) -> None:
    account = await desk.account(principal="100.00", costs="20.00")
    first = await desk.paid(account, "20.00", "2026-02-02")  # the costs
    await desk.paid(account, "30.00", "2026-02-10")  # principal, and after the chargeback 20.00 of costs

    done = await desk.do("paymentChargebackRecord", paymentId=first, reason="x", effectiveOn="2026-02-05")

    assert owed(done["account"]) == ("90.00", "0.00", "0.00", "0.00")
    assert "DebtReplayed" in await desk.events()


async def test_what_cannot_go_back_is_refused(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    payment = await desk.paid(account, "50.00", "2026-02-02")
    given = {"paymentId": payment, "reason": "x"}

    answers = {
        "before": await desk.do("paymentRefundRecord", **given, effectiveOn="2026-02-01"),
        "future": await desk.do("paymentRefundRecord", **given, effectiveOn="2026-03-03"),
        "currency": await desk.do("paymentChargebackRecord", **given, amount=money("1.00", "EUR")),
        "nought": await desk.do("paymentChargebackRecord", **given, amount=money("0.00")),
        "reason": await desk.do("paymentChargebackRecord", paymentId=payment, reason=""),
        "surplus": await desk.do("paymentRefundRecord", **given, surplusOnly=True),
        "unknown": await desk.do("paymentRefundRecord", paymentId=encode_id("paym", new_id()), reason="x"),
    }

    assert {name: codes(answer) for name, answer in answers.items()} == {
        "before": [("INVALID_INPUT", "effectiveOn")],
        "future": [("INVALID_INPUT", "effectiveOn")],
        "currency": [("CURRENCY_MISMATCH", "amount")],
        "nought": [("AMOUNT_NOT_POSITIVE", "amount")],
        "reason": [("REQUIRED", "reason")],
        "surplus": [("REFUND_EXCEEDS_PAYMENT", "surplusOnly")],
        "unknown": [("NOT_FOUND", "paymentId")],
    }


async def test_a_payment_moves_to_the_account_that_it_was_meant_for(desk: Desk) -> None:
    wrong = await desk.account(principal="100.00", costs="5.00")
    right = await desk.account(principal="40.00", costs="8.00")
    payment = await desk.paid(wrong, "30.00", "2026-02-02", reference="RF18 5390")
    await desk.paid(wrong, "10.00", "2026-02-10")

    done = await desk.do("paymentMove", paymentId=payment, toAccountId=right, reason="The reference names it.")

    assert done["payment"] == {
        "id": done["payment"]["id"],
        "state": "RECORDED",
        "receivedOn": "2026-02-02",
        "effectiveOn": "2026-02-02",
        "reference": "RF18 5390",
        "amount": {"amount": "30.00"},
        "account": {"id": right},
    }
    assert (done["movedPayment"]["id"], done["movedPayment"]["state"]) == (payment, "REVERSED")
    assert (done["reversal"]["kind"], done["reversal"]["effectiveOn"]) == ("REVERSAL", "2026-02-02")
    assert done["entry"]["effectiveOn"] == "2026-02-02"
    # the payment of 10 February now pays the costs of the wrong account, as it would have done
    assert owed(done["fromAccount"]) == ("95.00", "0.00", "0.00", "0.00")
    assert owed(done["account"]) == ("18.00", "0.00", "0.00", "0.00")


async def test_a_payment_moves_between_clients_with_the_money_held_for_them(desk: Desk, books: Books) -> None:
    other = Desk(desk.api, books, await books.client())
    wrong, right = await desk.account(principal="100.00"), await other.account(principal="100.00")
    payment = await desk.paid(wrong, "30.00", "2026-02-02")

    await desk.do("paymentMove", paymentId=payment, toAccountId=right, reason="Wrong client.")

    held = await books.query(
        "select client_id, sum(amount_minor)::int from posting where ledger_account = 'TRUST_BANK' group by 1"
    )
    assert {client_id: minor for client_id, minor in held if minor} == {other.client_id: 3000}


async def test_what_cannot_move_stays(desk: Desk, books: Books) -> None:
    account, small = await desk.account(principal="100.00"), await desk.account(principal="10.00")
    euros = encode_id("acct", await books.account(desk.client_id, currency="EUR"))
    payment, returned = await desk.paid(account, "20.00", "2026-02-02"), await desk.paid(account, "20.00", "2026-02-03")
    await desk.do("paymentRefundRecord", paymentId=returned, amount=money("1.00"), reason="x")
    given = {"paymentId": payment, "reason": "x"}

    answers = {
        "same": await desk.do("paymentMove", toAccountId=account, **given),
        "currency": await desk.do("paymentMove", toAccountId=euros, **given),
        "too much": await desk.do("paymentMove", toAccountId=small, **given),
        "returned": await desk.do("paymentMove", paymentId=returned, toAccountId=small, reason="x"),
        "unknown": await desk.do("paymentMove", toAccountId=encode_id("acct", new_id()), **given),
    }

    assert {name: codes(answer) for name, answer in answers.items()} == {
        "same": [("INVALID_INPUT", "toAccountId")],
        "currency": [("CURRENCY_MISMATCH", "toAccountId")],
        "too much": [("AMOUNT_EXCEEDS_BALANCE", "amount")],
        "returned": [("PAYMENT_RETURNED", "paymentId")],
        "unknown": [("NOT_FOUND", "toAccountId")],
    }
    assert owed(await desk.shown(account))[0] == "61.00"
    taken = await desk.do("paymentMove", toAccountId=small, acceptsSurplus=True, **given)
    assert taken["account"]["balance"]["amount"] == "0.00"
    back = await desk.do("paymentRefundRecord", paymentId=taken["payment"]["id"], surplusOnly=True, reason="Overpaid.")
    assert (back["entry"]["amount"]["amount"], back["account"]["balance"]["amount"]) == ("0.00", "0.00")
    assert lines(back["entry"]) == [("TRUST_BANK", None, "-10.00"), ("REFUNDS_PAYABLE", None, "10.00")]


async def test_a_moved_payment_is_undone_once(desk: Desk) -> None:
    account, other = await desk.account(principal="100.00"), await desk.account(principal="100.00")
    payment = await desk.paid(account, "20.00", "2026-02-02")
    await desk.do("paymentMove", paymentId=payment, toAccountId=other, reason="x")

    again = await desk.do("paymentMove", paymentId=payment, toAccountId=other, reason="x")
    reversed_too = await desk.do("paymentReverse", paymentId=payment, reason="x")

    assert codes(again) == [("ALREADY_REVERSED", "paymentId")]
    assert codes(reversed_too) == [("ALREADY_REVERSED", "paymentId")]
    assert owed(await desk.shown(other))[0] == "80.00"
