"""The settings of the sandbox."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import Field, SecretStr

from arrears_sdk.plugin import Config
from arrears_sdk.vocabulary import PaymentMethodKind


class SandboxConfig(Config):
    """How the made-up provider behaves.

    Its orders are kept in `state_file`, which all processes of a deployment share, and without one among the plugin's
    own values. `webhook_secret` signs its webhooks; without one it sends none and takes none. What is pending is
    settled after `settles_after_seconds` of the platform's clock. Payments above `refuse_above` (in whole units of any
    currency) are refused by rule.
    """

    state_file: Path | None = None
    webhook_secret: SecretStr | None = None
    settles_after_seconds: float = Field(default=60.0, ge=0)
    hangs_for_seconds: float = Field(default=600.0, ge=0)
    refuse_above: Decimal | None = Field(default=None, gt=0)
    methods: frozenset[PaymentMethodKind] = frozenset(PaymentMethodKind)
    currencies: frozenset[str] = frozenset()
    refunds: bool = True
    partial_refunds: bool = True
