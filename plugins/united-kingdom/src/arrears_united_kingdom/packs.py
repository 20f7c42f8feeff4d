"""The rule packs that the modules of this distribution fill."""

from __future__ import annotations

from arrears_sdk.rules import RulePack
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt

CONTACTS: RulePack[ContactAttempt] = RulePack("united-kingdom")
PAYMENTS: RulePack[PaymentAttempt] = RulePack("united-kingdom")
ACTIONS: RulePack[ActionAttempt] = RulePack("united-kingdom")
