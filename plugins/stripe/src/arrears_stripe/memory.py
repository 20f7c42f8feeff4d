"""What the plugin keeps: a debtor's customer at Stripe, which accounts it paid for, and orders that were sent.

Everything about a person is kept under that person, so that the platform encrypts it and erases it with the person.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from arrears_sdk.events import JsonValue
from arrears_sdk.host import Values

_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class SentOrder:
    """An order that was about to be sent: when, to what it belongs at Stripe, and its reference once known.

    `belongs_to` is the customer of a charge and the charge of a refund.
    """

    sent_at: datetime
    belongs_to: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A debtor's customer at Stripe, and for each account that it paid for whether there is something left to pay."""

    customer: str
    debtor_id: str
    accounts: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """The plugin's values for one client."""

    values: Values

    async def order(self, kind: str, key: str) -> SentOrder | None:
        """What is known of an order that was sent under a key; None when none was."""
        kept = _object(await self.values.get(_order_key(kind, key)))
        if not kept:
            return None
        reference = kept.get("reference")
        return SentOrder(
            datetime.fromisoformat(str(kept["sent_at"])),
            str(kept["belongs_to"]),
            reference if isinstance(reference, str) else None,
        )

    async def keep_order(self, kind: str, key: str, order: SentOrder, debtor_id: str | None) -> None:
        """Note an order, before it is sent and again when its reference is known."""
        kept: dict[str, JsonValue] = {
            "sent_at": order.sent_at.isoformat(),
            "belongs_to": order.belongs_to,
            "reference": order.reference,
        }
        await self.values.put(_order_key(kind, key), kept, debtor_id=debtor_id)

    async def customer(self, debtor_id: str) -> KnownCustomer | None:
        """The debtor's customer at Stripe, None when there is none yet."""
        kept = _object(await self.values.get(_customer_key(debtor_id)))
        if not kept:
            return None
        accounts = _object(kept.get("accounts"))
        return KnownCustomer(str(kept["customer"]), debtor_id, {key: bool(value) for key, value in accounts.items()})

    async def keep_customer(self, known: KnownCustomer) -> None:
        """Keep a customer and its accounts."""
        accounts: dict[str, JsonValue] = dict(known.accounts)
        kept: dict[str, JsonValue] = {"customer": known.customer, "accounts": accounts}
        await self.values.put(_customer_key(known.debtor_id), kept, debtor_id=known.debtor_id)
        for account_id in known.accounts:
            await self.values.put(f"account/{account_id}", {"debtor": known.debtor_id}, debtor_id=known.debtor_id)

    async def forget_customer(self, debtor_id: str) -> None:
        """Keep the debtor's customer no longer."""
        await self.values.delete(_customer_key(debtor_id))

    async def customer_of_account(self, account_id: str) -> KnownCustomer | None:
        """The customer that paid for an account, None when none did."""
        kept = _object(await self.values.get(f"account/{account_id}"))
        return await self.customer(str(kept["debtor"])) if kept else None

    async def everything(self, debtor_id: str) -> dict[str, JsonValue]:
        """All that is kept about a debtor, by key; at most 1,000 values."""
        return {kept.key: kept.value for kept in await self.values.of_debtor(debtor_id)}

    async def forget(self, debtor_id: str) -> None:
        """Keep nothing about a debtor any longer."""
        while kept := await self.values.of_debtor(debtor_id):
            for one in kept:
                await self.values.delete(one.key)


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _customer_key(debtor_id: str) -> str:
    return f"customer/{debtor_id}"


def _order_key(kind: str, key: str) -> str:
    whole = f"order/{kind}/{key}"
    if len(whole) <= _LONGEST_KEY:
        return whole
    return f"order/{kind}/sha256/{hashlib.sha256(key.encode()).hexdigest()}"
