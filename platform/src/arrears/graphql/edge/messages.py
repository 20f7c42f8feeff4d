"""The messages of graphql-transport-ws: texts into typed messages, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.edge.errors import EdgeError, ErrorObject
from arrears.graphql.edge.parameters import request_from
from arrears.graphql.edge.settings import EdgeSettings
from arrears_sdk.errors import LimitError

SUBPROTOCOL: Final = "graphql-transport-ws"
MAX_ID_CHARACTERS = 128
ACKNOWLEDGED = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'

# Close codes of the protocol.
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
SUBPROTOCOL_NOT_ACCEPTABLE = 4406
INITIALISATION_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITIALISATIONS = 4429
# Close codes of RFC 6455.
MESSAGE_TOO_BIG = 1009
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013
POLICY_VIOLATION = 1008


class SocketClosed(Exception):  # noqa: N818 (an end, with the code that says which)
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The client introduces itself."""

    authorization: str | None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client starts an operation."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """The client asks whether anyone is there."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The client is there."""


Incoming = ConnectionInit | Subscribe | Complete | Ping | Pong


def read(text: str, settings: EdgeSettings) -> Incoming:
    """The message of a text frame. SocketClosed 4400 when it is none."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise SocketClosed(BAD_REQUEST, "A message must be JSON.") from None
    if not isinstance(message, dict):
        raise SocketClosed(BAD_REQUEST, "A message must be a JSON object.")
    payload = message.get("payload")
    match message.get("type"):
        case "connection_init":
            return ConnectionInit(_authorization(payload))
        case "ping":
            return Ping()
        case "pong":
            return Pong()
        case "complete":
            return Complete(_id(message))
        case "subscribe":
            try:
                return Subscribe(_id(message), request_from(payload, settings))
            except (EdgeError, LimitError) as error:
                raise SocketClosed(BAD_REQUEST, str(error)) from None
    raise SocketClosed(BAD_REQUEST, "The message is of no known type.")


def next_message(id: str, body: bytes) -> str:
    """An answer of an operation."""
    return f'{{"id":{_quoted(id)},"type":"next","payload":{body.decode("utf-8")}}}'


def error_message(id: str, errors: Sequence[ErrorObject]) -> str:
    """The errors that ended an operation."""
    return orjson.dumps({"id": id, "type": "error", "payload": errors}).decode("utf-8")


def complete_message(id: str) -> str:
    """The end of an operation."""
    return f'{{"id":{_quoted(id)},"type":"complete"}}'


def _quoted(id: str) -> str:
    return orjson.dumps(id).decode("utf-8")


def _id(message: dict[str, object]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID_CHARACTERS:
        raise SocketClosed(BAD_REQUEST, f"`id` must be a string of at most {MAX_ID_CHARACTERS} characters.")
    return id


def _authorization(payload: object) -> str | None:
    if payload is None:
        return None
    if not isinstance(payload, dict):
        raise SocketClosed(BAD_REQUEST, "The payload of connection_init must be an object.")
    for name, value in payload.items():
        if name.lower() == "authorization" and isinstance(value, str):
            return value
    return None
