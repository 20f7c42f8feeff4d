"""Where payment providers tell what happened: `POST /webhooks/{gateway}/{client}`, for anybody who can sign it.

The address names the client, so that the signature is checked under that client's own secret. Nothing has an effect
before the gateway's plugin has found the webhook genuine; a provider that gets no 2xx sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from arrears.graphql.edge.body import ClientDisconnected, discard_rest, read_body
from arrears.graphql.edge.errors import EdgeError
from arrears.kernel.context import Context
from arrears.payments.notices import take_webhook
from arrears.payments.queries import find_place
from arrears.plugins.failures import PluginFailedError
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode, TemporaryError
from arrears_sdk.ports.gateway import GatewayNotice, WebhookRefusedError, WebhookRequest

log = structlog.get_logger(__name__)

LARGEST_BYTES = 1_048_576
BODY_SECONDS = 10.0
PARSE_SECONDS = 5.0
MOST_NOTICES = 500
PATH = "/webhooks/{gateway}/{client}"


def webhook_routes(make_context: Callable[[], Context]) -> Sequence[BaseRoute]:
    """The route of the webhooks; each request gets a context of its own."""

    async def receive(request: Request) -> Response:
        try:
            return await _receive(make_context(), request)
        except ClientDisconnected:
            return Response(status_code=400)

    return (Route(PATH, receive, methods=["POST"]),)


async def _receive(context: Context, request: Request) -> Response:
    raw = dict(request.scope["headers"])
    try:
        body = await read_body(request.receive, raw, LARGEST_BYTES, BODY_SECONDS)
    except EdgeError:
        await discard_rest(request.receive, raw)
        raise
    gateway, client = request.path_params["gateway"], request.path_params["client"]
    place = await find_place(context, client)
    bound = None if place is None else (await context.service(PluginHost).gateways(place)).get(gateway)
    if place is None or place.client_id is None or bound is None or not bound.port.capabilities.webhooks:
        log.warning("webhook.nowhere", gateway=gateway[:60], client=client[:60])
        raise _refused()
    given = WebhookRequest(headers=_headers(request), body=body, received_at=context.clock.now())
    try:
        notices = await bound.call("parse_webhook", given, budget_seconds=PARSE_SECONDS)
    except WebhookRefusedError:
        log.warning("webhook.refused", gateway=gateway, client=client[:60])
        raise _refused() from None
    except PluginFailedError as error:
        log.warning("webhook.failed", gateway=gateway, reason=error.reason)
        raise _later() from error
    assert isinstance(notices, Sequence)
    told = [notice for notice in notices if isinstance(notice, GatewayNotice)]
    if len(told) > MOST_NOTICES:
        raise EdgeError(413, f"A webhook tells at most {MOST_NOTICES} things.", ErrorCode.PAYLOAD_TOO_LARGE)
    try:
        new = await take_webhook(context, place.client_id, gateway, told)
    except TemporaryError as error:
        raise _later() from error
    return JSONResponse({"received": len(told), "new": new}, headers={"cache-control": "no-store"})


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _refused() -> EdgeError:
    # Why is for the log alone: whoever forges one learns neither what was wrong nor which clients there are.
    return EdgeError(401, "The webhook is not genuine, too old, or for nobody here.", ErrorCode.UNAUTHENTICATED)


def _later() -> EdgeError:
    return EdgeError(503, "Send it again later.", ErrorCode.UNAVAILABLE, headers=[("retry-after", "5")])
