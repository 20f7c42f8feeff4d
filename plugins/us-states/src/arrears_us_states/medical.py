"""Bars on reporting medical debt, which several states have."""

from __future__ import annotations

from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_us_states.reach import medical
from arrears_us_states.settings import UsStatesConfig


def medical_report(attempt: ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
    """A refusal, or a warning where the agency relies on federal pre-emption, to report medical debt."""
    if not medical(attempt.account):
        return None
    reason = "Medical debt is not reported to credit bureaus in this state."
    return Ruling.warn(reason) if settings.medical_reporting_bars == "WARN" else Ruling.deny(reason)
