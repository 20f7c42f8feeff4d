"""The plugin's conformance suite."""

from __future__ import annotations

from arrears_balance_score import BalanceScore
from arrears_sdk.testing import conformance

TestBalanceScore = conformance(BalanceScore)
