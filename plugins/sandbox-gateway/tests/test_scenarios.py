"""What the provider tells by webhook is what became of the charge."""

from __future__ import annotations

import pytest

from arrears_sandbox_gateway.orders import DECLINED, SUCCEEDED
from arrears_sandbox_gateway.scenarios import INVALID, SCENARIOS, Scenario

WORDS = {DECLINED: "declined", SUCCEEDED: "settled"}
PLANS = {**SCENARIOS, "no token": INVALID}


@pytest.mark.parametrize("scenario", PLANS.values(), ids=PLANS)
def test_a_webhook_never_tells_the_opposite_of_what_became_of_the_charge(scenario: Scenario) -> None:
    became = WORDS.get(scenario.settles_as or scenario.status)
    told = {what for what, _ in scenario.webhooks if what in WORDS.values()}
    assert told <= {became}
