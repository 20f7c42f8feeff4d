"""A permit is good for what was permitted and nothing else, however the contact is written down afterwards."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Silent, brief
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk, OneCall

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
OTHER_NUMBER = "+12125550199"
SERVICE_SCOPES = ["contacts.request", "decisions.read", "debtors.read", "accounts.read", "clients.read"]
CORRECT = """
mutation($input: InteractionCorrectInput!) {
  interactionCorrect(input: $input) {
    interaction { outsideGate permit { id } decision { id retrospective } } userErrors { code message }
  }
}
"""


@pytest.fixture
def case(deployment: Deployment) -> Case:
    """An empty deployment with shortcuts to debtors in their places."""
    return Case(deployment)


@pytest.fixture
async def desk(api: Api, case: Case, deployment: Deployment) -> Desk:
    """A collector's desk, with a plugin that looks and allows."""
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [Silent])
    return Desk(api, await case.account(client, debtor), await case.phone_of(debtor))


async def _correct(api: Api, interaction_id: str, **what: Any) -> dict[str, Any]:
    wanted = {"interactionId": interaction_id, "reason": "Noted wrongly.", "idempotencyKey": "correct", **what}
    answer = await api(CORRECT, {"input": wanted})
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"]["interactionCorrect"]
    return payload


def _codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


@pytest.mark.parametrize("given", [{}, {"contactPointId": None}])
async def test_a_permit_for_one_number_is_not_used_for_another_that_is_written_out(
    desk: Desk, given: dict[str, Any]
) -> None:
    permit = (await desk.permit(**given))["id"]

    refused = await desk.record(NOON, permitId=permit, endpoint=OTHER_NUMBER, **given)

    assert _codes(refused) == ["PERMIT_MISMATCH"]


async def test_the_permitted_number_may_be_written_out(desk: Desk, case: Case) -> None:
    permit = (await desk.permit())["id"]
    recorded = await desk.record(NOON, permitId=permit, endpoint="+12125550123")
    assert recorded["userErrors"] == []
    assert recorded["interaction"]["outsideGate"] is False


@pytest.mark.parametrize("claim", ["atDebtorRequest", "requiredByLaw"])
async def test_what_takes_a_contact_out_of_the_counts_is_not_claimed_afterwards(desk: Desk, claim: str) -> None:
    permit = (await desk.permit())["id"]
    refused = await desk.record(NOON, permitId=permit, **{claim: True})
    assert _codes(refused) == ["PERMIT_MISMATCH"]


@pytest.mark.parametrize("claim", ["atDebtorRequest", "requiredByLaw"])
async def test_what_the_permit_was_given_for_may_be_said_of_the_contact(desk: Desk, claim: str) -> None:
    permit = (await desk.permit(**{claim: True}))["id"]
    recorded = await desk.record(NOON, permitId=permit, **{claim: True})
    assert (recorded["userErrors"], recorded["interaction"]["outsideGate"]) == ([], False)


async def test_what_a_permit_was_not_for_is_not_corrected_into_it(desk: Desk, api: Api, case: Case) -> None:
    permit = (await desk.permit())["id"]
    recorded = (await desk.record(NOON, permitId=permit))["interaction"]
    ((client, debtor),) = await case.rows("select client_id, debtor_id from account")
    other = encode_id("acct", await case.account(client, debtor, "INV-2"))

    corrected = await _correct(api, recorded["id"], debtsDiscussed=[other])

    assert corrected["interaction"]["outsideGate"] is True


async def test_nor_is_another_number(desk: Desk, api: Api) -> None:
    permit = (await desk.permit())["id"]
    recorded = (await desk.record(NOON, permitId=permit))["interaction"]
    corrected = await _correct(api, recorded["id"], endpoint=OTHER_NUMBER)
    assert corrected["interaction"]["outsideGate"] is True


async def test_consent_for_a_while_does_not_take_back_what_was_said_before_it(
    desk: Desk, case: Case, deployment: Deployment
) -> None:
    ((debtor,),) = await case.rows("select debtor_id from account")
    await case.consent(debtor, "PHONE_CALL")
    deployment.clock.advance(datetime.timedelta(minutes=1))
    tomorrow = deployment.clock.now() + datetime.timedelta(days=1)
    await case.consent(debtor, "PHONE_CALL", "GRANTED", expires_at=tomorrow)

    while_it_holds = await desk.ask()
    deployment.clock.advance(datetime.timedelta(days=1))
    afterwards = await desk.ask()

    assert while_it_holds["decision"]["verdict"] == "ALLOW"
    assert brief(afterwards["decision"]["findings"]) == [("DENY", "arrears", "arrears.opt-out")]


async def test_who_names_no_number_does_not_get_round_what_was_taken_back_for_it(
    desk: Desk, case: Case, deployment: Deployment
) -> None:
    ((debtor,),) = await case.rows("select debtor_id from account")
    await case.consent(debtor, "PHONE_CALL", contact_point_id=desk.point)
    deployment.clock.advance(datetime.timedelta(minutes=1))

    asked = await desk.ask(contactPointId=None)

    assert brief(asked["decision"]["findings"]) == [("DENY", "arrears", "arrears.opt-out")]


async def test_others_contacts_count_for_whoever_may_not_see_their_debts(
    api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [OneCall])
    mine, theirs = await case.client("Mine"), await case.client("Theirs")
    debtor = await case.person(mine, theirs)
    point = await case.phone_of(debtor)
    account = await case.account(mine, debtor, "A")
    await Desk(api, await case.account(theirs, debtor, "B"), point).permit()

    for role, scopes in (("COLLECTOR", []), ("SERVICE", SERVICE_SCOPES)):
        limited = Desk(api, account, point, await api.sign_in(role, clients=[mine], scopes=scopes))
        asked = await limited.ask(idempotencyKey=role)
        assert (asked["decision"]["verdict"], asked["permit"]) == ("DENY", None)


FAR = [
    "0001-01-01T00:00:00Z",
    "0001-01-02T00:00:00+14:00",
    "1899-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]


@pytest.mark.parametrize("at", FAR)
async def test_an_instant_at_the_end_of_the_calendar_is_refused(desk: Desk, api: Api, at: str) -> None:
    account = encode_id("acct", desk.account)
    for field in (
        "canContact(channel: PHONE_CALL, accountIds: [$account], at: $at) { verdict }",
        "contactWindows(accountIds: [$account], from: $at) { complete }",
    ):
        answer = await api(f"query($account: ID!, $at: DateTime!) {{ {field} }}", {"account": account, "at": at})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
