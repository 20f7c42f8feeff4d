"""The history of buckets: dated, never deleted, superseded when the past turns out otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import psycopg
import pytest

from arrears.accounts.commands import AccountUpdate, update_account
from arrears.delinquency.evaluating import evaluate
from arrears.delinquency.jobs import close_day, evaluate_part
from arrears.kernel.transaction import Transaction, begin
from arrears.plugins.settings import Place
from arrears_sdk.events import JsonValue
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import enabled_at
from tests.product.delinquency.desk import Desk


async def test_a_debt_goes_from_bucket_to_bucket_as_days_end(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    await desk.nights()
    # when a hundred days pass, one by one
    for number in range(3, 32):
        desk.on(date(2026, 3, number))
        await desk.run()
    first = await desk.history(account)
    for month, days in ((4, 30), (5, 31), (6, 10)):
        for number in range(1, days + 1):
            desk.on(date(2026, month, number))
            await desk.run()
    # then
    assert first == [("1-30", "2026-03-03", None)]
    assert await desk.history(account) == [
        ("1-30", "2026-03-03", "2026-04-02"),
        ("31-60", "2026-04-02", "2026-05-02"),
        ("61-90", "2026-05-02", "2026-06-01"),
        ("91+", "2026-06-01", None),
    ]
    assert await desk.events(account) == [
        ("2026-03-03", "current", "1-30"),
        ("2026-04-02", "1-30", "31-60"),
        ("2026-05-02", "31-60", "61-90"),
        ("2026-06-01", "61-90", "91+"),
    ]


async def test_a_hundred_days_at_once_tell_what_they_tell_one_by_one(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    await desk.nights()
    # when
    desk.on(date(2026, 6, 10))
    await desk.run()
    # then
    assert [stay[:2] for stay in await desk.history(account)] == [
        ("1-30", "2026-03-03"),
        ("31-60", "2026-04-02"),
        ("61-90", "2026-05-02"),
        ("91+", "2026-06-01"),
    ]
    assert [event[0] for event in await desk.events(account)] == [
        "2026-03-03",
        "2026-04-02",
        "2026-05-02",
        "2026-06-01",
    ]


async def test_a_day_that_is_closed_twice_changes_nothing_more(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 5, 1))
    context = desk.deployment.worker_context()
    await close_day(context, desk.client_id, date(2026, 4, 30))
    await desk.run()
    rows = "select * from delinquency_bucket order by id"
    before, told = await desk.books.query(rows), await desk.events(account)
    # when
    await close_day(context, desk.client_id, date(2026, 4, 30))
    await desk.run()
    async with begin(context) as tx:
        changed = await evaluate(tx, [account], through=date(2026, 4, 30))
    # then
    assert changed == 0
    assert await desk.books.query(rows) == before
    assert await desk.events(account) == told


async def test_a_payment_ends_the_stay_at_once(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 4, 20))
    await desk.pay(account, "40.00")
    assert (await desk.history(account))[-1] == ("31-60", "2026-04-02", None)
    # when
    await desk.pay(account, "60.00")
    # then
    assert await desk.history(account) == [
        ("1-30", "2026-03-03", "2026-04-02"),
        ("31-60", "2026-04-02", "2026-04-20"),
    ]
    assert (await desk.events(account))[-1] == ("2026-04-20", "31-60", "current")


async def test_a_backdated_payment_supersedes_what_was_believed(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 4, 20))
    await desk.pay(account, "10.00")
    believed = await desk.history(account)
    # when it turns out that all was paid on 12 March
    await desk.pay(account, "90.00", date(2026, 3, 12))
    # then
    assert believed == [("1-30", "2026-03-03", "2026-04-02"), ("31-60", "2026-04-02", None)]
    # the 10.00 of April were more than was owed by then; on 12 March 10.00 were left
    assert await desk.history(account) == [
        ("1-30", "2026-03-03", "2026-04-02"),
        ("31-60", "2026-04-02", "2026-04-20"),
    ]
    superseded = (await desk.read(account))["supersededBuckets"]["nodes"]
    assert [(row["bucket"], row["liftedOn"]) for row in superseded] == [("31-60", None)]
    assert superseded[0]["supersededAt"] == "2026-04-20T17:00:00.000000Z"


async def test_a_payment_that_bounces_brings_the_bucket_back(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 12))
    payment = await desk.pay(account, "100.00")
    assert await desk.history(account) == [("1-30", "2026-03-03", "2026-03-12")]
    # when
    desk.on(date(2026, 4, 20))
    await desk.done("paymentReverse", paymentId=payment, reason="Bounced")
    # then what was current stays so in between
    assert await desk.history(account) == [("1-30", "2026-03-03", "2026-03-12"), ("31-60", "2026-04-20", None)]


async def test_a_due_day_that_is_put_right_is_the_one_that_counts(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 20))
    await desk.pay(account, "1.00")
    assert await desk.history(account) == [("1-30", "2026-03-03", None)]
    # when
    await update_account(
        desk.deployment.context(), AccountUpdate(account_id=account, version=1, due_on=date(2026, 3, 10))
    )
    await desk.tell()
    # then
    assert await desk.history(account) == [("1-30", "2026-03-11", None)]
    superseded = (await desk.read(account))["supersededBuckets"]["nodes"]
    assert [(row["addedOn"], row["liftedOn"]) for row in superseded] == [("2026-03-03", None)]


async def test_a_run_that_dies_goes_on_where_it_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given five accounts of which nothing was told, and a worker that dies after two of them
    accounts = [await desk.account("100.00") for _ in range(5)]
    await desk.books.execute("delete from delinquency")
    calls: list[int] = []

    async def dying(tx: Transaction, ids: Sequence[UUID], *, through: date | None = None) -> int:
        calls.append(len(ids))
        if len(calls) == 2:
            raise ConnectionError("killed")
        return await evaluate(tx, ids, through=through)

    monkeypatch.setattr("arrears.delinquency.jobs.BATCH", 2)
    monkeypatch.setattr("arrears.delinquency.jobs.evaluate", dying)
    desk.on(date(2026, 3, 5))
    part = (str(desk.client_id), None, None, None, "2026-03-04")
    context = desk.deployment.worker_context()
    with pytest.raises(ConnectionError):
        await evaluate_part(context, *part)
    # when
    await evaluate_part(context, *part)
    # then the first two were not looked at again
    assert calls == [2, 2, 2, 1]
    assert [await desk.history(account) for account in accounts] == [[("1-30", "2026-03-03", None)]] * 5


async def test_other_buckets_are_those_of_the_next_day_that_ends(deployment: Deployment, api: Api) -> None:
    # given
    desk = await Desk.open(deployment, api)
    account = await desk.account("100.00")
    await desk.nights()
    desk.on(date(2026, 3, 20))
    await desk.run()
    assert await desk.history(account) == [("1-30", "2026-03-03", None)]
    # when
    weeks: list[JsonValue] = [{"name": "first week", "from_days": 1, "until_days": 7}, {"name": "late", "from_days": 8}]
    desk.host.change(enabled_at({Place(desk.client_id): {"delinquency": {"grace_days": 3, "buckets": weeks}}}))
    desk.on(date(2026, 3, 21))
    await desk.run()
    # then
    assert await desk.history(account) == [("first week", "2026-03-06", "2026-03-13"), ("late", "2026-03-13", None)]
    assert (await desk.delinquency(account))["bucket"] == "late"


async def test_rows_of_the_history_are_neither_changed_nor_deleted(desk: Desk) -> None:
    # given
    await desk.account("100.00")
    desk.on(date(2026, 4, 20))
    await desk.account("100.00")
    # when, then
    for statement in (
        "update delinquency_bucket set added_on = added_on - 1",
        "update delinquency_bucket set bucket = 'other', superseded_at = recorded_at",
        "delete from delinquency_bucket",
        "truncate delinquency_bucket",
    ):
        with pytest.raises(psycopg.Error, match="never changed"):
            await desk.books.execute(statement)
