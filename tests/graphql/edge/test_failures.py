"""What goes wrong inside is masked and logged under the same id; what the caller can mend is told."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext
from arrears.graphql.edge.errors import MASKED
from arrears.graphql.edge.settings import EdgeSettings
from arrears_sdk.errors import (
    AccessError,
    ConflictError,
    ErrorCode,
    FaultError,
    InputError,
    LimitError,
    NotFoundError,
    Problem,
    TemporaryError,
)
from tests.graphql.edge.running import RESPONSE, Edge, inside, until


@pytest.mark.parametrize("field", ["fault", "broken"])
async def test_a_fault_in_a_field_is_masked_and_logged_under_the_same_id(edge: Edge, field: str) -> None:
    with capture_logs() as logs:
        answer = await edge.post(f"{{ hello {field} }}")
    assert answer.status_code == 200
    request_id = answer.headers["x-request-id"]
    assert answer.json()["data"] == {"hello": "Hello world", field: None}
    assert answer.json()["errors"] == [
        {
            "message": MASKED,
            "locations": [{"line": 1, "column": 9}],
            "path": [field],
            "extensions": {"code": "INTERNAL", "requestId": request_id},
        }
    ]
    assert "4711" not in answer.text
    (entry,) = logs
    assert (entry["event"], entry["request_id"], entry["log_level"]) == ("graphql.field_failed", request_id, "error")
    assert "4711" in str(entry["exc_info"])


async def test_an_error_for_the_caller_is_told_in_full(edge: Edge) -> None:
    with capture_logs() as logs:
        answer = await edge.post("{ refused }")
    (error,) = answer.json()["errors"]
    assert error["message"] == "That is not possible."
    assert error["extensions"] == {"code": "INVALID_INPUT", "requestId": answer.headers["x-request-id"]}
    assert logs == []


async def test_validation_errors_are_never_masked(edge: Edge) -> None:
    answer = await edge.post("{ helo nothing }", accept=RESPONSE)
    assert answer.status_code == 400
    assert [error["message"] for error in answer.json()["errors"]] == [
        "Cannot query field 'helo' on type 'Query'. Did you mean 'hello'?",
        "Cannot query field 'nothing' on type 'Query'.",
    ]
    assert [error["locations"] for error in answer.json()["errors"]] == [
        [{"line": 1, "column": 3}],
        [{"line": 1, "column": 8}],
    ]


@pytest.mark.parametrize(
    ("error", "modern", "legacy", "code", "headers"),
    [
        (InputError("No."), 400, 200, "INVALID_INPUT", {}),
        (NotFoundError("No."), 400, 200, "NOT_FOUND", {}),
        (ConflictError("No."), 400, 200, "CONFLICT", {}),
        (LimitError("No."), 400, 200, "LIMIT_EXCEEDED", {}),
        (AccessError("No."), 403, 403, "FORBIDDEN", {}),
        (AccessError("No.", code=ErrorCode.UNAUTHENTICATED), 401, 401, "UNAUTHENTICATED", {
            "www-authenticate": 'Bearer realm="arrears"',
        }),
        (LimitError("No.", code=ErrorCode.RATE_LIMITED, retry_after_seconds=7), 429, 429, "RATE_LIMITED", {
            "retry-after": "7",
        }),
        (TemporaryError("No."), 503, 503, "UNAVAILABLE", {"retry-after": "1"}),
    ],
)  # fmt: skip
async def test_what_the_engine_raises_has_the_status_of_its_kind(
    edge: Edge, error: Exception, modern: int, legacy: int, code: str, headers: dict[str, str]
) -> None:
    async def raising(request: GraphQLRequest, context: RequestContext) -> Answer:
        raise error

    edge.engine.execute = raising  # type: ignore[method-assign]
    for accept, status in ((RESPONSE, modern), ("application/json", legacy)):
        answer = await edge.post("{hello}", accept=accept)
        assert answer.status_code == status
        assert answer.json()["errors"] == [
            {"message": "No.", "extensions": {"code": code, "requestId": answer.headers["x-request-id"]}}
        ]
        assert headers.items() <= dict(answer.headers).items()


async def test_several_problems_are_told_at_once(edge: Edge) -> None:
    async def raising(request: GraphQLRequest, context: RequestContext) -> Answer:
        raise AccessError.of([Problem(ErrorCode.FORBIDDEN, "Not a."), Problem(ErrorCode.FORBIDDEN, "Not b.")])

    edge.engine.execute = raising  # type: ignore[method-assign]
    answer = await edge.post("{hello}")
    assert (answer.status_code, [error["message"] for error in answer.json()["errors"]]) == (403, ["Not a.", "Not b."])


@pytest.mark.parametrize("error", [ZeroDivisionError("secret 4711"), FaultError("secret 4711"), TimeoutError("4711")])
async def test_anything_else_is_a_masked_500(edge: Edge, error: Exception) -> None:
    async def raising(request: GraphQLRequest, context: RequestContext) -> Answer:
        raise error

    edge.engine.execute = raising  # type: ignore[method-assign]
    with capture_logs() as logs:
        answer = await edge.post("{hello}")
    assert answer.status_code == 500
    request_id = answer.headers["x-request-id"]
    assert answer.json() == {
        "errors": [{"message": MASKED, "extensions": {"code": "INTERNAL", "requestId": request_id}}]
    }
    assert [(entry["event"], entry["request_id"]) for entry in logs] == [("edge.request_failed", request_id)]


async def test_an_operation_that_takes_too_long_is_cancelled() -> None:
    async with inside(EdgeSettings(execution_seconds=0.05)) as edge:
        answer = await edge.post("{ slow(seconds: 5) }")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["errors"][0]["message"] == "The operation took longer than 0.05 seconds."


async def test_the_server_takes_so_many_requests_at_once_and_no_more() -> None:
    settings = EdgeSettings(max_in_flight=3, max_queued=0, refusal_seconds=0)
    async with inside(settings) as edge:
        slow = [asyncio.create_task(edge.post("{ slow(seconds: 0.2) }")) for _ in range(3)]
        await until(lambda: edge.application.graphql.services.in_flight.taken == 3)
        refused = await edge.post("{hello}")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        (error,) = refused.json()["errors"]
        assert error["message"] == "The server is busy: too many requests at once."
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert (await edge.http.get("/healthz")).status_code == 200
        assert [(await each).status_code for each in slow] == [200, 200, 200]
        assert (await edge.post("{hello}")).status_code == 200
        assert edge.application.graphql.services.in_flight.taken == 0


async def test_a_request_waits_a_moment_for_a_place() -> None:
    async with inside(EdgeSettings(max_in_flight=1, queue_seconds=5)) as edge:
        slow = asyncio.create_task(edge.post("{ slow(seconds: 0.1) }"))
        await until(lambda: edge.application.graphql.services.in_flight.taken == 1)
        assert (await edge.post("{hello}")).status_code == 200
        assert (await slow).status_code == 200
