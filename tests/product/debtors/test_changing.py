"""Changing debtors: facts, names, places, contact points, consents and identifiers."""

from __future__ import annotations

import datetime
import json
from uuid import UUID

import pytest

from arrears.access.model import Role
from arrears.debtors import jobs
from arrears.debtors.commands import (
    ConsentRecord,
    ContactPointAdd,
    ContactPointInvalidate,
    ContactPointUpdate,
    DebtorLinkClient,
    DebtorUpdate,
    NameAdd,
    NationalIdReveal,
    NationalIdSet,
    ResidenceAdd,
    ResidenceEnd,
    consent_record,
    contact_point_add,
    contact_point_invalidate,
    contact_point_update,
    debtor_link_client,
    debtor_update,
    name_add,
    national_id_reveal,
    national_id_set,
    residence_add,
    residence_end,
)
from arrears.debtors.model import (
    CommunicationChannel,
    ConsentMethod,
    ConsentScope,
    ConsentState,
    ContactChannel,
    ContactOwner,
    LineType,
    NameKind,
    NationalIdKind,
    ResidenceKind,
)
from arrears.kernel.audit import reveal_audited
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears.kernel.vault import destroy_person_key
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, NotFoundError, RefusedError
from tests.conftest import Deployment
from tests.product.debtors.conftest import Clients, Rows, limited

TODAY = datetime.date(2026, 3, 2)


async def zones(rows: Rows, debtor_id: UUID) -> list[tuple[str, str]]:
    found = await rows(
        "select zone, source from time_zone_candidate where debtor_id = %(id)s order by zone, source", {"id": debtor_id}
    )
    return [(zone, source) for zone, source in found]


async def test_only_what_is_given_changes(deployment: Deployment, debtor_id: UUID, rows: Rows) -> None:
    # when
    await debtor_update(
        deployment.context(), DebtorUpdate(debtor_id=debtor_id, version=1, country="US", preferred_language=None)
    )
    # then
    assert await rows("select country, preferred_language, languages, version from debtor") == [("US", None, ["en"], 2)]
    ((before, after),) = await rows("select before::text, after::text from audit_entry where command = 'debtor.update'")
    assert before == '{"country":null,"preferred_language":"en"}'
    assert after == '{"country":"US","preferred_language":null}'


async def test_of_two_who_change_one_debtor_the_slower_one_is_told(deployment: Deployment, debtor_id: UUID) -> None:
    # given
    await debtor_update(deployment.context(), DebtorUpdate(debtor_id=debtor_id, version=1, country="US"))
    # when
    with pytest.raises(ConflictError) as refused:
        await debtor_update(deployment.context(), DebtorUpdate(debtor_id=debtor_id, version=1, country="CA"))
    # then
    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.CONFLICT, ("input", "version"))


async def test_a_person_has_no_legal_form(deployment: Deployment, debtor_id: UUID) -> None:
    with pytest.raises(InputError, match="A person has no legal form"):
        await debtor_update(deployment.context(), DebtorUpdate(debtor_id=debtor_id, version=1, legal_form="GmbH"))


async def test_a_new_legal_name_is_the_one_shown_and_found_and_the_old_one_is_still_found(
    deployment: Deployment, debtor_id: UUID, clients: Clients, rows: Rows
) -> None:
    # when
    await name_add(
        deployment.context(),
        NameAdd(
            debtor_id=debtor_id,
            given_name="Anna",
            family_name="Noll",
            from_on=datetime.date(2026, 1, 1),
            supplied_by=clients.bank,
        ),
    )
    # then
    assert await rows("select display_name, sort_name from debtor") == [("Anna Noll", "noll anna")]
    found = await rows(
        "select token, client_id from search_token where kind = 'NAME' and token in ('noll', 'muller') order by token"
    )
    assert found == [("muller", clients.bank), ("noll", clients.bank), ("noll", clients.bank)]


async def test_an_alias_and_a_name_that_is_over_are_not_the_one_shown(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    for name in (
        NameAdd(debtor_id=debtor_id, kind=NameKind.ALIAS, full_name="Annie"),
        NameAdd(debtor_id=debtor_id, full_name="Anna Alt", until_on=datetime.date(2020, 1, 1)),
    ):
        await name_add(deployment.context(), name)
    assert await rows("select display_name, version from debtor") == [("Anna Müller", 1)]


async def test_a_job_renews_the_tokens_that_the_renaming_principal_could_not_see(
    deployment: Deployment, debtor_id: UUID, clients: Clients, rows: Rows
) -> None:
    # given
    await debtor_link_client(deployment.context(), DebtorLinkClient(debtor_id=debtor_id, client_id=clients.shop))
    collector = deployment.context(limited(Role.COLLECTOR, clients.bank))
    await name_add(collector, NameAdd(debtor_id=debtor_id, full_name="Anna Noll", from_on=datetime.date(2026, 1, 1)))
    names_of_shop = "select token from search_token where client_id = %(id)s and kind = 'NAME' order by token"
    assert await rows(names_of_shop, {"id": clients.shop}) == [("anna",), ("mueller",), ("muller",)]
    queued = "select args::text from jobs.procrastinate_jobs where task_name like '%%name_tokens'"
    ((deferred,),) = await deployment.worker_database.read(Scope.everything(), queued)
    assert str(debtor_id) in deferred
    # when
    await jobs.renew_tokens_of_name(deployment.worker_context(), str(debtor_id))
    # then
    assert await rows(names_of_shop, {"id": clients.shop}) == [("anna",), ("noll",)]


async def test_a_linked_client_finds_the_debtor_by_its_own_reference(
    deployment: Deployment, debtor_id: UUID, clients: Clients, rows: Rows
) -> None:
    await debtor_link_client(
        deployment.context(), DebtorLinkClient(debtor_id=debtor_id, client_id=clients.shop, reference="S-9")
    )
    shop_user = limited(Role.CLIENT, clients.shop)
    found = await rows("select token from search_token order by token", None, shop_user)
    assert found == [("anna",), ("mueller",), ("muller",), ("s9",)]
    with pytest.raises(ConflictError, match="sees this debtor already"):
        await debtor_link_client(deployment.context(), DebtorLinkClient(debtor_id=debtor_id, client_id=clients.shop))


async def test_a_place_adds_its_zones_and_takes_them_away_when_it_is_over(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    # given
    added = await residence_add(
        deployment.context(),
        ResidenceAdd(debtor_id=debtor_id, kind=ResidenceKind.MAILING, country="US", region="TX", city="El Paso"),
    )
    assert await zones(rows, debtor_id) == [
        ("America/Chicago", "MAILING_ADDRESS"),
        ("America/Chicago", "RESIDENCE"),
        ("America/Denver", "MAILING_ADDRESS"),
        ("America/New_York", "AREA_CODE"),
    ]
    # when
    end = ResidenceEnd(residence_id=added.result.residence_id, version=1, until_on=datetime.date(2026, 2, 1))
    await residence_end(deployment.context(), end)
    # then
    assert await zones(rows, debtor_id) == [("America/Chicago", "RESIDENCE"), ("America/New_York", "AREA_CODE")]
    with pytest.raises(RefusedError) as refused:
        await residence_end(deployment.context(), end.model_copy(update={"version": 2}))
    assert refused.value.code is ErrorCode.ALREADY_ENDED


async def test_a_place_of_work_places_nobody(deployment: Deployment, debtor_id: UUID, rows: Rows) -> None:
    await residence_add(
        deployment.context(), ResidenceAdd(debtor_id=debtor_id, kind=ResidenceKind.WORK, country="GB", city="London")
    )
    assert "Europe/London" not in [zone for zone, _ in await zones(rows, debtor_id)]


async def test_a_number_without_area_stands_for_its_country(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    await contact_point_add(
        deployment.context(),
        ContactPointAdd(debtor_id=debtor_id, channel=ContactChannel.PHONE, value="0151 23456789", country="DE"),
    )
    assert ("Europe/Berlin", "NUMBER_COUNTRY") in await zones(rows, debtor_id)


async def test_the_same_contact_point_from_the_same_source_is_refused(
    deployment: Deployment, debtor_id: UUID, clients: Clients
) -> None:
    again = ContactPointAdd(
        debtor_id=debtor_id, channel=ContactChannel.PHONE, value="+1 202 555 0143", supplied_by=clients.bank
    )
    with pytest.raises(ConflictError, match="known already") as refused:
        await contact_point_add(deployment.context(), again)
    assert refused.value.problems[0].field == ("input", "value")
    await contact_point_add(deployment.context(), again.model_copy(update={"supplied_by": None}))


async def phone_of(rows: Rows, debtor_id: UUID) -> UUID:
    ((id,),) = await rows(
        "select id from contact_point where debtor_id = %(id)s and channel = 'PHONE'", {"id": debtor_id}
    )
    return UUID(str(id))


async def test_a_number_that_proves_to_be_anothers_no_longer_places_the_debtor(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    # given
    phone = await phone_of(rows, debtor_id)
    # when
    await contact_point_update(
        deployment.context(),
        ContactPointUpdate(contact_point_id=phone, version=1, owner=ContactOwner.THIRD_PARTY, verified=True),
    )
    # then
    assert await zones(rows, debtor_id) == [("America/Chicago", "RESIDENCE")]
    assert await rows("select owner, validity, version from contact_point where id = %(id)s", {"id": phone}) == [
        ("THIRD_PARTY", "VALID", 2)
    ]


async def test_an_invalid_number_stays_on_record_and_counts_no_more(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    # given
    phone = await phone_of(rows, debtor_id)
    wrong = ContactPointInvalidate(contact_point_id=phone, version=1, reason="wrong number")
    # when
    await contact_point_invalidate(deployment.context(), wrong)
    # then
    assert await rows(
        "select validity, invalid_reason, invalid_on, preferred from contact_point where id = %(id)s", {"id": phone}
    ) == [("INVALID", "wrong number", TODAY, False)]
    assert await zones(rows, debtor_id) == [("America/Chicago", "RESIDENCE")]
    with pytest.raises(RefusedError) as refused:
        await contact_point_invalidate(deployment.context(), wrong.model_copy(update={"version": 2}))
    assert refused.value.code is ErrorCode.ALREADY_ENDED


async def test_an_email_address_has_no_line(deployment: Deployment, debtor_id: UUID, rows: Rows) -> None:
    ((email,),) = await rows("select id from contact_point where channel = 'EMAIL'")
    with pytest.raises(InputError) as refused:
        await contact_point_update(
            deployment.context(), ContactPointUpdate(contact_point_id=email, version=1, line_type=LineType.MOBILE)
        )
    assert refused.value.problems[0].field == ("input", "lineType")


def consent(debtor_id: UUID, state: ConsentState, **further: object) -> ConsentRecord:
    values: dict[str, object] = {
        "debtor_id": debtor_id,
        "channels": (CommunicationChannel.SMS, CommunicationChannel.PHONE_AUTODIALED),
        "state": state,
        "method": ConsentMethod.ELECTRONIC,
        "source": "web form",
        "given_directly": True,
    }
    return ConsentRecord.model_validate(values | further)


async def test_the_latest_word_on_a_channel_is_what_stands(deployment: Deployment, debtor_id: UUID, rows: Rows) -> None:
    # given
    await consent_record(deployment.context(), consent(debtor_id, ConsentState.GRANTED))
    deployment.clock.advance(datetime.timedelta(days=1))
    # when
    await consent_record(
        deployment.context(),
        consent(debtor_id, ConsentState.REVOKED, channels=(CommunicationChannel.SMS,), revocation_medium="reply STOP"),
    )
    # then
    assert await rows("select channel, state from consent_standing order by channel") == [
        ("PHONE_AUTODIALED", "GRANTED"),
        ("SMS", "REVOKED"),
    ]
    assert await rows("select count(*) from consent") == [(3,)]


async def test_a_word_of_earlier_entered_later_does_not_take_its_place(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    await consent_record(deployment.context(), consent(debtor_id, ConsentState.REVOKED, revocation_medium="letter"))
    earlier = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    await consent_record(deployment.context(), consent(debtor_id, ConsentState.GRANTED, given_at=earlier))
    assert await rows("select distinct state from consent_standing") == [("REVOKED",)]


@pytest.mark.parametrize(
    ("further", "field"),
    [
        ({"state": ConsentState.REVOKED}, "revocationMedium"),
        ({"revocation_medium": "letter"}, "revocationMedium"),
        ({"channels": ()}, "channels"),
        ({"scope": ConsentScope.CLIENT_MESSAGES}, "clientId"),
        ({"given_at": datetime.datetime(2026, 3, 3, tzinfo=datetime.UTC)}, "givenAt"),
        ({"expires_at": datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)}, "expiresAt"),
        ({"source": " "}, "source"),
    ],
)
async def test_a_consent_that_contradicts_itself_is_refused(
    deployment: Deployment, debtor_id: UUID, further: dict[str, object], field: str
) -> None:
    with pytest.raises(InputError) as refused:
        await consent_record(deployment.context(), consent(debtor_id, ConsentState.GRANTED).model_copy(update=further))
    assert refused.value.problems[0].field == ("input", field)


SSN = {"kind": NationalIdKind.SOCIAL_SECURITY, "country": "US", "number": "078-05-1120"}


async def test_an_identifier_is_shown_once_it_is_asked_for_with_a_reason_and_that_is_on_record(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    # given
    saved = await national_id_set(deployment.context(), NationalIdSet.model_validate({"debtor_id": debtor_id} | SSN))
    id = saved.result.national_id_id
    ((sealed, blind),) = await rows("select sealed, blind from national_id")
    assert b"078051120" not in sealed
    assert "078051120" not in blind
    # when
    shown = await national_id_reveal(deployment.context(), NationalIdReveal(national_id_id=id, reason="court asked"))
    # then
    assert shown.result.number == "078051120"
    ((entry, after),) = await rows("select id, after from audit_entry where command = 'national_id.reveal'")
    assert "court" not in str(after)
    async with begin(deployment.context()) as tx:
        assert await reveal_audited(tx, deployment.vault, entry, "after", json.loads(after)) == {
            "reason": "court asked",
            "revealed": {"country": "US", "kind": "SOCIAL_SECURITY"},
        }
    stored = "select count(*) from audit_entry where coalesce(before::text, '') || after::text like '%%1120%%'"
    assert await rows(stored) == [(0,)]


async def test_an_identifier_is_not_kept_with_an_idempotency_key(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    saved = await national_id_set(deployment.context(), NationalIdSet.model_validate({"debtor_id": debtor_id} | SSN))
    wish = NationalIdReveal(national_id_id=saved.result.national_id_id, reason="court asked")
    principal = deployment.context()
    assert (await national_id_reveal(principal, wish, idempotency_key="k")).result.number == "078051120"
    again = await national_id_reveal(principal, wish, idempotency_key="k")
    assert (again.replayed, again.result.number) == (True, None)


async def test_a_later_identifier_of_the_same_register_takes_the_place_of_the_earlier(
    deployment: Deployment, debtor_id: UUID, rows: Rows
) -> None:
    first = await national_id_set(deployment.context(), NationalIdSet.model_validate({"debtor_id": debtor_id} | SSN))
    changed = {"debtor_id": debtor_id} | SSN | {"number": "219-09-9999"}
    second = await national_id_set(deployment.context(), NationalIdSet.model_validate(changed))
    assert first.result.national_id_id == second.result.national_id_id
    assert await rows("select hint, version from national_id") == [("9999", 2)]
    assert await rows("select count(*) from search_token where kind = 'NATIONAL_ID'") == [(1,)]
    shown = await national_id_reveal(
        deployment.context(), NationalIdReveal(national_id_id=second.result.national_id_id, reason="check")
    )
    assert shown.result.number == "219099999"


async def test_a_collector_may_not_see_an_identifier_in_full(
    deployment: Deployment, debtor_id: UUID, clients: Clients
) -> None:
    saved = await national_id_set(deployment.context(), NationalIdSet.model_validate({"debtor_id": debtor_id} | SSN))
    collector = deployment.context(limited(Role.COLLECTOR, clients.bank))
    with pytest.raises(AccessError, match=r"identity\.reveal"):
        await national_id_reveal(collector, NationalIdReveal(national_id_id=saved.result.national_id_id, reason="x"))


async def test_an_erased_debtors_identifier_cannot_be_shown(deployment: Deployment, debtor_id: UUID) -> None:
    saved = await national_id_set(deployment.context(), NationalIdSet.model_validate({"debtor_id": debtor_id} | SSN))
    async with begin(deployment.worker_context()) as tx:
        await destroy_person_key(tx, debtor_id)
    with pytest.raises(RefusedError) as refused:
        await national_id_reveal(
            deployment.context(), NationalIdReveal(national_id_id=saved.result.national_id_id, reason="x")
        )
    assert refused.value.code is ErrorCode.PERSON_ERASED


async def test_whoever_supplies_a_fact_must_see_the_debtor(
    deployment: Deployment, debtor_id: UUID, clients: Clients
) -> None:
    with pytest.raises(NotFoundError) as refused:
        await name_add(deployment.context(), NameAdd(debtor_id=debtor_id, full_name="Annie", supplied_by=clients.shop))
    assert refused.value.problems[0].field == ("input", "suppliedBy")
