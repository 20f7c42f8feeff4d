"""Pages to print, as PDF under paths of their own, with the same bearer token as GraphQL and under its bounds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arrears.graphql.edge.answering import SECURITY_HEADERS
from arrears.graphql.edge.deadline import bounded
from arrears.graphql.edge.services import Services
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears_sdk.errors import AccessError, ErrorCode

MakeContext = Callable[[Principal], Context]


def page_route(
    path: str,
    make_context: MakeContext,
    permission: str,
    page: Callable[[Context, Request], Awaitable[tuple[str, bytes]]],
) -> Route:
    """The route of one kind of page; `page` gives its file's name and its PDF, for whoever has the permission."""

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
            if not principal.may(permission):
                raise AccessError(f"This needs the permission {permission}.", code=ErrorCode.FORBIDDEN)
            made = page(make_context(principal), request)
            name, pdf = await bounded(made, services.settings.execution_seconds)
        finally:
            services.in_flight.leave()
        return _response(pdf, 200, services.origins.headers(origin), _name(name))

    return Route(path, give, methods=["GET", "OPTIONS"])


def _name(name: str) -> tuple[tuple[bytes, bytes], ...]:
    disposition = f'inline; filename="{name}"'
    return ((b"content-type", b"application/pdf"), (b"content-disposition", disposition.encode("ascii")))


def _response(body: bytes, status: int, *headers: Sequence[tuple[bytes, bytes]]) -> Response:
    response = Response(body, status)
    response.raw_headers += [*SECURITY_HEADERS, *(pair for group in headers for pair in group)]
    return response
