"""The settings of payments: which gateway a client uses, and how patiently providers are asked."""

from __future__ import annotations

from pydantic import Field

from arrears.plugins.settings import setting_groups
from arrears_sdk.plugin import Config


class PaymentSettings(Config):
    """Settings of payments through gateways.

    `gateway` is the key of the one that is used unless a request names another. A charge or refund may take
    `call_seconds` before it counts as unknown; it is asked about for the first time after twice as long, then in
    growing intervals, and handed to people after `attention_after_days`.
    """

    gateway: str | None = None
    call_seconds: float = Field(default=30.0, gt=0, le=120)
    attention_after_days: int = Field(default=10, ge=1, le=90)


GROUP = setting_groups.declare("payments", PaymentSettings, "Payments through gateways.")
