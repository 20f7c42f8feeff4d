"""Explained decisions to print: `GET /decisions/{id}.pdf`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import BaseRoute

from arrears.access.model import Permission
from arrears.app.pages import MakeContext, page_route
from arrears.compliance.explaining import explain
from arrears.compliance.printing import printed
from arrears.graphql.edge.errors import EdgeError
from arrears.kernel.context import Context
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import decode_id

PATH = "/decisions/{id}.pdf"


def decision_routes(make_context: MakeContext) -> Sequence[BaseRoute]:
    """The route of the pages; each request gets a context of its own principal."""
    return (page_route(PATH, make_context, Permission.DECISIONS_READ, _page),)


async def _page(context: Context, request: Request) -> tuple[str, bytes]:
    named: str = request.path_params["id"]
    try:
        return f"{named}.pdf", await printed(await explain(context, decode_id("deci", named)))
    except (InputError, NotFoundError):
        # An id that is none, one that is unknown and one that may not be seen look the same.
        raise EdgeError(404, "There is no such decision that you may see.", ErrorCode.NOT_FOUND) from None
