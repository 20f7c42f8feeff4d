"""The pack's conformance suite."""

from __future__ import annotations

from arrears_sdk.testing import conformance
from arrears_us_federal import UsFederal

TestUsFederal = conformance(UsFederal)
