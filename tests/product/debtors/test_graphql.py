"""Debtors through GraphQL: made, read with everything under them, masked by role, found by search."""

from __future__ import annotations

from uuid import UUID

import pytest

from arrears.access.model import Role
from arrears_sdk.errors import AccessError
from arrears_sdk.ids import encode_id
from tests.product.debtors.conftest import Ask, Clients, limited

EVERYTHING = """
query ($id: ID!) {
  debtor(id: $id) {
    kind displayName sortName dateOfBirth preferredLanguage languages version
    clients { reference client { name } }
    names { nodes { kind fullName givenName familyName suppliedBy { name } } }
    residences { nodes { kind addressLines city region postalCode country } totalCount }
    contactPoints { nodes { channel value lineType owner validity areaZones } }
    timeZoneCandidates { zone source residence { city } contactPoint { channel } }
    consentStandings { channel state inForce }
    nationalIds { nodes { kind country hint } }
  }
}
"""

CREATE = """
mutation ($input: DebtorCreateInput!) {
  debtorCreate(input: $input) { userErrors { code field message } debtor { id displayName } }
}
"""


async def test_a_debtor_is_made_and_read_back_in_one_request(ask: Ask, clients: Clients) -> None:
    # when
    made = await ask(
        CREATE,
        input={
            "kind": "COMPANY",
            "clients": [{"clientId": encode_id("clnt", clients.shop), "reference": "K-7"}],
            "names": [{"kind": "LEGAL", "fullName": "Bäckerei Größ GmbH"}],
            "contactPoints": [{"channel": "PHONE", "value": "030 123456"}],
            "nationalIds": [{"kind": "COMPANY_TAX", "country": "DE", "number": "DE 123 456 789"}],
            "legalForm": "GmbH",
            "idempotencyKey": "one",
        },
    )
    # then
    assert made["debtorCreate"]["userErrors"] == []
    assert made["debtorCreate"]["debtor"]["displayName"] == "Bäckerei Größ GmbH"
    found = await ask(EVERYTHING, id=made["debtorCreate"]["debtor"]["id"])
    assert found["debtor"] == {
        "kind": "COMPANY",
        "displayName": "Bäckerei Größ GmbH",
        "sortName": "backerei gross gmbh",
        "dateOfBirth": None,
        "preferredLanguage": None,
        "languages": [],
        "version": 1,
        "clients": [{"reference": "K-7", "client": {"name": "Schuhhaus"}}],
        "names": {
            "nodes": [
                {
                    "kind": "LEGAL",
                    "fullName": "Bäckerei Größ GmbH",
                    "givenName": None,
                    "familyName": None,
                    "suppliedBy": {"name": "Schuhhaus"},
                }
            ]
        },
        "residences": {"nodes": [], "totalCount": 0},
        "contactPoints": {
            "nodes": [
                {
                    "channel": "PHONE",
                    "value": "+4930123456",
                    "lineType": "LANDLINE",
                    "owner": "DEBTOR",
                    "validity": "UNVERIFIED",
                    "areaZones": ["Europe/Berlin"],
                }
            ]
        },
        "timeZoneCandidates": [
            {"zone": "Europe/Berlin", "source": "AREA_CODE", "residence": None, "contactPoint": {"channel": "PHONE"}}
        ],
        "consentStandings": [],
        "nationalIds": {"nodes": [{"kind": "COMPANY_TAX", "country": "DE", "hint": "6789"}]},
    }


async def test_wrong_input_is_said_with_its_path(ask: Ask, clients: Clients) -> None:
    # when
    made = await ask(
        CREATE,
        input={
            "kind": "PERSON",
            "clients": [{"clientId": encode_id("clnt", clients.shop)}],
            "names": [{}],
            "contactPoints": [{"channel": "EMAIL", "value": "a@b"}],
        },
    )
    # then
    assert made["debtorCreate"] == {
        "debtor": None,
        "userErrors": [
            {
                "code": "REQUIRED",
                "field": ["input", "names", "0"],
                "message": "A name needs a full name, or a given or family name.",
            },
            {
                "code": "INVALID_INPUT",
                "field": ["input", "contactPoints", "0", "value"],
                "message": "This is not an e-mail address.",
            },
        ],
    }


CONTACTS = """
query ($id: ID!) {
  debtor(id: $id) {
    dateOfBirth
    residences { nodes { addressLines postalCode city } }
    contactPoints { nodes { value } }
  }
}
"""


async def test_contact_data_is_masked_for_roles_that_may_not_see_it(
    ask: Ask, clients: Clients, debtor_id: UUID
) -> None:
    id = encode_id("dbtr", debtor_id)
    collector = await ask(CONTACTS, limited(Role.COLLECTOR, clients.bank), id=id)
    client_user = await ask(CONTACTS, limited(Role.CLIENT, clients.bank), id=id)
    assert collector["debtor"]["contactPoints"]["nodes"] == [
        {"value": "+12025550143"},
        {"value": "anna.mueller@example.com"},
    ]
    assert collector["debtor"]["residences"]["nodes"] == [
        {"addressLines": "12 Elm Street", "postalCode": None, "city": "Chicago"}
    ]
    assert client_user["debtor"]["contactPoints"]["nodes"] == [{"value": "+12…43"}, {"value": "a…@example.com"}]
    assert client_user["debtor"]["residences"]["nodes"] == [
        {"addressLines": "1…", "postalCode": None, "city": "Chicago"}
    ]


SEARCH = (
    "query ($text: String!, $kind: SearchKind) { debtorSearch(text: $text, kind: $kind) { nodes { displayName } } }"
)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (None, "müller"),
        (None, "MUELLER anna"),
        (None, "muller"),
        (None, "ann mul"),
        (None, "c-1001"),
        (None, "C100"),
        ("NAME", "Anna"),
        ("REFERENCE", "1001"),
        ("PHONE", "(202) 555-0143"),
        ("PHONE", "+1 202 555"),
        ("PHONE", "0143"),
        ("EMAIL", "ANNA.mueller@"),
    ],
)
async def test_a_debtor_is_found_however_it_is_typed(ask: Ask, debtor_id: UUID, kind: str | None, text: str) -> None:
    found = await ask(SEARCH, text=text, kind=kind)
    assert found["debtorSearch"]["nodes"] == [{"displayName": "Anna Müller"}]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (None, "anna meier"),
        (None, "nna"),
        (None, ""),
        (None, "a"),
        (None, "%"),
        ("NAME", "C-1001"),
        ("PHONE", "143"),
        ("EMAIL", "mueller@example.com"),
        ("NATIONAL_ID", "078051120"),
    ],
)
async def test_nobody_is_found_by_what_does_not_match(ask: Ask, debtor_id: UUID, kind: str | None, text: str) -> None:
    found = await ask(SEARCH, text=text, kind=kind)
    assert found["debtorSearch"]["nodes"] == []


@pytest.mark.parametrize(
    ("role", "kind", "permission"),
    [
        (Role.CLIENT, "PHONE", "contacts.reveal"),
        (Role.CLIENT, "EMAIL", "contacts.reveal"),
        (Role.AUDITOR, "PHONE", "contacts.reveal"),
        (Role.COLLECTOR, "NATIONAL_ID", "identity.reveal"),
    ],
)
async def test_who_may_not_read_a_value_may_not_search_by_it(
    ask: Ask, clients: Clients, debtor_id: UUID, role: Role, kind: str, permission: str
) -> None:
    with pytest.raises(AccessError, match=permission):
        await ask(SEARCH, limited(role, clients.bank), text="2025550143", kind=kind)


async def test_the_debtors_of_one_client_are_listed(ask: Ask, clients: Clients, debtor_id: UUID) -> None:
    query = "query ($client: ID) { debtors(clientId: $client) { nodes { displayName } totalCount } }"
    of_bank = await ask(query, client=encode_id("clnt", clients.bank))
    of_shop = await ask(query, client=encode_id("clnt", clients.shop))
    assert of_bank["debtors"] == {"nodes": [{"displayName": "Anna Müller"}], "totalCount": 1}
    assert of_shop["debtors"] == {"nodes": [], "totalCount": 0}
