"""The pack's conformance suite."""

from __future__ import annotations

from arrears_canada import Canada
from arrears_sdk.testing import conformance

TestCanada = conformance(Canada)
