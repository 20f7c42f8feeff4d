"""Files by the multipart request specification: guarded, bounded, and gone after the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from arrears.graphql.edge.engine import Answer, GraphQLRequest, RequestContext, Upload
from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Edge, inside

PREFLIGHT = {"graphql-preflight": "1"}
QUERY = "mutation ($file: Upload!, $others: [Upload!]) { attach(file: $file, others: $others) }"
OPERATIONS = {"query": QUERY, "variables": {"file": None}}
MAP = {"0": ["variables.file"]}
Part = tuple[str, tuple[str | None, bytes | str, str]]


def field(name: str, value: object) -> Part:
    return (name, (None, value if isinstance(value, str | bytes) else json.dumps(value), "application/json"))


def file(name: str, content: bytes, filename: str = "a.csv", content_type: str = "text/csv") -> Part:
    return (name, (filename, content, content_type))


async def upload(edge: Edge, *parts: Part, headers: dict[str, str] | None = None) -> httpx.Response:
    files: Any = list(parts)
    return await edge.http.post("/graphql", files=files, headers=PREFLIGHT if headers is None else headers)


async def test_a_file_arrives_with_its_name_type_size_and_content(edge: Edge) -> None:
    answer = await upload(edge, field("operations", OPERATIONS), field("map", MAP), file("0", b"a;b\n1;2\n"))
    assert answer.json()["data"] == {"attach": "a.csv text/csv 8 b'a;b\\n1;2\\n'"}


async def test_several_files_and_one_file_in_several_places(edge: Edge) -> None:
    operations = {"query": QUERY, "variables": {"file": None, "others": [None, None]}}
    places = {"x": ["variables.file", "variables.others.1"], "y": ["variables.others.0"]}
    answer = await upload(
        edge, field("operations", operations), field("map", places), file("y", b"yy", "y"), file("x", b"x", "x")
    )
    # The second reading of the same file starts where the first one ended.
    assert answer.json()["data"] == {"attach": "x text/csv 1 b'x'; y text/csv 2 b'yy'; x text/csv 1 b''"}


async def test_a_file_is_described_by_its_digest_and_closed_after_the_answer(edge: Edge) -> None:
    seen: list[Upload] = []

    async def keeping(request: GraphQLRequest, context: RequestContext) -> Answer:
        seen.extend(request.uploads)
        assert request.variables == {"file": seen[0]}
        return Answer(b'{"data":{}}')

    edge.engine.execute = keeping  # type: ignore[method-assign]
    content = b"0123456789" * 50_000
    answer = await upload(edge, field("operations", OPERATIONS), field("map", MAP), file("0", content))
    assert answer.status_code == 200
    (one,) = seen
    assert (one.size, one.sha256) == (500_000, hashlib.sha256(content).hexdigest())
    assert one.file.closed


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\ledger.csv", "ledger.csv"),
        ("Müller\u202e.csv", "Müller.csv"),
        ("x" * 300, "x" * 255),
    ],
)
async def test_only_the_harmless_part_of_a_file_name_is_kept(edge: Edge, given: str, kept: str) -> None:
    answer = await upload(edge, field("operations", OPERATIONS), field("map", MAP), file("0", b"", given))
    assert answer.json()["data"] == {"attach": f"{kept} text/csv 0 b''"}


@pytest.mark.parametrize("headers", [{}, {"graphql-preflight": ""}])
async def test_without_the_preflight_header_another_site_might_have_sent_it(
    edge: Edge, headers: dict[str, str]
) -> None:
    parts = (field("operations", OPERATIONS), field("map", MAP), file("0", b"x"))
    answer = await upload(edge, *parts, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "A multipart request needs the header `GraphQL-Preflight: 1`, so that no other site can forge it."
    )
    assert edge.engine.executed == []


O, M, F = field("operations", OPERATIONS), field("map", MAP), file("0", b"x")  # noqa: E741
ORDER = "The next part must be `{}`: operations, map, then the files."
MAP_FORM = "`map` must be an object that names a list of places for each file."
PLACE = "A place that `map` names is not a null in the variables."


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((M, O, F), ORDER.format("operations")),
        ((O, F), ORDER.format("map")),
        ((F,), ORDER.format("operations")),
        ((O,), "The multipart body is incomplete."),
        ((O, M), "1 of the files that `map` names did not come."),
        ((O, M, F, F), "A file came more than once."),
        ((O, M, file("1", b"x")), "A file is named by no entry of `map`."),
        ((field("operations", "{"), M, F), None),
        ((field("operations", b"\xff"), M, F), None),
        ((field("operations", [OPERATIONS]), M, F), "Batches are not supported: send one operation in each request."),
        ((O, field("map", []), F), MAP_FORM),
        ((O, field("map", {}), F), MAP_FORM),
        ((O, field("map", {"0": "variables.file"}), F), MAP_FORM),
        ((O, field("map", {"0": [1]}), F), MAP_FORM),
        ((O, field("map", {"0": ["variables.nothing"]}), F), PLACE),
        ((O, field("map", {"0": ["variables"]}), F), PLACE),
        ((O, field("map", {"0": ["query"]}), F), PLACE),
        ((O, field("map", {"0": ["variables.file.deeper"]}), F), PLACE),
        ((O, field("map", {"0": ["variables.file", "variables.file"]}), F), PLACE),
        ((O, field("map", {"0": ["variables.file"] * 101}), F), "`map` names more than 100 places."),
    ],
)
async def test_malformed_uploads(edge: Edge, parts: tuple[Part, ...], message: str | None) -> None:
    answer = await upload(edge, *parts)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == message or (message is None and error["message"].startswith("`operations` is not JSON"))
    assert edge.engine.executed == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a" * 100_000 + b": b\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a: b\r\n" * 1_000 + b"\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 1_000, b"--x--"),
    ],
)
async def test_bodies_that_are_no_multipart(edge: Edge, content_type: str, body: bytes) -> None:
    answer = await edge.http.post("/graphql", content=body, headers={"content-type": content_type, **PREFLIGHT})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_files_are_bounded_in_size_and_number() -> None:
    settings = EdgeSettings(max_file_bytes=1_000, max_files=2, max_upload_bytes=5_000)
    async with inside(settings) as edge:
        too_large = await upload(edge, O, M, file("0", b"x" * 1_001))
        assert (too_large.status_code, too_large.json()["errors"][0]["message"]) == (
            413,
            "A file is larger than 1000 bytes.",
        )
        assert (await upload(edge, O, M, file("0", b"x" * 1_000))).status_code == 200
        places = {str(number): [f"variables.others.{number}"] for number in range(3)}
        too_many = await upload(edge, O, field("map", places), *(file(name, b"x") for name in places))
        assert (too_many.status_code, too_many.json()["errors"][0]["message"]) == (413, "More than 2 files.")
        declared = await upload(edge, O, M, file("0", b"x" * 5_000))
        assert (declared.status_code, declared.json()["errors"][0]["message"]) == (
            413,
            "The body is larger than 5000 bytes.",
        )
        for answer in (too_large, too_many, declared):
            assert answer.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_an_upload_without_a_length_is_read_no_further_than_allowed() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n'
        for _ in range(10_000):
            sent += 10_000
            yield b" " * 10_000

    async with inside(EdgeSettings(max_upload_bytes=100_000)) as edge:
        answer = await edge.http.post(
            "/graphql", content=endless(), headers={"content-type": "multipart/form-data; boundary=x", **PREFLIGHT}
        )
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
            413,
            "The upload is larger than 100000 bytes.",
        )
        assert sent <= 100_000 + 8_388_608 + 20_000


async def test_only_so_many_uploads_are_taken_at_once() -> None:
    async with inside(EdgeSettings(max_uploads_in_flight=0)) as edge:
        answer = await upload(edge, O, M, F)
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["message"] == "The server is busy: too many uploads at once."
        assert (await edge.post("{hello}")).status_code == 200
