"""Pages of other sites read nothing unless their origin is allowed by name."""

from __future__ import annotations

from arrears.graphql.edge.settings import EdgeSettings
from tests.graphql.edge.running import Edge, inside

DESK = "https://desk.example.com"


async def test_no_other_site_is_allowed_by_default(edge: Edge) -> None:
    answer = await edge.http.post("/graphql", json={"query": "{hello}"}, headers={"origin": DESK})
    preflight = await edge.http.options("/graphql", headers={"origin": DESK, "access-control-request-method": "POST"})
    assert (answer.status_code, preflight.status_code) == (200, 204)
    for each in (answer, preflight):
        assert not [name for name in each.headers if name.startswith("access-control")]


async def test_an_allowed_origin_may_ask_and_read() -> None:
    async with inside(EdgeSettings(allowed_origins=(DESK + "/",))) as edge:
        del edge.http.headers["authorization"]
        preflight = await edge.http.options(
            "/graphql",
            headers={
                "origin": DESK,
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization",
            },
        )
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == DESK
        assert preflight.headers["access-control-allow-methods"] == "GET, POST"
        assert "authorization" in preflight.headers["access-control-allow-headers"].split(", ")
        assert "access-control-allow-credentials" not in preflight.headers
        # Failures must be readable too.
        answer = await edge.http.post("/graphql", json={"query": "{hello}"}, headers={"origin": DESK})
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == DESK
        for origin in ("https://desk.example.com.evil.test", "http://desk.example.com", "null"):
            answer = await edge.http.post("/graphql", json={"query": "{hello}"}, headers={"origin": origin})
            assert "access-control-allow-origin" not in answer.headers
