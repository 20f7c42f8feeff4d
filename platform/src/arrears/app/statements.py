"""Statements of account to print: `GET /accounts/{id}/statement.pdf?from=&to=&knownAt=`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TypeVar

from starlette.requests import Request
from starlette.routing import BaseRoute

from arrears.access.model import Permission
from arrears.app.pages import MakeContext, page_route
from arrears.graphql.edge.errors import EdgeError
from arrears.kernel.context import Context
from arrears.ledger.printing import printed
from arrears.ledger.statements import Period, StatementCorrections, statement
from arrears_sdk.errors import ErrorCode, InputError, LimitError, NotFoundError

PATH = "/accounts/{id}/statement.pdf"
T = TypeVar("T")


def statement_routes(make_context: MakeContext) -> Sequence[BaseRoute]:
    """The route of the pages; each request gets a context of its own principal."""
    return (page_route(PATH, make_context, Permission.ACCOUNTS_READ, _page),)


async def _page(context: Context, request: Request) -> tuple[str, bytes]:
    named: str = request.path_params["id"]
    period = Period(
        from_on=_given(request, "from", datetime.date.fromisoformat),
        to_on=_given(request, "to", datetime.date.fromisoformat),
        known_at=_given(request, "knownAt", _instant),
        corrections=_given(request, "corrections", StatementCorrections) or StatementCorrections.SHOWN,
    )
    try:
        found = await statement(context, named, period)
    except (InputError, LimitError, NotFoundError) as error:
        if error.code not in {ErrorCode.INVALID_ID, ErrorCode.NOT_FOUND}:
            raise EdgeError(400, str(error), error.code) from None
        # An id that is none, one that is unknown and one that may not be seen look the same.
        raise EdgeError(404, "There is no such account that you may see.", ErrorCode.NOT_FOUND) from None
    return f"{named}-{found.from_on}-{found.to_on}.pdf", await printed(found)


def _given(request: Request, name: str, read: Callable[[str], T]) -> T | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        raise EdgeError(400, f"What was given as {name} cannot be read: {text!s:.40}.", ErrorCode.BAD_REQUEST) from None


def _instant(text: str) -> datetime.datetime:
    # In a query an unescaped plus sign is a space.
    instant = datetime.datetime.fromisoformat(text.replace(" ", "+"))
    if instant.tzinfo is None:
        raise ValueError("an instant has a zone")
    return instant
