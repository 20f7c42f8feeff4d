"""Who sends a request: from its bearer token to a principal with permissions and a scope."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, LiteralString
from uuid import UUID

import orjson
import structlog

from arrears.access.grants import Grant, Limit, reach
from arrears.access.issuers import Issuer
from arrears.access.keys import digest, is_key, well_formed
from arrears.access.model import Permission, PrincipalKind, Role
from arrears.access.tokens import TokenVerifier
from arrears.kernel.database import Database
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import DATABASE_ERRORS
from arrears.kernel.vault import Vault
from arrears_sdk.errors import AccessError, ErrorCode

# A principal is asked for again after this long, so that whatever was revoked anywhere ends within a second.
REMEMBERED_SECONDS: Final = 0.9
MOST_REMEMBERED: Final = 10_000
USE_NOTED_SECONDS: Final = 60.0

# Nothing is visible in it: the functions below have their own, narrow way (decision "Looking up who asks").
_NO_ROWS: Final = Scope(kind="limited", staff=False)
_BY_KEY: Final[LiteralString] = "select authenticate_key(%(digest)s)"
_BY_SUBJECT: Final[LiteralString] = "select authenticate_subject(%(issuer)s, %(subject)s)"
_NOTE_USE: Final[LiteralString] = "select api_key_used(%s)"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Known:
    """A principal as it was found, and until when (monotonic) it may be believed without asking again."""

    principal: Principal
    until: float


class Authenticator:
    """Finds principals for requests; one for each process.

    What it found is believed for less than a second. Refusals are not remembered, so that a key works at once when it
    has been made.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        issuers: Sequence[Issuer] = (),
        *,
        tokens: TokenVerifier | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._vault = vault
        self._tokens = tokens or TokenVerifier(issuers)
        self._monotonic = monotonic
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._noted: OrderedDict[UUID, float] = OrderedDict()

    async def authenticate(self, headers: Mapping[str, str]) -> Principal | None:
        """The principal that the request's `Authorization: Bearer` names, or None when there is no such header.

        Raises AccessError UNAUTHENTICATED for a credential that is malformed, unknown, expired or revoked.
        """
        token = _bearer(headers)
        if token is None:
            return None
        # A digest under the deployment's key: memory holds no token, and nothing that could be tried elsewhere.
        place = self._vault.mac(sha256(token.encode()).digest())
        known = self._known.get(place)
        if known is not None and self._monotonic() < known.until:
            self._known.move_to_end(place)
            return known.principal
        self._known.pop(place, None)
        asked_at = self._monotonic()
        principal, seconds_left = await (self._by_key(token) if is_key(token) else self._by_token(token))
        self._remember(place, _Known(principal, asked_at + min(REMEMBERED_SECONDS, seconds_left)))
        return principal

    def forget(self) -> None:
        """Ask the database again for everyone, at once."""
        self._known.clear()

    async def _by_key(self, token: str) -> tuple[Principal, float]:
        if not well_formed(token):
            raise _refused("The API key is malformed; copy it whole.")
        answer = await self._look_up(_BY_KEY, {"digest": digest(token)})
        if answer is None:
            raise _refused("There is no such API key.")
        if answer["revoked"]:
            raise _refused("The API key was revoked.")
        if answer["seconds_left"] <= 0:
            raise _refused("The API key has expired.")
        key_id = UUID(answer["key"])
        principal = _principal(answer["principal"], f"key:{key_id}", frozenset(answer["scopes"]))
        await self._note_use(key_id)
        return principal, float(answer["seconds_left"])

    async def _by_token(self, token: str) -> tuple[Principal, float]:
        verified = await self._tokens.verify(token)
        answer = await self._look_up(_BY_SUBJECT, {"issuer": verified.issuer, "subject": verified.subject})
        if answer is None:
            raise _refused("The access token is genuine, but its subject has no access here.")
        principal = _principal(answer["principal"], f"token:{answer['principal']['id']}", None)
        # real time, in which tokens expire
        return principal, verified.expires_at - time.time()

    async def _look_up(self, statement: LiteralString, parameters: Mapping[str, object]) -> dict[str, Any] | None:
        rows = await self._database.read(_NO_ROWS, statement, parameters)
        found = rows[0][0]
        answer: dict[str, Any] | None = None if found is None else orjson.loads(found)
        return answer

    async def _note_use(self, key_id: UUID) -> None:
        """Notes the last use, at most once a minute for each key and process; a failure only costs the note."""
        now = self._monotonic()
        if now - self._noted.get(key_id, float("-inf")) < USE_NOTED_SECONDS:
            return
        self._noted[key_id] = now
        self._noted.move_to_end(key_id)
        while len(self._noted) > MOST_REMEMBERED:
            self._noted.popitem(last=False)
        try:
            async with self._database.pool.connection() as connection:
                await connection.execute(_NOTE_USE, [key_id])
        except (OSError, *DATABASE_ERRORS) as error:
            _log.warning("access.last_use_not_noted", key_id=str(key_id), problem=type(error).__name__)

    def _remember(self, place: bytes, known: _Known) -> None:
        self._known[place] = known
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _bearer(headers: Mapping[str, str]) -> str | None:
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), None)
    if given is None:
        return None
    scheme, _, token = given.strip().partition(" ")
    token = token.strip()
    if (
        scheme.lower() != "bearer"
        or not token
        or not token.isascii()
        or any(character.isspace() for character in token)
    ):
        raise _refused("The Authorization header must read `Bearer` and one token.")
    return token


def _principal(found: Mapping[str, Any], credential: str, scopes: frozenset[str] | None) -> Principal:
    """The principal of a look-up's answer, with what its grants come to, cut down to the key's scopes."""
    if not found["active"]:
        raise _refused("This principal is disabled.")
    kind = PrincipalKind(found["kind"])
    grants = [
        Grant(Role(one["role"]), Limit(_uuid(one["client"]), _uuid(one["team"]), _uuid(one["account"])))
        for one in found["grants"]
    ]
    reached = reach(grants)
    scope = reached.scope
    if kind is PrincipalKind.DEBTOR:
        accounts = tuple(UUID(account) for account in found["accounts"])
        scope = Scope(kind="limited", staff=False, accounts=accounts, debtor=_uuid(found["debtor"]))
    permissions = {str(permission) for permission in reached.permissions}
    if scopes is not None:
        permissions &= scopes
    return Principal(
        id=UUID(found["id"]),
        kind=kind.value,
        name=found["name"],
        roles=frozenset(role.value for role in reached.roles),
        # Whoever is signed in may ask who it is, whatever its roles and scopes.
        permissions=frozenset(permissions | {Permission.SELF_READ.value}),
        scope=scope,
        credential=credential,
    )


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _refused(message: str) -> AccessError:
    return AccessError(message, code=ErrorCode.UNAUTHENTICATED)
