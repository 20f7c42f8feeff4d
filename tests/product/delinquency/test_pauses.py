"""Pauses: days that do not count, never overlapping, never changed, ended early by a record of their own."""

from __future__ import annotations

import asyncio
from datetime import date

import psycopg
import pytest

from arrears.delinquency.commands import DelinquencyPause, pause_delinquency
from arrears.delinquency.model import Pause
from arrears_sdk.errors import ArrearsError
from arrears_sdk.ids import new_id
from tests.product.delinquency.desk import Desk


async def test_days_of_a_pause_count_as_past_due_and_not_as_delinquent(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 12))
    # when from the 12th up to and with the 21st
    paused = await desk.pause(account, date(2026, 3, 12), date(2026, 3, 22))
    assert (paused["userErrors"], paused["account"]) == ([], {"delinquency": {"isPaused": True}})
    # then
    days = {day: await desk.delinquency(account, on=f"2026-03-{day}") for day in (11, 12, 21, 22)}
    assert [told["daysPastDue"] for told in days.values()] == [9, 10, 19, 20]
    assert [told["delinquentDays"] for told in days.values()] == [9, 9, 9, 10]
    assert [told["pausedDays"] for told in days.values()] == [0, 1, 10, 10]
    assert [told["isPaused"] for told in days.values()] == [False, True, True, False]
    assert days[21]["explanation"][1:] == [
        "Days past due: from 2026-03-02 to 2026-03-21 are 19.",
        "Paused from 2026-03-12 until 2026-03-22: 10 of these do not count.",
        "Delinquent days: 19 - 10 paused - 0 of grace = 9.",
        "Bucket 1-30: 1 to 30 delinquent days; it stays so while the debt is paused, until 2026-03-22.",
    ]


async def test_a_pause_before_the_due_day_takes_only_the_days_after_it(desk: Desk) -> None:
    # given
    account = await desk.account("100.00", due_on=date(2026, 3, 31))
    # when
    await desk.pause(account, date(2026, 3, 20), date(2026, 4, 3))
    # then the 1st and 2nd of April do not count
    told = await desk.delinquency(account, on="2026-04-10")
    assert (told["daysPastDue"], told["pausedDays"], told["delinquentDays"]) == (10, 2, 8)


async def test_a_bucket_stays_through_a_pause_and_is_reckoned_anew_after_it(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    await desk.nights()
    desk.on(date(2026, 3, 30))
    await desk.pause(account, date(2026, 3, 30), date(2026, 4, 20))
    # when
    desk.on(date(2026, 4, 19))
    await desk.run()
    paused = await desk.delinquency(account)
    desk.on(date(2026, 5, 20))
    await desk.run()
    # then 27 days before the pause, and the 31st is the fourth after it
    assert (paused["daysPastDue"], paused["delinquentDays"], paused["bucket"]) == (48, 27, "1-30")
    assert await desk.history(account) == [("1-30", "2026-03-03", "2026-04-23"), ("31-60", "2026-04-23", None)]


async def test_a_debt_that_is_paid_in_a_pause_is_current(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 30))
    await desk.pause(account, date(2026, 3, 30), date(2026, 4, 20))
    # when
    desk.on(date(2026, 4, 5))
    await desk.pay(account, "100.00")
    # then
    assert await desk.history(account) == [("1-30", "2026-03-03", "2026-04-05")]


async def test_resuming_ends_a_pause_from_today_on(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 12))
    await desk.pause(account, date(2026, 3, 12), date(2026, 6, 1))
    desk.on(date(2026, 3, 22))
    # when
    other_day = await desk.resume(account, on="2026-03-21")
    resumed = await desk.resume(account)
    again = await desk.resume(account)
    # then
    assert [error["field"] for error in other_day["userErrors"]] == [["input", "on"]]
    assert (resumed["userErrors"], resumed["pause"]) == ([], {"resumedOn": "2026-03-22"})
    assert [error["code"] for error in again["userErrors"]] == ["ALREADY_ENDED"]
    assert (await desk.delinquency(account))["delinquentDays"] == 10
    # and the days that are free again can be paused
    assert (await desk.pause(account, date(2026, 3, 22), date(2026, 3, 25)))["userErrors"] == []
    pauses = (await desk.read(account))["delinquencyPauses"]["nodes"]
    assert [(one["fromOn"], one["untilOn"], one["resumedOn"]) for one in pauses] == [
        ("2026-03-22", "2026-03-25", None),
        ("2026-03-12", "2026-06-01", "2026-03-22"),
    ]


async def test_a_pause_may_be_ended_on_its_first_day(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 3, 12))
    await desk.pause(account, date(2026, 3, 12), date(2026, 6, 1))
    # when
    assert (await desk.resume(account))["userErrors"] == []
    # then
    told = await desk.delinquency(account, on="2026-03-20")
    assert (told["pausedDays"], told["isPaused"]) == (0, False)


@pytest.mark.parametrize(
    ("first", "last", "field", "message"),
    [
        (date(2026, 3, 12), date(2026, 3, 12), "untilOn", "2026-03-12 is not before 2026-03-12"),
        (date(2026, 3, 13), date(2026, 3, 12), "untilOn", "2026-03-13 is not before 2026-03-12"),
        (date(2026, 3, 9), date(2026, 3, 11), "fromOn", "there is one from 2026-03-10 until 2026-03-20"),
        (date(2026, 3, 19), date(2026, 3, 21), "fromOn", "there is one from 2026-03-10 until 2026-03-20"),
        (date(2026, 3, 12), date(2026, 3, 13), "fromOn", "there is one from 2026-03-10 until 2026-03-20"),
    ],
)
async def test_a_pause_out_of_order_or_over_another_is_refused(
    desk: Desk, first: date, last: date, field: str, message: str
) -> None:
    # given
    account = await desk.account("100.00")
    await desk.pause(account, date(2026, 3, 10), date(2026, 3, 20))
    # when
    refused = await desk.pause(account, first, last)
    # then
    assert [error["field"] for error in refused["userErrors"]] == [["input", field]]
    assert message in refused["userErrors"][0]["message"]


async def test_pauses_may_follow_each_other_day_on_day(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    await desk.pause(account, date(2026, 3, 10), date(2026, 3, 20))
    # when
    after = await desk.pause(account, date(2026, 3, 20), date(2026, 3, 25))
    before = await desk.pause(account, date(2026, 3, 5), date(2026, 3, 10))
    # then
    assert (after["userErrors"], before["userErrors"]) == ([], [])
    assert (await desk.delinquency(account, on="2026-03-31"))["pausedDays"] == 20


async def test_of_two_pauses_at_once_one_is_made(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    wanted = DelinquencyPause(
        account_id=account, from_on=date(2026, 3, 10), until_on=date(2026, 3, 20), reason="Both at once"
    )

    async def pause() -> bool:
        try:
            await pause_delinquency(desk.deployment.context(), wanted)
        except ArrearsError:
            return False
        return True

    # when
    made = await asyncio.gather(*(pause() for _ in range(6)))
    # then
    assert sum(made) == 1
    assert await desk.books.query("select count(*) from delinquency_pause") == [(1,)]


INSERT = """
insert into delinquency_pause (id, client_id, account_id, sequence, kind, from_on, until_on, reason, recorded_at)
values (%(id)s, %(client)s, %(account)s, %(number)s, 'PAUSE', %(first)s, %(last)s, 'By hand', %(at)s)
"""


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
async def test_the_database_refuses_what_two_write_past_the_commands(desk: Desk, isolation: str) -> None:
    # given two transactions that see no pause
    account = await desk.account("100.00")
    values = {"client": desk.client_id, "account": account, "number": 1, "at": desk.deployment.clock.now()}
    days = Pause(date(2026, 3, 10), date(2026, 3, 20))
    level = getattr(psycopg.IsolationLevel, isolation.replace(" ", "_"))
    connections = [await psycopg.AsyncConnection.connect(desk.deployment.urls.owner) for _ in range(2)]
    for connection in connections:
        await connection.set_isolation_level(level)
        await connection.execute("select count(*) from delinquency_pause")

    async def write(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
        try:
            await connection.execute(INSERT, {**values, "id": new_id(), "first": days.from_on, "last": days.until_on})
            await asyncio.sleep(0.1)
            await connection.commit()
        except psycopg.Error:
            await connection.rollback()
            return False
        return True

    # when
    made = await asyncio.gather(*(write(connection) for connection in connections))
    for connection in connections:
        await connection.close()
    # then
    assert sum(made) == 1
    # and the next number does not help an overlap either
    with pytest.raises(psycopg.errors.ExclusionViolation):
        await desk.books.execute(
            INSERT, {**values, "number": 2, "id": new_id(), "first": date(2026, 3, 19), "last": date(2026, 4, 1)}
        )


async def test_a_pause_is_neither_changed_nor_deleted(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    await desk.pause(account, date(2026, 3, 10), date(2026, 3, 20))
    # when, then
    for statement in ("update delinquency_pause set until_on = '2026-04-01'", "delete from delinquency_pause"):
        with pytest.raises(psycopg.Error, match="append-only"):
            await desk.books.execute(statement)
