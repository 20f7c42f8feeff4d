"""One judgment stands on a debt at a time, and what was undone leaves nothing behind."""

from __future__ import annotations

from tests.product.ledger.desk import Desk, codes, money


async def test_a_second_judgment_waits_until_the_first_is_undone(desk: Desk) -> None:
    account = await desk.account(principal="100.00")
    first = await desk.do("judgmentRecord", accountId=account, enteredOn="2026-02-01", principal=money("110.00"))

    twice = await desk.do("judgmentRecord", accountId=account, enteredOn="2026-02-10", principal=money("90.00"))
    undone = await desk.do(
        "entryReverse", entryId=first["entry"]["id"], reason="Set aside on appeal.", effectiveOn="2026-02-10"
    )
    before = await desk.do("judgmentRecord", accountId=account, enteredOn="2026-02-09", principal=money("90.00"))
    after = await desk.do("judgmentRecord", accountId=account, enteredOn="2026-02-10", principal=money("90.00"))

    assert codes(twice) == [("JUDGMENT_EXISTS", "accountId")]
    assert (undone["account"]["balance"]["amount"], undone["account"]["judgmentOn"]) == ("100.00", None)
    assert codes(before) == [("INVALID_INPUT", "enteredOn")]
    assert (after["account"]["balance"]["amount"], after["account"]["judgmentOn"]) == ("90.00", "2026-02-10")


async def test_nothing_is_charged_before_the_debt_was_there(desk: Desk) -> None:
    account = await desk.account(principal="100.00")

    early = await desk.do(
        "chargeRecord", accountId=account, component="FEES", amount=money("7.00"), effectiveOn="2026-01-14"
    )
    on_the_day = await desk.do(
        "chargeRecord", accountId=account, component="FEES", amount=money("7.00"), effectiveOn="2026-01-15"
    )

    assert codes(early) == [("INVALID_INPUT", "effectiveOn")]
    assert on_the_day["account"]["fees"]["amount"] == "7.00"
