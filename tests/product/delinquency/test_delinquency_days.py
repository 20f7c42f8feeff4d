"""Days past due, delinquent days and buckets, as the API tells them with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from arrears.delinquency.reading import Delinquency, delinquencies
from arrears.kernel.context import Context
from tests.api import Api
from tests.conftest import Deployment
from tests.product.delinquency.desk import Desk


async def test_a_debt_is_past_due_from_the_day_after_its_due_day(desk: Desk) -> None:
    # given
    account = await desk.account("100.00", due_on=date(2026, 3, 31))
    # when
    on_the_day = await desk.delinquency(account, on="2026-03-31")
    on_the_next = await desk.delinquency(account, on="2026-04-01")
    later = await desk.delinquency(account, on="2026-05-01")
    # then
    assert (on_the_day["daysPastDue"], on_the_day["bucket"]) == (0, "current")
    assert on_the_day["explanation"][1:] == ["Days past due: 0; the first one is 2026-04-01.", "The debt is current."]
    assert on_the_day["nextChangeOn"] == "2026-04-01"
    assert (on_the_next["daysPastDue"], on_the_next["delinquentDays"], on_the_next["bucket"]) == (1, 1, "1-30")
    # 30 days of April and 1 of May
    assert (later["daysPastDue"], later["bucket"], later["nextChangeOn"]) == (31, "31-60", "2026-05-31")
    assert later["oldestUnpaidDueOn"] == "2026-03-31"
    assert later["explanation"] == [
        "At the end of 2026-05-01 100.00 USD is owed; the debt fell due on 2026-03-31.",
        "Days past due: from 2026-03-31 to 2026-05-01 are 31.",
        "Delinquent days: 31 - 0 paused - 0 of grace = 31.",
        "Bucket 31-60: 31 to 60 delinquent days.",
    ]


async def test_grace_is_taken_off_before_a_debt_is_delinquent(deployment: Deployment, api: Api) -> None:
    # given
    desk = await Desk.open(deployment, api, grace_days=10)
    account = await desk.account("100.00")
    # when
    within, after = [await desk.delinquency(account, on=f"2026-03-{day}") for day in (12, 13)]
    # then
    assert (within["daysPastDue"], within["graceDays"], within["delinquentDays"]) == (10, 10, 0)
    assert within["bucket"] == "current"
    assert (after["daysPastDue"], after["graceDays"], after["delinquentDays"]) == (11, 10, 1)
    assert after["bucket"] == "1-30"
    assert "Days of grace: 10, of which 10 are used." in after["explanation"]


async def test_a_leap_day_is_a_day(desk: Desk) -> None:
    # given
    account = await desk.account("100.00", due_on=date(2028, 2, 28))
    # when, then
    assert (await desk.delinquency(account, on="2028-02-29"))["daysPastDue"] == 1
    assert (await desk.delinquency(account, on="2028-03-01"))["daysPastDue"] == 2


async def test_a_debt_that_is_paid_is_current(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    desk.on(date(2026, 4, 15))
    # when
    await desk.pay(account, "100.00")
    # then
    told = await desk.delinquency(account)
    assert (told["daysPastDue"], told["bucket"], told["oldestUnpaidDueOn"]) == (0, "current", None)
    assert told["explanation"] == [
        "At the end of 2026-04-15 0.00 USD is owed; nothing is past due.",
        "The debt is current.",
    ]
    assert (await desk.delinquency(account, on="2026-04-14"))["daysPastDue"] == 43


async def test_what_was_known_at_an_instant_is_told_by_it(desk: Desk) -> None:
    # given a payment of March that becomes known in April
    account = await desk.account("100.00")
    desk.on(date(2026, 4, 15))
    await desk.pay(account, "100.00", date(2026, 3, 7))
    # when
    believed = await desk.delinquency(account, on="2026-03-28", knownAt="2026-03-28T12:00:00Z")
    found = await desk.delinquency(account, on="2026-03-28")
    unsaid = await desk.delinquency(account, knownAt="2026-03-28T12:00:00Z")
    # then
    assert (believed["daysPastDue"], found["daysPastDue"]) == (26, 0)
    assert (unsaid["on"], unsaid["daysPastDue"]) == ("2026-03-28", 26)


async def test_each_question_is_asked_once_for_all_accounts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    asked: list[int] = []

    async def counted(context: Context, ids: Sequence[UUID], **question: Any) -> dict[UUID, Delinquency]:
        asked.append(len(ids))
        return await delinquencies(context, ids, **question)

    monkeypatch.setattr("arrears.delinquency.graphql.delinquencies", counted)
    for day in (1, 2, 3):
        await desk.account("100.00", due_on=date(2026, 3, day))
    # when
    query = '{ accounts { nodes { delinquency(on: "2026-03-10") { daysPastDue } again: delinquency { on } } } }'
    nodes = (await desk.api(query))["data"]["accounts"]["nodes"]
    # then
    assert sorted(node["delinquency"]["daysPastDue"] for node in nodes) == [7, 8, 9]
    assert {node["again"]["on"] for node in nodes} == {"2026-03-02"}
    assert asked == [3, 3]


async def test_who_may_not_read_the_ledger_is_told_nothing(desk: Desk) -> None:
    # given
    account = await desk.account("100.00")
    key = await desk.api.sign_in("SERVICE", scopes=["accounts.read"])
    # when
    answer = await desk.api(
        f'{{ node(id: "acct_{account.hex}") {{ ... on Account {{ delinquency {{ bucket }} }} }} }}', key=key
    )
    # then
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
