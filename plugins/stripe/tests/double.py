"""A Stripe that runs here: localstripe on a free port of this machine, with what it lacks and the plugin needs.

Added to localstripe: idempotency keys as Stripe keeps them, lists of PaymentIntents by customer and of means of payment
of every kind, an answer that is lost, a status that nobody knows, and a log of requests. It has no search, no disputes
and no descriptions: the first two are scripted in the tests, the last is left out on its way in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web
from localstripe import resources, server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LEFT_OUT = {"description", "statement_descriptor_suffix", "return_url", "allowed_payment_method_types"}

answers: dict[str, tuple[bytes, int, bytes]] = {}
requests: list[dict[str, str | None]] = []
faults: list[dict[str, str]] = []

read_form = server.get_post_data
list_intents = resources.StripeObject._api_list_all.__func__


async def form(request: web.Request, remove_auth: bool = True) -> object:
    """What was posted, without what localstripe does not know."""
    data = await read_form(request, remove_auth)
    if data and request.path == "/v1/payment_intents":
        data = {name: value for name, value in data.items() if name not in LEFT_OUT}
    return data


def intents_of(cls: type, url: str, customer: str | None = None, **paging: str) -> object:
    """The PaymentIntents, the newest first, of a customer where one is named."""
    found = list_intents(cls, url, **paging)
    found._list = [one for one in reversed(found._list) if customer in (None, one.customer)]
    return found


def means_of(cls: type, url: str, customer: str | None = None, **paging: str) -> object:
    """The means of payment of a customer, of every kind."""
    resources.Customer._api_retrieve(customer)
    found = list_intents(cls, url, **paging)
    found._list = [one for one in found._list if one.customer == customer]
    return found


@web.middleware
async def keys(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The same key gives the same answer again, and with another body it is refused."""
    key = request.headers.get("Idempotency-Key")
    if request.path.startswith("/v1/"):
        requests.append({"method": request.method, "path": request.path, "key": key})
    if request.method != "POST" or key is None or not request.path.startswith("/v1/"):
        return await handler(request)
    body = request.path.encode() + await request.read()
    if key in answers:
        known, status, text = answers[key]
        if known != body:
            error = {"error": {"type": "idempotency_error", "message": "Keys can only be used with the same body."}}
            return web.json_response(error, status=400)
        return web.Response(body=text, status=status, content_type="application/json")
    answer = await handler(request)
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    answers[key] = (body, answer.status, answer.body)
    return answer


@web.middleware
async def next_fault(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What was ordered for the next charge or refund happens to it."""
    wanted = request.method == "POST" and request.path in ("/v1/payment_intents", "/v1/refunds")
    fault = faults.pop(0) if wanted and faults else {}
    if fault.get("answer") == "503":
        return web.json_response({"error": {"message": "overloaded"}}, status=503)
    answer = await handler(request)
    if fault.get("answer") == "lost":
        assert request.transport is not None
        request.transport.close()
    if "status" in fault:
        assert isinstance(answer, web.Response)
        assert answer.body is not None
        changed = {**json.loads(answer.body), "status": fault["status"]}
        return web.json_response(changed)
    return answer


async def order_fault(request: web.Request) -> web.Response:
    faults.append(await request.json())
    return web.Response()


async def log(request: web.Request) -> web.Response:
    return web.json_response(requests)


def application() -> web.Application:
    server.get_post_data = form
    resources.PaymentIntent._api_list_all = classmethod(intents_of)
    resources.PaymentMethod._api_list_all = classmethod(means_of)
    server.app.middlewares.insert(0, keys)
    server.app.middlewares.insert(0, next_fault)
    server.app.router.add_post("/_config/faults", order_fault)
    server.app.router.add_get("/_config/log", log)
    # It saves what it has to a file of its own; this one forgets.
    resources.store.dump_to_disk = lambda: None
    return server.app


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
