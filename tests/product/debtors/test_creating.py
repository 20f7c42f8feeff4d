"""Making debtors: what is stored, found, audited and announced, and what is refused."""

from __future__ import annotations

import datetime
from uuid import UUID

import pytest

from arrears.access.model import Role
from arrears.debtors.commands import DebtorCreate, NewClientLink, NewContactPoint, NewName, NewNationalId, debtor_create
from arrears.debtors.model import ContactChannel, DebtorKind, NationalIdKind
from arrears_sdk.errors import ConflictError, ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import new_id
from tests.conftest import Deployment
from tests.product.debtors.conftest import Clients, Rows, anna, limited


async def test_a_debtor_is_stored_with_everything_that_was_given(
    deployment: Deployment, clients: Clients, rows: Rows
) -> None:
    # when
    receipt = await debtor_create(deployment.context(), anna(clients.bank, date_of_birth=datetime.date(1980, 4, 1)))
    # then
    id = {"id": receipt.result.debtor_id}
    assert await rows(
        "select kind, display_name, sort_name, date_of_birth, country, preferred_language, languages, version"
        " from debtor where id = %(id)s",
        id,
    ) == [("PERSON", "Anna Müller", "muller anna", datetime.date(1980, 4, 1), None, "en", ["en"], 1)]
    assert await rows("select client_id, reference from debtor_client where debtor_id = %(id)s", id) == [
        (clients.bank, "C-1001")
    ]
    assert await rows(
        "select kind, full_name, given_name, family_name, client_id from debtor_name where debtor_id = %(id)s", id
    ) == [("LEGAL", "Anna Müller", "Anna", "Müller", clients.bank)]
    assert await rows("select address_lines, city, region, country from residence where debtor_id = %(id)s", id) == [
        ("12 Elm Street", "Chicago", "IL", "US")
    ]
    assert await rows(
        "select channel, value, line_type, owner, used_for, validity, area_zones, client_id"
        " from contact_point where debtor_id = %(id)s order by id",
        id,
    ) == [
        (
            "PHONE",
            "+12025550143",
            "MOBILE_OR_LANDLINE",
            "DEBTOR",
            "UNKNOWN",
            "UNVERIFIED",
            ["America/New_York"],
            clients.bank,
        ),
        ("EMAIL", "anna.mueller@example.com", None, "DEBTOR", "UNKNOWN", "UNVERIFIED", [], clients.bank),
    ]


async def test_address_and_area_code_each_give_time_zone_candidates(debtor_id: UUID, rows: Rows) -> None:
    found = await rows(
        "select zone, source from time_zone_candidate where debtor_id = %(id)s order by source", {"id": debtor_id}
    )
    assert found == [("America/New_York", "AREA_CODE"), ("America/Chicago", "RESIDENCE")]


async def test_the_audit_says_what_was_made_and_holds_no_personal_value_in_clear(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    ((action, after),) = await rows(
        "select command, after::text from audit_entry where subject = 'dbtr' and subject_id = %(id)s", {"id": debtor_id}
    )
    assert action == "debtor.create"
    assert '"kind":"PERSON"' in after
    assert not [text for text in ("Anna", "ller", "Elm", "5550143", "example", "C-1001") if text in after]
    ((name, payload),) = await rows(
        "select name, payload::text from event where subject_id = %(id)s", {"id": debtor_id}
    )
    assert name == "DebtorCreated"
    assert not [text for text in ("Anna", "ller", "Elm", "5550143", "example", "1001") if text in payload]


async def test_a_reference_that_the_client_uses_already_is_refused(deployment: Deployment, clients: Clients) -> None:
    # given
    await debtor_create(deployment.context(), anna(clients.bank))
    # when
    with pytest.raises(ConflictError) as refused:
        await debtor_create(deployment.context(), anna(clients.bank))
    # then
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (ErrorCode.DUPLICATE_REFERENCE, ("input", "clients"))


async def test_two_clients_may_use_the_same_reference(deployment: Deployment, clients: Clients, rows: Rows) -> None:
    await debtor_create(deployment.context(), anna(clients.bank))
    await debtor_create(deployment.context(), anna(clients.shop))
    assert await rows("select count(*) from debtor_client where reference = 'C-1001'") == [(2,)]


async def test_everything_wrong_is_said_at_once_and_nothing_is_stored(
    deployment: Deployment, clients: Clients, rows: Rows
) -> None:
    # given
    wrong = DebtorCreate(
        kind=DebtorKind.COMPANY,
        clients=(NewClientLink(client_id=clients.bank),),
        names=(NewName(),),
        contact_points=(
            NewContactPoint(channel=ContactChannel.PHONE, value="12"),
            NewContactPoint(channel=ContactChannel.EMAIL, value="nobody"),
            NewContactPoint(channel=ContactChannel.SOCIAL, value="@acme"),
        ),
        date_of_birth=datetime.date(1980, 1, 1),
        languages=("English",),
        supplied_by=clients.shop,
    )
    # when
    with pytest.raises(InputError) as refused:
        await debtor_create(deployment.context(), wrong)
    # then
    assert [(problem.code.value, ".".join(problem.field)) for problem in refused.value.problems] == [
        ("INVALID_INPUT", "input.suppliedBy"),
        ("REQUIRED", "input.names.0"),
        ("INVALID_INPUT", "input.contactPoints.0.value"),
        ("INVALID_INPUT", "input.contactPoints.1.value"),
        ("REQUIRED", "input.contactPoints.2.network"),
        ("INVALID_INPUT", "input.dateOfBirth"),
        ("INVALID_INPUT", "input.languages"),
    ]
    assert await rows("select count(*) from debtor") == [(0,)]


async def test_a_client_outside_the_scope_is_as_unknown_as_one_that_does_not_exist(
    deployment: Deployment, clients: Clients
) -> None:
    messages = set()
    for client in (clients.shop, new_id()):
        with pytest.raises(NotFoundError) as refused:
            await debtor_create(deployment.context(limited(Role.COLLECTOR, clients.bank)), anna(client))
        messages.add((refused.value.problems[0].message, refused.value.problems[0].field))
    assert messages == {("There is no such record (clnt) that you may see.", ("input", "clients"))}


async def test_staff_limited_to_a_client_can_make_its_debtors(
    deployment: Deployment, clients: Clients, rows: Rows
) -> None:
    # given
    collector = limited(Role.COLLECTOR, clients.bank)
    identified = anna(
        clients.bank,
        national_ids=(NewNationalId(kind=NationalIdKind.SOCIAL_SECURITY, country="US", number="078-05-1120"),),
    )
    # when
    made = (await debtor_create(deployment.context(collector), identified)).result.debtor_id
    # then
    assert await rows("select display_name from debtor where id = %(id)s", {"id": made}, collector) == [
        ("Anna Müller",)
    ]
    assert await rows("select hint, octet_length(sealed) > 20 from national_id", {}, collector) == [("1120", True)]


async def test_a_card_number_given_as_reference_is_kept_as_its_last_digits(
    deployment: Deployment, clients: Clients, rows: Rows
) -> None:
    # given
    card = DebtorCreate(
        kind=DebtorKind.PERSON,
        clients=(NewClientLink(client_id=clients.bank, reference="4111 1111 1111 1111"),),
        names=(NewName(full_name="Anna Müller"),),
    )
    # when
    await debtor_create(deployment.context(), card)
    # then
    ((reference,),) = await rows("select reference from debtor_client")
    assert reference.startswith("card-1111-")
    assert await rows("select count(*) from search_token where token like '%%11111111%%'") == [(0,)]
