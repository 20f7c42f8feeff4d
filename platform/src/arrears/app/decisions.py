"""Explained decisions to print: `GET /decisions/{id}.pdf`, with the same bearer token as GraphQL, under its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from arrears.access.model import Permission
from arrears.compliance.explaining import explain
from arrears.compliance.printing import printed
from arrears.graphql.edge.answering import SECURITY_HEADERS
from arrears.graphql.edge.deadline import bounded
from arrears.graphql.edge.errors import EdgeError
from arrears.graphql.edge.services import Services
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears_sdk.errors import AccessError, ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import decode_id

PATH = "/decisions/{id}.pdf"


def decision_routes(make_context: Callable[[Principal], Context]) -> Sequence[BaseRoute]:
    """The route of the pages; each request gets a context of its own principal."""

    async def give(request: Request) -> Response:
        services: Services = request.app.state.services
        raw = dict(request.scope["headers"])
        origin = raw.get(b"origin")
        if request.method == "OPTIONS":
            return _response(b"", 204, services.origins.preflight(origin))
        await services.in_flight.enter()
        try:
            address = request.client.host if request.client else None
            principal = await services.gatekeeper.admit(request.headers.get("authorization"), address)
            pdf = await bounded(_page(make_context, principal, request), services.settings.execution_seconds)
        finally:
            services.in_flight.leave()
        return _response(pdf, 200, services.origins.headers(origin), _name(request))

    return (Route(PATH, give, methods=["GET", "OPTIONS"]),)


async def _page(make_context: Callable[[Principal], Context], principal: Principal, request: Request) -> bytes:
    if not principal.may(Permission.DECISIONS_READ):
        raise AccessError(f"This needs the permission {Permission.DECISIONS_READ}.", code=ErrorCode.FORBIDDEN)
    try:
        decision_id = decode_id("deci", request.path_params["id"])
        return await printed(await explain(make_context(principal), decision_id))
    except (InputError, NotFoundError):
        # An id that is none, one that is unknown and one that may not be seen look the same.
        raise EdgeError(404, "There is no such decision that you may see.", ErrorCode.NOT_FOUND) from None


def _name(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    name = f'inline; filename="{request.path_params["id"]}.pdf"'
    return ((b"content-type", b"application/pdf"), (b"content-disposition", name.encode("ascii")))


def _response(body: bytes, status: int, *headers: Sequence[tuple[bytes, bytes]]) -> Response:
    response = Response(body, status)
    response.raw_headers += [*SECURITY_HEADERS, *(pair for group in headers for pair in group)]
    return response
