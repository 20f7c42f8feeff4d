"""The rule packs that the modules of this distribution fill."""

from __future__ import annotations

from arrears_sdk.rules import RulePack
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt

CONTACTS: RulePack[ContactAttempt] = RulePack("us-states")
PAYMENTS: RulePack[PaymentAttempt] = RulePack("us-states")
ACTIONS: RulePack[ActionAttempt] = RulePack("us-states")
