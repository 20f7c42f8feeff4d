"""Takes payments through Stripe: charges, refunds, signed webhooks, and what Stripe has of a debtor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arrears_sdk.events import JsonValue
from arrears_sdk.host import Host
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import DataSubject, PaymentAttempt
from arrears_stripe.account import StripeAccount
from arrears_stripe.amounts import refusal
from arrears_stripe.gateway import StripeGateway
from arrears_stripe.people import People
from arrears_stripe.settings import StripeConfig

__all__ = ["StripeConfig", "StripeGateway", "StripePlugin"]


class StripePlugin(Plugin[StripeConfig]):
    """Stripe as a gateway. A debtor becomes a customer at Stripe with the first charge, known there by an id only."""

    name = "stripe"
    version = "0.1.0"
    personal_data = True

    def __init__(self, config: StripeConfig, host: Host) -> None:
        super().__init__(config, host)
        self._account = StripeAccount(config)
        self._people = People(host, self._account)

    async def stop(self) -> None:
        """Close the connections to Stripe."""
        await self._account.close()

    def register_gateways(self) -> Sequence[Gateway]:
        """Stripe, under the name `stripe`."""
        return (StripeGateway(self.config, self.host, self._account),)

    def register_subscribers(self) -> Sequence[Subscriber]:
        """Lets go of means of payment at Stripe once there is nothing left to collect with them."""
        return (
            Subscriber(key="let-go-of-means", events=("AccountStatusChanged",), handle=self._people.status_changed),
        )

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Sequence[Ruling]:
        """No charge that Stripe would refuse for its amount or currency. Of other gateways nothing is said."""
        return [_ruling(attempt) for attempt in attempts]

    async def export_personal_data(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """What is kept here about a debtor, and what Stripe has of its customer."""
        return await self._people.export(subject)

    async def erase_personal_data(self, subject: DataSubject) -> None:
        """Delete the customer at Stripe and what is kept here."""
        await self._people.erase(subject)


def _ruling(attempt: PaymentAttempt) -> Ruling:
    if attempt.gateway != StripeGateway.key:
        return ALLOWED
    why = refusal(attempt.amount)
    return ALLOWED if why is None else Ruling.deny(why, rule="stripe.amount")
