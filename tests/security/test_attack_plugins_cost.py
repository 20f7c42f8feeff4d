"""One operation asks plugins no more than fits into its time, however often it names the dear fields."""

from __future__ import annotations

from typing import Any

import pytest

from arrears_sdk.ids import encode_id, new_id
from tests.api import Api

ACCOUNTS = [encode_id("acct", new_id()) for _ in range(100)]
CLIENT = encode_id("clnt", new_id())
DEAR = {
    "canContact": "canContact(channel: SMS, accountIds: $ids) { verdict }",
    "contactWindows": "contactWindows(accountIds: $ids) { complete }",
    "decisionsReplay": 'decisionsReplay(since: "2026-03-01T00:00:00Z", until: "2026-04-01T00:00:00Z", first: 100)'
    " { replayed }",
    "strategyPreview": "strategyPreview(clientId: $client, first: 250) { accountCount }",
}
REQUEST = 'contactRequest(input: {idempotencyKey: "#", channel: SMS, accountIds: $ids}) { userErrors { code } }'


def _codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", [])}


@pytest.mark.parametrize("field", DEAR)
async def test_a_dear_field_cannot_be_asked_for_again_and_again(api: Api, field: str) -> None:
    many = " ".join(f"a{number}: {DEAR[field]}" for number in range(10))
    variables = {"ids": ACCOUNTS, "client": CLIENT}

    refused = await api(f"query ($ids: [ID!], $client: ID) {{ {many} }}", variables)
    once = await api(f"query ($ids: [ID!], $client: ID) {{ {DEAR[field]} }}", variables)

    assert _codes(refused) == {"LIMIT_EXCEEDED"}
    assert "LIMIT_EXCEEDED" not in _codes(once)


async def test_nor_can_a_dear_mutation_and_one_about_a_few_accounts_can(api: Api) -> None:
    many = " ".join(f"a{number}: {REQUEST.replace('#', str(number))}" for number in range(10))

    refused = await api(f"mutation ($ids: [ID!]) {{ {many} }}", {"ids": ACCOUNTS})
    few = await api(f"mutation ($ids: [ID!]) {{ {many} }}", {"ids": ACCOUNTS[:2]})

    assert _codes(refused) == {"LIMIT_EXCEEDED"}
    assert _codes(few) == set()
