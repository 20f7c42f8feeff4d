"""The settings of payments: which gateway a client uses, and how patiently providers are asked."""

from __future__ import annotations

from pydantic import Field

from arrears.plugins.settings import setting_groups
from arrears_sdk.plugin import Config


class PaymentSettings(Config):
    """Which gateway takes a client's payments, and how long its answers are waited for."""

    gateway: str | None = Field(
        default=None, description="The key of the gateway that is used unless a request names another, such as stripe."
    )
    call_seconds: float = Field(
        default=30.0,
        gt=0,
        le=120,
        description="How long a charge or a refund may take before it counts as unknown. The provider is asked about it"
        " for the first time after twice as long, then in growing intervals.",
    )
    attention_after_days: int = Field(
        default=10, ge=1, le=90, description="After how many days what nobody could tell is shown to people."
    )


GROUP = setting_groups.declare("payments", PaymentSettings, "Payments through gateways.")
