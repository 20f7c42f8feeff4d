"""The pack's conformance suite."""

from __future__ import annotations

from arrears_european_union import EuropeanUnion
from arrears_sdk.testing import conformance

TestEuropeanUnion = conformance(EuropeanUnion)
