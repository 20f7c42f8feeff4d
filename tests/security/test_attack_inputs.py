"""Hostile writes: each is told what is wrong with it, and none learns what it may not know."""

from __future__ import annotations

from typing import Any

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    """Two clients with four debtors each."""
    return await make_small_agency(deployment)


def interaction(agency: SmallAgency, **changed: object) -> dict[str, object]:
    """A right input of interactionRecord, with changes."""
    return {
        "idempotencyKey": "key",
        "accountId": agency.ids["acct"][0],
        "startedAt": "2026-02-01T12:00:00Z",
        "channel": "PHONE_CALL",
        "direction": "OUTBOUND",
        "result": "NO_ANSWER",
        **changed,
    }


async def problems(api: Api, name: str, given: dict[str, object], **who: Any) -> list[dict[str, Any]]:
    """The user errors of a mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ code field message }} }} }}"
    found: list[dict[str, Any]] = (await api(query, {"input": given}, **who))["data"][name]["userErrors"]
    return found


@pytest.mark.parametrize("started", ["0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"])
async def test_a_contact_long_before_telephones(api: Api, agency: SmallAgency, started: str) -> None:
    """Given an instant that has no calendar day west of Greenwich, when it is recorded, then the input is refused."""
    given = interaction(agency, startedAt=started, debtorZone="America/Chicago")
    assert await problems(api, "interactionRecord", given) == [
        {
            "code": "INVALID_INPUT",
            "field": ["input", "startedAt"],
            "message": "A contact before the year 1900 cannot be recorded.",
        }
    ]


@pytest.mark.parametrize("name", ["atDebtorRequest", "requiredByLaw", "optOutLine"])
async def test_null_for_what_may_only_be_left_out(api: Api, agency: SmallAgency, name: str) -> None:
    """Given a field that may be left out but not null, when null is sent, then a user error names it, not our code."""
    assert await problems(api, "interactionRecord", interaction(agency, **{name: None})) == [
        {"code": "REQUIRED", "field": ["input", name], "message": "This may be left out, but not set to null."}
    ]


async def test_null_lists_and_enumerations_of_a_correction(api: Api, agency: SmallAgency) -> None:
    """Given a correction, when a list and an enumeration are set to null, then each is named in the caller's words."""
    given: dict[str, object] = {
        "idempotencyKey": "key",
        "interactionId": agency.ids["intr"][0],
        "reason": "r",
        "channel": None,
        "debtsDiscussed": None,
    }
    assert await problems(api, "interactionCorrect", given) == [
        {"code": "REQUIRED", "field": ["input", name], "message": "This may be left out, but not set to null."}
        for name in ("channel", "debtsDiscussed")
    ]


def opening(agency: SmallAgency, **changed: object) -> dict[str, object]:
    """A right input of accountOpen, with changes."""
    return {
        "clientId": agency.ids["clnt"][0],
        "debtorId": agency.ids["dbtr"][0],
        "reference": "NEW-1",
        "product": "CARD",
        "purpose": "CONSUMER",
        "currency": "USD",
        "openedOn": "2025-01-01",
        "dueOn": "2025-02-01",
        **changed,
    }


async def test_null_for_what_has_a_default(api: Api, agency: SmallAgency) -> None:
    """Given fields with defaults, when null is sent, then the answer speaks of null and not of Python's types."""
    assert await problems(api, "accountOpen", opening(agency, status=None, parties=None)) == [
        {"code": "REQUIRED", "field": ["input", name], "message": "This may be left out, but not set to null."}
        for name in ("status", "parties")
    ]


async def test_a_chain_of_creditors_is_as_long_as_it_is_shown(api: Api, agency: SmallAgency) -> None:
    """Given more creditors than an account shows, or a document's name of a megabyte, then the account is refused."""
    chain = [{"name": f"Creditor {place}", "role": "ASSIGNEE"} for place in range(21)]
    document = [{"name": "Creditor", "role": "ASSIGNEE", "documentReference": "x" * 201}]

    assert await problems(api, "accountOpen", opening(agency, creditors=chain)) == [
        {
            "code": "LIMIT_EXCEEDED",
            "field": ["input", "creditors"],
            "message": "A chain of title has at most 20 creditors.",
        }
    ]
    assert await problems(api, "accountOpen", opening(agency, creditors=document)) == [
        {
            "code": "INVALID_INPUT",
            "field": ["input", "creditors", "0", "documentReference"],
            "message": "This may have at most 200 characters, and has 201.",
        }
    ]
    assert await problems(api, "accountOpen", opening(agency, creditors=chain[:20])) == []


async def test_a_long_wrong_value_is_not_sent_back_whole(api: Api, agency: SmallAgency) -> None:
    """Given a hundred thousand characters where a zone or a place is wanted, then the refusal shows the first sixty."""
    long = "x" * 100_000
    (zone,) = await problems(api, "interactionRecord", interaction(agency, debtorZone=long))
    (place,) = await problems(api, "accountOpen", opening(agency, contractPlace=long))

    shown = "'" + "x" * 60 + "'"
    assert zone["message"] == f"{shown} is not an IANA time zone such as Europe/Berlin."
    assert place["message"] == f"{shown} is not a country or a part of one, such as DE or US-NY."


async def test_the_names_of_other_clients_cannot_be_tried_out(api: Api, agency: SmallAgency) -> None:
    """Given someone limited to one client, when references are tried on it, then taken and free ones answer alike."""
    answer = await api("{ clients { nodes { id reference } } }")
    taken = {client["id"]: client["reference"] for client in answer["data"]["clients"]["nodes"]}
    own, foreign = (encode_id("clnt", client) for client in agency.clients)
    key = await api.sign_in("ADMIN", clients=[agency.clients[0]])
    query = "mutation ($input: ClientUpdateInput!) { clientUpdate(input: $input) { userErrors { code } } }"
    answers = []
    for reference in (taken[foreign], "NOBODY-HAS-THIS"):
        given = {"clientId": own, "version": 1, "reference": reference}
        refused = await api(query, {"input": given}, key=key)
        answers.append([(error["extensions"]["code"], error["message"]) for error in refused["errors"]])

    wanted = [("FORBIDDEN", "Only someone who may see every client can change a client's reference.")]
    assert answers == [wanted, wanted]
    assert await problems(api, "clientUpdate", {"clientId": own, "version": 1, "name": "New name"}, key=key) == []
