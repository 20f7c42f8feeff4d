"""Calls of gateways: outside any transaction, within a budget, and always ending in an outcome."""

from __future__ import annotations

from collections.abc import Awaitable
from uuid import UUID

import structlog

from arrears.compliance.permits import spend
from arrears.kernel.context import Context
from arrears.payments.model import Told, told
from arrears.payments.settings import PaymentSettings
from arrears.plugins.bound import BoundPort
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.clock import Clock
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.money import Money
from arrears_sdk.outcome import OUTCOMES, NotSent, Unknown
from arrears_sdk.permit import Permit
from arrears_sdk.ports.gateway import ChargeRequest, Gateway, Order, RefundRequest

log = structlog.get_logger(__name__)

# With these the plugin's method never began, so that the provider certainly heard nothing.
_NEVER_BEGAN = frozenset({FailureKind.BREAKER_OPEN, FailureKind.NOT_STARTED, FailureKind.WRONG_SETTINGS})


async def payment_settings(context: Context, client_id: UUID, portfolio_id: UUID | None) -> PaymentSettings:
    """The settings of payments that hold for accounts of a portfolio, or of a client."""
    return await context.service(PluginHost).config(PaymentSettings, Place(client_id, portfolio_id))


async def find_gateway(
    context: Context, key: str | None, client_id: UUID, portfolio_id: UUID | None
) -> BoundPort[Gateway]:
    """The gateway of that key with the settings of a place; RefusedError when none is chosen or enabled there."""
    if key is None:
        raise RefusedError(
            "No gateway is chosen for this client: name one, or set `gateway` in the settings of payments.",
            code=ErrorCode.GATEWAY_NOT_USABLE,
            field=("input", "gateway"),
        )
    found = (await context.service(PluginHost).gateways(Place(client_id, portfolio_id))).get(key)
    if found is None:
        raise RefusedError(
            f"No gateway called {key[:60]!r} is enabled for this client.",
            code=ErrorCode.GATEWAY_NOT_USABLE,
            field=("input", "gateway"),
        )
    return found


def what_is_charged(account_id: str, amount: Money) -> str:
    """What the permit of a charge says that it is for."""
    return f"PAYMENT of {amount} for {account_id}"


async def charge_through(
    bound: BoundPort[Gateway], request: ChargeRequest, permit: Permit, *, clock: Clock, seconds: float
) -> Told:
    """What a provider says to a charge, for which the permit is spent; RefusedError, and no call, unless it is good."""
    if request.permit is not permit:
        raise RefusedError("The charge carries another permit.", code=ErrorCode.PERMIT_MISMATCH)
    spend(permit, what_is_charged(request.account_id, request.amount), clock.now())
    return await _told_by(bound, bound.call("charge", request, budget_seconds=seconds), "charge", request)


async def refund_through(bound: BoundPort[Gateway], request: RefundRequest, *, seconds: float) -> Told:
    """What a provider says to a refund; nothing is taken from anybody, so that it needs no permit."""
    return await _told_by(bound, bound.call("refund", request, budget_seconds=seconds), "refund", request)


async def fetch_through(bound: BoundPort[Gateway], order: Order, *, seconds: float) -> Told:
    """How an order stands at the provider."""
    return await _told_by(bound, bound.call("fetch", order, budget_seconds=seconds), "fetch", order)


async def _told_by(
    bound: BoundPort[Gateway], call: Awaitable[object], method: str, request: ChargeRequest | RefundRequest | Order
) -> Told:
    """The answer to a call: what raises, hangs or makes no sense is UNKNOWN, never an error."""
    try:
        answer = await call
    except PluginFailedError as error:
        log.warning("payment.call_failed", gateway=bound.key, method=method, order=request.key, reason=error.reason)
        if error.kind in _NEVER_BEGAN and not isinstance(request, Order):
            return told(NotSent(reason=str(error)))
        return told(Unknown(reason=str(error)))
    assert isinstance(answer, OUTCOMES)
    return told(answer)
