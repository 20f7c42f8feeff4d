"""Pages of other sites: none may read answers or open sockets unless their origin is allowed by name."""

from __future__ import annotations

from collections.abc import Mapping

from arrears.graphql.edge.multipart import PREFLIGHT_HEADER

ALLOWED_HEADERS = b", ".join(
    [b"accept", b"authorization", b"content-type", b"x-request-id", PREFLIGHT_HEADER]
)  # fmt: skip
EXPOSED_HEADERS = b"x-request-id, retry-after, www-authenticate"
PREFLIGHT_SECONDS = b"600"

RawHeader = tuple[bytes, bytes]


class Origins:
    """The origins that browser front-ends may be served from, besides the server's own."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = frozenset(origin.rstrip("/").encode("ascii") for origin in allowed)

    def headers(self, origin: bytes | None) -> tuple[RawHeader, ...]:
        """What lets the page that asked read the answer; nothing for an origin that is not allowed."""
        if origin is None or origin not in self._allowed:
            return ()
        # Never with credentials: the API takes no cookies.
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED_HEADERS),
        )

    def preflight(self, origin: bytes | None) -> tuple[RawHeader, ...]:
        """What lets the page that asked send its request."""
        headers = self.headers(origin)
        if not headers:
            return ()
        return (
            *headers,
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", ALLOWED_HEADERS),
            (b"access-control-max-age", PREFLIGHT_SECONDS),
        )

    def may_connect(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a socket may be opened: by no page at all, by one of this server, or by one that is allowed."""
        origin = headers.get(b"origin")
        if origin is None or origin in self._allowed:
            return True
        _, separator, host = origin.partition(b"://")
        return bool(separator) and host.lower() == headers.get(b"host", b"").lower()
