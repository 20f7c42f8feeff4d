"""The plugin's conformance suite, against the double."""

from __future__ import annotations

from pydantic import SecretStr
from world import KEY, SECRET, StripeWorld

from arrears_sdk.testing import conformance
from arrears_stripe import StripeConfig, StripePlugin

TestStripe = conformance(
    StripePlugin,
    configs=[StripeConfig(api_key=SecretStr(KEY), webhook_secret=SecretStr(SECRET))],
    gateway_world=StripeWorld,
)
