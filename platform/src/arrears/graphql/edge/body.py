"""Bodies: read no further than allowed, and decoded without ever failing in an unclear way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import orjson

from arrears.graphql.edge.errors import EdgeError
from arrears_sdk.errors import ErrorCode

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]

DISCARD_SECONDS = 1.0
DISCARD_BYTES = 8_388_608


class ClientDisconnected(Exception):  # noqa: N818 (nobody is left to be told of an error)
    """The client went away before its request was complete."""


def content_type(headers: Mapping[bytes, bytes]) -> tuple[str, dict[str, str]]:
    """The media type of the body in lower case, and its parameters. EdgeError 415 for another charset than UTF-8."""
    given = headers.get(b"content-type", b"")
    if given == b"application/json":
        return "application/json", {}
    name, *rest = given.decode("latin-1").split(";")
    parameters = {
        key.strip().lower(): value.strip().strip('"') for key, _, value in (part.partition("=") for part in rest)
    }
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise EdgeError(415, "Bodies are read as UTF-8; name no other charset.")
    return name.strip().lower(), parameters


def refuse_encoded(headers: Mapping[bytes, bytes]) -> None:
    """EdgeError 415 when the body is compressed: its true size could not be known before it is unpacked."""
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise EdgeError(415, "Send the body without a content encoding.", headers=[("accept-encoding", "identity")])


def refuse_declared(headers: Mapping[bytes, bytes], limit: int) -> None:
    """EdgeError 413 when the body says itself that it is longer than the limit."""
    declared = headers.get(b"content-length")
    if declared is not None and declared.isdigit() and (len(declared) > 15 or int(declared) > limit):
        raise too_large(limit)


def too_large(limit: int) -> EdgeError:
    """The answer to a body over the limit. It closes the connection, so that the rest need not be read."""
    message = f"The body is larger than {limit} bytes."
    return EdgeError(413, message, ErrorCode.PAYLOAD_TOO_LARGE, close=True)


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int, seconds: float) -> bytes:
    """The whole body. EdgeError 413 as soon as it is over the limit, chunked or not, and 408 when it takes too long."""
    refuse_declared(headers, limit)
    refuse_encoded(headers)
    try:
        async with asyncio.timeout(seconds):
            body, more = await _chunk(receive)
            if not more and len(body) <= limit:
                return body
            chunks = [body]
            size = len(body)
            while more and size <= limit:
                body, more = await _chunk(receive)
                chunks.append(body)
                size += len(body)
    except TimeoutError:
        raise EdgeError(408, f"The body did not arrive within {seconds:g} seconds.", close=True) from None
    if size > limit:
        raise too_large(limit)
    return b"".join(chunks)


async def discard_rest(receive: Receive, headers: Mapping[bytes, bytes]) -> None:
    """Reads on for a moment and throws it away: a client that is still sending would never see the answer otherwise.

    A client that waits to be told to continue has sent nothing, and a body that is far too long is not worth it.
    """
    if b"expect" in headers:
        return
    size = 0
    more = True
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while more and size <= DISCARD_BYTES:
                body, more = await _chunk(receive)
                size += len(body)


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] != "http.request":
        raise ClientDisconnected
    return message.get("body", b""), message.get("more_body", False)


def decode_json(text: bytes | str, what: str) -> object:
    """The value of a JSON text. EdgeError 400 for anything else, with nothing of the text in the message."""
    if not text:
        raise EdgeError(400, f"{what} is empty.")
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise EdgeError(400, f"{what} is not JSON: {error.msg} (at byte {error.pos}).") from None
    return value
