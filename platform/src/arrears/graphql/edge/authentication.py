"""Who asks: the authenticator behind bounds on how often it may be asked in vain."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from arrears.graphql.edge.engine import Authenticate
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.rate import TokenBuckets
from arrears.kernel.principal import Principal
from arrears_sdk.errors import AccessError, ErrorCode, LimitError

MAX_CREDENTIALS = 20_000
MAX_ADDRESSES = 20_000
MAX_CREDENTIAL_CHARACTERS = 8_192


class Gatekeeper:
    """Lets principals in and keeps each to its rate.

    Failed attempts drain a bucket of the address they come from. When it is empty, only credentials that were good
    lately are looked at, so that guessing and garbage cost next to nothing, and a neighbour's do no harm.
    """

    def __init__(
        self, authenticate: Authenticate, settings: EdgeSettings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._authenticate = authenticate
        self._requests = TokenBuckets(
            settings.requests_per_second, settings.request_burst, capacity=MAX_CREDENTIALS, clock=clock
        )
        self._rejections = TokenBuckets(
            settings.rejections_per_second, settings.rejection_burst, capacity=MAX_ADDRESSES, clock=clock
        )
        self._salt = secrets.token_bytes(16)
        self._good: OrderedDict[bytes, None] = OrderedDict()

    async def admit(self, authorization: str | None, address: str | None) -> Principal:
        """The principal behind a credential, charged one request.

        AccessError UNAUTHENTICATED without a good credential; LimitError RATE_LIMITED when its bucket is empty.
        """
        principal = await self.identify(authorization, address)
        self.charge(principal)
        return principal

    async def identify(self, authorization: str | None, address: str | None) -> Principal:
        """The principal behind a credential, charged nothing. Raises as `admit` does for a bad one."""
        if authorization is None or len(authorization) > MAX_CREDENTIAL_CHARACTERS:
            self._reject(address)
            raise AccessError(
                "This request needs a credential: send `Authorization: Bearer` with an API key or an access token.",
                code=ErrorCode.UNAUTHENTICATED,
            )
        digest = hashlib.blake2b(authorization.encode("utf-8", "replace"), digest_size=16, key=self._salt).digest()
        if digest not in self._good and (wait := self._rejections.wait(address or "")):
            raise too_often(wait)
        try:
            principal = await self.again(authorization)
        except AccessError:
            self._good.pop(digest, None)
            self._reject(address)
            raise
        self._good[digest] = None
        self._good.move_to_end(digest)
        if len(self._good) > MAX_CREDENTIALS:
            self._good.popitem(last=False)
        return principal

    async def again(self, authorization: str) -> Principal:
        """The principal behind a credential, asked of the authenticator without any bound."""
        headers: Mapping[str, str] = {"authorization": authorization}
        principal = await self._authenticate(headers)
        if principal is None:
            raise AccessError("The credential is of no known kind.", code=ErrorCode.UNAUTHENTICATED)
        return principal

    def charge(self, principal: Principal) -> None:
        """Takes one request from the principal's bucket. LimitError RATE_LIMITED when it is empty."""
        wait = self._requests.take(principal.credential or str(principal.id))
        if wait:
            raise too_often(wait)

    def _reject(self, address: str | None) -> None:
        wait = self._rejections.take(address or "")
        if wait:
            raise too_often(wait)


def too_often(wait_seconds: float) -> LimitError:
    """The answer to a request that came too early."""
    seconds = math.ceil(wait_seconds)
    return LimitError(
        f"Too many requests: wait {seconds} seconds.",
        code=ErrorCode.RATE_LIMITED,
        retry_after_seconds=seconds,
    )
