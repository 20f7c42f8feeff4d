"""The conformance kit: checks that a plugin must pass, and what its author tests with.

    from arrears_sdk.testing import conformance
    from my_plugin import MyPlugin

    TestMyPlugin = conformance(MyPlugin)

Comes with `arrears-sdk[testing]`.
"""

from __future__ import annotations

from arrears_sdk.clock import FixedClock
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import CHECKS, Check, NotApplicable, Violation
from arrears_sdk.testing.conformance import conformance
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.hosts import FakeHost, FakeValues
from arrears_sdk.testing.report import CheckResult, Report, Status
from arrears_sdk.testing.samples import ImportSample, Samples
from arrears_sdk.testing.suite import ExemptionError, run_checks

__all__ = [
    "CHECKS",
    "Builder",
    "Check",
    "CheckResult",
    "ExemptionError",
    "FakeHost",
    "FakeValues",
    "FixedClock",
    "GatewayWorld",
    "ImportSample",
    "NotApplicable",
    "Report",
    "Samples",
    "Status",
    "Violation",
    "conformance",
    "run_checks",
]
