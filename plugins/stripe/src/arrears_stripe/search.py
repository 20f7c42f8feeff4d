"""Finds an order at Stripe by our key, for which Stripe has no look-up of its own."""

from __future__ import annotations

from dataclasses import dataclass

import stripe

from arrears_stripe.account import PAGE, Page, StripeAccount, every
from arrears_stripe.outcomes import KEY, StripeData, key_of

_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The order, or None; then `certain` says whether it can be nowhere else."""

    thing: StripeData | None
    certain: bool = True


async def find_charge(account: StripeAccount, key: str, customer: str | None) -> Found:
    """The PaymentIntent with our key in its metadata.

    Among those of the customer when that is known. Else by Stripe's search, which lags behind by minutes, and then
    among the newest ones.
    """
    intents = account.client.v1.payment_intents
    if customer is None:
        searched = await _searched(account, key)
        if searched is not None and searched.thing is not None:
            return searched
    else:
        searched = None

    async def page(after: str | None) -> Page:
        asked: stripe.params.PaymentIntentListParams = {"limit": PAGE}
        if customer is not None:
            asked["customer"] = customer
        if after is not None:
            asked["starting_after"] = after
        return await intents.list_async(asked)

    things, complete = await every(page, _MOST_PAGES)
    return _picked(things, key, certain=complete or searched is not None)


async def find_refund(account: StripeAccount, key: str, charge: str | None) -> Found:
    """The refund with our key in its metadata: among those of its charge when that is known, else of all."""
    refunds = account.client.v1.refunds

    async def page(after: str | None) -> Page:
        asked: stripe.params.RefundListParams = {"limit": PAGE}
        if charge is not None and charge.startswith("ch_"):
            asked["charge"] = charge
        elif charge is not None:
            asked["payment_intent"] = charge
        if after is not None:
            asked["starting_after"] = after
        return await refunds.list_async(asked)

    things, complete = await every(page, _MOST_PAGES)
    return _picked(things, key, certain=complete)


async def _searched(account: StripeAccount, key: str) -> Found | None:
    """What Stripe's search finds; None where it is not offered, as in some countries."""
    quoted = key.replace("\\", "\\\\").replace("'", "\\'")
    try:
        result = await account.client.v1.payment_intents.search_async({"query": f"metadata['{KEY}']:'{quoted}'"})
    except stripe.InvalidRequestError:
        return None
    return _picked([thing.to_dict() for thing in result.data], key, certain=True)


def _picked(things: list[StripeData], key: str, *, certain: bool) -> Found:
    mine = [thing for thing in things if key_of(thing) == key]
    # A refused order may have been sent again under the same key; the one that took the money counts.
    mine.sort(key=lambda thing: thing.get("status") == "succeeded", reverse=True)
    return Found(mine[0] if mine else None, certain)
