"""Contacts are recorded on their permits; what was made without one is flagged with what it breached."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from arrears.accounts.model import HoldKind
from arrears.interactions.commands import InteractionRecord
from arrears.interactions.model import Direction, InteractionResult
from arrears.interactions.recording import record_interactions
from arrears.kernel.transaction import begin
from arrears_sdk.vocabulary import CommunicationChannel
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Silent
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Closing, Desk, OneCall

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
CORRECT = """
mutation($input: InteractionCorrectInput!) {
  interactionCorrect(input: $input) {
    interaction { outsideGate permit { id } decision { id retrospective } } userErrors { code message }
  }
}
"""
OUTSIDE = "{ interactions(where: { outsideGate: { eq: true } }) { nodes { id } } }"


@pytest.fixture
async def desk(api: Api, case: Case, deployment: Deployment) -> Desk:
    """A collector's desk, with a plugin that looks and allows."""
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [Silent])
    return Desk(api, await case.account(client, debtor), await case.phone_of(debtor))


def code(payload: dict[str, Any]) -> str:
    """The one thing that is wrong."""
    (error,) = payload["userErrors"]
    found: str = error["code"]
    return found


@pytest.mark.parametrize("redeemed_before", [True, False])
async def test_a_contact_on_its_permit_shows_the_decision_that_let_it_happen(
    desk: Desk, deployment: Deployment, redeemed_before: bool
) -> None:
    asked = await desk.ask()
    permit = asked["permit"]["id"]
    if redeemed_before:
        await desk.redeem(permit)
    deployment.clock.advance(30 * MINUTE)

    recorded = (await desk.record(NOON + MINUTE, permitId=permit))["interaction"]

    assert (recorded["outsideGate"], recorded["permit"]["id"]) == (False, permit)
    assert recorded["permit"]["recordedAt"] == "2026-03-02T12:30:00.000000Z"
    assert (recorded["decision"]["id"], recorded["decision"]["retrospective"]) == (asked["decision"]["id"], False)
    assert code(await desk.record(NOON + MINUTE, permitId=permit)) == "PERMIT_USED"


async def test_a_contact_without_a_permit_is_flagged_with_what_it_breached(
    desk: Desk, case: Case, deployment: Deployment, api: Api
) -> None:
    # given: one call that was permitted, and one at night that nobody asked for
    await host_with(deployment, [OneCall, Closing])
    permit = await desk.permit()
    await desk.record(NOON, permitId=permit["id"])
    deployment.clock.advance(datetime.timedelta(days=1))
    night = NOON + datetime.timedelta(hours=10)
    # when
    recorded = (await desk.record(night))["interaction"]
    # then
    assert (recorded["outsideGate"], recorded["permit"]) == (True, None)
    decision = recorded["decision"]
    assert (decision["verdict"], decision["retrospective"], decision["permit"]) == ("DENY", True, None)
    assert decision["decidedAt"] == "2026-03-02T22:00:00.000000Z"
    assert [(one["rule"], one["verdict"]) for one in decision["findings"]] == [
        ("closing.nine", "DENY"),
        ("one-call.cap", "DENY"),
    ]
    assert (await api(OUTSIDE))["data"]["interactions"]["nodes"] == [{"id": recorded["id"]}]


async def test_what_the_rules_would_have_allowed_is_outside_the_gate_all_the_same(desk: Desk) -> None:
    recorded = (await desk.record(NOON - MINUTE))["interaction"]
    assert (recorded["outsideGate"], recorded["decision"]["verdict"]) == (True, "ALLOW")


async def test_what_comes_from_the_debtor_passes_no_gate(desk: Desk) -> None:
    permit = await desk.permit()
    recorded = (await desk.record(NOON, direction="INBOUND", result="TALKED"))["interaction"]
    assert (recorded["outsideGate"], recorded["decision"], recorded["permit"]) == (False, None, None)
    assert code(await desk.record(NOON, direction="INBOUND", result="TALKED", permitId=permit["id"])) == "INVALID_INPUT"


async def test_a_contact_is_not_recorded_on_a_permit_for_something_else(
    desk: Desk, case: Case, deployment: Deployment
) -> None:
    permit = (await desk.permit())["id"]
    assert code(await desk.record(NOON, permitId=permit, channel="SMS", result="SENT")) == "PERMIT_MISMATCH"
    assert code(await desk.record(NOON, permitId=permit, contactPointId=None)) == "PERMIT_MISMATCH"
    assert code(await desk.record(NOON - 2 * MINUTE, permitId=permit)) == "PERMIT_MISMATCH"
    deployment.clock.advance(11 * MINUTE)
    assert code(await desk.record(NOON + 10 * MINUTE, permitId=permit)) == "PERMIT_EXPIRED"
    assert await case.rows("select count(*) from interaction") == [(0,)]


async def test_a_permit_that_was_overtaken_before_the_contact_began_does_not_cover_it(
    desk: Desk, case: Case, deployment: Deployment
) -> None:
    stopped, during = (await desk.permit())["id"], (await desk.permit())["id"]
    deployment.clock.advance(2 * MINUTE)
    await case.hold(HoldKind.CEASE_COMMUNICATION, account_id=desk.account)
    deployment.clock.advance(2 * MINUTE)
    assert code(await desk.record(NOON + 3 * MINUTE, permitId=stopped)) == "PERMIT_OVERTAKEN"
    # The hold that came of the call itself says nothing against the call.
    recorded = (await desk.record(NOON + MINUTE, permitId=during))["interaction"]
    assert recorded["outsideGate"] is False


async def test_a_contact_that_began_after_its_redeemed_permit_ended_is_outside_the_gate(
    desk: Desk, deployment: Deployment
) -> None:
    permit = (await desk.permit())["id"]
    await desk.redeem(permit)
    deployment.clock.advance(60 * MINUTE)
    recorded = (await desk.record(NOON + 30 * MINUTE, permitId=permit))["interaction"]
    assert (recorded["outsideGate"], recorded["permit"]["id"]) == (True, permit)
    assert recorded["decision"]["retrospective"] is True


async def test_a_correction_keeps_the_permit_unless_it_was_another_contact(desk: Desk, api: Api) -> None:
    permit = (await desk.permit())["id"]
    made = (await desk.record(NOON, permitId=permit))["interaction"]

    async def correct(id: str, **given: Any) -> dict[str, Any]:
        wanted = {"idempotencyKey": f"{given}", "interactionId": id, "reason": "typo", **given}
        payload = (await api(CORRECT, {"input": wanted}))["data"]["interactionCorrect"]
        assert payload["userErrors"] == []
        found: dict[str, Any] = payload["interaction"]
        return found

    same = await correct(made["id"], result="BUSY")
    assert (same["outsideGate"], same["permit"], same["decision"]["id"]) == (
        False,
        {"id": permit},
        made["decision"]["id"],
    )
    other = (await desk.record(NOON, permitId=(await desk.permit())["id"]))["interaction"]
    moved = await correct(other["id"], channel="PHONE_AUTODIALED")
    assert (moved["outsideGate"], moved["permit"], moved["decision"]["retrospective"]) == (True, None, True)


async def test_history_of_another_system_is_not_held_against_this_gate(desk: Desk, case: Case) -> None:
    record = InteractionRecord(
        account_id=desk.account,
        started_at=NOON - datetime.timedelta(days=400),
        channel=CommunicationChannel.LETTER,
        direction=Direction.OUTBOUND,
        result=InteractionResult.SENT,
    )
    async with begin(case.context()) as tx:
        await record_interactions(tx, [record], history=True)
    assert await case.rows("select outside_gate, decision_id, permit_id from interaction") == [(False, None, None)]


async def test_a_contact_from_before_the_account_was_opened_is_recorded_and_decided(desk: Desk) -> None:
    recorded = (await desk.record(NOON - datetime.timedelta(days=700)))["interaction"]
    assert (recorded["outsideGate"], recorded["decision"]["verdict"]) == (True, "ALLOW")
