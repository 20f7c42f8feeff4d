"""Long histories in statements: years of daily interest are few lines, and too many lines are refused in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from arrears.ledger.model import DebtComponent
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.product.ledger.bearing import Bearing
from tests.product.ledger.books import OPENED, Books
from tests.product.ledger.posted import Ledger

STATEMENT = """
query ($id: ID!, $from: Date, $to: Date) {
  accountStatement(accountId: $id, from: $from, to: $to) {
    lines { fromOn day words days change { interest { amount } } balance { amount } }
    opening { owed { total { amount } } }
    closing { owed { interest { amount } total { amount } } }
  }
}
"""


async def asked(api: Api, id: str, **given: Any) -> dict[str, Any]:
    answer = await api(STATEMENT, {"id": id, **given})
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]["accountStatement"]
    return found


async def test_ten_years_of_interest_are_a_few_lines(api: Api, books: Books) -> None:
    """Given 3,650.00 at ten per cent for ten years with one change of the rate, then the statement has three lines."""
    rule = {"rates": [{"from_on": "2016-01-01", "percent": "10"}, {"from_on": "2021-03-01", "percent": "20"}]}
    bearing = await Bearing.opened(books, {"method": "SIMPLE", **rule})  # type: ignore[dict-item]
    account = await bearing.debt(await books.client(), 3_650_00, date(2016, 2, 29))
    await bearing.accrue()

    found = await asked(api, encode_id("acct", account))

    # 1,826 days from 1 March 2016 until 28 February 2021 at 1.00, and 1,827 until 1 March 2026 at 2.00
    assert [
        (line["fromOn"], line["day"], line["words"], line["days"], line["change"]["interest"]["amount"])
        for line in found["lines"]
    ] == [
        ("2016-02-29", "2016-02-29", "Owed when it was placed", None, "0.00"),
        ("2016-03-01", "2021-02-28", "Interest at 10 % a year, 1,826 days", 1826, "1826.00"),
        ("2021-03-01", "2026-03-01", "Interest at 20 % a year, 1,827 days", 1827, "3654.00"),
    ]
    assert found["closing"]["owed"] == {"interest": {"amount": "5480.00"}, "total": {"amount": "9130.00"}}
    within = await asked(api, encode_id("acct", account), **{"from": "2021-02-27", "to": "2021-03-02"})
    assert within["opening"]["owed"]["total"]["amount"] == "5474.00"
    assert [(line["days"], line["change"]["interest"]["amount"]) for line in within["lines"]] == [
        (2, "2.00"),
        (2, "4.00"),
    ]


@pytest.mark.parametrize(("days", "fits"), [(500, True), (501, False)])
async def test_a_statement_of_too_many_lines_is_refused(api: Api, books: Books, days: int, fits: bool) -> None:
    """Given more lines than a statement has, then it is refused in words, and parts of the period are given."""
    client_id = await books.client()
    account_id = await books.account(client_id)
    ledger = Ledger(books)
    async with await psycopg.AsyncConnection.connect(books.deployment.urls.owner) as connection:
        for day in range(days):
            on = OPENED - timedelta(days=day)
            await ledger.post(client_id, account_id, 1, on, component=DebtComponent.COSTS, on=connection)
    id = encode_id("acct", account_id)

    answer = await api(STATEMENT, {"id": id})

    if fits:
        assert len(answer["data"]["accountStatement"]["lines"]) == days
        return
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["message"].startswith("The statement would have 501 lines, and at most 500 are given")
    key = {"authorization": f"Bearer {api.keys['ADMIN']}"}
    page = await api.http.get(f"/accounts/{id}/statement.pdf", headers=key)
    assert (page.status_code, page.json()["errors"][0]["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")
    late = await asked(api, id, **{"from": str(OPENED - timedelta(days=99))})
    assert (len(late["lines"]), late["opening"]["owed"]["total"]["amount"]) == (100, "4.01")
    assert late["closing"]["owed"]["total"]["amount"] == "5.01"
