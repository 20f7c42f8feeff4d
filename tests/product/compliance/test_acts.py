"""Acts about debts are decided as contacts are: asked about, requested with effect, done on a permit for just that."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

import pytest

from arrears.accounts.model import HoldBlock, HoldKind
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import PERMIT, brief
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk, NoSuits

CAN_ACT = """
query($action: ActionKind!, $account: ID!, $amount: MoneyInput, $at: DateTime) {
  canAct(action: $action, accountId: $account, amount: $amount, at: $at) {
    action verdict until account { id } findings { verdict rule plugin facts { name value } }
  }
}
"""
REQUEST_ACT = f"""
mutation($input: ActionRequestInput!) {{
  actionRequest(input: $input) {{
    decision {{
      kind action verdict until amount {{ amount currency }} plannedOn rate place content channel
      findings {{ verdict rule plugin }} accounts {{ nodes {{ account {{ id }} }} }}
    }}
    permit {{ {PERMIT} action }} userErrors {{ code message field }}
  }}
}}
"""
SEARCH = """
query($where: DecisionFindingWhere) {
  decisionFindings(where: $where, orderBy: { field: DECIDED_AT }) { nodes { rule verdict decision { kind } } }
}
"""


@pytest.fixture
async def account(case: Case, deployment: Deployment) -> UUID:
    """A debt about which nobody sues for much."""
    client = await case.client()
    await host_with(deployment, [NoSuits])
    return await case.account(client, await case.person(client))


async def requested(api: Api, account: UUID, **given: Any) -> dict[str, Any]:
    wanted = {"idempotencyKey": f"{given}", "action": "SUE", "accountId": encode_id("acct", account), **given}
    answer = await api(REQUEST_ACT, {"input": wanted})
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"]["actionRequest"]
    return payload


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


async def test_asking_stores_nothing_and_tells_the_facts_that_were_used(api: Api, account: UUID, case: Case) -> None:
    answer = await api(CAN_ACT, {"action": "SUE", "account": encode_id("acct", account), "amount": usd("100.01")})
    assert answer["data"]["canAct"] == {
        "action": "SUE",
        "verdict": "DENY",
        "until": None,
        "account": {"id": encode_id("acct", account)},
        "findings": [
            {
                "verdict": "DENY",
                "rule": "no-suits.most",
                "plugin": "no-suits",
                "facts": [{"name": "wanted", "value": "100.01 USD"}],
            }
        ],
    }
    assert await case.rows("select count(*) from decision") == [(0,)]


async def test_an_act_is_decided_with_everything_that_was_asked(api: Api, account: UUID) -> None:
    made = await requested(
        api, account, amount=usd("100.00"), plannedOn="2026-04-01", rate="6.50", place="US-NY", content=["SUIT_PAPERS"]
    )
    assert made["decision"] == {
        "kind": "ACTION",
        "action": "SUE",
        "verdict": "ALLOW",
        "until": None,
        "amount": usd("100.00"),
        "plannedOn": "2026-04-01",
        "rate": "6.50",
        "place": "US-NY",
        "content": ["SUIT_PAPERS"],
        "channel": None,
        "findings": [],
        "accounts": {"nodes": [{"account": {"id": encode_id("acct", account)}}]},
    }
    assert (made["permit"]["kind"], made["permit"]["action"], made["permit"]["state"]) == ("ACTION", "SUE", "OPEN")


async def test_what_is_denied_gets_no_permit_and_is_found_by_its_rule(api: Api, account: UUID) -> None:
    denied = await requested(api, account, amount=usd("100.01"))
    assert (denied["decision"]["verdict"], denied["permit"]) == ("DENY", None)
    assert brief(denied["decision"]["findings"]) == [("DENY", "no-suits", "no-suits.most")]
    await requested(api, account, amount=usd("1.00"))
    found = await api(SEARCH, {"where": {"rule": {"eq": "no-suits.most"}, "verdict": {"eq": "DENY"}}})
    assert found["data"]["decisionFindings"]["nodes"] == [
        {"rule": "no-suits.most", "verdict": "DENY", "decision": {"kind": "ACTION"}}
    ]


async def test_a_hold_that_blocks_law_puts_a_suit_off_and_a_report_on_it_does_not(
    api: Api, account: UUID, case: Case
) -> None:
    ends = datetime.datetime(2026, 3, 9, tzinfo=datetime.UTC)
    await case.hold(HoldKind.DISPUTE, (HoldBlock.LEGAL,), account_id=account, ends_at=ends)
    put_off = (await requested(api, account))["decision"]
    assert (put_off["verdict"], put_off["until"]) == ("DEFER", "2026-03-09T00:00:00.000000Z")
    assert brief(put_off["findings"]) == [("DEFER", "arrears", "arrears.hold")]
    assert (await requested(api, account, action="FURNISH"))["decision"]["verdict"] == "ALLOW"


async def test_the_permit_of_an_act_is_for_that_act_and_overtaken_by_a_hold(
    api: Api, account: UUID, case: Case
) -> None:
    desk = Desk(api, account, account)
    permit = (await requested(api, account))["permit"]["id"]
    nothing = {"channel": None, "contactPointId": None}
    assert await desk.refusal(permit, action="EVICT", **nothing) == "PERMIT_MISMATCH"
    assert await desk.refusal(permit, channel="SMS", contactPointId=None, action="SUE") == "PERMIT_MISMATCH"
    await case.hold(HoldKind.BANKRUPTCY, account_id=account)
    assert await desk.refusal(permit, action="SUE", **nothing) == "PERMIT_OVERTAKEN"


async def test_a_permit_for_an_act_is_redeemed_once(api: Api, account: UUID) -> None:
    desk = Desk(api, account, account)
    permit = (await requested(api, account))["permit"]["id"]
    done = await desk.redeem(permit, channel=None, contactPointId=None, action="SUE")
    assert done["permit"]["state"] == "USED"
    assert await desk.refusal(permit, channel=None, contactPointId=None, action="SUE") == "PERMIT_USED"
