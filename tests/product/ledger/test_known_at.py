"""What was known at an instant: balances, positions and how each figure came to be, by what was recorded by it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.product.ledger.books import Books
from tests.product.ledger.test_ledger_graphql import CHARGE, OPEN, PAY, sent

LIST = """
query ($asOf: Date, $knownAt: DateTime, $where: AccountWhere) {
  accounts(asOf: $asOf, knownAt: $knownAt, where: $where, orderBy: {field: PLACED_ON}) {
    totalCount nodes { id balance { amount } fees { amount } daysPastDue standing }
  }
}
"""
ONE = """
query ($id: ID!, $asOf: Date, $knownAt: DateTime) {
  account(id: $id, asOf: $asOf, knownAt: $knownAt) { balance { amount } daysPastDue standing }
}
"""
POSITION = """
query ($id: ID!, $on: Date, $knownAt: DateTime) {
  account(id: $id) {
    position(on: $on, knownAt: $knownAt) {
      on owed { principal { amount } interest { amount } fees { amount } costs { amount } total { amount } }
      writtenOff { amount } surplus { amount } daysPastDue stage interestRule interestRatePercent
      how { figure amount { amount } lines { kind words fromOn untilOn entries amount { amount } } }
    }
  }
}
"""


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@dataclass
class Told:
    """An account whose past was learned of in three steps, and the instants after each of them."""

    id: str
    account_id: UUID
    client_id: UUID
    placed: datetime.datetime
    charged: datetime.datetime
    paid: datetime.datetime


@pytest.fixture
async def told(api: Api, books: Books) -> Told:
    """Placed with 100.00 on 15 January; on 4 March a fee of 1 February is told, on 7 March a payment of 3 March."""
    clock = books.deployment.clock
    client_id = await books.client()
    account_id = await books.account(client_id)
    id = encode_id("acct", account_id)
    instants: list[datetime.datetime] = []
    for day, mutation, given in (
        (2, OPEN, {"principal": usd("100.00"), "effectiveOn": "2026-01-15"}),
        (4, CHARGE, {"component": "FEES", "amount": usd("10.00"), "reason": "Late", "effectiveOn": "2026-02-01"}),
        (7, PAY, {"amount": usd("30.00"), "method": "CASH", "receivedOn": "2026-03-03"}),
    ):
        clock.move_to(datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC))
        assert (await sent(api, mutation, accountId=id, **given))["userErrors"] == []
        instants.append(clock.now())
    return Told(id, account_id, client_id, *instants)


async def listed(api: Api, **given: Any) -> list[tuple[str, str, int, str]]:
    answer = await api(LIST, given)
    assert "errors" not in answer, answer["errors"]
    return [
        (node["balance"]["amount"], node["fees"]["amount"], node["daysPastDue"], node["standing"])
        for node in answer["data"]["accounts"]["nodes"]
    ]


async def test_balances_as_of_a_day_are_told_by_what_was_known(api: Api, told: Told) -> None:
    """Given three steps of knowledge, then the same day has three balances, one for each."""
    day = "2026-03-03"
    assert await listed(api, asOf=day, knownAt=told.placed.isoformat()) == [("100.00", "0.00", 47, "PAST_DUE")]
    assert await listed(api, asOf=day, knownAt=told.charged.isoformat()) == [("110.00", "10.00", 47, "PAST_DUE")]
    assert await listed(api, asOf=day, knownAt=told.paid.isoformat()) == [("80.00", "0.00", 47, "PAST_DUE")]
    assert await listed(api, asOf=day) == [("80.00", "0.00", 47, "PAST_DUE")]
    assert await listed(api, asOf="2026-03-02") == [("110.00", "10.00", 46, "PAST_DUE")]


async def test_an_instant_alone_means_the_clients_day_of_it(api: Api, told: Told) -> None:
    """Given 3 March 03:00 UTC, which is still 2 March in New York, then that day's figures are told."""
    assert await listed(api, knownAt="2026-03-03T03:00:00Z") == [("100.00", "0.00", 46, "PAST_DUE")]
    assert await listed(api, knownAt="2026-03-03T06:00:00Z") == [("100.00", "0.00", 47, "PAST_DUE")]


async def test_what_was_not_entered_yet_did_not_exist(api: Api, told: Told) -> None:
    """Given an instant before the account was entered, then no list and no read has it."""
    before = (told.placed - datetime.timedelta(seconds=1)).isoformat()
    assert await listed(api, asOf="2026-03-03", knownAt=before) == []
    assert (await api(ONE, {"id": told.id, "asOf": "2026-03-03", "knownAt": before}))["data"] == {"account": None}
    assert (await api(ONE, {"id": told.id, "asOf": "2026-01-14"}))["data"] == {"account": None}


async def test_one_account_is_read_as_it_stood(api: Api, told: Told) -> None:
    """Given a day and an instant, when one account is read, then it stands as the list tells."""
    answer = await api(ONE, {"id": told.id, "asOf": "2026-02-01", "knownAt": told.charged.isoformat()})
    found = {"balance": {"amount": "110.00"}, "daysPastDue": 17, "standing": "PAST_DUE"}
    assert answer["data"]["account"] == found
    latest = await api(ONE, {"id": told.id})
    assert latest["data"]["account"] == {"balance": {"amount": "80.00"}, "daysPastDue": 51, "standing": "PAST_DUE"}


async def test_lists_are_filtered_by_what_was_known(api: Api, told: Told) -> None:
    """Given a filter on the balance, then it reads the balance of the day and the instant."""
    where = {"balance": {"currency": "USD", "gt": "105"}}
    assert len(await listed(api, asOf="2026-03-03", knownAt=told.charged.isoformat(), where=where)) == 1
    assert await listed(api, asOf="2026-03-03", knownAt=told.placed.isoformat(), where=where) == []
    past_due = {"standing": {"eq": "PAST_DUE"}}
    assert len(await listed(api, knownAt=told.placed.isoformat(), where=past_due)) == 1


async def position(api: Api, id: str, **given: Any) -> dict[str, Any]:
    answer = await api(POSITION, {"id": id, **given})
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]["account"]["position"]
    return found


async def test_a_position_tells_how_each_figure_came_to_be(api: Api, told: Told) -> None:
    """Given the account as it is known now, then each figure is the sum of lines in words."""
    found = await position(api, told.id, on="2026-03-03")

    how = {
        figure["figure"]: (
            figure["amount"]["amount"],
            [(line["words"], line["amount"]["amount"]) for line in figure["lines"]],
        )
        for figure in found.pop("how")
    }
    assert found == {
        "on": "2026-03-03",
        "owed": {
            "principal": {"amount": "80.00"},
            "interest": {"amount": "0.00"},
            "fees": {"amount": "0.00"},
            "costs": {"amount": "0.00"},
            "total": {"amount": "80.00"},
        },
        "writtenOff": {"amount": "0.00"},
        "surplus": {"amount": "0.00"},
        "daysPastDue": 47,
        "stage": "STANDARD",
        "interestRule": None,
        "interestRatePercent": None,
    }
    assert how == {
        "PRINCIPAL": (
            "80.00",
            [("Owed when it was placed: 15 January 2026", "100.00"), ("Payment: 3 March 2026", "-20.00")],
        ),
        "FEES": ("0.00", [("Charge: 1 February 2026", "10.00"), ("Payment: 3 March 2026", "-10.00")]),
    }


async def test_a_position_is_told_by_what_was_known(api: Api, told: Told) -> None:
    """Given each instant, then the position has the figures of then, and none where nothing was known."""
    totals = [
        (await position(api, told.id, on="2026-03-03", knownAt=at.isoformat()))["owed"]["total"]["amount"]
        for at in (told.placed, told.charged, told.paid)
    ]
    assert totals == ["100.00", "110.00", "80.00"]
    assert (await position(api, told.id, knownAt=told.charged.isoformat()))["on"] == "2026-03-04"
    assert await position(api, told.id, on="2026-01-14") is None


async def test_positions_of_many_accounts_are_told_at_once(api: Api, told: Told, books: Books) -> None:
    """Given several accounts in a list, then each has its own position; one that owes nothing has no figures."""
    other = encode_id("acct", await books.account(told.client_id))
    answer = await api("""{ accounts(first: 5) { nodes { id
      early: position(on: "2026-01-20") { owed { total { amount } } }
      late: position(on: "2026-03-05") { owed { total { amount } } how { figure } } } } }""")
    found = {node["id"]: node for node in answer["data"]["accounts"]["nodes"]}
    assert found[told.id]["early"] == {"owed": {"total": {"amount": "100.00"}}}
    assert found[told.id]["late"]["owed"] == {"total": {"amount": "80.00"}}
    assert found[other]["late"] == {"owed": {"total": {"amount": "0.00"}}, "how": []}


@pytest.mark.parametrize("asked", [{"on": "1200-01-01"}, {"knownAt": "2900-01-01T00:00:00Z"}])
async def test_days_that_nobody_means_are_refused(api: Api, told: Told, asked: dict[str, str]) -> None:
    """Given a day far outside any calendar, then it is refused in words."""
    answer = await api(POSITION, {"id": told.id, **asked})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
