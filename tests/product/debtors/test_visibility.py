"""Who sees what of a debtor that two clients share: a client user only its own client's, a debtor only itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from arrears.access.model import Role
from arrears.debtors.commands import (
    ContactPointAdd,
    ContactPointUpdate,
    DebtorLinkClient,
    NameAdd,
    NationalIdReveal,
    NationalIdSet,
    ResidenceAdd,
    contact_point_add,
    contact_point_update,
    debtor_create,
    debtor_link_client,
    name_add,
    national_id_reveal,
    national_id_set,
    residence_add,
)
from arrears.debtors.model import ContactChannel, ContactOwner, NationalIdKind
from arrears.kernel.principal import Principal
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import encode_id, new_id
from tests.conftest import Deployment
from tests.product.debtors.conftest import Ask, Clients, Rows, anna, limited

PHONE = ContactChannel.PHONE
FACT_TABLES = ("debtor_name", "residence", "contact_point", "time_zone_candidate", "national_id", "search_token")


@dataclass(frozen=True)
class Shared:
    """Anna, whom the bank and the shop see, with facts from the bank, the shop and the agency; and Bert of the shop."""

    anna: UUID
    bert: UUID
    bank_user: Principal
    shop_user: Principal
    anna_herself: Principal


@pytest.fixture
async def shared(deployment: Deployment, clients: Clients) -> Shared:
    context = deployment.context()
    one = (await debtor_create(context, anna(clients.bank))).result.debtor_id
    bert = (await debtor_create(context, anna(clients.shop, names=({"full_name": "Bert Braun"},)))).result.debtor_id
    await debtor_link_client(context, DebtorLinkClient(debtor_id=one, client_id=clients.shop, reference="S-1"))
    for supplied_by, number, city in ((clients.shop, "+493012345678", "Berlin"), (None, "+442079460958", "London")):
        country = "DE" if supplied_by else "GB"
        await contact_point_add(
            context, ContactPointAdd(debtor_id=one, channel=PHONE, value=number, supplied_by=supplied_by)
        )
        await residence_add(context, ResidenceAdd(debtor_id=one, country=country, city=city, supplied_by=supplied_by))
        await name_add(
            context, NameAdd(debtor_id=one, kind="ALIAS", full_name=f"Anna of {city}", supplied_by=supplied_by)
        )
    await national_id_set(
        context,
        NationalIdSet(
            debtor_id=one, kind=NationalIdKind.TAX, country="DE", number="12 345 678 901", supplied_by=clients.shop
        ),
    )
    return Shared(
        one,
        bert,
        limited(Role.CLIENT, clients.bank),
        limited(Role.CLIENT, clients.shop),
        limited(Role.DEBTOR, debtor=one),
    )


async def suppliers(rows: Rows, principal: Principal | None) -> dict[str, set[UUID | None]]:
    """Which clients' facts about anyone a principal sees, by table."""
    found: dict[str, set[UUID | None]] = {}
    for table in FACT_TABLES:
        found[table] = {client for (client,) in await rows(f"select distinct client_id from {table}", None, principal)}
    return found


async def test_a_client_user_sees_only_debtors_of_its_client(rows: Rows, shared: Shared) -> None:
    assert await rows("select id from debtor", None, shared.bank_user) == [(shared.anna,)]
    assert {id for (id,) in await rows("select id from debtor", None, shared.shop_user)} == {shared.anna, shared.bert}


async def test_a_client_user_sees_only_what_its_own_client_supplied(
    rows: Rows, shared: Shared, clients: Clients
) -> None:
    everyone = await suppliers(rows, None)
    assert all({clients.shop, None} <= seen for table, seen in everyone.items() if table != "national_id"), everyone
    of_bank = await suppliers(rows, shared.bank_user)
    assert of_bank == {table: {clients.bank} for table in FACT_TABLES} | {"national_id": set()}
    of_shop = await suppliers(rows, shared.shop_user)
    assert of_shop == {table: {clients.shop} for table in FACT_TABLES}


async def test_a_client_user_sees_which_debtors_are_its_own_and_not_who_else_shares_them(
    rows: Rows, shared: Shared, clients: Clients
) -> None:
    assert await rows("select debtor_id, client_id from debtor_client", None, shared.bank_user) == [
        (shared.anna, clients.bank)
    ]


SEARCH = "query ($text: String!) { debtorSearch(text: $text) { nodes { id } totalCount } }"


@pytest.mark.parametrize(
    ("text", "finds_bank", "finds_shop"),
    [
        ("Anna Müller", True, True),
        ("London", False, False),
        ("Berlin", False, True),
        ("S-1", False, True),
        ("C-1001", True, True),
        ("Bert", False, True),
    ],
)
async def test_a_client_user_finds_nobody_by_what_others_know(
    ask: Ask, shared: Shared, text: str, finds_bank: bool, finds_shop: bool
) -> None:
    by_bank = await ask(SEARCH, shared.bank_user, text=text)
    by_shop = await ask(SEARCH, shared.shop_user, text=text)
    assert (by_bank["debtorSearch"]["totalCount"] > 0, by_shop["debtorSearch"]["totalCount"] > 0) == (
        finds_bank,
        finds_shop,
    )


async def test_staff_of_one_client_see_all_that_is_known_of_its_debtors_and_nobody_else(
    rows: Rows, shared: Shared, clients: Clients
) -> None:
    collector = limited(Role.COLLECTOR, clients.bank)
    assert await rows("select id from debtor", None, collector) == [(shared.anna,)]
    assert (await suppliers(rows, collector))["contact_point"] == {clients.bank, clients.shop, None}
    assert {id for (id,) in await rows("select debtor_id from contact_point", None, collector)} == {shared.anna}


async def test_a_debtor_sees_only_itself(rows: Rows, shared: Shared) -> None:
    assert await rows("select id from debtor", None, shared.anna_herself) == [(shared.anna,)]
    for table in FACT_TABLES:
        seen = await rows(f"select distinct debtor_id from {table}", None, shared.anna_herself)
        assert seen == [(shared.anna,)], table


async def test_nobody_sees_anything_without_a_scope(rows: Rows, shared: Shared) -> None:
    nobody = limited(Role.COLLECTOR)
    for table in ("debtor", "debtor_client", "client", "consent", *FACT_TABLES):
        assert await rows(f"select count(*) from {table}", None, nobody) == [(0,)], table


async def test_an_invisible_debtor_is_null_like_an_unknown_one(ask: Ask, shared: Shared) -> None:
    query = "query ($id: ID!) { debtor(id: $id) { displayName } }"
    for id in (shared.bert, new_id()):
        assert await ask(query, shared.bank_user, id=encode_id("dbtr", id)) == {"debtor": None}


async def test_commands_answer_alike_for_an_invisible_and_an_unknown_id(
    deployment: Deployment, shared: Shared, clients: Clients, rows: Rows
) -> None:
    # given
    ((phone,),) = await rows(
        "select id from contact_point where debtor_id = %(id)s and channel = 'PHONE'", {"id": shared.bert}
    )
    ((number,),) = await rows("select id from national_id")
    collector = deployment.context(limited(Role.MANAGER, clients.bank))
    outsider = deployment.context(limited(Role.MANAGER))
    answers: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    # when
    for id in (phone, new_id()):
        with pytest.raises(NotFoundError) as refused:
            await contact_point_update(
                collector, ContactPointUpdate(contact_point_id=id, version=1, owner=ContactOwner.DEBTOR)
            )
        answers.setdefault("contact", set()).add((str(refused.value), refused.value.problems[0].field))
    for id in (number, new_id()):
        with pytest.raises(NotFoundError) as refused:
            await national_id_reveal(outsider, NationalIdReveal(national_id_id=id, reason="curiosity"))
        answers.setdefault("identity", set()).add((str(refused.value), refused.value.problems[0].field))
    # then
    assert {kind: len(found) for kind, found in answers.items()} == {"contact": 1, "identity": 1}
