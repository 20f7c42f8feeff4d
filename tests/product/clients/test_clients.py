"""Clients, portfolios and placements: made, changed, refused, seen only by those who may."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

import pytest

from arrears.access.model import ROLE_PERMISSIONS, Role
from arrears.clients.commands import (
    ClientUpdate,
    PlacementCreate,
    PortfolioCreate,
    PortfolioUpdate,
    client_create,
    client_update,
    placement_create,
    portfolio_create,
    portfolio_update,
)
from arrears.clients.model import ClientStatus
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import encode_id, new_id
from tests.conftest import Deployment
from tests.product.clients.conftest import Ask, Rows, bank

RECEIVED = datetime.date(2026, 2, 27)


def limited(role: Role, *clients: UUID) -> Principal:
    scope = Scope(kind="limited", staff=role is not Role.CLIENT, clients=clients)
    return Principal(new_id(), "PERSON", role.value, frozenset({role.value}), ROLE_PERMISSIONS[role], scope)


async def test_a_client_is_stored_audited_and_announced(client_id: UUID, rows: Rows) -> None:
    assert await rows(
        "select id, name, reference, country, currency, time_zone, collector_role, collects_in_client_name, status,"
        " version from client"
    ) == [
        (
            client_id,
            "First Bank",
            "BANK",
            "US",
            "USD",
            "America/New_York",
            "THIRD_PARTY",
            False,
            "ACTIVE",
            1,
        )
    ]
    assert await rows("select command, subject_id, client_id from audit_entry") == [
        ("client.create", client_id, client_id)
    ]
    assert await rows("select name, subject_id, client_id from event") == [("ClientCreated", client_id, client_id)]


async def test_a_reference_is_taken_once(deployment: Deployment, client_id: UUID) -> None:
    with pytest.raises(ConflictError) as refused:
        await client_create(deployment.context(), bank())
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (ErrorCode.DUPLICATE_REFERENCE, ("input", "reference"))
    assert problem.message == "Another client has this reference already."


@pytest.mark.parametrize(
    ("further", "code", "field"),
    [
        ({"name": "  "}, ErrorCode.REQUIRED, "name"),
        ({"name": "x" * 201}, ErrorCode.INVALID_INPUT, "name"),
        ({"name": "First\x00Bank"}, ErrorCode.INVALID_INPUT, "name"),
        ({"country": "us"}, ErrorCode.INVALID_INPUT, "country"),
        ({"currency": "XYZ"}, ErrorCode.UNKNOWN_CURRENCY, "currency"),
        ({"time_zone": "EST"}, ErrorCode.INVALID_INPUT, "timeZone"),
        ({"time_zone": "../etc/passwd"}, ErrorCode.INVALID_INPUT, "timeZone"),
    ],
)
async def test_wrong_values_are_refused_with_their_field(
    deployment: Deployment, further: dict[str, Any], code: ErrorCode, field: str
) -> None:
    with pytest.raises(InputError) as refused:
        await client_create(deployment.context(), bank(**further))
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (code, ("input", field))


async def test_someone_limited_to_clients_cannot_add_one(deployment: Deployment, client_id: UUID) -> None:
    with pytest.raises(AccessError, match="see every client"):
        await client_create(deployment.context(limited(Role.ADMIN, client_id)), bank("OTHER"))


async def test_only_what_is_given_changes(deployment: Deployment, client_id: UUID, rows: Rows) -> None:
    # when
    await client_update(
        deployment.context(), ClientUpdate(client_id=client_id, version=1, status=ClientStatus.SUSPENDED)
    )
    # then
    assert await rows("select name, status, version from client") == [("First Bank", "SUSPENDED", 2)]
    assert await rows("select before::text, after::text from audit_entry where command = 'client.update'") == [
        ('{"status":"ACTIVE"}', '{"status":"SUSPENDED"}')
    ]


async def test_of_two_who_change_one_client_the_slower_one_is_told(deployment: Deployment, client_id: UUID) -> None:
    await client_update(deployment.context(), ClientUpdate(client_id=client_id, version=1, name="Bank One"))
    with pytest.raises(ConflictError) as refused:
        await client_update(deployment.context(), ClientUpdate(client_id=client_id, version=1, name="Bank Two"))
    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.CONFLICT, ("input", "version"))


async def test_a_name_cannot_be_removed(deployment: Deployment, client_id: UUID) -> None:
    with pytest.raises(InputError, match="not set to null"):
        await client_update(deployment.context(), ClientUpdate(client_id=client_id, version=1, name=None))


async def test_a_portfolio_begins_with_its_clients_currency(
    deployment: Deployment, client_id: UUID, rows: Rows
) -> None:
    cards = PortfolioCreate(client_id=client_id, name="Cards", reference="CARDS", product="Credit card")
    made = await portfolio_create(deployment.context(), cards)
    await portfolio_create(
        deployment.context(), cards.model_copy(update={"reference": "EUR", "currency": "EUR", "product": None})
    )
    assert await rows("select reference, product, currency from portfolio order by id") == [
        ("CARDS", "Credit card", "USD"),
        ("EUR", None, "EUR"),
    ]
    change = PortfolioUpdate(portfolio_id=made.result.portfolio_id, version=1, product=None, name="All cards")
    await portfolio_update(deployment.context(), change)
    assert await rows("select name, product, version from portfolio where reference = 'CARDS'") == [
        ("All cards", None, 2)
    ]


async def test_references_of_portfolios_and_placements_are_unique_within_the_client(
    deployment: Deployment, client_id: UUID
) -> None:
    # given
    other = (await client_create(deployment.context(), bank("OTHER"))).result.client_id
    portfolio = PortfolioCreate(client_id=client_id, name="Cards", reference="A")
    placement = PlacementCreate(client_id=client_id, reference="A", received_on=RECEIVED)
    await portfolio_create(deployment.context(), portfolio)
    await placement_create(deployment.context(), placement)
    # when
    for create, change in ((portfolio_create, portfolio), (placement_create, placement)):
        with pytest.raises(ConflictError) as refused:
            await create(deployment.context(), change)  # type: ignore[operator]
        # then
        assert refused.value.problems[0].field == ("input", "reference")
        assert refused.value.code is ErrorCode.DUPLICATE_REFERENCE
        await create(deployment.context(), change.model_copy(update={"client_id": other}))  # type: ignore[operator]


async def test_a_placement_takes_only_a_portfolio_of_its_client(deployment: Deployment, client_id: UUID) -> None:
    other = (await client_create(deployment.context(), bank("OTHER"))).result.client_id
    made = await portfolio_create(
        deployment.context(), PortfolioCreate(client_id=other, name="Cards", reference="CARDS")
    )
    wrong = PlacementCreate(
        client_id=client_id, portfolio_id=made.result.portfolio_id, reference="P1", received_on=RECEIVED
    )
    with pytest.raises(InputError, match="belongs to another client"):
        await placement_create(deployment.context(), wrong)
    with pytest.raises(NotFoundError) as refused:
        await placement_create(deployment.context(limited(Role.ADMIN, client_id)), wrong)
    assert refused.value.problems[0].field == ("input", "portfolioId")


async def test_a_card_number_in_a_note_is_starred_out(deployment: Deployment, client_id: UUID, rows: Rows) -> None:
    note = "customer wrote 4111 1111 1111 1111 on it"
    await placement_create(
        deployment.context(), PlacementCreate(client_id=client_id, reference="P1", received_on=RECEIVED, note=note)
    )
    assert await rows("select note from placement") == [("customer wrote **** **** **** 1111 on it",)]


async def test_a_client_user_sees_only_its_own_client(deployment: Deployment, client_id: UUID, rows: Rows) -> None:
    other = (await client_create(deployment.context(), bank("OTHER"))).result.client_id
    for id in (client_id, other):
        await portfolio_create(deployment.context(), PortfolioCreate(client_id=id, name="Cards", reference="C"))
        await placement_create(deployment.context(), PlacementCreate(client_id=id, reference="P", received_on=RECEIVED))
    user = limited(Role.CLIENT, client_id)
    assert await rows("select id from client", user) == [(client_id,)]
    assert await rows("select client_id from portfolio", user) == [(client_id,)]
    assert await rows("select client_id from placement", user) == [(client_id,)]
    nobody = limited(Role.CLIENT)
    assert [await rows(f"select count(*) from {table}", nobody) for table in ("client", "portfolio", "placement")] == [
        [(0,)],
        [(0,)],
        [(0,)],
    ]


WORK = """
mutation ($client: ClientCreateInput!) {
  clientCreate(input: $client) { userErrors { code field } client { id name collectorRole version } }
}
"""


async def test_clients_are_made_and_listed_through_graphql(deployment: Deployment, ask: Ask) -> None:
    # given
    new = {
        "name": "Schuhhaus",
        "reference": "SHOE",
        "country": "DE",
        "currency": "EUR",
        "timeZone": "Europe/Berlin",
        "collectorRole": "FIRST_PARTY",
    }
    # when
    made = await ask(WORK, client=new)
    twice = await ask(WORK, client=new)
    # then
    client = made["clientCreate"]["client"]
    assert client | {"id": ""} == {"id": "", "name": "Schuhhaus", "collectorRole": "FIRST_PARTY", "version": 1}
    assert twice["clientCreate"] == {
        "client": None,
        "userErrors": [{"code": "DUPLICATE_REFERENCE", "field": ["input", "reference"]}],
    }
    id = UUID(hex=client["id"].removeprefix("clnt_"))
    await placement_create(deployment.context(), PlacementCreate(client_id=id, reference="P1", received_on=RECEIVED))
    found = await ask(
        """query ($id: ID!) {
          clients(where: {reference: {eq: "SHOE"}}, orderBy: {field: NAME}) { nodes { id timeZone } totalCount }
          placements(where: {clientId: {eq: $id}, receivedOn: {gte: "2026-02-01"}}) {
            nodes { reference receivedOn client { name } portfolio { name } }
          }
        }""",
        id=encode_id("clnt", id),
    )
    assert found == {
        "clients": {"nodes": [{"id": client["id"], "timeZone": "Europe/Berlin"}], "totalCount": 1},
        "placements": {
            "nodes": [
                {
                    "reference": "P1",
                    "receivedOn": "2026-02-27",
                    "client": {"name": "Schuhhaus"},
                    "portfolio": None,
                }
            ]
        },
    }
