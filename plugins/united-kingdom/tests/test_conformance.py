"""The pack's conformance suite."""

from __future__ import annotations

from arrears_sdk.testing import conformance
from arrears_united_kingdom import UnitedKingdom

TestUnitedKingdom = conformance(UnitedKingdom)
