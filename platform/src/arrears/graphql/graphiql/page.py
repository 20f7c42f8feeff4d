"""Serves GraphiQL from the built files, under a policy that lets the page load and reach nothing but this server."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from arrears.graphql.graphiql.build import STATIC

PATH = "/graphiql"
NOT_BUILT = "GraphiQL is not built yet: run `python -m arrears.graphql.graphiql.build` and reload this page.\n"
DEFAULT_EXAMPLE = """query Types {
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
"""

# The editor writes its colours as style elements, hence 'unsafe-inline' for styles; scripts come from files only.
CONTENT_SECURITY_POLICY = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
])  # fmt: skip
PAGE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
FOREVER = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """The built scripts and styles. Their names change with their content, so browsers may keep them."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)

    async def check_config(self) -> None:
        """Nothing to complain of: before the page is built there is no folder, and every file is a 404."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, with the page's headers."""
        response = await super().get_response(path, scope)
        response.headers.update({**PAGE_HEADERS, "cache-control": FOREVER})
        return response


def graphiql_routes(example_query: str = DEFAULT_EXAMPLE, *, static: Path = STATIC) -> list[BaseRoute]:
    """The routes of the page. `example_query` is what its first tab shows to someone who comes anew."""

    async def page(request: Request) -> Response:
        index = static / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503, headers=PAGE_HEADERS)
        return FileResponse(index, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)

    async def icon(request: Request) -> Response:
        path = static / "icon.svg"
        if not path.is_file():
            return Response(status_code=404, headers=PAGE_HEADERS)
        return FileResponse(path, media_type="image/svg+xml; charset=utf-8", headers=PAGE_HEADERS)

    async def example(request: Request) -> Response:
        return PlainTextResponse(example_query, headers=PAGE_HEADERS)

    return [
        Route(PATH, page),
        Route(f"{PATH}/icon.svg", icon),
        Route(f"{PATH}/example.graphql", example),
        Mount(f"{PATH}/assets", Assets(static / "assets")),
    ]
