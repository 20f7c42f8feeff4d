"""Who gets in: nobody without a credential, each at a rate, and guessing leads nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arrears.graphql.edge.authentication import Gatekeeper
from arrears.graphql.edge.settings import EdgeSettings
from arrears_sdk.errors import AccessError, ErrorCode, LimitError
from tests.graphql.edge.running import RESPONSE, Edge, inside
from tests.graphql.edge.sample import GOOD_TOKEN, PERSON, SampleAuthenticator


class Clock:
    """A clock that a test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("body", [b'{"query":"{hello}"}', b'{"query":"{ nothing }"}', b"{", b""])
async def test_the_anonymous_are_refused_before_anything_is_read(edge: Edge, body: bytes) -> None:
    del edge.http.headers["authorization"]
    answer = await edge.send(body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="arrears"'
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"] == (
        "This request needs a credential: send `Authorization: Bearer` with an API key or an access token."
    )
    assert edge.authenticator.asked == 0


@pytest.mark.parametrize("query", ["{ nothing }", "{ __schema { types { name } } }", "{"])
async def test_a_bad_credential_learns_nothing_of_the_schema(edge: Edge, query: str) -> None:
    edge.http.headers["authorization"] = "Bearer bad"
    answer = await edge.post(query, accept=RESPONSE)
    assert answer.status_code == 401
    assert [error["message"] for error in answer.json()["errors"]] == ["The credential is unknown or no longer valid."]


async def test_a_credential_that_came_twice_is_refused(edge: Edge) -> None:
    headers = [("authorization", GOOD_TOKEN), ("authorization", GOOD_TOKEN), ("content-type", "application/json")]
    request = edge.http.build_request("POST", "http://edge.test/graphql", content=b'{"query":"{hello}"}')
    request.headers = type(request.headers)([*request.headers.multi_items(), *headers])
    answer = await edge.http.send(request)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "The header authorization came more than once."


async def test_nobody_signs_in_through_the_url(edge: Edge) -> None:
    del edge.http.headers["authorization"]
    answer = await edge.http.get("/graphql", params={"query": "{hello}", "access_token": "good-token"})
    assert answer.status_code == 401


async def test_a_credential_has_its_rate() -> None:
    async with inside(EdgeSettings(requests_per_second=0.5, request_burst=3)) as edge:
        statuses = [(await edge.post("{hello}")).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        answer = await edge.post("{hello}")
        assert answer.headers["retry-after"] == "2"
        (error,) = answer.json()["errors"]
        assert error["message"] == "Too many requests: wait 2 seconds."
        assert error["extensions"]["code"] == "RATE_LIMITED"
        edge.authenticator.principals["Bearer other"] = replace(PERSON, credential="akey_2")
        other = await edge.http.post("/graphql", json={"query": "{hello}"}, headers={"authorization": "Bearer other"})
        assert other.status_code == 200


async def test_failed_attempts_from_one_address_stop_reaching_the_authenticator() -> None:
    clock = Clock()
    authenticator = SampleAuthenticator()
    settings = EdgeSettings(rejections_per_second=1, rejection_burst=5)
    gatekeeper = Gatekeeper(authenticator, settings, clock=clock)
    assert await gatekeeper.identify(GOOD_TOKEN, "192.0.2.1") == PERSON
    for number in range(5):
        with pytest.raises(AccessError):
            await gatekeeper.identify(f"Bearer guess-{number}", "192.0.2.1")
    assert authenticator.asked == 6
    with pytest.raises(LimitError) as refused:
        await gatekeeper.identify("Bearer guess-6", "192.0.2.1")
    assert refused.value.code == ErrorCode.RATE_LIMITED
    assert refused.value.retry_after_seconds == 1
    assert authenticator.asked == 6
    # A credential that was good lately still gets in from there, others do from elsewhere, and time heals.
    assert await gatekeeper.identify(GOOD_TOKEN, "192.0.2.1") == PERSON
    with pytest.raises(AccessError):
        await gatekeeper.identify("Bearer guess-7", "192.0.2.2")
    clock.now += 1
    with pytest.raises(AccessError):
        await gatekeeper.identify("Bearer guess-8", "192.0.2.1")


async def test_a_revoked_credential_is_no_longer_known_as_good() -> None:
    clock = Clock()
    authenticator = SampleAuthenticator()
    gatekeeper = Gatekeeper(authenticator, EdgeSettings(rejection_burst=1, rejections_per_second=1), clock=clock)
    await gatekeeper.identify(GOOD_TOKEN, "192.0.2.1")
    del authenticator.principals[GOOD_TOKEN]
    with pytest.raises(AccessError):
        await gatekeeper.identify(GOOD_TOKEN, "192.0.2.1")
    with pytest.raises(LimitError):
        await gatekeeper.identify(GOOD_TOKEN, "192.0.2.1")


async def test_an_endless_credential_is_refused_without_being_looked_at() -> None:
    authenticator = SampleAuthenticator()
    gatekeeper = Gatekeeper(authenticator, EdgeSettings())
    with pytest.raises(AccessError):
        await gatekeeper.identify("Bearer " + "x" * 8_192, None)
    assert authenticator.asked == 0
