"""Two users edit one account: one change is kept whole, the other is told CONFLICT."""

from __future__ import annotations

import asyncio
from typing import Any

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.product.accounts.book import Book

UPDATE = """
mutation($input: AccountUpdateInput!) {
  accountUpdate(input: $input) { userErrors { code field } account { version originalReference feeClause } }
}
"""
CLOSE = """
mutation($input: AccountCloseInput!) {
  accountClose(input: $input) { userErrors { code field } account { version status } }
}
"""
READ = "query($id: ID!) { account(id: $id) { version originalReference feeClause status } }"


def told(answer: dict[str, Any]) -> str:
    """The code of the refusal, or DONE."""
    (payload,) = answer["data"].values()
    return payload["userErrors"][0]["code"] if payload["userErrors"] else "DONE"


async def started(deployment: Deployment) -> str:
    book = Book(deployment)
    client = await book.client()
    return encode_id("acct", await book.account(client, await book.debtor(client)))


async def test_the_second_of_two_users_who_read_the_same_version_is_told_and_loses_nothing(
    deployment: Deployment, api: Api
) -> None:
    account = await started(deployment)
    first, second = await api.sign_in("MANAGER"), await api.sign_in("COLLECTOR")

    given = {"accountId": account, "version": 1}
    done = await api(UPDATE, {"input": {**given, "originalReference": "FIRST"}}, key=first)
    late = await api(UPDATE, {"input": {**given, "feeClause": "second"}}, key=second)

    assert (told(done), told(late)) == ("DONE", "CONFLICT")
    assert late["data"]["accountUpdate"]["userErrors"] == [{"code": "CONFLICT", "field": ["input", "version"]}]
    kept = (await api(READ, {"id": account}, key=second))["data"]["account"]
    assert kept == {"version": 2, "originalReference": "FIRST", "feeClause": None, "status": "ACTIVE"}
    # Having read again, the second user's change goes through and the first one's stays.
    again = await api(UPDATE, {"input": {**given, "version": 2, "feeClause": "second"}}, key=second)
    assert again["data"]["accountUpdate"]["account"] == {
        "version": 3,
        "originalReference": "FIRST",
        "feeClause": "second",
    }


async def test_of_changes_at_the_same_moment_exactly_one_is_done(deployment: Deployment, api: Api) -> None:
    account = await started(deployment)
    first, second = await api.sign_in("MANAGER"), await api.sign_in("COLLECTOR")

    for version in range(1, 11):
        given = {"accountId": account, "version": version}
        answers = await asyncio.gather(
            *(
                api(UPDATE, {"input": {**given, "originalReference": f"{name} {version}"}}, key=key)
                for name, key in (("first", first), ("second", second), ("first again", first), ("last", second))
            )
        )

        assert sorted(map(told, answers)) == ["CONFLICT", "CONFLICT", "CONFLICT", "DONE"]
        kept = (await api(READ, {"id": account}, key=first))["data"]["account"]
        (winner,) = [answer for answer in answers if told(answer) == "DONE"]
        assert kept["version"] == version + 1
        assert kept["originalReference"] == winner["data"]["accountUpdate"]["account"]["originalReference"]


async def test_closing_and_editing_at_the_same_moment_do_not_mix(deployment: Deployment, api: Api) -> None:
    account = await started(deployment)
    first, second = await api.sign_in("MANAGER"), await api.sign_in("COLLECTOR")
    given = {"accountId": account, "version": 1}

    answers = await asyncio.gather(
        api(CLOSE, {"input": {**given, "reason": "WITHDRAWN"}}, key=first),
        api(UPDATE, {"input": {**given, "feeClause": "x"}}, key=second),
    )

    assert sorted(map(told, answers)) == ["CONFLICT", "DONE"]
    kept = (await api(READ, {"id": account}, key=first))["data"]["account"]
    closed = told(answers[0]) == "DONE"
    assert (kept["status"], kept["feeClause"]) == (("CLOSED", None) if closed else ("ACTIVE", "x"))
