"""The seam between the HTTP edge and whatever runs GraphQL: a request goes in, a finished answer comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol

from graphql import GraphQLSchema

from arrears.kernel.principal import Principal

Transport = Literal["http", "websocket", "events"]
AnswerKind = Literal["ok", "request_error"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request, on disk until the request has been answered."""

    filename: str
    content_type: str
    size: int
    sha256: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of one GraphQL request, well-formed but neither parsed nor validated.

    `only_queries` is true for GET. Files stand in `variables` as `Upload`, at the places the client mapped them to.
    """

    query: str
    operation_name: str | None = None
    variables: dict[str, object] | None = None
    extensions: dict[str, object] | None = None
    only_queries: bool = False
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, and how the request is named in answers and logs."""

    principal: Principal
    request_id: str
    client_address: str | None = None
    transport: Transport = "http"


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole response object as JSON, and how HTTP is to frame it.

    `request_error` means that there is no `data`: nothing was executed. `status` overrides the status that the kind
    and the media type give.
    """

    body: bytes
    kind: AnswerKind = "ok"
    status: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Engine(Protocol):
    """Runs GraphQL. What it raises becomes an answer: DocumentRefused and ArrearsError as they say, the rest masked."""

    schema: GraphQLSchema

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> Answer:
        """The answer to a query or mutation. A subscription is refused."""
        ...

    async def subscribe(self, request: GraphQLRequest, context: RequestContext) -> AsyncIterator[Answer] | Answer:
        """The answers of a subscription as they come, or the one answer of a query or mutation."""
        ...


class Authenticate(Protocol):
    """Finds out who asks. AccessError when a credential is given and bad, None when none is given."""

    def __call__(self, headers: Mapping[str, str]) -> Awaitable[Principal | None]:
        """The principal behind the headers, of which `authorization` is the one that is always looked at."""
        ...
