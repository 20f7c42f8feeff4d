"""GraphQL over HTTP: methods, parameters, media types and status codes."""

from __future__ import annotations

import json

import pytest

from tests.graphql.edge.running import JSON, RESPONSE, Edge

UTF_8 = "; charset=utf-8"


async def test_a_query_by_post(edge: Edge) -> None:
    answer = await edge.post("query Q($name: String) { hello(name: $name) }", variables={"name": "Ada"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON + UTF_8
    assert answer.json() == {
        "data": {"hello": "Hello Ada"},
        "extensions": {"cost": {"requested": 1, "maximum": 300_000, "depth": 1}},
    }


async def test_a_query_by_get(edge: Edge) -> None:
    parameters = {
        "query": "query A { hello } query B($name: String) { hello(name: $name) }",
        "operationName": "B",
        "variables": json.dumps({"name": "Ada & Björn"}),
        "extensions": "{}",
    }
    answer = await edge.http.get("/graphql", params=parameters, headers={"accept": RESPONSE})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == RESPONSE + UTF_8
    assert answer.json()["data"] == {"hello": "Hello Ada & Björn"}


@pytest.mark.parametrize("accept", [JSON, RESPONSE])
async def test_get_runs_no_mutation(edge: Edge, accept: str) -> None:
    answer = await edge.http.get(
        "/graphql", params={"query": 'mutation { rename(name: "x") }'}, headers={"accept": accept}
    )
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    (error,) = answer.json()["errors"]
    assert error["message"] == "GET runs queries only; send this operation by POST."
    assert edge.engine.executed == []


@pytest.mark.parametrize(
    ("query_string", "status", "message"),
    [
        ("", 400, "`query` is missing."),
        ("query={hello}&query={hello}", 400, "A parameter of the query string came more than once."),
        ("query={hello}&variables={", 400, None),
        ("query={hello}&variables=[1]", 400, "`variables` must be an object or null."),
        ("query=%ff", 400, "The query string is malformed."),
        ("query=" + "a" * 16_384, 414, "The query string is longer than 16384 bytes; use POST."),
        ("query={hello}&variables=", 200, None),
    ],
)
async def test_malformed_query_strings(edge: Edge, query_string: str, status: int, message: str | None) -> None:
    answer = await edge.http.get(f"/graphql?{query_string}")
    assert answer.status_code == status
    if message is not None:
        assert answer.json()["errors"][0]["message"] == message


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
async def test_other_methods_are_refused(edge: Edge, method: str) -> None:
    answer = await edge.http.request(method, "/graphql")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($id: Int!) { echo(value: $id) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "BAD_REQUEST"),
        ("fragment F on Query { hello }", "BAD_REQUEST"),
    ],
)
async def test_request_errors_have_400_where_the_media_type_allows_it(edge: Edge, query: str, code: str) -> None:
    modern = await edge.post(query, accept=RESPONSE)
    legacy = await edge.post(query, accept=JSON)
    assert (modern.status_code, legacy.status_code) == (400, 200)
    for answer in (modern, legacy):
        assert "data" not in answer.json()
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}
    assert edge.engine.executed == []


async def test_two_named_operations_need_a_name(edge: Edge) -> None:
    document = "query A { hello } query B { whoAmI }"
    assert (await edge.post(document, operationName="B")).json()["data"] == {"whoAmI": "Ada"}
    for name in (None, ""):
        (error,) = (await edge.post(document, operationName=name)).json()["errors"]
        assert error["message"] == "The document has several operations: say in operationName which one is to run."
    (error,) = (await edge.post(document, operationName="C")).json()["errors"]
    assert error["message"] == "The document has no operation named 'C'."


async def test_wrong_variables_never_give_data(edge: Edge) -> None:
    query = "query Q($value: Int!) { echo(value: $value) }"
    for variables in ({}, {"value": None}, {"value": "1"}, {"value": 2**31}, {"value": [1]}, None):
        answer = await edge.post(query, variables=variables, accept=RESPONSE)
        assert answer.status_code == 400
        assert "data" not in answer.json()
    assert edge.engine.executed == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "`query` is missing."),
        ({"query": None}, "`query` is missing."),
        ({"query": 1}, "`query` must be a string."),
        ({"query": "{hello}", "operationName": 7}, "`operationName` must be a string or null."),
        ({"query": "{hello}", "variables": []}, "`variables` must be an object or null."),
        ({"query": "{hello}", "variables": "{}"}, "`variables` must be an object or null."),
        ({"query": "{hello}", "extensions": False}, "`extensions` must be an object or null."),
        ([{"query": "{hello}"}], "Batches are not supported: send one operation in each request."),
        ([], "Batches are not supported: send one operation in each request."),
    ],
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE])
async def test_malformed_parameters(edge: Edge, parameters: object, message: str, accept: str) -> None:
    answer = await edge.http.post("/graphql", json=parameters, headers={"accept": accept})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["message"] == message
    assert error["extensions"] == {"code": "BAD_REQUEST", "requestId": answer.headers["x-request-id"]}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
        (f"{JSON}, {RESPONSE}", JSON),
        (f"{JSON};q=0.5, {RESPONSE};q=0.8", RESPONSE),
        (f"*/*, {RESPONSE}", RESPONSE),
        (f"text/html, {RESPONSE};q=0, */*;q=0.1", JSON),
        (f"multipart/mixed, {RESPONSE}", RESPONSE),
    ],
)
async def test_the_answer_has_the_media_type_that_the_client_likes_best(
    edge: Edge, accept: str | None, content_type: str
) -> None:
    headers = {"content-type": JSON, "authorization": "Bearer good-token"}
    if accept is not None:
        headers["accept"] = accept
    else:
        del edge.http.headers["accept"]
    answer = await edge.http.post("/graphql", content=b'{"query":"{hello}"}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type + UTF_8)


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};q=0", "application/json; charset=latin-1"])
async def test_a_client_that_takes_nothing_we_have_gets_406(edge: Edge, accept: str) -> None:
    answer = await edge.post("{hello}", accept=accept)
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["message"] == (
        "Answers come as application/graphql-response+json, application/json, text/event-stream."
    )


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON; charset="UTF-8"', 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/graphql", 415),
        ("application/graphql-response+json", 415),
        ("", 415),
    ],
)
async def test_the_body_must_say_that_it_is_json(edge: Edge, content_type: str, status: int) -> None:
    answer = await edge.http.post("/graphql", content=b'{"query":"{hello}"}', headers={"content-type": content_type})
    assert answer.status_code == status


async def test_a_body_without_a_content_type_is_refused(edge: Edge) -> None:
    answer = await edge.http.post("/graphql", content=b'{"query":"{hello}"}')
    assert answer.status_code == 415


async def test_subscriptions_are_told_where_to_go(edge: Edge) -> None:
    answer = await edge.post("subscription { count(to: 2) }")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "Subscriptions need a graphql-transport-ws socket or `Accept: text/event-stream`."
    )


async def test_the_request_id_is_the_callers_when_it_is_well_formed(edge: Edge) -> None:
    for given in ("order-4711:2", "a" * 128):
        answer = await edge.http.post("/graphql", json={"query": "{"}, headers={"x-request-id": given})
        assert answer.headers["x-request-id"] == given
        assert answer.json()["errors"][0]["extensions"]["requestId"] == given
    made = set()
    for given in ("short", "a" * 129, "with space in it", 'quote"quote"', "new\tline-tab"):
        answer = await edge.http.post("/graphql", json={"query": "{hello}"}, headers={"x-request-id": given})
        assert answer.status_code == 200
        assert answer.headers["x-request-id"] != given
        made.add(answer.headers["x-request-id"])
    assert len(made) == 5
    assert all(len(each) == 32 for each in made)


async def test_every_answer_of_the_api_is_private(edge: Edge) -> None:
    for answer in (await edge.post("{hello}"), await edge.post("{"), await edge.http.put("/graphql")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["vary"] == "accept, origin"
        assert "server" not in answer.headers
