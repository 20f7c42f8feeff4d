"""No fee is owed that the gate does not let be owed, and what it said is kept with the fee."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from arrears.charges.claiming import FeeClaim, claim_fee
from arrears.charges.running import Tally
from arrears.compliance.commands import ActRequest, request_act
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind
from arrears_us_federal import UsFederal
from tests.api import Api, api_for
from tests.conftest import Deployment
from tests.product.charges.fees import ONE_DAY, TODAY, Fees, late_fee
from tests.product.compliance.fact_forms import told

FEE = """
query ($id: ID!) {
  feeClaim(id: $id) {
    state claimedOn entry { id }
    decision { action verdict amount { amount } findings { rule verdict } }
    steps { step state reason decision { verdict } entry { kind } }
  }
}
"""
UNTIL = datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)


class NoFees(Plugin):
    """Puts every fee off for a week, and ties larger ones to a review."""

    name = "no-fees"
    version = "1.0"

    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> list[Ruling]:
        """One ruling for each act."""
        return [self._said(attempt) for attempt in attempts]

    def _said(self, attempt: ActionAttempt) -> Ruling:
        assert attempt.kind is ActionKind.CHARGE_FEE
        assert attempt.amount is not None
        if attempt.amount.minor > 5_000:
            return Ruling.require("review", "A supervisor looks at it first.", rule="no-fees.review")
        return Ruling() if attempt.at >= UNTIL else Ruling.defer(UNTIL, "Not this week.", rule="no-fees.week")


async def shown(api: Api, fees: Fees, account: Any) -> dict[str, Any]:
    answer = await api(FEE, {"id": encode_id("feec", await fees.fee(account))})
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["feeClaim"]
    return found


async def test_a_fee_that_no_agreement_allows_is_not_claimed_under_federal_law(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(), plugins=[UsFederal])
    account = await fees.debt(purpose="CONSUMER", product="CARD")

    assert await fees.run() == Tally(quoted=1, refused=1)

    async with api_for(deployment.context()) as api:
        found = await shown(api, fees, account)
        assert (found["state"], found["entry"]) == ("QUOTED", None)
        assert found["decision"]["action"] == "CHARGE_FEE"
        assert found["decision"]["verdict"] == "DENY"
        assert found["decision"]["amount"] == {"amount": "10.00"}
        assert "us.regf.amount-authorized" in [one["rule"] for one in found["decision"]["findings"]]
        assert [(one["step"], one["state"]) for one in found["steps"]] == [("QUOTED", "QUOTED"), ("REFUSED", "QUOTED")]
        assert found["steps"][1]["reason"].startswith("us.regf.amount-authorized: Nothing recorded allows this fee")
        assert found["steps"][1]["decision"] == {"verdict": "DENY"}
        assert await fees.fees_owed(account) == 0

        # The agreement turns up; the next time that the gate is asked it lets the fee be owed, from that day.
        given = {"accountId": encode_id("acct", account), "kind": "AMOUNT_CLAUSE", "word": "FEE", "source": "CLIENT"}
        await told(api, "factRecord", **given)
        fees.go_to(TODAY + 6 * ONE_DAY)
        assert await fees.run() == Tally()
        fees.go_to(TODAY + 7 * ONE_DAY)
        assert await fees.run() == Tally(claimed=1)
        found = await shown(api, fees, account)
        assert (found["state"], found["claimedOn"]) == ("CLAIMED", "2026-03-09")
        assert found["steps"][2]["entry"] == {"kind": "FEE"}


async def test_what_is_put_off_is_asked_about_again_when_the_gate_said(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(), plugins=[NoFees])
    account = await fees.debt()
    assert await fees.run() == Tally(quoted=1, refused=1)
    fees.go_to(datetime.date(2026, 3, 9))
    assert await fees.run() == Tally()
    fees.go_to(datetime.date(2026, 3, 10))
    assert await fees.run() == Tally(claimed=1)
    assert [one.claimed_on for one in await fees.seen(account)] == [datetime.date(2026, 3, 10)]
    assert await fees.steps(await fees.fee(account)) == ["QUOTED", "REFUSED", "CLAIMED"]


async def test_a_requirement_is_kept_with_the_fee(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(amount="50.01"), plugins=[NoFees])
    account = await fees.debt()
    claimed = await fees.run()
    assert claimed == Tally(quoted=1, refused=1)
    rows = await fees.rows(
        "select decision.verdict, fee.state from fee_claim fee join decision on decision.id = fee.decision_id"
        " where account_id = %(id)s",
        id=account,
    )
    assert rows == [("REQUIRE", "QUOTED")]
    made = await fees.claim(await fees.fee(account))
    assert [(one.rule, one.reason) for one in made.objections] == [
        ("no-fees.review", "A supervisor looks at it first.")
    ]
    assert made.entry_id is None


async def test_a_permit_lets_just_its_own_fee_be_claimed_once(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(quoted_first=1), late_fee(id="second", amount="7.00", quoted_first=1))
    account = await fees.debt()
    await fees.run()
    fees.go_to(TODAY + ONE_DAY)
    rows = await fees.rows("select id, amount_minor from fee_claim where account_id = %(id)s", id=account)
    first, second = (next(id for id, minor in rows if minor == wanted) for wanted in (1_000, 700))
    act = ActRequest(action=ActionKind.CHARGE_FEE, account_id=account, amount=Money(1_000, "USD"))
    permit_id = (await request_act(fees.context(), act)).result.permit_id

    with pytest.raises(RefusedError) as other:
        await claim_fee(fees.context(), FeeClaim(fee_claim_id=second, permit_id=permit_id))
    assert other.value.problems[0].code is ErrorCode.PERMIT_MISMATCH

    claimed = (await claim_fee(fees.context(), FeeClaim(fee_claim_id=first, permit_id=permit_id))).result
    assert claimed.entry_id is not None
    decisions = await fees.rows(
        "select permit.decision_id = fee.decision_id, permit.used_at is not null from fee_claim fee"
        " join permit on permit.id = %(permit)s where fee.id = %(fee)s",
        permit=permit_id,
        fee=first,
    )
    assert decisions == [(True, True)]
    with pytest.raises(RefusedError) as used:
        await claim_fee(fees.context(), FeeClaim(fee_claim_id=second, permit_id=permit_id))
    assert used.value.problems[0].code is ErrorCode.PERMIT_USED
