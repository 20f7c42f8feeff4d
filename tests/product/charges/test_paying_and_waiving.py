"""Fees follow the ledger: paid by what is paid in fees, the oldest first, owed again, waived as far as unpaid."""

from __future__ import annotations

import datetime
from uuid import UUID

import psycopg
import pytest

from arrears.charges.waiving import FeeWaive, waive_fee
from arrears.ledger.commands import EntryReverse, PaymentReverse, reverse_entry, reverse_payment
from arrears.ledger.returns import PaymentChargebackRecord, charge_back_payment
from arrears_sdk.errors import ErrorCode, InputError, RefusedError
from tests.conftest import Deployment
from tests.product.charges.fees import ONE_DAY, TODAY, Fees, late_fee


async def two_fees(deployment: Deployment) -> tuple[Fees, UUID]:
    """A debt with a fee of 10.00 of 2 March and one of 6.00 of the day after."""
    fees = await Fees.open(deployment, late_fee(), late_fee(id="second", amount="6.00", after_days=17))
    account = await fees.debt()
    await fees.run()
    fees.go_to(TODAY + ONE_DAY)
    await fees.run()
    return fees, account


async def states(fees: Fees, account: UUID) -> list[tuple[str, str]]:
    found = await fees.rows(
        "select rule, state from fee_claim where account_id = %(id)s order by quoted_on", id=account
    )
    return [(str(rule), str(state)) for rule, state in found]


async def test_the_oldest_fee_is_paid_first_and_owed_again_when_the_payment_is_taken_back(
    deployment: Deployment,
) -> None:
    fees, account = await two_fees(deployment)
    await fees.pay(account, "9.99")
    await fees.relay()
    assert await states(fees, account) == [("late", "CLAIMED"), ("second", "CLAIMED")]
    payment = await fees.pay(account, "5.00")
    await fees.relay()
    assert await states(fees, account) == [("late", "PAID"), ("second", "CLAIMED")]
    last = await fees.pay(account, "1.01")
    await fees.relay()
    assert await states(fees, account) == [("late", "PAID"), ("second", "PAID")]

    taken = PaymentChargebackRecord(payment_id=payment, reason="The bank took it back")
    await charge_back_payment(fees.context(), taken)
    await fees.relay()
    # 11.00 are left of what was paid.
    assert await states(fees, account) == [("late", "PAID"), ("second", "CLAIMED")]
    await reverse_payment(fees.context(), PaymentReverse(payment_id=last, reason="Entered twice"))
    await fees.relay()
    assert await states(fees, account) == [("late", "CLAIMED"), ("second", "CLAIMED")]
    ((late,),) = await fees.rows("select id from fee_claim where rule = 'late'")
    assert await fees.steps(late) == ["QUOTED", "CLAIMED", "PAID", "UNPAID"]
    assert [event["rule"] for event in await fees.events("FeePaid")] == ["late", "second"]
    assert [event["rule"] for event in await fees.events("FeeUnpaid")] == ["second", "late"]


async def test_being_told_twice_changes_nothing(deployment: Deployment) -> None:
    fees, account = await two_fees(deployment)
    await fees.pay(account, "16.00")
    await fees.relay()
    await fees.execute("update event set dispatched_at = null")
    await fees.relay()
    assert await states(fees, account) == [("late", "PAID"), ("second", "PAID")]
    assert len(await fees.events("FeePaid")) == 2


async def test_a_quoted_fee_is_waived_without_an_entry(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(quoted_first=10))
    account = await fees.debt()
    await fees.run()
    fee = await fees.fee(account)
    waived = (await waive_fee(fees.context(), FeeWaive(fee_claim_id=fee, reason="Kept a promise"))).result
    assert waived.entry_id is None
    fees.go_to(TODAY + 20 * ONE_DAY)
    await fees.run()
    assert [one.state for one in await fees.seen(account)] == ["WAIVED"]
    assert await fees.rows("select count(*) from ledger_entry where kind <> 'OPENING_BALANCE'") == [(0,)]
    assert await fees.steps(fee) == ["QUOTED", "WAIVED"]


async def test_what_is_unpaid_of_a_claimed_fee_is_forgiven(fees: Fees) -> None:
    account = await fees.debt()
    await fees.run()
    fee = await fees.fee(account)
    await fees.pay(account, "4.00")
    waived = (await waive_fee(fees.context(), FeeWaive(fee_claim_id=fee, reason="Kept a promise"))).result
    rows = await fees.rows(
        "select entry.kind, entry.amount_minor, line.ledger_account, line.component, fee.forgiven_minor, fee.state"
        " from ledger_entry entry join posting line on line.entry_id = entry.id, fee_claim fee"
        " where entry.id = %(id)s order by line.position",
        id=waived.entry_id,
    )
    assert rows == [
        ("DISCOUNT", -600, "RECEIVABLE", "FEES", 600, "WAIVED"),
        ("DISCOUNT", -600, "FORGIVEN", "FEES", 600, "WAIVED"),
    ]
    assert await fees.fees_owed(account) == 0
    await fees.relay()
    assert [one.state for one in await fees.seen(account)] == ["WAIVED"]
    with pytest.raises(RefusedError) as again:
        await waive_fee(fees.context(), FeeWaive(fee_claim_id=fee, reason="Once more"))
    assert again.value.problems[0].code is ErrorCode.STATUS_NOT_REACHABLE


async def test_waiving_needs_a_reason_and_a_paid_fee_is_not_waived(fees: Fees) -> None:
    account = await fees.debt()
    await fees.run()
    fee = await fees.fee(account)
    with pytest.raises(InputError):
        await waive_fee(fees.context(), FeeWaive(fee_claim_id=fee, reason=" "))
    await fees.pay(account, "10.00")
    await fees.relay()
    with pytest.raises(RefusedError, match="The fee is PAID"):
        await waive_fee(fees.context(), FeeWaive(fee_claim_id=fee, reason="Kept a promise"))
    with pytest.raises(RefusedError, match="The fee is PAID: only a fee that is quoted can be claimed"):
        await fees.claim(fee)
    with pytest.raises(psycopg.Error, match="stays as it came about"):
        await fees.execute(
            "update fee_claim set entry_id = null, claimed_on = null, state = 'QUOTED' where id = %s", fee
        )


async def test_a_fee_is_owed_again_when_the_entry_of_its_waiver_is_reversed(fees: Fees) -> None:
    account = await fees.debt()
    await fees.run()
    fee = await fees.fee(account)
    change = FeeWaive(fee_claim_id=fee, reason="Kept a promise")
    first = (await waive_fee(fees.context(), change)).result.entry_id
    assert first is not None
    await reverse_entry(fees.context(), EntryReverse(entry_id=first, reason="The promise was broken"))
    await fees.relay()
    assert [one.state for one in await fees.seen(account)] == ["CLAIMED"]
    assert await fees.fees_owed(account) == 1_000
    second = (await waive_fee(fees.context(), change)).result.entry_id
    await fees.relay()
    assert second not in (None, first)
    assert [one.state for one in await fees.seen(account)] == ["WAIVED"]
    assert await fees.fees_owed(account) == 0
    assert await fees.steps(fee) == ["QUOTED", "CLAIMED", "WAIVED", "UNPAID", "WAIVED"]


async def test_whoever_reverses_the_entry_of_a_fee_has_waived_it(fees: Fees) -> None:
    account = await fees.debt()
    await fees.run()
    ((entry,),) = await fees.rows("select id from ledger_entry where kind = 'FEE'")
    await reverse_entry(fees.context(), EntryReverse(entry_id=entry, reason="Wrong"))
    await fees.relay()
    fees.go_to(datetime.date(2026, 3, 20))
    await fees.run()
    assert [one.state for one in await fees.seen(account)] == ["WAIVED"]
    assert await fees.fees_owed(account) == 0
