"""A payment provider: charge, refund, ask, and read its webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import SecretStr

from arrears_sdk.money import Money
from arrears_sdk.outcome import Outcome
from arrears_sdk.permit import Permit
from arrears_sdk.vocabulary import PaymentMethodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayCapabilities:
    """What a gateway can do: the platform refuses the rest before it asks. Empty `currencies` means all."""

    methods: frozenset[PaymentMethodKind]
    currencies: frozenset[str] = frozenset()
    refunds: bool = True
    partial_refunds: bool = True
    webhooks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Money to be taken. `key` is the provider's idempotency key: the same key is the same charge, whatever happens.

    `permit` is the gate's leave, which the platform has redeemed: without one there is no request. `token` stands for
    the means of payment as the provider knows it; a card number never passes through the platform.
    `client_id` is the client whose settings the gateway has, for `host.values(...)`.
    """

    key: str
    payment_id: str
    account_id: str
    debtor_id: str
    amount: Money
    method: PaymentMethodKind
    token: SecretStr
    description: str
    permit: Permit
    client_id: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.permit, Permit):
            raise TypeError("a charge carries the permit that the gate gave for it")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Money to be given back of the charge that the provider calls `reference`."""

    key: str
    payment_id: str
    reference: str
    amount: Money
    reason: str
    client_id: str | None = None


class OrderKind(StrEnum):
    """What was asked of a provider."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something that the provider was asked under `key`, and its `reference` if it ever told one."""

    kind: OrderKind
    key: str
    reference: str | None
    amount: Money
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A webhook as it arrived: header names in lower case, the body byte for byte."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class NoticeKind(StrEnum):
    """What a provider tells about."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_WON = "CHARGEBACK_WON"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayNotice:
    """One thing that a verified webhook tells. `id` is the provider's, and the same when the webhook is sent again.

    The order is found by `key` where the provider returns it, else by `reference`. `amount` is what a chargeback
    takes back.
    """

    id: str
    kind: NoticeKind
    occurred_at: datetime
    outcome: Outcome
    key: str | None = None
    reference: str | None = None
    amount: Money | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class WebhookRefusedError(Exception):
    """The webhook is not genuine, too old or not for us: nothing of it may have an effect."""


@runtime_checkable
class Gateway(Protocol):
    """A payment provider for one set of settings.

    What the methods raise counts as `Unknown`, and so does a call that takes longer than its time budget. A status
    that the gateway does not know is `Pending`.
    """

    @property
    def key(self) -> str:
        """The name under which settings choose it, such as `stripe`; unique in a deployment."""
        ...

    @property
    def capabilities(self) -> GatewayCapabilities:
        """What it can do; read once."""
        ...

    async def charge(self, request: ChargeRequest) -> Outcome:
        """Take the money, or learn that it was taken already under the same key."""
        ...

    async def refund(self, request: RefundRequest) -> Outcome:
        """Give money back; `Done` when the provider has accepted it for good."""
        ...

    async def fetch(self, order: Order) -> Outcome:
        """How an order stands now; `NotSent` only when the provider certainly has none under its key."""
        ...

    def parse_webhook(self, request: WebhookRequest) -> Sequence[GatewayNotice]:
        """What a webhook tells, after its signature and age were checked; raises `WebhookRefusedError`."""
        ...
