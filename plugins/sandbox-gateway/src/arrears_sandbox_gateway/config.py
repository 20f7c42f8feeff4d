"""The settings of the sandbox."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import Field, SecretStr

from arrears_sdk.plugin import Config
from arrears_sdk.vocabulary import PaymentMethodKind


class SandboxConfig(Config):
    """How the made-up provider behaves."""

    state_file: Path | None = Field(
        default=None,
        description="Where its orders are kept, for all processes of a deployment; without it, among the plugin's own"
        " values.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="What signs its webhooks; without it none is sent and none is taken."
    )
    settles_after_seconds: float = Field(
        default=60.0, ge=0, description="How long what is pending takes to be settled, on the platform's clock."
    )
    hangs_for_seconds: float = Field(
        default=600.0, ge=0, description="How long a call takes whose token asks for no answer in time."
    )
    refuse_above: Decimal | None = Field(
        default=None, gt=0, description="Payments above this are refused by rule; in whole units of any currency."
    )
    methods: frozenset[PaymentMethodKind] = Field(
        default=frozenset(PaymentMethodKind), description="The means of payment that it takes."
    )
    currencies: frozenset[str] = Field(default=frozenset(), description="The currencies that it takes; none means all.")
    refunds: bool = Field(default=True, description="Whether it gives money back.")
    partial_refunds: bool = Field(default=True, description="Whether it gives a part of the money back.")
