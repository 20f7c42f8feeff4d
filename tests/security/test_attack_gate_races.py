"""What happens at the same instant: the last permitted contact is permitted once, and no withdrawal slips between."""

from __future__ import annotations

import asyncio
import datetime
from uuid import UUID

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Silent
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk, OneCall

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


@pytest.fixture
def case(deployment: Deployment) -> Case:
    """An empty deployment with shortcuts to debtors in their places."""
    return Case(deployment)


async def _desk(api: Api, case: Case, *, debtor: UUID | None = None) -> Desk:
    client = await case.client()
    debtor = debtor or await case.person(client)
    return Desk(api, await case.account(client, debtor), await case.phone_of(debtor))


async def test_fifty_who_ask_by_several_channels_get_one_permit(api: Api, case: Case, deployment: Deployment) -> None:
    desk = await _desk(api, case)
    await host_with(deployment, [OneCall])
    point = encode_id("cont", desk.point)
    ways = [("PHONE_CALL", point), ("SMS", point), ("PHONE_PRERECORDED", point), ("LETTER", None)]

    asked = await asyncio.gather(
        *(
            desk.ask(
                idempotencyKey=f"at once {number}", channel=ways[number % 4][0], contactPointId=ways[number % 4][1]
            )
            for number in range(50)
        )
    )

    assert len([one for one in asked if one["permit"] is not None]) == 1
    assert {one["decision"]["verdict"] for one in asked if one["decision"] and one["permit"] is None} == {"DENY"}


async def test_of_many_who_redeem_one_permit_one_acts(api: Api, case: Case, deployment: Deployment) -> None:
    desk = await _desk(api, case)
    await host_with(deployment, [Silent])
    permit = (await desk.permit())["id"]

    redeemed = await asyncio.gather(*(desk.redeem(permit) for _ in range(10)))

    assert len([one for one in redeemed if one["permit"] is not None]) == 1
    codes = {error["code"] for one in redeemed for error in one["userErrors"]}
    assert codes == {"PERMIT_USED"}


async def test_of_many_who_record_on_one_permit_one_does(api: Api, case: Case, deployment: Deployment) -> None:
    desk = await _desk(api, case)
    await host_with(deployment, [Silent])
    permit = (await desk.permit())["id"]

    recorded = await asyncio.gather(*(desk.record(NOON, permitId=permit) for _ in range(10)))

    assert len([one for one in recorded if one["interaction"] is not None]) == 1


@pytest.mark.parametrize("turn", range(4))
async def test_consent_that_is_taken_back_meanwhile_stops_the_contact(
    api: Api, case: Case, deployment: Deployment, turn: int
) -> None:
    desk = await _desk(api, case)
    await host_with(deployment, [Silent])
    ((debtor,),) = await case.rows("select debtor_id from account")

    async def take_back() -> None:
        await asyncio.sleep(turn / 100)
        await case.consent(debtor, "PHONE_CALL")

    asked, _ = await asyncio.gather(desk.ask(), take_back())

    if asked["permit"] is not None:
        assert await desk.refusal(asked["permit"]["id"]) == "PERMIT_OVERTAKEN"


async def test_a_key_that_is_sent_again_after_the_permit_ended_gives_no_new_one(
    api: Api, case: Case, deployment: Deployment
) -> None:
    desk = await _desk(api, case)
    await host_with(deployment, [OneCall])
    first = await desk.permit(idempotencyKey="again")
    deployment.clock.advance(datetime.timedelta(minutes=11))

    second = await desk.permit(idempotencyKey="again")

    assert (second["id"], second["state"]) == (first["id"], "EXPIRED")
    assert await desk.refusal(second["id"]) == "PERMIT_EXPIRED"
