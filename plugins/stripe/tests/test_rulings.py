"""What the plugin says about payments before they are taken, and about its settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from arrears_sdk.money import Money
from arrears_sdk.ruling import ALLOWED, Verdict
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.views import PaymentAttempt
from arrears_stripe import StripeConfig, StripePlugin


def attempt(amount: str, currency: str, gateway: str = "stripe") -> PaymentAttempt:
    return replace(Builder().payment_attempt(), amount=Money.parse(amount, currency), gateway=gateway)


def test_amounts_that_stripe_would_refuse_are_denied_and_others_are_nobodys_business(host: FakeHost) -> None:
    attempts = [
        attempt("0.50", "USD"),
        attempt("0.49", "USD"),
        attempt("1.00", "KPW"),
        attempt("0.01", "USD", "another"),
    ]
    rulings = StripePlugin(StripeConfig(), host).rule_on_payments(attempts)
    assert [ruling.verdict for ruling in rulings] == [Verdict.ALLOW, Verdict.DENY, Verdict.DENY, Verdict.ALLOW]
    assert rulings[0] == rulings[3] == ALLOWED
    assert [finding.reason for ruling in rulings for finding in ruling.findings] == [
        "Stripe charges at least 0.50 USD, and this is 0.49 USD.",
        "Stripe does not charge in KPW.",
    ]


@pytest.mark.parametrize("base", ["http://127.0.0.1:8420", "http://localhost:1", "http://[::1]:8420/"])
def test_another_server_may_only_be_on_this_machine(base: str) -> None:
    assert StripeConfig(api_base=base).api_base == base.rstrip("/")


@pytest.mark.parametrize(
    "base", ["http://api.stripe.com", "https://stripe.example", "http://10.0.0.1", "http://127.0.0.1.example", "x"]
)
def test_and_nowhere_else(base: str) -> None:
    with pytest.raises(ValidationError):
        StripeConfig(api_base=base)


def test_keys_are_never_shown() -> None:
    config = StripeConfig.model_validate({"api_key": "sk_live_canary", "webhook_secret": "whsec_canary"})
    assert "canary" not in repr(config)
    assert "canary" not in str(config.model_dump())
