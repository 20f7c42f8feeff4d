"""Files taken in through GraphQL: multipart requests to the whole application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears_sdk.ids import encode_id
from tests.api import Api, SentFile
from tests.product.imports.files import HEADER, MAPPING, Desk, row

IMPORT = """
mutation ($input: ImportRunInput!) {
  importRun(input: $input) {
    importRun {
      fileName state rowsRead rowsAccepted rowsRefused
      placement { reference }
      totals { accepted { amount currency } }
      errors(first: 5) { nodes { line code } }
    }
    outcome {
      stored repeated rowsRead rowsAccepted rowsRefused debtorsCreated paymentsRecorded errorsFound
      totals { currency accepted { amount } refused { amount } paid { amount currency } }
      errors { line columnName code reason original }
    }
    userErrors { code message field }
  }
}
"""
GOOD = (row("A1"), row("A2", "C2", paid="01.02.2026", paid_amount='"34,56"'))
BAD = (row("A1"), row("A2", "C2", due="31.31.2026"), row("A1", "C3"))
TOLD = "{ stored repeated rowsAccepted }"


@pytest.fixture
async def client_id(desk: Desk) -> str:
    """The id of the desk's client."""
    ((found,),) = await desk.query("select id from client")
    assert isinstance(found, UUID)
    return encode_id("clnt", found)


async def take(
    api: Api, given: dict[str, Any], rows: Sequence[str] = GOOD, *, header: str = HEADER, role: str = "MANAGER"
) -> dict[str, Any]:
    """What the mutation gives."""
    answer = await api(IMPORT, asked(given, rows, header=header), role=role)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["importRun"]
    return found


def asked(given: dict[str, Any], rows: Sequence[str] = GOOD, *, header: str = HEADER) -> dict[str, Any]:
    """The variables of the mutation, with a file of the rows."""
    content = "".join(f"{line}\n" for line in (header, *rows)).encode()
    return {"input": {"mapping": MAPPING, "file": SentFile("C:\\invoices\\march.csv", content), **given}}


async def test_a_file_is_taken_in_and_told_in_full(api: Api, desk: Desk, client_id: str) -> None:
    """Given two good rows, when they are sent, then accounts, totals and the run are there, under the file's name."""
    given = {
        "clientId": client_id,
        "placement": "MARCH",
        "expectedRows": 2,
        "expectedTotals": [{"amount": "2469.12", "currency": "USD"}],
    }
    assert await take(api, given) == {
        "importRun": {
            "fileName": "march.csv",
            "state": "COMPLETED",
            "rowsRead": 2,
            "rowsAccepted": 2,
            "rowsRefused": 0,
            "placement": {"reference": "MARCH"},
            "totals": [{"accepted": {"amount": "2469.12", "currency": "USD"}}],
            "errors": {"nodes": []},
        },
        "outcome": {
            "stored": True,
            "repeated": False,
            "rowsRead": 2,
            "rowsAccepted": 2,
            "rowsRefused": 0,
            "debtorsCreated": 2,
            "paymentsRecorded": 1,
            "errorsFound": 0,
            "totals": [
                {
                    "currency": "USD",
                    "accepted": {"amount": "2469.12"},
                    "refused": {"amount": "0.00"},
                    "paid": {"amount": "34.56", "currency": "USD"},
                }
            ],
            "errors": [],
        },
        "userErrors": [],
    }
    assert await desk.count("account", "debtor", "payment", "placement") == (2, 2, 1, 1)


async def test_sent_again_it_changes_nothing(api: Api, desk: Desk, client_id: str) -> None:
    """Given a file that was taken in, when it is sent again, then it is told to be repeated, and nothing is added."""
    first = await take(api, {"clientId": client_id})
    again = await take(api, {"clientId": client_id})
    assert again["outcome"] == {**first["outcome"], "repeated": True}
    assert again["importRun"] == first["importRun"]
    assert await desk.count("account", "import_run") == (2, 1)


async def test_a_dry_run_stores_nothing(api: Api, desk: Desk, client_id: str) -> None:
    """Given good and bad rows, when they are only tried, then all is told and nothing is stored."""
    tried = await take(api, {"clientId": client_id, "dryRun": True}, BAD)
    outcome = tried["outcome"]
    assert tried["importRun"] is None
    assert (outcome["stored"], outcome["rowsAccepted"], outcome["rowsRefused"]) == (False, 1, 2)
    assert await desk.count("account", "debtor", "placement", "import_run") == (0, 0, 0, 0)


async def test_row_errors_are_told_with_line_column_and_text(api: Api, desk: Desk, client_id: str) -> None:
    """Given bad rows among good ones, when they are sent, then the good are taken in and each fault is placed."""
    taken = await take(api, {"clientId": client_id}, BAD)
    assert taken["userErrors"] == []
    assert taken["outcome"]["errors"] == [
        {
            "line": 3,
            "columnName": "due",
            "code": "INVALID_INPUT",
            "reason": "'31.31.2026' is not a date written as %d.%m.%Y.",
            "original": "31.31.2026",
        },
        {
            "line": 4,
            "columnName": "number",
            "code": "DUPLICATE_REFERENCE",
            "reason": "Line 2 has the same reference.",
            "original": "A1",
        },
    ]
    assert taken["importRun"]["errors"] == {
        "nodes": [{"line": 3, "code": "INVALID_INPUT"}, {"line": 4, "code": "DUPLICATE_REFERENCE"}]
    }
    assert await desk.count("account") == (1,)


async def test_all_or_nothing_takes_nothing_when_a_row_is_bad(api: Api, desk: Desk, client_id: str) -> None:
    """Given a bad row, when all or nothing is asked for, then nothing is stored; and all is when every row is good."""
    refused = await take(api, {"clientId": client_id, "allOrNothing": True}, BAD)
    assert (refused["importRun"], refused["outcome"]["stored"], refused["outcome"]["errorsFound"]) == (None, False, 2)
    assert await desk.count("account", "import_run") == (0, 0)
    taken = await take(api, {"clientId": client_id, "allOrNothing": True})
    assert (taken["importRun"]["state"], taken["outcome"]["stored"]) == ("COMPLETED", True)
    assert await desk.count("account", "import_run") == (2, 1)


@pytest.mark.parametrize(
    ("given", "code", "field", "message"),
    [
        ({"mapping": "[debtor"}, "INVALID_INPUT", "mapping", "The mapping is not valid TOML"),
        ({"mapping": MAPPING.replace('"due"', '"fällig"')}, "INVALID_INPUT", "mapping", "account.due_on: the file has"),
        ({"mapping": MAPPING + "[more]\na = 1"}, "INVALID_INPUT", "mapping", "more: there is no such setting."),
        ({"mapping": "x = " + "[" * 20_000}, "INVALID_INPUT", "mapping", "The mapping is nested too deeply."),
        ({"mapping": "a" + ".a" * 20_000 + " = 1"}, "INVALID_INPUT", "mapping", "A mapping has at most"),
        ({"mapping": "x" * 60_000}, "INVALID_INPUT", "mapping", "A mapping has at most"),
        (
            {"mapping": MAPPING.replace("%d.%m.%Y", "%d %d")},
            "INVALID_INPUT",
            "mapping",
            "formats: Value error, '%d %d'",
        ),
        ({"mapping": MAPPING.replace("LOAN", "\\u0000")}, "INVALID_INPUT", "mapping", "account.product: Value error, "),
        ({"mapping": '[file]\ndelimiter = "\\n"' + MAPPING}, "INVALID_INPUT", "mapping", "file: Value error, a line"),
        ({"clientId": "clnt_" + "0" * 32}, "NOT_FOUND", "clientId", "There is no client"),
        ({"clientId": "acct_" + "0" * 32}, "INVALID_ID", "clientId", "This is an id of kind 'acct'"),
        ({"expectedRows": 3}, "CONTROL_TOTAL_MISMATCH", "expectedRows", "The file holds 2 rows; 3 were announced."),
        (
            {"expectedTotals": [{"amount": "1.00", "currency": "USD"}]},
            "CONTROL_TOTAL_MISMATCH",
            "expectedTotals",
            "The amounts of the file add up to",
        ),
        ({"placement": "x" * 300}, "INVALID_INPUT", "placement", "This may have at most"),
        ({"placement": " "}, "REQUIRED", "placement", "This may not be empty."),
    ],
)
async def test_what_is_wrong_with_the_input_is_a_user_error(
    api: Api, desk: Desk, client_id: str, given: dict[str, Any], code: str, field: str, message: str
) -> None:
    """Given a wrong mapping, client or announcement, when a file is sent, then the input at fault is named."""
    told = await take(api, {"clientId": client_id, **given})
    (error,) = told["userErrors"]
    assert (error["code"], error["field"]) == (code, ["input", field])
    assert error["message"].startswith(message)
    assert (told["importRun"], told["outcome"]) == (None, None)
    assert await desk.count("account", "import_run", "placement") == (0, 0, 0)


async def test_a_file_that_cannot_be_read_is_a_user_error(api: Api, client_id: str) -> None:
    """Given a file whose header breaks off within a quote, when it is sent, then the file is named."""
    told = await take(api, {"clientId": client_id}, [], header='number,"customer')
    assert [(error["code"], error["field"]) for error in told["userErrors"]] == [("INVALID_INPUT", ["input", "file"])]


@pytest.mark.parametrize("role", ["CLIENT", "COLLECTOR", "AUDITOR"])
async def test_without_the_permission_nothing_is_read(api: Api, desk: Desk, client_id: str, role: str) -> None:
    """Given a role without imports.write, when it sends a file, then it is refused before the file is looked at."""
    ((client,),) = await desk.query("select id from client")
    await api.sign_in(role, clients=[client])
    query = "mutation ($input: ImportRunInput!) { importRun(input: $input) { userErrors { code } } }"
    answer = await api(query, asked({"clientId": client_id}), role=role)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert answer.get("data") is None
    assert await desk.count("import_run") == (0,)


async def test_a_manager_of_other_clients_is_told_the_same_as_of_none(api: Api, desk: Desk, client_id: str) -> None:
    """Given a manager limited to another client, when a file is sent for this one, then it does not exist."""
    other = ClientCreate(
        name="Other",
        reference="OTHER",
        country="US",
        currency="USD",
        time_zone="America/New_York",
        collector_role=CollectorRole.THIRD_PARTY,
    )
    made = await client_create(api.context, other)
    await api.sign_in("MANAGER", clients=[made.result.client_id])
    told = await take(api, {"clientId": client_id})
    unknown = await take(api, {"clientId": "clnt_" + "0" * 32})
    assert told["userErrors"][0]["message"].replace(client_id, "") == unknown["userErrors"][0]["message"].replace(
        "clnt_" + "0" * 32, ""
    )
    assert told["userErrors"][0]["code"] == "NOT_FOUND"
    assert await desk.count("import_run") == (0,)


async def test_without_the_preflight_header_the_request_is_refused(api: Api, desk: Desk, client_id: str) -> None:
    """Given no preflight header, when a file is sent, then the request is refused: another site may have sent it."""
    answer = await api(IMPORT, asked({"clientId": client_id}), headers={"graphql-preflight": ""})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_REQUEST"]
    assert await desk.count("import_run") == (0,)


@pytest.mark.parametrize("file", ["text", None, 5, {"name": "x"}])
async def test_a_file_that_is_no_part_of_the_request_is_refused(api: Api, client_id: str, file: object) -> None:
    """Given plain JSON, when something stands in place of the file, then it is refused before anything runs."""
    answer = await api(IMPORT, {"input": {"clientId": client_id, "mapping": MAPPING, "file": file}})
    assert "data" not in answer or answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_an_upload_where_text_is_wanted_is_refused(api: Api, client_id: str) -> None:
    """Given a multipart request, when the file is mapped to a text, then it is refused before anything runs."""
    query = """
      mutation ($file: String!, $id: ID!) {
        importRun(input: { clientId: $id, mapping: $file, file: "x" }) { userErrors { code } }
      }
    """
    answer = await api(query, {"file": SentFile("a.csv", b"x"), "id": client_id})
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
