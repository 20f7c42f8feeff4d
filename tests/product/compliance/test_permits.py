"""A permit lets one thing happen, once, soon, as it was asked for, and not after something speaks against it."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from arrears.accounts.model import HoldKind
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Silent, brief
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Closing, Desk, OneCall

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


@pytest.fixture
async def desk(api: Api, case: Case, deployment: Deployment) -> Desk:
    """A collector's desk, with a plugin that looks and allows."""
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [Silent])
    return Desk(api, await case.account(client, debtor), await case.phone_of(debtor))


async def test_an_allowed_contact_gets_a_permit_and_redeems_it_once(desk: Desk) -> None:
    permit = await desk.permit()

    assert {name: value for name, value in permit.items() if name != "id"} == {
        "state": "OPEN",
        "kind": "CONTACT",
        "channel": "PHONE_CALL",
        "contactPoint": {"id": encode_id("cont", desk.point)},
        "grantedAt": "2026-03-02T12:00:00.000000Z",
        "expiresAt": "2026-03-02T12:10:00.000000Z",
        "usedAt": None,
        "returnedAt": None,
        "recordedAt": None,
    }
    redeemed = await desk.redeem(permit["id"])
    assert (redeemed["permit"]["state"], redeemed["permit"]["usedAt"]) == ("USED", "2026-03-02T12:00:00.000000Z")
    assert await desk.refusal(permit["id"]) == "PERMIT_USED"


async def test_a_permit_ends_after_ten_minutes(desk: Desk, deployment: Deployment) -> None:
    late, just_in_time = await desk.permit(), await desk.permit(channel="SMS")
    deployment.clock.advance(datetime.timedelta(minutes=10) - datetime.timedelta(microseconds=1))
    assert (await desk.redeem(just_in_time["id"], channel="SMS"))["userErrors"] == []
    deployment.clock.advance(datetime.timedelta(microseconds=1))
    assert await desk.refusal(late["id"]) == "PERMIT_EXPIRED"


async def test_a_call_permitted_at_20_59_does_not_start_at_21_05(desk: Desk, deployment: Deployment) -> None:
    await host_with(deployment, [Closing])
    deployment.clock.advance(datetime.timedelta(hours=8, minutes=59))
    permit, other = await desk.permit(), await desk.permit(channel="SMS")
    assert permit["expiresAt"] == "2026-03-02T21:00:00.000000Z"
    assert (await desk.redeem(other["id"], channel="SMS"))["userErrors"] == []
    deployment.clock.advance(datetime.timedelta(minutes=6))
    assert await desk.refusal(permit["id"]) == "PERMIT_EXPIRED"


async def test_a_permit_is_for_its_channel_number_debts_and_principal_alone(
    desk: Desk, api: Api, case: Case, deployment: Deployment
) -> None:
    permit = (await desk.permit())["id"]
    ((client, debtor),) = await case.rows("select client_id, debtor_id from account")
    other_account = encode_id("acct", await case.account(client, debtor, "INV-2"))
    other_point = encode_id("cont", await case.phone_of(await case.person(client, phone="+12125550199")))

    assert await desk.refusal(permit, channel="SMS") == "PERMIT_MISMATCH"
    assert await desk.refusal(permit, contactPointId=other_point) == "PERMIT_MISMATCH"
    assert await desk.refusal(permit, contactPointId=None) == "PERMIT_MISMATCH"
    assert await desk.refusal(permit, accountIds=[other_account]) == "PERMIT_MISMATCH"
    assert await desk.refusal(permit, action="SUE") == "PERMIT_MISMATCH"
    colleague = Desk(api, desk.account, desk.point, await api.sign_in("COLLECTOR", clients=[client]))
    assert await colleague.refusal(permit) == "PERMIT_MISMATCH"
    stranger = Desk(api, desk.account, desk.point, await api.sign_in("COLLECTOR", clients=[await case.client("Shop")]))
    assert await stranger.refusal(permit) == "NOT_FOUND"
    # None of this used it up.
    assert (await desk.redeem(permit, accountIds=[encode_id("acct", desk.account)]))["userErrors"] == []


FACT = """
mutation($input: FactRecordInput!) { factRecord(input: $input) { fact { id } userErrors { code message field } } }
"""


WORDS = {"CEASE": "ORAL", "ATTORNEY": "LAWYER"}


@pytest.mark.parametrize("what", ["opt-out", "hold", "hold on the debtor", "CEASE", "ATTORNEY"])
async def test_what_is_recorded_since_the_decision_overtakes_the_permit(
    desk: Desk, api: Api, case: Case, deployment: Deployment, what: str
) -> None:
    permit = (await desk.permit())["id"]
    deployment.clock.advance(datetime.timedelta(minutes=1))
    ((debtor,),) = await case.rows("select debtor_id from account")
    if what == "opt-out":
        await case.consent(debtor, "PHONE_CALL")
    elif what == "hold":
        await case.hold(HoldKind.CEASE_COMMUNICATION, account_id=desk.account)
    elif what == "hold on the debtor":
        await case.hold(HoldKind.DECEASED, debtor_id=debtor)
    else:
        given = {"debtorId": encode_id("dbtr", debtor), "kind": what, "source": "DEBTOR"}
        given |= {"word": WORDS[what], "idempotencyKey": "fact"}
        answer = await api(FACT, {"input": given})
        assert answer["data"]["factRecord"]["userErrors"] == [], answer
    assert await desk.refusal(permit) == "PERMIT_OVERTAKEN"


async def test_an_unused_permit_given_back_counts_no_more(desk: Desk, deployment: Deployment) -> None:
    await host_with(deployment, [OneCall])
    permit = await desk.permit()
    refused = await desk.ask()
    assert refused["permit"] is None
    assert brief(refused["decision"]["findings"]) == [("DENY", "one-call", "one-call.cap")]

    assert (await desk.give_back(permit["id"]))["permit"]["state"] == "RETURNED"
    assert await desk.refusal(permit["id"]) == "PERMIT_USED"
    (error,) = (await desk.give_back(permit["id"]))["userErrors"]
    assert error["code"] == "PERMIT_USED"
    again = await desk.permit()

    # The next one is given back by itself once it is over.
    deployment.clock.advance(datetime.timedelta(minutes=9, seconds=59))
    assert (await desk.ask())["permit"] is None
    deployment.clock.advance(datetime.timedelta(seconds=1))
    assert await desk.refusal(again["id"]) == "PERMIT_EXPIRED"
    used = await desk.permit()
    # One that was used counts until its contact is recorded, and that counts from then on.
    assert (await desk.redeem(used["id"]))["userErrors"] == []
    deployment.clock.advance(datetime.timedelta(days=1))
    assert (await desk.ask())["permit"] is None


async def test_of_twenty_who_ask_at_once_for_the_last_permitted_call_one_gets_it(
    desk: Desk, api: Api, case: Case, deployment: Deployment
) -> None:
    await host_with(deployment, [OneCall])
    ((client,),) = await case.rows("select client_id from account")
    keys = [await api.sign_in("COLLECTOR", clients=[client]) for _ in range(4)]
    desks = [Desk(api, desk.account, desk.point, keys[number % 4], asked=number * 10) for number in range(20)]

    answers = await asyncio.gather(*(one.ask() for one in desks))

    verdicts = sorted(answer["decision"]["verdict"] for answer in answers if answer["decision"])
    assert [answer["userErrors"] for answer in answers] == [[]] * 20
    assert verdicts == ["ALLOW"] + ["DENY"] * 19
    assert len([answer for answer in answers if answer["permit"]]) == 1
    assert await case.rows("select count(*) from permit") == [(1,)]
