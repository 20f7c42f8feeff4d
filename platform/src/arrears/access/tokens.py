"""Bearer tokens (JWT) of configured issuers: checked whole before anything in them is believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import Key, RSAKey
from joserfc.jws import extract_compact
from joserfc.jwt import JWTClaimsRegistry

from arrears.access.issuers import Issuer, IssuerKeys
from arrears_sdk.errors import AccessError, ErrorCode

LARGEST_TOKEN: Final = 8192
SMALLEST_RSA_BITS: Final = 2048
# An access token says `at+jwt` (RFC 9068) or plain `JWT`; other types are made for other purposes.
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})


@dataclass(frozen=True)
class VerifiedToken:
    """Who an issuer vouches for, and until when in real time (seconds since 1970)."""

    issuer: str
    subject: str
    expires_at: float


class TokenVerifier:
    """Checks the tokens of the configured issuers."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        *,
        keys: Callable[[Issuer], IssuerKeys] = IssuerKeys,
        now: Callable[[], float] = time.time,  # real time: tokens live in it, whatever the platform's clock says
    ) -> None:
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._keys = {issuer.issuer: keys(issuer) for issuer in issuers}
        self._now = now

    async def verify(self, token: str) -> VerifiedToken:
        """Who the token is about.

        Raises AccessError UNAUTHENTICATED for every token that is not exactly right, TemporaryError while the issuer's
        keys cannot be had.
        """
        header, claimed = _unverified(token)
        issuer = self._issuers.get(str(claimed.get("iss")))
        if issuer is None:
            raise _refused("The access token comes from an issuer that is not accepted here.")
        key = await self._key(issuer, header)
        try:
            claims = jwt.decode(token, key, algorithms=[str(header["alg"])]).claims
            _rules(issuer, int(self._now())).validate(claims)
        except ExpiredTokenError:
            raise _refused("The access token has expired.") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise _refused(
                f"The access token is not for this use: its claim {error.claim} is missing or wrong."
            ) from None
        except (JoseError, ValueError):
            raise _refused("The access token could not be verified.") from None
        if not claims["sub"]:
            raise _refused("The access token names nobody.")
        return VerifiedToken(issuer.issuer, claims["sub"], float(claims["exp"]) + issuer.leeway_seconds)

    async def _key(self, issuer: Issuer, header: dict[str, Any]) -> Key:
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in issuer.algorithms:
            raise _refused("The access token is signed in a way that is not accepted here.")
        if not isinstance(key_id, str) or not key_id:
            raise _refused("The access token does not say by which key it was signed.")
        if header.get("crit") is not None or str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise _refused("The access token is of a type that is not accepted here.")
        key = await self._keys[issuer.issuer].find(key_id)
        if key is None:
            raise _refused("The access token is signed by a key that its issuer does not publish.")
        if key.alg not in (None, algorithm):
            raise _refused("The access token is signed in a way that its key is not meant for.")
        if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA_BITS:
            raise _refused("The access token is signed by a key that is too short.")
        return key


def _rules(issuer: Issuer, now: int) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        now=now,
        leeway=issuer.leeway_seconds,
        iss={"essential": True, "value": issuer.issuer},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
        sub={"essential": True},
    )


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as the token states them; only good for finding out how to check it."""
    if len(token) > LARGEST_TOKEN:
        raise _refused("The access token is too long.")
    try:
        parts = extract_compact(token.encode())
        claims = orjson.loads(parts.payload or b"")
    except (JoseError, ValueError, RecursionError):
        raise _refused("The bearer token is neither an API key nor an access token.") from None
    if not isinstance(claims, dict):
        raise _refused("The bearer token is neither an API key nor an access token.")
    return dict(parts.protected), claims


def _refused(message: str) -> AccessError:
    return AccessError(message, code=ErrorCode.UNAUTHENTICATED)
