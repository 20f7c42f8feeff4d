"""Rules of fees that cannot be right are refused with what is wrong, before any debt is charged by them."""

from __future__ import annotations

import datetime

import pytest
from pydantic import ValidationError

from arrears.charges.settings import ChargeSettings
from arrears.configuration.source import DatabaseSettings
from arrears.plugins.host import PluginHost
from arrears_sdk.ids import encode_id
from tests.api import Api, api_for
from tests.conftest import Deployment
from tests.product.charges.fees import Fees, Rule, late_fee
from tests.product.configuration.test_change import change


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (late_fee(amount="10,00"), "no exact amount"),
        (late_fee(amount=10.5), "valid string"),
        (late_fee(amount="10.001"), "`amount`"),
        (late_fee(amount="0"), "above zero"),
        (late_fee(currency="XXY"), "is no currency"),
        (late_fee(currency="JPY", amount="10.50"), "`amount`"),
        ({**late_fee(), "percent": "5"}, "either `amount` or `percent`"),
        (late_fee(amount=None), "either `amount` or `percent`"),
        (late_fee(percent="101"), "above 100"),
        (late_fee(minimum="5.00"), "bound a percentage"),
        (late_fee(percent="5", minimum="9.00", maximum="5.00"), "`minimum` is above `maximum`"),
        (late_fee(period="PER_NOTICE"), "`from_on` is missing"),
        (late_fee(period="PER_INSTALMENT"), "`from_on` is missing"),
        (late_fee(period="PER_NOTICE", from_on="2026-01-01", notices=[]), "`notices` names no kind"),
        (late_fee(after_days=0), "greater than or equal to 1"),
        (late_fee(id="Late Fee"), "should match pattern"),
        (late_fee(colour="red"), "Extra inputs"),
    ],
)
def test_a_rule_that_cannot_be_right_is_refused(rule: Rule, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ChargeSettings.model_validate({"rules": [rule]})


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="Two rules are called 'late'"):
        ChargeSettings.model_validate({"rules": [late_fee(), late_fee()]})


@pytest.fixture
async def stored(deployment: Deployment) -> DatabaseSettings:
    """Settings as the deployment's own processes keep and read them."""
    source = DatabaseSettings(deployment.database)
    deployment.services.add(source)
    host = PluginHost(source, clock=deployment.clock, candidates=[])
    await host.open()
    deployment.closing.push_async_callback(host.close)
    deployment.services.add(host)
    return source


async def test_each_client_has_rules_of_its_own(deployment: Deployment, stored: DatabaseSettings) -> None:
    fees = Fees(deployment)
    fees.client_id = await fees.client("Charging")
    sparing = Fees(deployment)
    sparing.client_id = await sparing.client("Sparing")
    charged, spared = await fees.debt(), await sparing.debt()
    async with api_for(deployment.context()) as api:
        client_id = encode_id("clnt", fees.client_id)
        rule = late_fee(percent="1.5", from_on="2026-02-01")
        made = await change(api, group="charges", clientId=client_id, settings={"rules": [rule]})
        assert made["userErrors"] == []
        wrong = await _refused(api, client_id, late_fee(percent="1.5", minimum="2.00", maximum="1.00"))
        assert "`minimum` is above `maximum`" in wrong
    await fees.run()
    assert [one.minor for one in await fees.seen(charged)] == [1_500]
    assert [one.quoted_on for one in await fees.seen(charged)] == [datetime.date(2026, 2, 24)]
    assert await fees.seen(spared) == []


async def _refused(api: Api, client_id: str, rule: Rule) -> str:
    """What is said to a rule that is refused."""
    made = await change(api, group="charges", clientId=client_id, settings={"rules": [rule]})
    ((code, message),) = [(one["code"], one["message"]) for one in made["userErrors"]]
    assert code == "INVALID_INPUT"
    return str(message)
