"""What the gate makes of facts: it reads those that stand, concern the contact and were known, and no others."""

from __future__ import annotations

import datetime
from typing import Any

from arrears.debtors.commands.contacts import contact_point_update
from arrears.debtors.commands.inputs import ContactPointUpdate
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears_sdk.ids import encode_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.vocabulary import CommunicationChannel, InteractionResult
from tests.api import Api
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with
from tests.product.accounts.book import PartyOpening
from tests.product.compliance.asking import CAN_CONTACT
from tests.product.compliance.case import NEW_YORK, Case, NewResidence
from tests.product.compliance.fact_forms import Demanding, Heeding, told

HOUR = datetime.timedelta(hours=1)


async def rules(api: Api, account: Any, **asked: Any) -> list[str]:
    """The rules that object to a call about an account, and those that warn."""
    answer = await api(CAN_CONTACT, {"accounts": [encode_id("acct", account)], **asked})
    assert "errors" not in answer, answer
    (found,) = answer["data"]["canContact"]
    return [finding["rule"] for finding in found["findings"]]


async def test_a_fact_stops_what_it_concerns_from_its_start_to_its_end(
    api: Api, case: Case, deployment: Deployment
) -> None:
    # given: two debts to one client, one to another
    await host_with(deployment, [Heeding])
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    first, second = await case.account(bank, debtor), await case.account(bank, debtor, "INV-2")
    third = await case.account(shop, debtor)
    # when: one debt's
    fact = await told(
        api, "factRecord", kind="CEASE", source="DEBTOR", word="WRITTEN", accountId=encode_id("acct", first)
    )
    # then
    assert [await rules(api, one) for one in (first, second, third)] == [["heeding.cease"], [], []]
    # when: it ends in an hour
    in_an_hour = (START + HOUR).isoformat()
    await told(api, "factEnd", factId=fact["id"], version=1, endsAt=in_an_hour, reason="wrote again")
    # then: the end is not within
    assert await rules(api, first, at=(START + HOUR - datetime.timedelta(seconds=1)).isoformat()) == ["heeding.cease"]
    assert await rules(api, first, at=in_an_hour) == []
    # when: it never was
    await told(api, "factWithdraw", factId=fact["id"], version=2, reason="of another debtor")
    # then
    assert await rules(api, first) == []


async def test_a_fact_of_all_debts_to_a_client_says_nothing_to_another_and_one_of_the_person_does(
    api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [Heeding])
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    owed = [await case.account(bank, debtor), await case.account(shop, debtor)]
    given = {"source": "CLIENT", "debtorId": encode_id("dbtr", debtor), "clientId": encode_id("clnt", bank)}
    await told(api, "factRecord", kind="ATTORNEY", word="LAWYER", **given)
    assert [await rules(api, one) for one in owed] == [["heeding.attorney"], []]
    await told(api, "factRecord", kind="DEATH", on="2026-02-27", **given)
    assert [await rules(api, one) for one in owed] == [["heeding.attorney", "heeding.death"], ["heeding.death"]]


async def test_what_was_not_yet_received_was_not_known(api: Api, case: Case, deployment: Deployment) -> None:
    await host_with(deployment, [Heeding])
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    yesterday = (START - 24 * HOUR).isoformat()
    await told(
        api,
        "factRecord",
        kind="ATTORNEY",
        source="REPRESENTATIVE",
        word="LAWYER",
        debtorId=encode_id("dbtr", debtor),
        startsAt=yesterday,
    )
    assert await rules(api, account) == ["heeding.attorney"]
    assert await rules(api, account, at=(START - HOUR).isoformat()) == []


async def test_an_endpoints_fact_stops_that_endpoint(api: Api, case: Case, deployment: Deployment) -> None:
    await host_with(deployment, [Heeding])
    client = await case.client()
    debtor = await case.person(client)
    account, point = await case.account(client, debtor), await case.phone_of(debtor)
    shown = encode_id("cont", point)
    await told(api, "factRecord", kind="NOT_THE_DEBTORS", source="PROVIDER", contactPointId=shown)
    assert await rules(api, account, point=shown) == ["heeding.not_the_debtors"]
    assert await rules(api, account) == []


async def test_a_places_fact_holds_where_the_law_of_the_place_does(
    api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [Heeding])
    client = await case.client()
    here = await case.account(client, await case.person(client))
    boston = NewResidence(country="US", region="Massachusetts", city="Boston", postal_code="02108")
    there = await case.account(client, await case.person(client, residences=(boston,)), "INV-2")
    await told(api, "factRecord", kind="PUBLIC_EMERGENCY", source="COURT", place="US-MA")
    assert [await rules(api, one) for one in (here, there)] == [[], ["heeding.public_emergency"]]


async def test_what_is_of_the_debt_is_so_for_its_other_debtor_and_what_is_of_one_is_not(
    api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [Heeding])
    client = await case.client()
    debtor, other = await case.person(client), await case.person(client)
    account = await case.account(client, debtor, parties=[PartyOpening(debtor_id=other, role="CO_DEBTOR")])
    shown = {"source": "DEBTOR", "accountId": encode_id("acct", account)}
    await told(api, "factRecord", kind="CEASE", word="ORAL", **shown)
    await told(api, "factRecord", kind="INSTRUMENT", word="NOTE", **shown)
    assert await rules(api, account) == ["heeding.cease", "heeding.instrument"]
    assert await rules(api, account, debtor=encode_id("dbtr", other)) == ["heeding.instrument"]


async def test_what_an_account_and_a_contact_point_say_by_themselves_are_facts(case: Case) -> None:
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(
        client,
        debtor,
        instrument="NOTE",
        judgment_on=datetime.date(2026, 1, 20),
        governing_law="US-NY",
        in_default_when_acquired=True,
        servicing_reference="S-1",
    )
    point = await case.phone_of(debtor)
    change = ContactPointUpdate(contact_point_id=point, version=1, reassignment_checked_on=datetime.date(2026, 2, 1))
    await contact_point_update(case.context(), change)
    attempt = await case.attempt(account, contact_point_id=point)
    found = {fact.kind: (fact.word, fact.on, fact.place) for fact in attempt.facts}
    assert {**found, FactKind.SERVICING_NUMBER: None} == {
        FactKind.INSTRUMENT: ("NOTE", None, None),
        FactKind.JUDGMENT: (None, datetime.date(2026, 1, 20), None),
        FactKind.GOVERNING_LAW: (None, None, "US-NY"),
        FactKind.OBTAINED_IN_DEFAULT: ("YES", None, None),
        FactKind.SERVICING_NUMBER: None,
        FactKind.REASSIGNMENT_CHECK: (None, datetime.date(2026, 2, 1), None),
    }
    assert (attempt.contact_point.obtained_on, attempt.contact_point.employer_provided) == (None, False)


async def test_notices_licences_and_attestations_meet_what_is_required(
    api: Api, case: Case, deployment: Deployment
) -> None:
    # given
    host = await host_with(deployment, [Demanding])
    client = await case.client()
    account = await case.account(client, await case.person(client))
    named = encode_id("acct", account)
    wanted = ["wanting.notice", "", ""]
    assert await rules(api, account) == wanted[1:] + wanted[:1]
    # when, then
    notice = await told(api, "noticeRecord", kind="VALIDATION", medium="LETTER", accountIds=[named])
    assert await rules(api, account) == ["", ""]
    await told(api, "noticeReturn", noticeId=notice["id"], version=1)
    assert await rules(api, account) == ["", "", "wanting.notice"]
    await told(api, "noticeRecord", kind="VALIDATION", medium="LETTER", accountIds=[named])
    bond = {"place": "US-NY", "kind": "BOND", "fromOn": "2020-01-01"}
    await told(api, "licenceRecord", **bond)
    assert await rules(api, account) == ["", ""]
    await told(api, "licenceRecord", **{**bond, "kind": "LICENCE"})
    assert await rules(api, account) == [""]
    groups = {
        "wanting": GroupSettings(enabled=True),
        "compliance": GroupSettings(values={"attestations": ["US_SAFEGUARDS"]}),
    }
    host.change(SettingsSnapshot(2, {DEPLOYMENT: {"wanting": groups["wanting"]}, Place(client): groups}))
    assert await rules(api, account) == []


async def test_a_licences_place_applies_where_a_client_says_so(case: Case, deployment: Deployment, api: Api) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    await told(api, "licenceRecord", place="US-Texas", kind="LICENCE", fromOn="2020-01-01")
    assert (await case.attempt(account)).jurisdictions == {"US", "US-NY", "US-NY-NEW YORK"}
    settings = {"compliance": GroupSettings(values={"licence_places": "APPLY"})}
    host = await host_with(deployment, [Heeding], SettingsSnapshot(1, {Place(client): settings}))
    attempt = await case.attempt(account, host=host.host)
    assert attempt.jurisdictions == {"US", "US-NY", "US-NY-NEW YORK", "US-TX"}


async def test_an_open_permit_is_an_attempt_until_it_is_given_back(
    api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [Heeding])
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    request = (
        "mutation($input: ContactRequestInput!) { contactRequest(input: $input) { permit { id } userErrors { code } } }"
    )
    given = {"channel": "PHONE_CALL", "accountIds": [encode_id("acct", account)], "idempotencyKey": "1"}
    asked = (await api(request, {"input": given}))["data"]["contactRequest"]
    assert asked["userErrors"] == []
    (pending,) = (await case.attempt(account)).history
    assert (pending.id, pending.pending, pending.result) == (asked["permit"]["id"], True, InteractionResult.NO_ANSWER)
    assert (pending.channel, pending.debtor_local_date) == (CommunicationChannel.PHONE_CALL, datetime.date(2026, 3, 2))
    assert pending.account_ids == (encode_id("acct", account),)
    assert (await case.attempt(account, at=START + 24 * HOUR)).history == ()


async def test_the_borough_is_the_city_and_a_county_leaves_the_nation_to_the_postcode(case: Case) -> None:
    places = {
        NewResidence(country="US", region="New York", city="Brooklyn", postal_code="11201"): {
            "US",
            "US-NY",
            "US-NY-NEW YORK",
        },
        NewResidence(country="GB", region="Kent", city="Dover", postal_code="CT16 1AA"): {
            "GB",
            "GB-ENG",
            "GB-ENG-DOVER",
        },
        NewResidence(country="GB", region="Scotland"): {"GB", "GB-SCT"},
        NewResidence(country="GB"): {"GB", "GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"},
        NewResidence(country="CA", region="Québec"): {"CA", "CA-QC"},
        NewResidence(country="AU", region="New South Wales"): {"AU", "AU-NSW"},
    }
    client = await case.client()
    for number, (residence, jurisdictions) in enumerate(places.items()):
        account = await case.account(client, await case.person(client, residences=(residence,)), f"INV-{number}")
        assert (await case.attempt(account)).jurisdictions == jurisdictions
    assert NEW_YORK.region == "New York"
