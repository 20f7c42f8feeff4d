"""Statements of account: opening, every line, totals and closing, over GraphQL, as PDF and at the command line."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.product.ledger.books import Books
from tests.product.ledger.test_ledger_graphql import CHARGE, OPEN, PAY, REVERSE_PAYMENT, sent

AMOUNTS = "{ principal { amount } interest { amount } fees { amount } costs { amount } total { amount } }"
BALANCES = f"{{ owed {AMOUNTS} writtenOff {{ amount }} surplus {{ amount }} }}"
STATEMENT = f"""
query ($id: ID!, $from: Date, $to: Date, $knownAt: DateTime, $corrections: StatementCorrections! = SHOWN) {{
  accountStatement(accountId: $id, from: $from, to: $to, knownAt: $knownAt, corrections: $corrections) {{
    reference currency creditor debtor fromOn toOn knownAt
    opening {BALANCES}
    lines {{
      fromOn day kind words days ratePercent paid {{ amount }} change {AMOUNTS} balance {{ amount }}
      writtenOff {{ amount }} surplus {{ amount }}
      corrections {{ words recordedAt change {AMOUNTS} balance {{ amount }} }}
    }}
    totals {{ kind words entries change {AMOUNTS} writtenOff {{ amount }} surplus {{ amount }} }}
    closing {BALANCES}
  }}
}}
"""

PARTY = """
insert into party (id, client_id, account_id, debtor_id, role, liability, position, name, from_on, version, created_at,
                   updated_at)
values (%(id)s, %(client)s, %(account)s, %(debtor)s, 'PRIMARY', 'WHOLE', 1, 'Ada Example', '2026-01-15', 1, %(at)s,
        %(at)s)
"""


def plain(amounts: dict[str, Any]) -> tuple[str, ...]:
    """Principal, interest, fees, costs and total of amounts by component."""
    return tuple(amounts[name]["amount"] for name in ("principal", "interest", "fees", "costs", "total"))


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


@dataclass
class Debt:
    """One account with everything of a short history posted on it."""

    id: str
    account_id: UUID
    client_id: UUID
    payment: str


@pytest.fixture
async def debt(api: Api, books: Books) -> Debt:
    """Placed with 114.00 on 15 January, charged 10.00, paid 20.00 on 15 February, which is undone on the 20th."""
    client_id = await books.client()
    account_id = await books.account(client_id)
    id = encode_id("acct", account_id)
    await sent(
        api, OPEN, accountId=id, principal=money("100.00"), interest=money("10.00"), costs=money("4.00"),
        effectiveOn="2026-01-15",
    )  # fmt: skip
    await sent(
        api, CHARGE, accountId=id, component="FEES", amount=money("10.00"), reason="He lied", effectiveOn="2026-02-01"
    )
    paid = await sent(
        api, PAY, accountId=id, amount=money("20.00"), method="CHEQUE", receivedOn="2026-02-15", reference="7"
    )
    assert paid["userErrors"] == []
    undone = await sent(
        api, REVERSE_PAYMENT, paymentId=paid["payment"]["id"], reason="Returned", effectiveOn="2026-02-20"
    )
    assert undone["userErrors"] == []
    return Debt(id, account_id, client_id, paid["payment"]["id"])


async def stated(api: Api, id: str, **given: Any) -> dict[str, Any]:
    key = given.pop("key", None)
    answer = await api(STATEMENT, {"id": id, **given}, key=key)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]["accountStatement"]
    return found


def told(line: dict[str, Any]) -> tuple[Any, ...]:
    return (line["day"], line["kind"], line["words"], plain(line["change"]), line["balance"]["amount"])


PLACED = "Owed when it was placed"
ALL_LINES = [
    ("2026-01-15", "OPENING_BALANCE", PLACED, ("100.00", "10.00", "0.00", "4.00", "114.00"), "114.00"),
    ("2026-02-01", "CHARGE", "Charge", ("0.00", "0.00", "10.00", "0.00", "10.00"), "124.00"),
    ("2026-02-15", "PAYMENT", "Payment", ("0.00", "-10.00", "-6.00", "-4.00", "-20.00"), "104.00"),
    ("2026-02-20", "REVERSAL", "Undone: payment", ("0.00", "10.00", "6.00", "4.00", "20.00"), "124.00"),
]  # fmt: skip


async def test_everything_that_ever_moved_a_debt(api: Api, debt: Debt) -> None:
    """Given a debt, when its whole statement is asked for, then it begins with nothing and ends with what is owed."""
    found = await stated(api, debt.id)

    assert (found["reference"], found["currency"], found["creditor"]) == (debt.account_id.hex, "USD", "Client")
    assert (found["fromOn"], found["toOn"]) == ("2026-01-15", "2026-03-02")
    assert found["knownAt"] == "2026-03-02T12:00:00.000000Z"
    assert plain(found["opening"]["owed"]) == ("0.00", "0.00", "0.00", "0.00", "0.00")
    assert [told(line) for line in found["lines"]] == ALL_LINES
    assert [line["paid"] for line in found["lines"]] == [None, None, {"amount": "20.00"}, {"amount": "-20.00"}]
    assert [(total["kind"], total["entries"], plain(total["change"])[-1]) for total in found["totals"]] == [
        ("OPENING_BALANCE", 1, "114.00"),
        ("CHARGE", 1, "10.00"),
        ("PAYMENT", 1, "-20.00"),
        ("REVERSAL", 1, "20.00"),
    ]
    assert plain(found["closing"]["owed"]) == ("100.00", "10.00", "10.00", "4.00", "124.00")


@pytest.mark.parametrize(
    ("first", "last", "opening", "lines", "closing"),
    [
        ("2026-02-01", "2026-02-15", "114.00", ALL_LINES[1:3], "104.00"),
        ("2026-02-16", "2026-02-19", "104.00", [], "104.00"),
        ("2026-02-20", "2026-02-20", "104.00", ALL_LINES[3:], "124.00"),
        ("2025-01-01", "2025-12-31", "0.00", [], "0.00"),
    ],
)
async def test_a_period_begins_and_ends_with_the_balances_of_its_days(
    api: Api, debt: Debt, first: str, last: str, opening: str, lines: list[Any], closing: str
) -> None:
    """Given a period, then it opens with the day before, closes with its last day, and has what lies between."""
    found = await stated(api, debt.id, **{"from": first, "to": last})

    assert (found["fromOn"], found["toOn"]) == (first, last)
    assert found["opening"]["owed"]["total"]["amount"] == opening
    assert [told(line) for line in found["lines"]] == lines
    assert found["closing"]["owed"]["total"]["amount"] == closing
    asked = "query ($id: ID!, $on: Date!) { account(id: $id) { position(on: $on) { owed { total { amount } } } } }"
    position = (await api(asked, {"id": debt.id, "on": last}))["data"]["account"]["position"]
    assert position is None or position["owed"]["total"]["amount"] == closing


async def test_a_statement_tells_what_was_recorded_by_an_instant(api: Api, debt: Debt, books: Books) -> None:
    """Given a payment recorded a day late, when the statement of the day before is asked for, then it is not there."""
    clock = books.deployment.clock
    before = clock.now()
    clock.advance(datetime.timedelta(days=1))
    await sent(api, PAY, accountId=debt.id, amount=money("24.00"), method="CASH", receivedOn="2026-02-25")

    then = await stated(api, debt.id, knownAt=before.isoformat())
    now = await stated(api, debt.id)

    assert (then["toOn"], then["closing"]["owed"]["total"]["amount"]) == ("2026-03-02", "124.00")
    assert (now["toOn"], now["closing"]["owed"]["total"]["amount"]) == ("2026-03-03", "100.00")
    assert [line["day"] for line in now["lines"]][-1] == "2026-02-25"
    assert [told(line) for line in then["lines"]] == ALL_LINES


async def test_the_account_gives_its_own_statement(api: Api, debt: Debt) -> None:
    """Given accounts in a list, when each is asked for its statement, then all are answered."""
    asked = """{ accounts(first: 2) { nodes { id
      statement(from: "2026-02-01", to: "2026-02-15", corrections: MERGED) { lines { words } } } } }"""
    answer = await api(asked)
    assert answer["data"]["accounts"]["nodes"] == [
        {"id": debt.id, "statement": {"lines": [{"words": "Charge"}, {"words": "Payment"}]}}
    ]


async def test_what_cannot_be_stated_is_refused_in_words(api: Api, debt: Debt) -> None:
    """Given a period that ends before it begins, or an id of nothing, then it is an error, or nothing."""
    backwards = await api(STATEMENT, {"id": debt.id, "from": "2026-03-01", "to": "2026-02-01"})
    assert [error["extensions"]["code"] for error in backwards["errors"]] == ["INVALID_INPUT"]
    nothing = await api(STATEMENT, {"id": encode_id("acct", new_id())})
    assert nothing["data"] == {"accountStatement": None}


async def test_a_debtor_reads_its_own_statement_and_never_what_staff_wrote(api: Api, debt: Debt, books: Books) -> None:
    """Given a debtor principal, then it reads figures and words of its own account, and no reason or other account."""
    ((debtor_id,),) = await books.query("select debtor_id from account where id = %(id)s", {"id": debt.account_id})
    foreign = encode_id("acct", await books.account(debt.client_id))
    values = {"id": new_id(), "client": debt.client_id, "account": debt.account_id, "debtor": debtor_id}
    await books.execute(PARTY, values)
    key = await api.sign_in("DEBTOR", debtor=debtor_id)

    own = await stated(api, debt.id, key=key)
    assert [told(line) for line in own["lines"]] == ALL_LINES
    assert (own["creditor"], own["debtor"]) == ("Client", "Ada Example")
    assert (await api(STATEMENT, {"id": foreign}, key=key))["data"] == {"accountStatement": None}
    for field in ("reason", "entryId"):
        asked = f'{{ accountStatement(accountId: "{debt.id}") {{ lines {{ {field} }} }} }}'
        refused = await api(asked, key=key)
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    page = await api.http.get(f"/accounts/{debt.id}/statement.pdf", headers={"authorization": f"Bearer {key}"})
    assert page.status_code == 200
    assert "He lied" not in text_of(page.content)
    other = await api.http.get(f"/accounts/{foreign}/statement.pdf", headers={"authorization": f"Bearer {key}"})
    assert other.status_code == 404


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages).split())


async def test_the_page_has_every_figure_of_the_answer(api: Api, debt: Debt) -> None:
    """Given a statement, when it is printed, then each row has the figures that GraphQL tells, on numbered A4 pages."""
    found = await stated(api, debt.id, **{"from": "2026-01-20", "to": "2026-02-28"})
    key = api.keys["ADMIN"]
    page = await api.http.get(
        f"/accounts/{debt.id}/statement.pdf?from=2026-01-20&to=2026-02-28", headers={"authorization": f"Bearer {key}"}
    )

    assert (page.status_code, page.headers["content-type"]) == (200, "application/pdf")
    assert page.headers["content-disposition"] == f'inline; filename="{debt.id}-2026-01-20-2026-02-28.pdf"'
    text = text_of(page.content)
    rows = [
        " ".join(["2026-01-20", "Opening balance", *plain(found["opening"]["owed"])]),
        *(
            " ".join([line["day"], line["words"], *paid(line), *plain(line["change"])[:4], line["balance"]["amount"]])
            for line in found["lines"]
        ),
        " ".join(["2026-02-28", "Closing balance", *plain(found["closing"]["owed"])]),
        *(" ".join([str(total["entries"]), total["words"], *plain(total["change"])]) for total in found["totals"]),
    ]
    for words in (*rows, "Creditor Client", "Period 20 January 2026 to 28 February 2026", "Owed in all 124.00 USD"):
        assert words in text, words
    reader = PdfReader(io.BytesIO(page.content))
    assert (round(reader.pages[0].mediabox.width), round(reader.pages[0].mediabox.height)) == (595, 842)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert f"Statement of account {debt.account_id.hex} 1 / 1" in text


def paid(line: dict[str, Any]) -> list[str]:
    return [f"Paid: {line['paid']['amount']}"] if line["paid"] else []


@pytest.mark.parametrize(
    ("currency", "principal", "shown"), [("JPY", "1234567", "1,234,567"), ("KWD", "1234.567", "1,234.567")]
)
async def test_amounts_have_the_decimals_of_their_currency(
    api: Api, books: Books, currency: str, principal: str, shown: str
) -> None:
    """Given yen or dinars, then the page has none or three decimals."""
    account_id = await books.account(await books.client(currency=currency), currency=currency)
    id = encode_id("acct", account_id)
    await sent(api, OPEN, accountId=id, principal=money(principal, currency), effectiveOn="2026-01-15")
    key = api.keys["ADMIN"]
    page = await api.http.get(f"/accounts/{id}/statement.pdf", headers={"authorization": f"Bearer {key}"})
    assert f"Owed in all {shown} {currency}" in text_of(page.content)


async def test_the_page_is_for_who_may_see_the_account(api: Api, debt: Debt, books: Books) -> None:
    """Given strangers and broken requests, then each gets the status and code that says what is wrong."""
    path = f"/accounts/{debt.id}/statement.pdf"
    stranger = await api.sign_in("MANAGER", clients=[await books.client()])
    forbidden = await api.sign_in("SERVICE", scopes=["clients.read"])
    for key, wanted, code in (
        (None, 401, "UNAUTHENTICATED"),
        ("arr_wrong", 401, "UNAUTHENTICATED"),
        (forbidden, 403, "FORBIDDEN"),
        (stranger, 404, "NOT_FOUND"),
    ):
        answer = await api.http.get(path, headers={"authorization": f"Bearer {key}"} if key else {})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (wanted, code)
    admin = {"authorization": f"Bearer {await api.sign_in('ADMIN')}"}
    for asked in (
        "from=2026-03-01&to=2026-02-01",
        "from=1200-01-01",
        "from=yesterday",
        "to=2026-13-01",
        "knownAt=2026-01-01T00:00:00",
        "corrections=HIDDEN",
    ):
        answer = await api.http.get(f"{path}?{asked}", headers=admin)
        assert answer.status_code == 400, asked
    for id in (encode_id("acct", new_id()), encode_id("deci", new_id()), "acct_1"):
        assert (await api.http.get(f"/accounts/{id}/statement.pdf", headers=admin)).status_code == 404
    at = await api.http.get(f"{path}?knownAt=2026-03-01T00:00:00%2B00:00", headers=admin)
    assert at.status_code == 200
