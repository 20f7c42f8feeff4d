"""What Stripe's objects and errors mean as outcomes. Pure: nothing here asks Stripe."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import stripe
from pydantic import SecretStr

from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending, Unknown
from arrears_stripe.amounts import NotChargeableError, from_stripe

StripeData = Mapping[str, object]
"""One object of Stripe's API as plain JSON."""

KEY = "arrears_key"
"""The name in an object's metadata under which our key of the order stands."""

# The connection was never made, so that nothing can have arrived.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def charge_outcome(intent: StripeData) -> Outcome:
    """How a PaymentIntent stands. A status that is not known here is `Pending`."""
    reference = text(intent, "id")
    match intent.get("status"):
        case "succeeded" if reference:
            return Done(reference=reference, amount=_received(intent), fee=_fee(intent))
        case "canceled":
            why = text(intent, "cancellation_reason") or "at the provider"
            return Declined(code="canceled", message=f"The payment was cancelled: {why}.", reference=reference)
        case "requires_payment_method" if part(intent, "last_payment_error"):
            return declined(part(intent, "last_payment_error"), reference)
        case "requires_action":
            return Pending(reference=reference, action_url=_action_url(part(intent, "next_action")))
        case _:
            return Pending(reference=reference)


def refund_outcome(refund: StripeData) -> Outcome:
    """How a refund stands. A status that is not known here is `Pending`."""
    reference = text(refund, "id")
    match refund.get("status"):
        case "succeeded" if reference:
            return Done(reference=reference, amount=money(refund, "amount"))
        case "failed":
            code = text(refund, "failure_reason") or "failed"
            return Declined(code=code, message=f"The refund failed: {code}.", reference=reference)
        case "canceled":
            return Declined(code="canceled", message="The refund was cancelled.", reference=reference)
        case "requires_action":
            return Pending(reference=reference, action_url=_action_url(part(refund, "next_action")))
        case _:
            return Pending(reference=reference)


def error_outcome(error: stripe.StripeError, *, token: SecretStr | None = None) -> Outcome:
    """What an error in the answer to an order means for the money."""
    message = _plain(error, token)
    match error:
        case stripe.CardError():
            body = _error_body(error)
            intent = part(body, "payment_intent")
            return declined(body, text(intent, "id"), message)
        case stripe.AuthenticationError() | stripe.PermissionError():
            return NotSent(reason=f"Stripe refused the key: {message}")
        case stripe.RateLimitError():
            return NotSent(reason=f"Stripe takes no more at the moment: {message}")
        case stripe.IdempotencyError():
            return Unknown(reason=f"Stripe has another order under this key: {message}")
        case stripe.InvalidRequestError():
            return Declined(code=error.code or "invalid_request", message=message)
        case stripe.APIConnectionError() if isinstance(error.__cause__, _NEVER_LEFT):
            return NotSent(reason="Stripe could not be reached.")
        case stripe.APIConnectionError():
            return Unknown(reason="The answer of Stripe was lost.")
        case _:
            return Unknown(reason=f"Stripe had a fault: {message}")


def declined(error: StripeData, reference: str | None, message: str | None = None) -> Declined:
    """A refusal in Stripe's words; the bank's own code counts before the general one."""
    code = text(error, "decline_code") or text(error, "code") or "declined"
    return Declined(
        code=code, message=message or text(error, "message") or "The payment was declined.", reference=reference
    )


def key_of(thing: StripeData) -> str | None:
    """Our key of the order that an object belongs to, None for what was not ordered by us."""
    return text(part(thing, "metadata"), KEY)


def money(thing: StripeData, field: str) -> Money | None:
    """An amount of an object in its currency, None where there is none that can be said exactly."""
    units, currency = thing.get(field), text(thing, "currency")
    if not isinstance(units, int) or currency is None:
        return None
    try:
        return from_stripe(units, currency)
    except NotChargeableError:
        return None


def text(thing: StripeData, field: str) -> str | None:
    """A text of an object; an expanded object counts as its id."""
    value = thing.get(field)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def part(thing: StripeData, field: str) -> StripeData:
    """An object inside an object, empty where there is none."""
    value = thing.get(field)
    return value if isinstance(value, Mapping) else {}


def _received(intent: StripeData) -> Money | None:
    received = money(intent, "amount_received")
    return received if received is not None and received.minor > 0 else money(intent, "amount")


def _fee(intent: StripeData) -> Money | None:
    fee = money(part(part(intent, "latest_charge"), "balance_transaction"), "fee")
    return fee if fee is not None and fee.minor > 0 else None


def _action_url(action: StripeData) -> str | None:
    kind = text(action, "type")
    if kind is None:
        return None
    details = part(action, kind)
    return text(details, "url") or text(details, "hosted_verification_url") or text(details, "hosted_instructions_url")


def _error_body(error: stripe.StripeError) -> StripeData:
    body = error.json_body
    return part(body, "error") if isinstance(body, Mapping) else {}


def _plain(error: stripe.StripeError, token: SecretStr | None) -> str:
    message = error.user_message or "no reason given"
    return message if token is None else message.replace(token.get_secret_value(), "the means of payment")
