"""Instalments: a schedule must add up, and a debt is past due by its oldest unpaid instalment."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from arrears_sdk.ids import encode_id
from tests.product.delinquency.desk import Desk

INSTALMENTS = """
query ($id: ID!, $asOf: Date) {
  accounts(asOf: $asOf, where: { id: { eq: $id } }) { nodes {
    daysPastDue standing
    instalments { nodes { number dueOn principal { amount currency } interest { amount } schedule { sequence } } }
    instalmentSchedules { nodes { sequence fromOn reason account { id } instalments { totalCount } } }
  } }
}
"""


def thirds(*days: str, amount: str = "100.00") -> list[dict[str, Any]]:
    """Instalments of principal on these days."""
    return [{"dueOn": day, "principal": {"amount": amount, "currency": "USD"}} for day in days]


async def schedule(desk: Desk, account: UUID, instalments: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """The payload of a new schedule."""
    return await desk.do(
        "instalmentScheduleSet",
        accountId=encode_id("acct", account),
        instalments=instalments,
        reason="As agreed",
        **given,
    )


async def read(desk: Desk, account: UUID, as_of: str | None = None) -> dict[str, Any]:
    """The account with its schedules."""
    answer = await desk.api(INSTALMENTS, {"id": encode_id("acct", account), "asOf": as_of})
    assert "errors" not in answer, answer
    (found,) = answer["data"]["accounts"]["nodes"]
    return dict(found)


async def test_a_debt_in_instalments_is_past_due_by_the_oldest_unpaid_one(desk: Desk) -> None:
    # given
    account = await desk.account("300.00")
    made = await schedule(desk, account, thirds("2026-03-10", "2026-04-10", "2026-05-10"))
    assert (made["userErrors"], made["schedule"]) == ([], {"sequence": 1, "fromOn": "2026-03-02"})
    assert made["account"] == {"daysPastDue": 0, "standing": "OPEN"}
    # when
    desk.on(date(2026, 4, 20))
    unpaid = await desk.delinquency(account)
    assert await desk.days_past_due(account) == 41
    await desk.pay(account, "100.00")
    paid_one = await desk.delinquency(account)
    # then
    assert (unpaid["daysPastDue"], unpaid["oldestUnpaidDueOn"], unpaid["bucket"]) == (41, "2026-03-10", "31-60")
    assert [(one["number"], one["daysPastDue"]) for one in unpaid["instalments"]] == [(1, 41), (2, 10), (3, 0)]
    assert (paid_one["daysPastDue"], paid_one["oldestUnpaidDueOn"], paid_one["bucket"]) == (10, "2026-04-10", "1-30")
    assert paid_one["explanation"][0] == (
        "At the end of 2026-04-20 200.00 USD is owed; the oldest unpaid instalment fell due on 2026-04-10."
    )
    assert await desk.days_past_due(account) == 10
    # the days before are told as they were, by every way of asking
    assert (await desk.delinquency(account, on="2026-04-19"))["daysPastDue"] == 40
    assert (await read(desk, account, "2026-04-19"))["daysPastDue"] == 40
    assert await desk.history(account) == [
        ("1-30", "2026-03-11", "2026-04-10"),
        ("31-60", "2026-04-10", "2026-04-20"),
        ("1-30", "2026-04-20", None),
    ]


async def test_a_pause_counts_for_each_instalment_only_while_it_is_unpaid(desk: Desk) -> None:
    # given
    account = await desk.account("300.00")
    await schedule(desk, account, thirds("2026-03-10", "2026-04-10", "2026-05-10"))
    await desk.pause(account, date(2026, 4, 1), date(2026, 4, 16))
    # when
    desk.on(date(2026, 4, 20))
    told = (await desk.delinquency(account))["instalments"]
    # then the first was unpaid through the fifteen days, the second from the eleventh on
    assert [(one["daysPastDue"], one["pausedDays"], one["delinquentDays"]) for one in told] == [
        (41, 15, 26),
        (10, 5, 5),
        (0, 0, 0),
    ]


async def test_instalments_that_are_not_what_is_owed_are_refused_with_both_figures(desk: Desk) -> None:
    # given
    account = await desk.account("300.00")
    two = thirds("2026-03-10", "2026-04-10")
    # when
    refused = await schedule(desk, account, two)
    accepted = await schedule(desk, account, two, partial=True)
    # then
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", "instalments"])
    assert error["message"].startswith(
        "The instalments add up to 200.00 USD of PRINCIPAL, and 300.00 USD of it is owed on 2026-03-02."
    )
    assert accepted["userErrors"] == []


async def test_a_schedule_that_makes_no_sense_is_refused_with_every_fault(desk: Desk) -> None:
    # given
    account = await desk.account("300.00")
    wrong = thirds("2026-04-10", "2026-03-10")
    wrong[0]["principal"]["currency"] = "EUR"
    wrong.append({"dueOn": "2026-05-10"})
    # when
    refused = await schedule(desk, account, wrong)
    ahead = await schedule(desk, account, thirds("2026-05-10"), fromOn="2026-03-03")
    # then
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("CURRENCY_MISMATCH", ["input", "instalments", "0", "principal"]),
        ("INVALID_INPUT", ["input", "instalments", "1", "dueOn"]),
        ("AMOUNT_NOT_POSITIVE", ["input", "instalments", "2"]),
    ]
    assert [error["field"] for error in ahead["userErrors"]] == [["input", "fromOn"]]


async def test_a_new_schedule_holds_from_its_day_on(desk: Desk) -> None:
    # given
    account = await desk.account("300.00")
    await schedule(desk, account, thirds("2026-03-10", "2026-04-10", "2026-05-10"))
    desk.on(date(2026, 4, 20))
    # when
    made = await schedule(desk, account, thirds("2026-06-01", "2026-07-01", amount="150.00"))
    # then
    assert made["account"] == {"daysPastDue": 0, "standing": "OPEN"}
    now, before = await read(desk, account), await read(desk, account, "2026-04-19")
    assert [(one["number"], one["dueOn"], one["principal"]["amount"]) for one in now["instalments"]["nodes"]] == [
        (1, "2026-06-01", "150.00"),
        (2, "2026-07-01", "150.00"),
    ]
    assert [one["dueOn"] for one in before["instalments"]["nodes"]] == ["2026-03-10", "2026-04-10", "2026-05-10"]
    assert (before["daysPastDue"], before["standing"]) == (40, "PAST_DUE")
    assert [(one["sequence"], one["fromOn"]) for one in now["instalmentSchedules"]["nodes"]] == [
        (2, "2026-04-20"),
        (1, "2026-03-02"),
    ]
    # and what was known the day before still is what was known
    known = await desk.delinquency(account, on="2026-04-20", knownAt="2026-04-19T12:00:00Z")
    assert (known["daysPastDue"], known["oldestUnpaidDueOn"]) == (41, "2026-03-10")
    assert (await desk.delinquency(account))["daysPastDue"] == 0


async def test_accounts_past_due_are_found_by_their_instalments(desk: Desk) -> None:
    # given
    late, early = await desk.account("300.00"), await desk.account("300.00")
    await schedule(desk, late, thirds("2026-03-10", "2026-04-10", "2026-05-10"))
    await schedule(desk, early, thirds("2026-04-10", "2026-05-10", "2026-06-10"))
    # when
    query = '{ accounts(asOf: "2026-03-15", where: { standing: { eq: PAST_DUE } }) { nodes { id daysPastDue } } }'
    nodes = (await desk.api(query))["data"]["accounts"]["nodes"]
    # then
    assert nodes == [{"id": encode_id("acct", late), "daysPastDue": 5}]
