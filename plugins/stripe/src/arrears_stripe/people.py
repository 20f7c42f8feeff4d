"""What Stripe has of a debtor: handed out, erased, and means of payment let go when nothing is left to collect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import stripe

from arrears_sdk.events import Event, JsonValue
from arrears_sdk.views import DataSubject
from arrears_sdk.vocabulary import AccountStatus
from arrears_stripe.account import PAGE, Page, StripeAccount, every
from arrears_stripe.memory import KnownCustomer, Memory

if TYPE_CHECKING:
    from arrears_sdk.host import Host

_MOST_PAGES = 20
_OVER = frozenset({AccountStatus.CLOSED, AccountStatus.RETURNED, AccountStatus.RECALLED})


class KeyMissingError(RuntimeError):
    """Stripe has a customer of the debtor, and there is no key to ask Stripe with."""


class People:
    """The debtors that are customers at Stripe."""

    def __init__(self, host: Host, account: StripeAccount) -> None:
        self._host = host
        self._account = account

    async def export(self, subject: DataSubject) -> Mapping[str, JsonValue]:
        """What is kept here about a debtor, and what Stripe has of its customer."""
        memory = Memory(self._host.values(subject.client_id))
        kept = await memory.everything(subject.debtor_id)
        known = await memory.customer(subject.debtor_id)
        if known is None:
            return {"kept": dict(kept)} if kept else {}
        client = self._client()
        try:
            customer = (await client.v1.customers.retrieve_async(known.customer)).to_dict(for_json=True)
        except stripe.InvalidRequestError as error:
            if error.http_status != 404:
                raise
            return {"kept": dict(kept)}

        async def intents(after: str | None) -> Page:
            asked: stripe.params.PaymentIntentListParams = {"customer": known.customer, "limit": PAGE}
            if after is not None:
                asked["starting_after"] = after
            return await client.v1.payment_intents.list_async(asked)

        payments, _ = await every(intents, _MOST_PAGES)
        told = ("id", "amount", "currency", "status", "created", "description")
        return {
            "kept": dict(kept),
            "customer": customer,
            "meansOfPayment": [_plain(one) for one in await self._means(known.customer)],
            "payments": [{name: _plain(one.get(name)) for name in told} for one in payments],
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete the customer at Stripe, with its means of payment, then what is kept here. Gone already is well."""
        memory = Memory(self._host.values(subject.client_id))
        known = await memory.customer(subject.debtor_id)
        if known is not None:
            try:
                await self._client().v1.customers.delete_async(known.customer)
            except stripe.InvalidRequestError as error:
                if error.http_status != 404 and error.code != "resource_missing":
                    raise
        await memory.forget(subject.debtor_id)

    async def status_changed(self, event: Event) -> None:
        """Once every account that a debtor paid for is over, Stripe keeps no means of payment for them any longer."""
        memory = Memory(self._host.values(event.client_id))
        known = await memory.customer_of_account(event.subject_id)
        if known is None:
            return
        is_open = event.payload.get("after") not in _OVER
        if known.accounts.get(event.subject_id) is not is_open:
            known = KnownCustomer(known.customer, known.debtor_id, {**known.accounts, event.subject_id: is_open})
            await memory.keep_customer(known)
        if any(known.accounts.values()):
            return
        for means in await self._means(known.customer):
            try:
                await self._client().v1.payment_methods.detach_async(str(means["id"]))
            except stripe.InvalidRequestError as error:
                # Detached already, when the event comes again.
                if error.http_status not in (400, 404):
                    raise

    async def _means(self, customer: str) -> list[Mapping[str, object]]:
        client = self._client()

        async def page(after: str | None) -> Page:
            asked: stripe.params.PaymentMethodListParams = {"customer": customer, "limit": PAGE}
            if after is not None:
                asked["starting_after"] = after
            return await client.v1.payment_methods.list_async(asked)

        try:
            means, _ = await every(page, _MOST_PAGES)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                return []
            raise
        return means

    def _client(self) -> stripe.StripeClient:
        if not self._account.has_key:
            raise KeyMissingError("Stripe has data about this debtor, and no key of the Stripe account is set.")
        return self._account.client


def _plain(value: object) -> JsonValue:
    """A value of the library as JSON; exact decimals as text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value)
