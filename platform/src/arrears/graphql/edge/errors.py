"""Errors as callers see them: always a code and the request's id, and nothing of what went wrong inside."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson
import structlog
from graphql import GraphQLError

from arrears.graphql.limits.cost import CostError
from arrears.graphql.limits.refusal import DocumentRefused
from arrears.kernel.log_masking import mask_answer
from arrears_sdk.errors import ArrearsError, ErrorCode, FaultError

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.graphql.edge")

MASKED = "The platform failed to answer. Report the request id to its operator."
STATUS = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNAVAILABLE: 503,
}
"""HTTP status by code, whatever the media type. Every other code is a request error like a failed validation."""

ErrorObject = dict[str, object]


_COMPOSITE = re.compile(r"(\b(?:found|value): )([\[{]).*", re.DOTALL | re.IGNORECASE)


class EdgeError(Exception):
    """A request that is refused before GraphQL sees it, with the HTTP status that says why."""

    def __init__(
        self,
        status: int,
        message: str,
        code: ErrorCode = ErrorCode.BAD_REQUEST,
        *,
        headers: Sequence[tuple[str, str]] = (),
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = (*headers, ("connection", "close")) if close else tuple(headers)


def error_object(code: ErrorCode | str, message: str, request_id: str) -> ErrorObject:
    """One entry of `errors`."""
    return {"message": mask_answer(message), "extensions": {"code": str(code), "requestId": request_id}}


def formatted(error: GraphQLError, request_id: str) -> ErrorObject:
    """An error of execution as one entry of `errors`: in full when the caller is to act on it, else masked and logged.

    A resolver's error has the code of what it raised. What GraphQL itself found while executing is the caller's.
    """
    original = _cause(error)
    entry = _located(error)
    if isinstance(original, ArrearsError) and not isinstance(original, FaultError):
        entry["extensions"] = {**(error.extensions or {}), "code": str(original.code), "requestId": request_id}
    elif original is not None:
        log.error("graphql.field_failed", request_id=request_id, path=error.path, exc_info=original)
        entry["message"] = MASKED
        entry["extensions"] = {"code": str(ErrorCode.INTERNAL), "requestId": request_id}
    else:
        code = str(ErrorCode.GRAPHQL_VALIDATION_FAILED)
        entry["extensions"] = {"code": code, **(error.extensions or {}), "requestId": request_id}
    return entry


def refused(error: GraphQLError, code: ErrorCode, request_id: str) -> ErrorObject:
    """An error of parsing, validation or coercion as one entry of `errors`; these are never masked."""
    original = _cause(error)
    if isinstance(original, ArrearsError):
        code = original.code
    entry = {**_located(error), "extensions": {"code": str(code), **(error.extensions or {}), "requestId": request_id}}
    # GraphQL shows the whole object in which a field is missing, with whatever secrets and names stand beside it.
    entry["message"] = _COMPOSITE.sub(r"\1\2…", str(entry["message"]))
    return entry


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised outside of GraphQL, however often GraphQL wrapped it."""
    original: Exception | None = error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def _located(error: GraphQLError) -> ErrorObject:
    entry: ErrorObject = {"message": mask_answer(error.message)}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        entry["path"] = error.path
    return entry


class Failure:
    """What an exception says to the caller: the errors, and the HTTP status and headers that fit them.

    A `status` of None leaves it to the media type: 400, or 200 where the client only takes `application/json`.
    """

    __slots__ = ("errors", "extensions", "headers", "status")

    def __init__(self, error: BaseException, request_id: str) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.extensions: dict[str, object] = {}
        self.errors: list[ErrorObject]
        if isinstance(error, EdgeError):
            self.status, self.headers = error.status, error.headers
            self.errors = [error_object(error.code, error.message, request_id)]
        elif isinstance(error, DocumentRefused):
            self.status, self.headers = error.status, error.headers
            self.errors = [refused(each, error.code, request_id) for each in error.errors]
        elif isinstance(error, ArrearsError) and not isinstance(error, FaultError):
            self.errors = [error_object(problem.code, problem.message, request_id) for problem in error.problems]
            self.status = STATUS.get(error.code)
            self.headers = _headers(error)
            if isinstance(error, CostError):
                self.extensions = {"cost": error.cost.extension()}
        else:
            log.error("edge.request_failed", request_id=request_id, exc_info=error)
            self.status = 500
            self.errors = [error_object(ErrorCode.INTERNAL, MASKED, request_id)]

    def body(self) -> bytes:
        """The response object."""
        answer: dict[str, object] = {"errors": self.errors}
        if self.extensions:
            answer["extensions"] = self.extensions
        return orjson.dumps(answer)


def _headers(error: ArrearsError) -> tuple[tuple[str, str], ...]:
    if error.code is ErrorCode.UNAUTHENTICATED:
        return (("www-authenticate", 'Bearer realm="arrears"'),)
    if error.code in (ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE):
        return (("retry-after", str(max(1, round(error.retry_after_seconds or 1)))),)
    return ()
