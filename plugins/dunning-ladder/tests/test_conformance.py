"""The plugin's conformance suite."""

from __future__ import annotations

from decimal import Decimal

from arrears_dunning_ladder import Conditions, DunningLadder, LadderConfig, Step
from arrears_sdk.testing import conformance
from arrears_sdk.vocabulary import CommunicationChannel

STEPS = (
    Step(name="reminder", from_days=-5, channels=(CommunicationChannel.EMAIL,)),
    Step(name="first-notice", from_days=3, channels=(CommunicationChannel.LETTER, CommunicationChannel.EMAIL)),
    Step(name="late-fee", from_days=15, action="CHARGE_FEE", when=Conditions(balance_from=Decimal(20))),
    Step(name="call", from_days=20, action="TASK"),
    Step(name="second-notice", from_days=30, channels=(CommunicationChannel.LETTER,), repeat_every_days=30),
)

CONFIGS = (LadderConfig(steps=STEPS), LadderConfig(steps=STEPS[1:4], minimum_gap_days=10))

TestDunningLadder = conformance(DunningLadder, configs=CONFIGS)
