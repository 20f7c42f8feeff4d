"""Access tokens (JWT): every way in which one can be wrong is refused, and the issuer's keys may change."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from arrears.access.authentication import Authenticator
from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.issuers import Issuer, IssuerKeys
from arrears.access.model import PrincipalKind, Role
from arrears.access.tokens import LARGEST_TOKEN, TokenVerifier
from arrears_sdk.errors import AccessError, ErrorCode, InputError, TemporaryError
from tests.conftest import Deployment

ISSUER = Issuer("https://id.example", "arrears", "https://id.example/keys", ("RS256", "ES256", "Ed25519"))
NOW = 1_800_000_000.0
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "alg": "ES256"})
OKP = OKPKey.generate_key("Ed25519", {"kid": "okp"})
SHORT = RSAKey.generate_key(1024, {"kid": "short"})


def jwks(*keys: Key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    usual = {"iss": ISSUER.issuer, "aud": "arrears", "sub": "ada", "iat": NOW, "nbf": NOW, "exp": NOW + 600}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(
    key: Key = RSA, algorithm: str = "RS256", kid: str | None = "rsa", header: Any = None, **changes: Any
) -> str:
    stated = {"alg": algorithm, **({} if kid is None else {"kid": kid}), **(header or {})}
    return jwt.encode(stated, claims(**changes), key, algorithms=[algorithm])


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class Publisher:
    """An issuer's key document, and how often it was asked for."""

    def __init__(self, *keys: Key) -> None:
        self.body = jwks(*keys)
        self.asked = 0
        self.down = False

    async def fetch(self, url: str) -> bytes:
        assert url == ISSUER.keys_url
        self.asked += 1
        if self.down:
            raise TemporaryError("down")
        return self.body


def verifier(
    publisher: Publisher, now: Callable[[], float] = lambda: NOW, clock: list[float] | None = None
) -> TokenVerifier:
    ticks = clock if clock is not None else [0.0]
    return TokenVerifier(
        [ISSUER],
        keys=lambda issuer: IssuerKeys(issuer, fetch=publisher.fetch, monotonic=lambda: ticks[0]),
        now=now,
    )


@pytest.fixture
def publisher() -> Publisher:
    return Publisher(RSA, EC, OKP, SHORT)


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec"), (OKP, "Ed25519", "okp")]
)
async def test_a_right_token_is_accepted(publisher: Publisher, key: Key, algorithm: str, kid: str) -> None:
    found = await verifier(publisher).verify(signed(key, algorithm, kid))
    assert (found.issuer, found.subject, found.expires_at) == (ISSUER.issuer, "ada", NOW + 630)


async def test_an_audience_among_several_and_a_small_difference_of_clocks_are_accepted(publisher: Publisher) -> None:
    assert (await verifier(publisher).verify(signed(aud=["other", "arrears"]))).subject == "ada"
    assert (await verifier(publisher).verify(signed(nbf=NOW + 29, iat=NOW + 29))).subject == "ada"
    assert (await verifier(publisher).verify(signed(exp=NOW - 29))).subject == "ada"


def unsigned(**header: Any) -> str:
    return f"{part(header)}.{part(claims())}."


def signed_with_the_public_key_as_secret() -> str:
    body = f"{part({'alg': 'HS256', 'kid': 'rsa', 'typ': 'JWT'})}.{part(claims())}"
    code = hmac.new(RSA.as_pem(private=False), body.encode(), sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"


def tampered() -> str:
    header, _, signature = signed().split(".")
    return f"{header}.{part(claims(sub='root'))}.{signature}"


def other_signature() -> str:
    header, body, _ = signed().split(".")
    return f"{header}.{body}.{signed(sub='eve').split('.')[2]}"


WRONG = {
    "expired": (lambda: signed(exp=NOW - 31), "expired"),
    "never expires": (lambda: signed(exp=None), "claim exp"),
    "expiry is text": (lambda: signed(exp="tomorrow"), "claim exp"),
    "not yet": (lambda: signed(nbf=NOW + 31), "claim nbf"),
    "issued in the future": (lambda: signed(iat=NOW + 31), "claim iat"),
    "other audience": (lambda: signed(aud="billing"), "claim aud"),
    "no audience": (lambda: signed(aud=None), "claim aud"),
    "wrong issuer": (lambda: signed(iss="https://evil.example"), "issuer that is not accepted"),
    "no issuer": (lambda: signed(iss=None), "issuer that is not accepted"),
    "no subject": (lambda: signed(sub=None), "claim sub"),
    "empty subject": (lambda: signed(sub=""), "names nobody|claim sub"),
    "subject is a number": (lambda: signed(sub=7), "claim sub"),
    "algorithm none": (lambda: unsigned(alg="none", kid="rsa"), "signed in a way"),
    "algorithm None": (lambda: unsigned(alg="NoNe", kid="rsa"), "signed in a way"),
    "no algorithm": (lambda: unsigned(kid="rsa"), "signed in a way|neither"),
    "HS256 with the public key": (signed_with_the_public_key_as_secret, "signed in a way"),
    "algorithm not allowed": (lambda: signed(RSA, "PS256"), "signed in a way"),
    "algorithm not of the key": (lambda: signed(EC, "ES256", "rsa"), "could not be verified"),
    "key made for another algorithm": (lambda: signed(RSA, "RS256", "ec"), "key is not meant for"),
    "key unknown": (lambda: signed(OTHER_RSA, kid="nobody"), "does not publish"),
    "key with a known name": (lambda: signed(OTHER_RSA), "could not be verified"),
    "no key named": (lambda: signed(kid=None), "by which key"),
    "short key": (lambda: signed(SHORT, kid="short"), "too short"),
    "tampered": (tampered, "could not be verified"),
    "another token's signature": (other_signature, "could not be verified"),
    "no signature": (lambda: signed().rpartition(".")[0] + ".", "could not be verified|neither"),
    "key in its own header": (
        lambda: signed(OTHER_RSA, header={"jwk": OTHER_RSA.as_dict(private=False)}),
        "could not be verified|neither",
    ),
    "address of keys in its header": (
        lambda: signed(OTHER_RSA, header={"jku": "https://evil.example/keys"}),
        "could not be verified",
    ),
    "critical extension": (
        lambda: f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['x'], 'x': 1})}.{part(claims())}.AA",
        "type",
    ),
    "another type": (lambda: signed(header={"typ": "logout+jwt"}), "type"),
    "no JWT at all": (lambda: "abc", "neither an API key nor an access token"),
    "not JSON": (lambda: "YWJj.YWJj.YWJj", "neither an API key nor an access token"),
    "claims are a list": (lambda: f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part([1])}.AA", "neither"),
    "deeply nested": (lambda: "e30." + base64.urlsafe_b64encode(b"[" * 5000).decode() + ".AA", "neither"),
    "five parts": (lambda: "a.b.c.d.e", "neither an API key nor an access token"),
    "too long": (lambda: "a" * (LARGEST_TOKEN + 1), "too long"),
}


@pytest.mark.parametrize("name", list(WRONG))
async def test_a_wrong_token_is_refused(name: str, publisher: Publisher) -> None:
    make, message = WRONG[name]
    with pytest.raises(AccessError, match=message) as refused:
        await verifier(publisher).verify(make())
    assert refused.value.code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("algorithms", [("none",), ("HS256",), ("RS256", "HS512"), ()])
def test_no_setting_allows_an_algorithm_that_anyone_could_sign_with(algorithms: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="Tokens cannot be accepted with"):
        Issuer("https://id.example", "arrears", "https://id.example/keys", algorithms)


async def test_symmetric_and_encryption_keys_of_a_document_are_left_out(publisher: Publisher) -> None:
    secret = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
    document = json.loads(jwks(RSA))
    document["keys"] += [
        {"kty": "oct", "kid": "oct", "k": secret},
        {**EC.as_dict(private=False), "kid": "enc", "use": "enc"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {"kty": "AKP", "kid": "new", "alg": "ML-DSA-44"},
        "nonsense",
    ]
    publisher.body = json.dumps(document).encode()
    found = verifier(publisher)
    assert (await found.verify(signed())).subject == "ada"
    for kid in ("oct", "enc", "broken", "new"):
        with pytest.raises(AccessError, match="does not publish"):
            await found.verify(signed(kid=kid))


async def test_a_rotated_key_is_found_at_once_and_a_withdrawn_one_ends(publisher: Publisher) -> None:
    clock = [0.0]
    found = verifier(publisher, clock=clock)
    await found.verify(signed())
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    publisher.body = jwks(fresh)

    clock[0] = 10
    assert (await found.verify(signed(fresh, kid="fresh"))).subject == "ada"
    assert publisher.asked == 2
    with pytest.raises(AccessError, match="does not publish"):
        await found.verify(signed())


async def test_made_up_key_ids_ask_the_issuer_once_in_five_seconds_at_most(publisher: Publisher) -> None:
    clock = [0.0]
    found = verifier(publisher, clock=clock)
    for tenth in range(200):
        clock[0] = tenth / 10
        with pytest.raises(AccessError, match="does not publish"):
            await found.verify(signed(kid=f"made-up-{tenth}"))
    assert publisher.asked == 4


async def test_known_keys_outlive_an_issuer_that_is_away_for_a_while(publisher: Publisher) -> None:
    clock = [0.0]
    found = verifier(publisher, clock=clock)
    await found.verify(signed())
    publisher.down = True
    clock[0] = 3599
    assert (await found.verify(signed())).subject == "ada"
    clock[0] = 3601
    with pytest.raises(TemporaryError) as refused:
        await found.verify(signed())
    assert refused.value.retry_after_seconds == 5
    publisher.down = False
    clock[0] = 3610
    assert (await found.verify(signed())).subject == "ada"


async def test_an_issuer_that_never_answered_is_a_temporary_error(publisher: Publisher) -> None:
    publisher.down = True
    with pytest.raises(TemporaryError):
        await verifier(publisher).verify(signed())
    publisher.down, publisher.body = False, b"<html>"
    with pytest.raises(TemporaryError):
        await verifier(publisher).verify(signed())


async def test_the_principal_and_its_roles_come_from_our_own_database(
    deployment: Deployment, publisher: Publisher
) -> None:
    tokens = verifier(publisher, now=time.time)
    authenticator = Authenticator(deployment.database, deployment.vault, tokens=tokens)
    live = {"iat": time.time(), "nbf": time.time(), "exp": time.time() + 600}
    headers = {"Authorization": "Bearer " + signed(**live, roles=["ADMIN"], scope="access.write", permissions=["*"])}
    with pytest.raises(AccessError, match="its subject has no access here"):
        await authenticator.authenticate(headers)

    change = PrincipalCreate(kind=PrincipalKind.PERSON, name="Ada", issuer=ISSUER.issuer, subject="ada")
    made = (await principal_create(deployment.context(), change)).result.principal_id
    bare = await authenticator.authenticate(headers)
    await role_grant(deployment.context(), RoleGrant(principal_id=made, role=Role.AUDITOR, everywhere=True))
    authenticator.forget()
    found = await authenticator.authenticate(headers)

    assert bare is not None
    assert (bare.id, bare.permissions) == (made, {"self.read"})
    assert found is not None
    assert (found.roles, found.credential) == ({"AUDITOR"}, f"token:{made}")
    assert found.may("audit.read")
    assert not found.may("access.write")
