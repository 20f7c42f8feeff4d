"""The pack's conformance suite."""

from __future__ import annotations

from arrears_sdk.testing import conformance
from arrears_us_states import UsStates

TestUsStates = conformance(UsStates)
