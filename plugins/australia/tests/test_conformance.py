"""The pack's conformance suite."""

from __future__ import annotations

from arrears_australia import Australia
from arrears_sdk.testing import conformance

TestAustralia = conformance(Australia)
