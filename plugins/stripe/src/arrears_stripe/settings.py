"""The settings of the plugin: which Stripe account, and how what it says is trusted."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from arrears_sdk.plugin import Config

STRIPE = "https://api.stripe.com"


class StripeConfig(Config):
    """One Stripe account. Without a key nothing is charged, and every order says so."""

    api_key: SecretStr = Field(SecretStr(""), description="The secret or restricted key of the Stripe account.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="The signing secret of the webhook endpoint, as in `whsec_...`."
    )
    api_base: str = Field(STRIPE, description="Another server than Stripe's; only one on this machine, for tests.")
    statement_descriptor: str | None = Field(
        None,
        min_length=2,
        max_length=22,
        pattern=r"^[A-Za-z][^<>\\'\"*]+$",
        description="What is added to the agency's name on the statement of the debtor's card.",
    )
    webhook_tolerance_seconds: int = Field(
        300, ge=30, le=3600, description="How old the signature of a webhook may be when it arrives."
    )
    timeout_seconds: float = Field(15.0, gt=0, le=60, description="How long one answer of Stripe is waited for.")
    off_session: bool = Field(
        False, description="Whether the debtor is never there to confirm a payment: then what needs it is declined."
    )
    return_url: str | None = Field(
        None, pattern=r"^https://", description="The page to which a debtor comes back after confirming a payment."
    )

    @field_validator("api_base")
    @classmethod
    def _is_stripe_or_here(cls, text: str) -> str:
        parts = urlsplit(text)
        if text == STRIPE:
            return text
        if parts.scheme in ("http", "https") and _is_loopback(parts.hostname or "") and not parts.path.strip("/"):
            return text.rstrip("/")
        raise ValueError(f"only {STRIPE}, or a server on this machine such as http://127.0.0.1:8420")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
