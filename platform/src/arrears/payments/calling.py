"""Calls of gateways: outside any transaction, within a budget, and always ending in an outcome."""

from __future__ import annotations

from uuid import UUID

import structlog

from arrears.kernel.context import Context
from arrears.payments.model import Told, told
from arrears.payments.settings import PaymentSettings
from arrears.plugins.bound import BoundPort
from arrears.plugins.failures import FailureKind, PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.outcome import OUTCOMES, NotSent, Unknown
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


async def call_gateway(
    bound: BoundPort[Gateway],
    method: str,
    request: ChargeRequest | RefundRequest | Order,
    *,
    seconds: float,
) -> Told:
    """What a provider says to a request: what raises, hangs or makes no sense is UNKNOWN, never an error."""
    try:
        answer = await bound.call(method, request, budget_seconds=seconds)
    except PluginFailedError as error:
        log.warning("payment.call_failed", gateway=bound.key, method=method, order=request.key, reason=error.reason)
        if error.kind in _NEVER_BEGAN and not isinstance(request, Order):
            return told(NotSent(reason=str(error)))
        return told(Unknown(reason=str(error)))
    assert isinstance(answer, OUTCOMES)
    return told(answer)
