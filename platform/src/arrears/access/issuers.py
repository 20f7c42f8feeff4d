"""The public keys of token issuers: fetched when needed, kept for a while, asked for again when a new one appears."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from arrears.kernel.outgoing import Outgoing
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, TemporaryError

# Signatures only. `none` and every HS* are impossible: with a public key as the secret anyone could sign.
SAFE_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
REFRESH_SECONDS: Final = 300.0
STALE_SECONDS: Final = 3600.0
PAUSE_SECONDS: Final = 5.0

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Issuer:
    """An issuer whose access tokens are accepted, the audience they must name, and where its keys are published.

    Raises InputError for an algorithm that is not a public-key signature.
    """

    issuer: str
    audience: str
    keys_url: str
    algorithms: tuple[str, ...] = ("RS256", "ES256", "EdDSA")
    leeway_seconds: int = 30
    outgoing: Outgoing = field(default_factory=Outgoing)

    def __post_init__(self) -> None:
        unsafe = sorted(set(self.algorithms) - SAFE_ALGORITHMS)
        if unsafe or not self.algorithms:
            raise InputError(
                f"Tokens cannot be accepted with {unsafe[0] if unsafe else 'no algorithm'}; choose among"
                f" {', '.join(sorted(SAFE_ALGORITHMS))}.",
                code=ErrorCode.INVALID_INPUT,
            )


class IssuerKeys:
    """The keys of one issuer, shared by all requests of a process."""

    def __init__(
        self,
        issuer: Issuer,
        *,
        fetch: Callable[[str], Awaitable[bytes]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch or issuer.outgoing.get
        self._monotonic = monotonic
        self._keys: dict[str, Key] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> Key | None:
        """The issuer's key with that id, None when the issuer has none.

        An unknown id asks the issuer again, at most once in five seconds, so that tokens with made-up ids cannot make
        this deployment ask without end. Raises TemporaryError while the issuer cannot be reached and nothing is known.
        """
        if not self._is_fresh() or (key_id not in self._keys and self._may_ask()):
            async with self._one_at_a_time:
                # Whoever waited finds what the one before fetched.
                if not self._is_fresh() or (key_id not in self._keys and self._may_ask()):
                    await self._refresh()
        return self._keys.get(key_id)

    def _is_fresh(self) -> bool:
        return self._fetched_at is not None and self._monotonic() - self._fetched_at < REFRESH_SECONDS

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._monotonic() - self._asked_at >= PAUSE_SECONDS

    def _is_usable(self) -> bool:
        return self._fetched_at is not None and self._monotonic() - self._fetched_at < STALE_SECONDS

    async def _refresh(self) -> None:
        failure: ArrearsError | None = None
        if self._may_ask():
            self._asked_at = self._monotonic()
            try:
                self._keys = parse_keys(await self._fetch(self._issuer.keys_url))
                self._fetched_at = self._monotonic()
            except ArrearsError as error:
                failure = error
                _log.warning("access.keys_unavailable", issuer=self._issuer.issuer, problem=str(error))
        if not self._is_usable():
            raise TemporaryError(
                "The issuer's keys cannot be fetched; the token cannot be checked at the moment.",
                code=ErrorCode.UNAVAILABLE,
                retry_after_seconds=PAUSE_SECONDS,
            ) from failure


def parse_keys(body: bytes) -> dict[str, Key]:
    """The signing keys of a JWKS document by their ids; others, and any symmetric ones, are left out.

    Raises TemporaryError when the document is none.
    """
    try:
        document = orjson.loads(body)
        listed = [entry for entry in document["keys"] if isinstance(entry, dict)]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise TemporaryError("The issuer's key document is not a JWKS.", code=ErrorCode.UNAVAILABLE) from None
    keys: dict[str, Key] = {}
    for entry in listed:
        if entry.get("kty") in {"RSA", "EC", "OKP"} and entry.get("use", "sig") == "sig" and entry.get("kid"):
            try:
                key = KeySet.import_key_set({"keys": [entry]}).keys[0]
            except (JoseError, ValueError, TypeError):
                # One key of a kind that is not known here must not shut out the others.
                _log.warning("access.key_skipped", kid=str(entry["kid"]))
                continue
            if isinstance(key, RSAKey | ECKey | OKPKey):
                keys[str(entry["kid"])] = key
    return keys
