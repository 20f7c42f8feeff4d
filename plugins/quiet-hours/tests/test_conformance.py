"""The plugin's conformance suite."""

from __future__ import annotations

from arrears_quiet_hours import QuietHours
from arrears_sdk.testing import conformance

TestQuietHours = conformance(QuietHours)
