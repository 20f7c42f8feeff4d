"""What the daily run charges: each kind of rule with its caps, to the cent, on the right days."""

from __future__ import annotations

import datetime

import pytest

from arrears.charges.running import Tally
from arrears.compliance.notices import NoticeRecord, record_notice
from arrears.ledger.instalments import InstalmentScheduleSet, InstalmentWanted, set_instalments
from arrears_sdk.errors import InputError
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import CommunicationChannel
from tests.conftest import Deployment
from tests.product.charges.fees import DUE, ONE_DAY, TODAY, Fees, Rule, Seen, late_fee

DAYS = [TODAY + n * ONE_DAY for n in range(400)]


async def test_a_debt_is_charged_once_it_is_late_enough(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(after_days=20))
    account = await fees.debt()
    # 18 days past due: too early.
    fees.go_to(DUE + 18 * ONE_DAY)
    assert await fees.run() == Tally()
    fees.go_to(DUE + 20 * ONE_DAY)
    assert await fees.run() == Tally(quoted=1, claimed=1)
    charged = DUE + 20 * ONE_DAY
    assert await fees.seen(account) == [Seen("late", "ONCE", "CLAIMED", 1_000, charged, charged)]
    assert await fees.fees_owed(account) == 1_000
    entries = await fees.rows(
        "select kind, effective_on, amount_minor from ledger_entry where kind = 'FEE' and account_id = %(id)s",
        id=account,
    )
    assert entries == [("FEE", charged, 1_000)]


@pytest.mark.parametrize(
    ("owed", "currency", "rule", "minor"),
    [
        ("1000.00", "USD", late_fee(amount="12.34"), 1_234),
        ("1000.10", "USD", late_fee(percent="5"), 5_000),
        ("1000.10", "USD", late_fee(percent="5", rounding="UP"), 5_001),
        ("1000.11", "USD", late_fee(percent="5", rounding="DOWN"), 5_000),
        ("1000.10", "USD", late_fee(percent="5", rounding="HALF_UP"), 5_001),
        ("100.00", "USD", late_fee(percent="5", minimum="7.50"), 750),
        ("9000.00", "USD", late_fee(percent="5", maximum="40.00"), 4_000),
        ("100.00", "USD", late_fee(amount="25.00", principal_percent="10"), 1_000),
        ("100.00", "USD", late_fee(amount="25.00", account_total="20.00"), 2_000),
        ("12345", "JPY", late_fee(currency="JPY", percent="3"), 370),
        ("12345", "JPY", late_fee(currency="JPY", amount="1000"), 1_000),
        ("100.123", "KWD", late_fee(currency="KWD", percent="2.5"), 2_503),
        ("100.123", "KWD", late_fee(currency="KWD", amount="1.005"), 1_005),
    ],
)
async def test_amounts_are_exact(deployment: Deployment, owed: str, currency: str, rule: Rule, minor: int) -> None:
    fees = await Fees.open(deployment, rule)
    account = await fees.debt(owed, currency)
    await fees.run()
    assert [(one.state, one.minor) for one in await fees.seen(account)] == [("CLAIMED", minor)]
    assert await fees.fees_owed(account) == minor


async def test_what_the_caps_leave_is_less_than_the_minimum_and_not_charged(deployment: Deployment) -> None:
    rule = late_fee(percent="5", minimum="10.00", account_total="15.00", period="MONTHLY")
    fees = await Fees.open(deployment, rule)
    account = await fees.debt("100.00")
    for day in DAYS[:70:5]:
        fees.go_to(day)
        await fees.run()
    assert [one.minor for one in await fees.seen(account)] == [1_000]


async def test_a_monthly_fee_comes_on_the_same_day_of_each_month_while_the_debt_is_late(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(period="MONTHLY", after_days=17))
    # Late enough on 31 January: in short months on their last day.
    account = await fees.debt(opened_on=datetime.date(2026, 1, 10), due_on=datetime.date(2026, 1, 14))
    for day in DAYS[:61:5]:
        fees.go_to(day)
        await fees.run()
    await fees.pay(account, "1030.00")
    for day in DAYS[65:120:5]:
        fees.go_to(day)
        await fees.run()
    assert [(one.period, one.quoted_on.isoformat()) for one in await fees.seen(account)] == [
        ("2026-02", "2026-03-02"),
        ("2026-03", "2026-03-31"),
        ("2026-04", "2026-04-30"),
    ]


async def test_each_instalment_that_is_late_is_charged_on_what_of_it_is_unpaid(deployment: Deployment) -> None:
    rule = late_fee(period="PER_INSTALMENT", percent="5", after_days=5, from_on="2026-03-02")
    fees = await Fees.open(deployment, rule)
    account = await fees.debt("900.00", due_on=datetime.date(2026, 3, 1))
    due = [datetime.date(2026, 3, 10), datetime.date(2026, 4, 10), datetime.date(2026, 5, 10)]
    parts = tuple(InstalmentWanted(due_on=day, principal=Money(30_000, "USD")) for day in due)
    await set_instalments(fees.context(), InstalmentScheduleSet(account_id=account, instalments=parts, reason="Agreed"))
    for day in DAYS[:100:5]:
        fees.go_to(day)
        if day == datetime.date(2026, 4, 1):
            # The fee of 15.00, the first instalment, and 120.00 of the second.
            await fees.pay(account, "435.00")
        await fees.run()
    assert [(one.period, one.minor, one.quoted_on.isoformat()) for one in await fees.seen(account)] == [
        ("2026-03-10", 1_500, "2026-03-15"),
        ("2026-04-10", 900, "2026-04-15"),
        ("2026-05-10", 1_500, "2026-05-15"),
    ]
    assert await fees.fees_owed(account) == 2_400


async def test_a_notice_is_charged_on_the_day_after_it_was_given(deployment: Deployment) -> None:
    rule = late_fee(id="reminder", kind="DUNNING", period="PER_NOTICE", amount="5.00", from_on="2026-03-02")
    fees = await Fees.open(deployment, rule)
    account, other = await fees.debt(), await fees.debt()
    await fees.run()
    for kind in (NoticeKind.ARREARS, NoticeKind.VALIDATION, NoticeKind.DEFAULT):
        given = NoticeRecord(kind=kind, medium=CommunicationChannel.LETTER, account_ids=(account,))
        await record_notice(fees.context(), given)
    assert await fees.run() == Tally()
    fees.go_to(TODAY + ONE_DAY)
    assert await fees.run() == Tally(quoted=2, claimed=2)
    assert [(one.rule, one.minor) for one in await fees.seen(account)] == [("reminder", 500), ("reminder", 500)]
    assert await fees.seen(other) == []


async def test_only_debts_of_the_rules_products_and_currency_are_charged(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(products=["CARD"]), late_fee(id="euro", currency="EUR"))
    invoice, card = await fees.debt(), await fees.debt(product="CARD")
    await fees.run()
    assert await fees.seen(invoice) == []
    assert [one.rule for one in await fees.seen(card)] == ["late"]


async def test_a_fee_is_told_first_and_owed_later(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(quoted_first=14))
    account, paid = await fees.debt(), await fees.debt("50.00")
    assert await fees.run() == Tally(quoted=2)
    assert await fees.fees_owed(account) == 0
    await fees.pay(paid, "50.00")
    fees.go_to(TODAY + 13 * ONE_DAY)
    assert await fees.run() == Tally()
    fees.go_to(TODAY + 14 * ONE_DAY)
    # Who paid meanwhile owes nothing for it.
    assert await fees.run() == Tally(claimed=1, waived=1)
    assert [one.state for one in await fees.seen(paid)] == ["WAIVED"]
    assert [(one.state, one.claimed_on) for one in await fees.seen(account)] == [("CLAIMED", TODAY + 14 * ONE_DAY)]
    assert await fees.fees_owed(account) == 1_000


async def test_an_old_book_is_spared_by_the_first_day_of_a_rule(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(from_on="2026-03-01"))
    old, new = await fees.debt(), await fees.debt(due_on=datetime.date(2026, 2, 19))
    await fees.run()
    # Late enough since 24 February, and since 1 March.
    assert await fees.seen(old) == []
    assert [one.quoted_on for one in await fees.seen(new)] == [datetime.date(2026, 3, 1)]


@pytest.mark.timeout(600)
async def test_day_by_day_and_a_year_at_once_come_to_the_same(deployment: Deployment) -> None:
    rules = (
        late_fee(after_days=30),
        late_fee(id="monthly", percent="1.5", period="MONTHLY", account_total="170.00", quoted_first=5),
    )
    fees = await Fees.open(deployment, *rules)
    by_day = await fees.debt()
    await fees.run()
    for day in DAYS[1:366]:
        fees.go_to(day)
        if day == TODAY + 100 * ONE_DAY:
            await fees.pay(by_day, "300.00")
        await fees.run()
    daily = await fees.seen(by_day)
    # 1.5 % of 1000.00, then of what a payment of 300.00 left after the fees, then what is left of the most.
    assert [one.minor for one in daily] == [1_500, 1_000, *[1_500] * 3, *[1_155] * 8, 760]

    at_once = await fees.debt()
    await fees.pay(at_once, "300.00", TODAY + 100 * ONE_DAY)
    # As if nothing had run since the first day.
    await fees.execute("update charge_run set through_on = %s", TODAY - ONE_DAY)
    await fees.run()
    assert await fees.seen(at_once) == daily
    assert await fees.seen(by_day) == daily
    assert await fees.fees_owed(at_once) == await fees.fees_owed(by_day)


async def test_no_day_to_come_is_charged(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee())
    with pytest.raises(InputError, match="2026-03-03 lies in the future"):
        await fees.run(TODAY + ONE_DAY)
