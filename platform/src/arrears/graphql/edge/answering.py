"""From an answer or a failure to the messages of ASGI."""

from __future__ import annotations

from collections.abc import Iterable

from arrears.graphql.edge.body import Send
from arrears.graphql.edge.engine import Answer
from arrears.graphql.edge.errors import Failure
from arrears.graphql.edge.negotiation import MediaType

RawHeader = tuple[bytes, bytes]

SECURITY_HEADERS: tuple[RawHeader, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"vary", b"accept, origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""On every answer of the API: it is personal data, never a page, and never to be guessed at."""

_CONTENT_TYPES = {media_type: media_type.header for media_type in MediaType}
_CONTENT_TYPES[MediaType.EVENTS] = MediaType.JSON.header  # A single answer to a client of streams is plain JSON.


def status_of(answer: Answer, media_type: MediaType) -> int:
    """The HTTP status: a request error is 400, except that clients of `application/json` expect 200 for it."""
    if answer.status is not None:
        return answer.status
    return 400 if answer.kind == "request_error" and media_type is not MediaType.JSON else 200


async def send_answer(
    send: Send, answer: Answer, media_type: MediaType, request_id: bytes, further: Iterable[RawHeader] = ()
) -> None:
    """Sends a whole answer."""
    body = answer.body
    await send({
        "type": "http.response.start",
        "status": status_of(answer, media_type),
        "headers": [
            (b"content-type", _CONTENT_TYPES[media_type]),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id),
            *SECURITY_HEADERS,
            *answer.headers,
            *further,
        ],
    })  # fmt: skip
    await send({"type": "http.response.body", "body": body})


def failure_answer(failure: Failure) -> Answer:
    """The answer that tells of a failure."""
    headers = tuple((name.encode("ascii"), value.encode("latin-1")) for name, value in failure.headers)
    return Answer(failure.body(), "request_error", failure.status, headers)
