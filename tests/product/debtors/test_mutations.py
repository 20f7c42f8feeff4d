"""Each mutation on debtors through GraphQL: inputs reach their commands, payloads read back what was done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from arrears.access.model import Role
from arrears_sdk.ids import encode_id
from tests.product.debtors.conftest import Ask, Clients, Rows, limited


@pytest.fixture
async def ids(debtor_id: UUID, clients: Clients, rows: Rows) -> dict[str, str]:
    """Public ids of Anna, her number, her address and the clients."""
    ((phone,),) = await rows("select id from contact_point where channel = 'PHONE'")
    ((address,),) = await rows("select id from residence")
    return {
        "anna": encode_id("dbtr", debtor_id),
        "phone": encode_id("cont", phone),
        "address": encode_id("addr", address),
        "bank": encode_id("clnt", clients.bank),
        "shop": encode_id("clnt", clients.shop),
    }


def input_of(values: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """The values with the names of ids replaced by the ids."""
    return {name: ids.get(value, value) if isinstance(value, str) else value for name, value in values.items()}


CASES = {
    "debtorUpdate": (
        {"debtorId": "anna", "version": 1, "country": "US", "preferredLanguage": None, "languages": ["es", "en"]},
        "debtor { country preferredLanguage languages version }",
        {"debtor": {"country": "US", "preferredLanguage": None, "languages": ["es", "en"], "version": 2}},
    ),
    "debtorLinkClient": (
        {"debtorId": "anna", "clientId": "shop", "reference": "S-1"},
        "debtor { clients { reference } }",
        {"debtor": {"clients": [{"reference": "C-1001"}, {"reference": "S-1"}]}},
    ),
    "nameAdd": (
        {"debtorId": "anna", "givenName": "Anna", "familyName": "Noll", "fromOn": "2026-01-01", "suppliedBy": "bank"},
        "name { kind fullName suppliedBy { name } } debtor { displayName }",
        {
            "name": {"kind": "LEGAL", "fullName": "Anna Noll", "suppliedBy": {"name": "First Bank"}},
            "debtor": {"displayName": "Anna Noll"},
        },
    ),
    "residenceAdd": (
        {"debtorId": "anna", "kind": "MAILING", "country": "DE", "city": "Berlin", "addressLines": "Weg 1\nHinterhaus"},
        "residence { kind addressLines city suppliedBy { name } } debtor { timeZoneCandidates { zone } }",
        {
            "residence": {"kind": "MAILING", "addressLines": "Weg 1\nHinterhaus", "city": "Berlin", "suppliedBy": None},
            "debtor": {
                "timeZoneCandidates": [
                    {"zone": "America/Chicago"},
                    {"zone": "America/New_York"},
                    {"zone": "Europe/Berlin"},
                ]
            },
        },
    ),
    "residenceEnd": (
        {"residenceId": "address", "version": 1, "untilOn": "2026-02-28"},
        "residence { untilOn version }",
        {"residence": {"untilOn": "2026-02-28", "version": 2}},
    ),
    "contactPointAdd": (
        {"debtorId": "anna", "channel": "SOCIAL", "value": "@anna", "network": "Example", "usedFor": "WORK"},
        "contactPoint { channel value network usedFor lineType owner }",
        {
            "contactPoint": {
                "channel": "SOCIAL",
                "value": "anna",
                "network": "Example",
                "usedFor": "WORK",
                "lineType": None,
                "owner": "DEBTOR",
            }
        },
    ),
    "contactPointUpdate": (
        {"contactPointId": "phone", "version": 1, "lineType": "MOBILE", "preferred": True, "verified": True},
        "contactPoint { lineType preferred validity owner version }",
        {
            "contactPoint": {
                "lineType": "MOBILE",
                "preferred": True,
                "validity": "VALID",
                "owner": "DEBTOR",
                "version": 2,
            }
        },
    ),
    "contactPointInvalidate": (
        {"contactPointId": "phone", "version": 1, "reason": "wrong number"},
        "contactPoint { validity invalidReason invalidOn }",
        {"contactPoint": {"validity": "INVALID", "invalidReason": "wrong number", "invalidOn": "2026-03-02"}},
    ),
    "consentRecord": (
        {
            "debtorId": "anna",
            "contactPointId": "phone",
            "channels": ["SMS"],
            "state": "GRANTED",
            "method": "ORAL",
            "source": "call",
            "givenDirectly": True,
            "expiresAt": "2027-01-01T00:00:00Z",
        },
        """debtor {
          consents { nodes { channel state method scope givenAt expiresAt contactPoint { value } } }
          consentStandings { channel inForce }
          contactPoints(where: {channel: {eq: PHONE}}) { nodes { consentStandings { state } } }
        }""",
        {
            "debtor": {
                "consents": {
                    "nodes": [
                        {
                            "channel": "SMS",
                            "state": "GRANTED",
                            "method": "ORAL",
                            "scope": "ALL_MESSAGES",
                            "givenAt": "2026-03-02T12:00:00.000000Z",
                            "expiresAt": "2027-01-01T00:00:00.000000Z",
                            "contactPoint": {"value": "+12025550143"},
                        }
                    ]
                },
                "consentStandings": [{"channel": "SMS", "inForce": True}],
                "contactPoints": {"nodes": [{"consentStandings": [{"state": "GRANTED"}]}]},
            }
        },
    ),
    "nationalIdSet": (
        {"debtorId": "anna", "kind": "SOCIAL_SECURITY", "country": "US", "number": "078-05-1120"},
        "nationalId { kind country hint } debtor { displayName }",
        {
            "nationalId": {"kind": "SOCIAL_SECURITY", "country": "US", "hint": "1120"},
            "debtor": {"displayName": "Anna Müller"},
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_mutation_does_what_it_says_and_reads_it_back(ask: Ask, ids: dict[str, str], name: str) -> None:
    # given
    values, selection, expected = CASES[name]
    kind = f"{name[0].upper()}{name[1:]}Input"
    # when
    done = await ask(
        f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code field message }} {selection} }} }}",
        input=input_of(values, ids),
    )
    # then
    assert done[name] == {"userErrors": [], **expected}


REVEAL = """
mutation ($id: ID!, $reason: String!) {
  nationalIdReveal(input: {nationalIdId: $id, reason: $reason}) {
    userErrors { code field } number debtor { displayName }
  }
}
"""


async def test_an_identifier_is_set_found_and_revealed(ask: Ask, ids: dict[str, str], clients: Clients) -> None:
    # given
    saved = await ask(
        "mutation ($input: NationalIdSetInput!) { nationalIdSet(input: $input) { nationalId { id } } }",
        input={"debtorId": ids["anna"], "kind": "TAX", "country": "DE", "number": "12 345 678 901"},
    )
    id = saved["nationalIdSet"]["nationalId"]["id"]
    # when
    found = await ask(
        'query { debtorSearch(text: "12345678901", kind: NATIONAL_ID) { nodes { id } } }',
        limited(Role.MANAGER, clients.bank),
    )
    revealed = await ask(REVEAL, id=id, reason="court order 7 C 1/26")
    refused = await ask(REVEAL, id=id, reason=" ")
    # then
    assert found["debtorSearch"]["nodes"] == [{"id": ids["anna"]}]
    assert revealed["nationalIdReveal"] == {
        "userErrors": [],
        "number": "12345678901",
        "debtor": {"displayName": "Anna Müller"},
    }
    assert refused["nationalIdReveal"] == {
        "userErrors": [{"code": "REQUIRED", "field": ["input", "reason"]}],
        "number": None,
        "debtor": None,
    }


async def test_an_id_of_another_kind_is_refused_with_its_field(ask: Ask, ids: dict[str, str]) -> None:
    done = await ask(
        "mutation ($input: NameAddInput!) { nameAdd(input: $input) { userErrors { code field } name { id } } }",
        input={"debtorId": ids["bank"], "fullName": "Anna"},
    )
    assert done["nameAdd"] == {"userErrors": [{"code": "INVALID_ID", "field": ["input", "debtorId"]}], "name": None}
