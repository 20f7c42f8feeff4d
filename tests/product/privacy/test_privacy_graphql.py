"""A person's request from taking it in to reading what was collected, through the API."""

from __future__ import annotations

from uuid import UUID

from arrears.privacy.fulfilment import fulfil
from arrears_sdk.ids import decode_id, encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.product.privacy.people import People

OPEN = """
mutation ($input: DataRequestOpenInput!) { dataRequestOpen(input: $input) {
  dataRequest { id kind status dueOn tries isAvailable debtor { id } failures { plugin } } userErrors { code field } } }
"""
REVEAL = """
mutation ($input: DataRequestRevealInput!) { dataRequestReveal(input: $input) {
  document dataRequest { status isAvailable } userErrors { code field } } }
"""
LIST = "query { dataRequests(where: {status: {eq: FULFILLED}}) { nodes { id kind status availableUntil } } }"


async def test_a_request_from_end_to_end(api: Api, deployment: Deployment, people: People) -> None:
    debtor = encode_id("dbtr", people.debtor)
    answer = await api(OPEN, {"input": {"debtorId": debtor, "kind": "EXPORT"}})
    made = answer["data"]["dataRequestOpen"]["dataRequest"]
    request = made.pop("id")
    assert made == {
        "kind": "EXPORT",
        "status": "OPEN",
        "dueOn": "2026-04-01",
        "tries": 0,
        "isAvailable": False,
        "debtor": {"id": debtor},
        "failures": [],
    }
    early = await api(REVEAL, {"input": {"dataRequestId": request, "reason": "asked"}})
    assert early["data"]["dataRequestReveal"]["userErrors"] == [
        {"code": "EXPORT_NOT_AVAILABLE", "field": ["input", "dataRequestId"]}
    ]

    await fulfil(deployment.worker_context(), decode_id("dreq", request))

    listed = await api(LIST)
    assert listed["data"]["dataRequests"]["nodes"] == [
        {"id": request, "kind": "EXPORT", "status": "FULFILLED", "availableUntil": "2026-03-16T12:00:00.000000Z"}
    ]
    shown = (await api(REVEAL, {"input": {"dataRequestId": request, "reason": "asked"}}))["data"]["dataRequestReveal"]
    assert shown["document"]["debtor"]["displayName"] == "Zebulon Quackenbush"
    assert shown["dataRequest"] == {"status": "FULFILLED", "isAvailable": True}


async def test_an_erasure_that_is_blocked_is_refused_with_its_reason(api: Api, people: People) -> None:
    answer = await api(OPEN, {"input": {"debtorId": encode_id("dbtr", people.debtor), "kind": "ERASURE"}})
    assert answer["data"]["dataRequestOpen"] == {
        "dataRequest": None,
        "userErrors": [{"code": "ERASURE_BLOCKED", "field": ["input", "debtorId"]}],
    }


async def test_only_whoever_may_opens_and_reads(api: Api, people: People) -> None:
    given = {"input": {"debtorId": encode_id("dbtr", people.debtor), "kind": "EXPORT"}}
    for role in ("MANAGER", "AUDITOR", "COLLECTOR"):
        answer = await api(OPEN, given, role=role)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    reveal = {"input": {"dataRequestId": encode_id("dreq", UUID(int=1)), "reason": "curious"}}
    refused = await api(REVEAL, reveal, role="MANAGER")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await api(LIST, role="AUDITOR"))["data"]["dataRequests"]["nodes"] == []
    assert (await api(LIST, role="COLLECTOR"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
