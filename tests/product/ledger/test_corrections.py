"""Debts put right through the API: every posting and every component of the balance, and books that stay right."""

from __future__ import annotations

import asyncio

from arrears_sdk.ids import encode_id, new_id
from tests.product.ledger.books import Books
from tests.product.ledger.desk import Desk, codes, lines, money, owed


async def test_wrong_figures_are_put_right_up_and_down(desk: Desk) -> None:
    account = await desk.account(principal="100.00", fees="10.00")

    done = await desk.do(
        "balanceAdjust",
        accountId=account,
        principal=money("-30.00"),
        costs=money("4.00"),
        reason="The invoice was credited; the court fee was missing.",
        effectiveOn="2026-02-01",
    )

    assert done["userErrors"] == []
    assert (done["entry"]["kind"], done["entry"]["amount"]["amount"]) == ("ADJUSTMENT", "-26.00")
    assert done["entry"]["effectiveOn"] == "2026-02-01"
    assert lines(done["entry"]) == [
        ("RECEIVABLE", "PRINCIPAL", "-30.00"),
        ("PLACED", "PRINCIPAL", "30.00"),
        ("RECEIVABLE", "COSTS", "4.00"),
        ("PLACED", "COSTS", "-4.00"),
    ]
    assert owed(done["account"]) == ("70.00", "0.00", "10.00", "4.00")
    assert "BalanceAdjusted" in await desk.events()


async def test_nothing_is_taken_off_that_is_not_owed_on_the_day_or_since(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    # of the 100.00 that were owed on 1 February, 80.00 have been forgiven since
    await desk.do("discountGrant", accountId=account, principal=money("80.00"), reason="x", effectiveOn="2026-02-10")

    too_much = await desk.do("balanceAdjust", accountId=account, principal=money("-20.01"), reason="x")
    other_component = await desk.do("discountGrant", accountId=account, interest=money("0.01"), reason="x")
    backdated = await desk.do(
        "balanceAdjust", accountId=account, principal=money("-20.01"), reason="x", effectiveOn="2026-02-01"
    )
    at_most = await desk.do(
        "balanceAdjust", accountId=account, principal=money("-20.00"), reason="x", effectiveOn="2026-02-01"
    )

    assert codes(too_much) == codes(backdated) == [("AMOUNT_EXCEEDS_BALANCE", "principal")]
    assert codes(other_component) == [("AMOUNT_EXCEEDS_BALANCE", "interest")]
    assert at_most["account"]["balance"]["amount"] == "0.00"


async def test_what_cannot_be_corrected_is_refused(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    given = {"accountId": account, "reason": "x"}

    answers = {
        "nothing": await desk.do("balanceAdjust", **given),
        "nought": await desk.do("balanceAdjust", **given, fees=money("0.00")),
        "below": await desk.do("discountGrant", **given, principal=money("-1.00")),
        "currency": await desk.do("writeOffRecord", **given, principal=money("1.00", "EUR")),
        "reason": await desk.do("balanceAdjust", accountId=account, reason=" ", fees=money("1.00")),
        "early": await desk.do("balanceAdjust", **given, fees=money("1.00"), effectiveOn="2026-01-14"),
        "late": await desk.do("balanceAdjust", **given, fees=money("1.00"), effectiveOn="2026-03-03"),
        "unknown": await desk.do(
            "balanceAdjust", accountId=encode_id("acct", new_id()), reason="x", fees=money("1.00")
        ),
    }

    assert {name: codes(answer) for name, answer in answers.items()} == {
        "nothing": [("REQUIRED", "principal")],
        "nought": [("AMOUNT_NOT_POSITIVE", "fees")],
        "below": [("AMOUNT_NOT_POSITIVE", "principal")],
        "currency": [("CURRENCY_MISMATCH", "principal")],
        "reason": [("REQUIRED", "reason")],
        "early": [("INVALID_INPUT", "effectiveOn")],
        "late": [("INVALID_INPUT", "effectiveOn")],
        "unknown": [("NOT_FOUND", "accountId")],
    }
    assert owed(await desk.shown(account)) == ("100.00", "0.00", "0.00", "0.00")


async def test_a_closed_debt_falls_and_never_grows(desk: Desk) -> None:
    closed = await desk.account(principal="100.00", status="CLOSED")
    other = await desk.account(principal="50.00")

    up = await desk.do("balanceAdjust", accountId=closed, fees=money("1.00"), reason="x")
    down = await desk.do("balanceAdjust", accountId=closed, principal=money("-1.00"), reason="x")
    moved = await desk.do("balanceTransfer", accountId=other, toAccountId=closed, principal=money("1.00"), reason="x")
    awarded = await desk.do("judgmentRecord", accountId=closed, enteredOn="2026-02-01", principal=money("1.00"))
    given_up = await desk.do("writeOffRecord", accountId=closed, reason="Uncollectable.")

    assert codes(up) == [("ACCOUNT_CLOSED", "accountId")]
    assert down["userErrors"] == []
    assert codes(moved) == [("ACCOUNT_CLOSED", "toAccountId")]
    assert codes(awarded) == [("ACCOUNT_CLOSED", "accountId")]
    assert given_up["account"]["writtenOff"]["amount"] == "99.00"


async def test_a_discount_is_forgiven_and_a_later_payment_pays_the_rest(desk: Desk) -> None:
    account = await desk.account(principal="100.00", interest="20.00")

    done = await desk.do("discountGrant", accountId=account, interest=money("20.00"), reason="Goodwill.")

    assert done["entry"]["kind"] == "DISCOUNT"
    assert lines(done["entry"]) == [("RECEIVABLE", "INTEREST", "-20.00"), ("FORGIVEN", "INTEREST", "20.00")]
    await desk.paid(account, "100.00", "2026-03-02")
    assert (await desk.shown(account))["balance"]["amount"] == "0.00"


async def test_a_backdated_discount_makes_a_payment_pay_something_else(desk: Desk) -> None:
    account = await desk.account(principal="100.00", costs="20.00")
    await desk.paid(account, "50.00", "2026-02-10")  # 20.00 of costs, 30.00 of principal
    assert owed(await desk.shown(account)) == ("70.00", "0.00", "0.00", "0.00")

    done = await desk.do(
        "discountGrant", accountId=account, costs=money("20.00"), reason="Goodwill.", effectiveOn="2026-02-05"
    )

    assert done["userErrors"] == []
    assert owed(done["account"]) == ("50.00", "0.00", "0.00", "0.00")
    assert "DebtReplayed" in await desk.events()


async def test_a_debt_is_written_off_in_whole_and_recovered_in_part(desk: Desk) -> None:
    account = await desk.account(principal="100.00", costs="20.00")

    done = await desk.do("writeOffRecord", accountId=account, reason="Bankrupt.", effectiveOn="2026-02-01")

    assert lines(done["entry"]) == [
        ("RECEIVABLE", "PRINCIPAL", "-100.00"),
        ("WRITTEN_OFF", "PRINCIPAL", "100.00"),
        ("RECEIVABLE", "COSTS", "-20.00"),
        ("WRITTEN_OFF", "COSTS", "20.00"),
    ]
    assert done["account"]["balance"]["amount"] == "0.00"
    assert done["account"]["writtenOff"]["amount"] == "120.00"

    paid = await desk.do(
        "paymentRecord", accountId=account, amount=money("30.00"), method="CASH", receivedOn="2026-02-20"
    )

    assert paid["entry"]["kind"] == "RECOVERY"
    assert lines(paid["entry"]) == [
        ("WRITTEN_OFF", "PRINCIPAL", "-10.00"),
        ("RECOVERED", "PRINCIPAL", "10.00"),
        ("WRITTEN_OFF", "COSTS", "-20.00"),
        ("RECOVERED", "COSTS", "20.00"),
        ("TRUST_BANK", None, "30.00"),
        ("CLIENT_PAYABLE", None, "-30.00"),
    ]
    assert paid["account"]["balance"]["amount"] == "0.00"
    assert paid["account"]["writtenOff"]["amount"] == "90.00"

    back = await desk.do("paymentRefundRecord", paymentId=paid["payment"]["id"], amount=money("5.00"), reason="x")

    assert back["account"]["writtenOff"]["amount"] == "95.00"
    assert back["account"]["balance"]["amount"] == "0.00"


async def test_what_is_written_off_is_less_when_a_payment_turns_out_to_have_come_before(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    await desk.do("writeOffRecord", accountId=account, reason="Bankrupt.", effectiveOn="2026-02-10")

    await desk.paid(account, "30.00", "2026-02-01")

    shown = await desk.shown(account)
    assert (shown["balance"]["amount"], shown["writtenOff"]["amount"]) == ("0.00", "70.00")


async def test_a_part_is_written_off_and_the_rest_is_still_owed(desk: Desk) -> None:
    account = await desk.account(principal="100.00", fees="10.00")

    done = await desk.do("writeOffRecord", accountId=account, fees=money("10.00"), reason="Too small.")
    too_much = await desk.do("writeOffRecord", accountId=account, fees=money("0.01"), reason="Too small.")

    assert lines(done["entry"]) == [("RECEIVABLE", "FEES", "-10.00"), ("WRITTEN_OFF", "FEES", "10.00")]
    assert done["account"]["balance"]["amount"] == "100.00"
    assert codes(too_much) == [("AMOUNT_EXCEEDS_BALANCE", "fees")]


async def test_a_part_that_was_written_off_is_owed_again_but_for_what_was_recovered(desk: Desk) -> None:
    """Given 300 of 1,000 written off and 900 paid, when the write-off is undone, then the last 100 is owed."""
    account = await desk.account(principal="1000.00")
    day = "2026-01-20"
    given_up = await desk.do(
        "writeOffRecord", accountId=account, principal=money("300.00"), reason="Too old.", effectiveOn=day
    )
    await desk.paid(account, "900.00", "2026-01-25")

    undone = await desk.do("entryReverse", entryId=given_up["entry"]["id"], reason="Mistaken.")

    assert codes(undone) == []
    assert undone["account"]["balance"]["amount"] == "100.00"
    assert undone["account"]["writtenOff"]["amount"] == "0.00"


async def test_a_recovery_taken_back_after_its_write_off_was_undone_is_owed(desk: Desk) -> None:
    account = await desk.account(principal="1000.00")
    given_up = await desk.do("writeOffRecord", accountId=account, reason="Too old.", effectiveOn="2026-01-20")
    payment = await desk.paid(account, "100.00", "2026-01-25")
    await desk.do("entryReverse", entryId=given_up["entry"]["id"], reason="Mistaken.", effectiveOn="2026-02-01")

    done = await desk.do("paymentChargebackRecord", paymentId=payment, reason="No funds.", effectiveOn="2026-02-20")

    assert codes(done) == []
    assert done["account"]["balance"]["amount"] == "1000.00"
    assert done["account"]["writtenOff"]["amount"] == "0.00"


async def test_nothing_to_write_off_is_told(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    await desk.paid(account, "100.00", "2026-02-10")

    assert codes(await desk.do("writeOffRecord", accountId=account, reason="x")) != []


async def test_a_balance_moves_to_another_account_of_the_client(desk: Desk, books: Books) -> None:
    one, other = await desk.account(principal="100.00", costs="8.00"), await desk.account(principal="5.00")

    done = await desk.do(
        "balanceTransfer",
        accountId=one,
        toAccountId=other,
        principal=money("40.00"),
        costs=money("8.00"),
        reason="One contract.",
        effectiveOn="2026-02-01",
    )

    assert lines(done["entry"]) == [
        ("RECEIVABLE", "PRINCIPAL", "-40.00"),
        ("TRANSFERRED", "PRINCIPAL", "40.00"),
        ("RECEIVABLE", "COSTS", "-8.00"),
        ("TRANSFERRED", "COSTS", "8.00"),
    ]
    assert lines(done["toEntry"]) == [
        (account, component, amount[1:] if amount.startswith("-") else f"-{amount}")
        for account, component, amount in lines(done["entry"])
    ]
    assert owed(done["account"]) == ("60.00", "0.00", "0.00", "0.00")
    assert owed(done["toAccount"]) == ("45.00", "0.00", "0.00", "8.00")
    rows = await books.query("select count(*), count(distinct transfer_id) from ledger_entry where kind = 'TRANSFER'")
    assert rows == [(2, 1)]


async def test_one_half_of_a_transfer_is_not_undone_alone(desk: Desk) -> None:
    one, other = await desk.account(principal="100.00"), await desk.account(principal="5.00")
    moved = await desk.do(
        "balanceTransfer", accountId=one, toAccountId=other, principal=money("40.00"), reason="One contract."
    )

    for half in ("entry", "toEntry"):
        refused = await desk.do("entryReverse", entryId=moved[half]["id"], reason="Mistaken.")
        assert codes(refused) == [("INVALID_INPUT", "entryId")]

    assert (await desk.shown(one))["balance"]["amount"] == "60.00"
    assert (await desk.shown(other))["balance"]["amount"] == "45.00"


async def test_transfers_stay_within_a_client_and_a_currency(desk: Desk, books: Books) -> None:
    account = await desk.account(principal="100.00")
    elsewhere = encode_id("acct", await books.account(await books.client()))
    euros = encode_id("acct", await books.account(desk.client_id, currency="EUR"))
    given = {"accountId": account, "principal": money("1.00"), "reason": "x"}

    answers = [await desk.do("balanceTransfer", toAccountId=to, **given) for to in (account, elsewhere, euros)]

    assert [codes(answer) for answer in answers] == [
        [("INVALID_INPUT", "toAccountId")],
        [("INVALID_INPUT", "toAccountId")],
        [("CURRENCY_MISMATCH", "toAccountId")],
    ]


async def test_a_judgment_replaces_what_was_owed(desk: Desk) -> None:
    account = await desk.account(principal="100.00", interest="30.00", fees="9.00")
    await desk.paid(account, "10.00", "2026-02-01")  # on the day of the judgment: it pays the award

    done = await desk.do(
        "judgmentRecord",
        accountId=account,
        enteredOn="2026-02-01",
        principal=money("100.00"),
        interest=money("12.50"),
        costs=money("45.00"),
        court="Amtsgericht Hagen",
        caseReference="12 C 34/26",
        ratePercent="9.27",
    )

    assert done["userErrors"] == []
    assert done["judgment"] == {
        "id": done["judgment"]["id"],
        "enteredOn": "2026-02-01",
        "court": "Amtsgericht Hagen",
        "caseReference": "12 C 34/26",
        "ratePercent": "9.270000",
        "isReversed": False,
        "principal": {"amount": "100.00"},
        "interest": {"amount": "12.50"},
        "costs": {"amount": "45.00"},
    }
    assert (done["entry"]["kind"], done["entry"]["amount"]["amount"]) == ("JUDGMENT", "18.50")
    assert lines(done["entry"]) == [
        ("RECEIVABLE", "INTEREST", "-17.50"),
        ("PLACED", "INTEREST", "17.50"),
        ("RECEIVABLE", "FEES", "-9.00"),
        ("PLACED", "FEES", "9.00"),
        ("RECEIVABLE", "COSTS", "45.00"),
        ("PLACED", "COSTS", "-45.00"),
    ]
    assert done["account"]["balance"]["amount"] == "147.50"
    assert done["account"]["judgmentOn"] == "2026-02-01"


async def test_an_award_of_what_is_owed_is_a_judgment_too(desk: Desk) -> None:
    account = await desk.account(principal="100.00")

    done = await desk.do(
        "judgmentRecord", accountId=account, enteredOn="2026-02-01", principal=money("100.00"), ratePercent="5"
    )

    assert done["userErrors"] == []
    assert (done["entry"]["kind"], lines(done["entry"])) == ("JUDGMENT", [])
    # 5 per cent of 100.00 for the 29 days to 2 March, as soon as something is booked there
    await desk.do("chargeRecord", accountId=account, component="FEES", amount=money("1.00"))
    assert owed(await desk.shown(account)) == ("100.00", "0.40", "1.00", "0.00")


async def test_rates_of_judgments_are_yearly_percentages(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    given = {"accountId": account, "enteredOn": "2026-02-01", "principal": money("100.00")}

    answers = [await desk.do("judgmentRecord", ratePercent=rate, **given) for rate in ("-1", "1000", "1.0000001")]

    assert [codes(answer) for answer in answers] == [[("INVALID_INPUT", "ratePercent")]] * 3


async def test_the_same_key_corrects_once(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    given = {"accountId": account, "fees": money("1.00"), "reason": "x", "idempotencyKey": "once"}

    first = await desk.do("balanceAdjust", **given)
    again = await desk.do("balanceAdjust", **given)

    assert first["entry"]["id"] == again["entry"]["id"]
    assert again["account"]["balance"]["amount"] == "101.00"


async def test_two_transfers_in_opposite_directions_at_once_wait_for_each_other(desk: Desk) -> None:
    one, other = await desk.account(principal="100.00"), await desk.account(principal="100.00")

    async def moved(source: str, target: str) -> None:
        done = await desk.do(
            "balanceTransfer", accountId=source, toAccountId=target, principal=money("10.00"), reason="x"
        )
        assert done["userErrors"] == []

    await asyncio.gather(*(moved(*pair) for pair in [(one, other), (other, one)] * 4))

    assert [owed(await desk.shown(account))[0] for account in (one, other)] == ["100.00", "100.00"]
