"""The settings name an issuer, and the application that `arrears serve` runs believes its tokens."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.model import PrincipalKind, Role
from arrears.app.deployed import application_of, issuers
from arrears.deployment import Deployment as OpenDeployment, open_deployment
from arrears.kernel.keys import new_key_text
from arrears.settings import Settings, read_settings
from arrears_sdk.errors import InputError
from tests.conftest import Deployment
from tests.security.test_access_outgoing import ok, server
from tests.security.test_access_tokens import RSA, jwks, signed

ISSUER = "https://id.example"


def settings(deployment: Deployment, folder: Path, **more: object) -> Settings:
    """The settings of the test's database, with those of the case."""
    return read_settings(
        data_folder=folder,
        database_url=deployment.urls.owner,
        api_database_url=deployment.urls.api,
        worker_database_url=deployment.urls.worker,
        deployment_keys=new_key_text(),
        **more,
    )


async def answer(opened: OpenDeployment, token: str) -> httpx.Response:
    """What the application says to a token."""
    transport = httpx.ASGITransport(app=application_of(opened))
    async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test") as client:
        return await client.post(
            "/graphql",
            json={"query": "{ viewer { name permissions } }"},
            headers={"authorization": f"Bearer {token}"},
        )


@pytest.fixture
async def keys_url() -> AsyncIterator[str]:
    """Where an issuer on loopback publishes its keys."""
    async with server(ok(jwks(RSA))) as (url, _):
        yield url


async def test_a_token_of_the_configured_issuer_signs_in(deployment: Deployment, tmp_path: Path, keys_url: str) -> None:
    # given: an issuer on the deployment's own network, and somebody whom it vouches for
    chosen = settings(
        deployment, tmp_path, token_issuer=ISSUER, token_audience="arrears", token_keys_url=keys_url,
        token_keys_private=True,
    )  # fmt: skip
    person = PrincipalCreate(kind=PrincipalKind.PERSON, name="Ada Loom", issuer=ISSUER, subject="ada")
    now = time.time()

    async with open_deployment(chosen) as opened:
        made = (await principal_create(opened.context(), person)).result.principal_id
        await role_grant(opened.context(), RoleGrant(principal_id=made, role=Role.AUDITOR, everywhere=True))

        # when
        right = await answer(opened, signed(iat=now, nbf=now, exp=now + 600))
        for_others = await answer(opened, signed(aud="billing", iat=now, nbf=now, exp=now + 600))

    # then
    viewer = right.json()["data"]["viewer"]
    assert (right.status_code, viewer["name"]) == (200, "Ada Loom")
    assert "audit.read" in viewer["permissions"]
    assert for_others.status_code == 401


async def test_an_issuer_on_a_private_network_is_not_asked_without_the_setting(
    deployment: Deployment, tmp_path: Path, keys_url: str
) -> None:
    chosen = settings(
        deployment, tmp_path, token_issuer=ISSUER, token_audience="arrears",
        token_keys_url=keys_url.replace("http:", "https:"),
    )  # fmt: skip
    now = time.time()
    async with open_deployment(chosen) as opened:
        refused = await answer(opened, signed(iat=now, nbf=now, exp=now + 600))

    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert "127.0.0.1" not in refused.text


async def test_without_the_settings_no_token_is_believed(deployment: Deployment, tmp_path: Path) -> None:
    chosen = settings(deployment, tmp_path)
    assert issuers(chosen) == []
    async with open_deployment(chosen) as opened:
        assert (await answer(opened, signed(exp=time.time() + 600))).status_code == 401


def test_an_algorithm_that_anyone_could_sign_with_stops_the_start(deployment: Deployment, tmp_path: Path) -> None:
    chosen = settings(
        deployment, tmp_path, token_issuer=ISSUER, token_audience="arrears", token_keys_url=f"{ISSUER}/keys",
        token_algorithms="RS256,HS256",
    )  # fmt: skip
    with pytest.raises(InputError, match="Tokens cannot be accepted with HS256"):
        issuers(chosen)
