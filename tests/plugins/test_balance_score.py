"""The scorer in a deployment: on accounts in the schema, and in a strategy's frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arrears_balance_score import BalanceScore, BalanceScoreConfig
from arrears_balance_score.showing import BANDS, band_of
from arrears_dunning_ladder import DunningLadder
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.testing import Builder, FakeHost
from arrears_sdk.views import Account, Hold, Score
from arrears_sdk.vocabulary import HoldBlock, HoldKind
from tests.api import Api, application_for
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with
from tests.product.strategies.desk import Desk

SCORES = """
query ($client: ID!) {
  strategyPreview(clientId: $client) { actions { accountScore } strategies { scorer scorerProblem } }
  accounts { nodes { reference extensions { balanceScore { score { value band reasons } } } } }
  balanceScoreBands { name least meaning }
}
"""


def account(**facts: Any) -> Account:
    given = {
        "balance": Money(50_000, "USD"),
        "days_past_due": 90,
        "last_payment_on": None,
        "contacts": 0,
        "holds": (),
        **facts,
    }
    return replace(Builder(1).account(), **given)


def score(**facts: Any) -> Score:
    (found,) = BalanceScore(BalanceScoreConfig(), FakeHost()).score_accounts([account(**facts)])
    return found


def test_each_circumstance_moves_the_score_its_own_way() -> None:
    usual = score().value
    assert score(balance=Money(1_000, "USD")).value > usual > score(balance=Money(500_000, "USD")).value
    assert score(days_past_due=1).value > usual > score(days_past_due=400).value
    assert score(last_payment_on=date(2026, 1, 1)).value > usual
    assert score(contacts=2).value > usual
    hold = Hold(kind=HoldKind.DISPUTE, blocks=frozenset({HoldBlock.CONTACT}), starts_at=START)
    assert score(holds=(hold,)).value < usual


def test_reasons_stand_in_the_order_of_their_weight_and_say_which_way() -> None:
    assert score(balance=Money(500_000, "USD"), days_past_due=45, contacts=1).reasons == (
        "much is owed", "it is young", "there was contact", "it was never paid on",
    )  # fmt: skip


@pytest.mark.parametrize(("value", "name"), [(1.0, "A"), (0.75, "A"), (0.7499, "B"), (0.25, "C"), (0.0, "D")])
def test_every_score_falls_into_one_band(value: float, name: str) -> None:
    assert band_of(value).name == name
    assert [band.least for band in BANDS] == sorted({band.least for band in BANDS}, reverse=True)


async def test_scores_stand_on_accounts_and_in_the_strategys_frame(deployment: Deployment) -> None:
    # given
    import httpx

    desk = Desk(deployment)
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    steps = [{"name": "notice", "from_days": 3, "channels": ["LETTER"]}]
    settings = {
        "dunning-ladder": {"steps": steps}, "balance-score": {}, "strategies": {"strategy": "dunning-ladder"},
    }  # fmt: skip
    await host_with(deployment, [DunningLadder, BalanceScore], settings)
    transport = httpx.ASGITransport(app=application_for(deployment.context()))
    async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test") as http:
        # when
        answer = await Api(deployment.context(), http)(SCORES, {"client": encode_id("clnt", client)})
    # then
    assert "errors" not in answer, answer
    data = answer["data"]
    (node,) = data["accounts"]["nodes"]
    shown = node["extensions"]["balanceScore"]["score"]
    assert (shown["band"], shown["reasons"]) == ("A", "it is young, little is owed, it was never paid on")
    assert data["strategyPreview"] == {
        "actions": [{"accountScore": shown["value"]}],
        "strategies": [{"scorer": "balance-score", "scorerProblem": None}],
    }
    assert [band["name"] for band in data["balanceScoreBands"]] == ["A", "B", "C", "D"]
