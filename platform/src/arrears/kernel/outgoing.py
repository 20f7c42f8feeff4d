"""Requests to other machines: never to a private address unless a setting allows it, bounded in time and size."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

import httpx

from arrears_sdk.errors import ErrorCode, RefusedError, TemporaryError

TIMEOUT_SECONDS: Final = 5.0
LARGEST_ANSWER_BYTES: Final = 1024 * 1024

# Address translation puts a private IPv4 address into an IPv6 one; it is judged by what it stands for.
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Outgoing:
    """How this deployment may reach others. `allow_private` is for a service on the deployment's own network."""

    allow_private: bool = False
    timeout_seconds: float = TIMEOUT_SECONDS
    largest_answer_bytes: int = LARGEST_ANSWER_BYTES

    async def get(self, url: str) -> bytes:
        """The body of a successful answer.

        Raises RefusedError for an address that must not be asked, TemporaryError when there is no good answer in time.
        No redirect is followed. The name is resolved once and the connection goes to the address that was checked, so
        that a name cannot point elsewhere a moment later.
        """
        target = httpx.URL(url)
        if target.scheme != "https" and not (self.allow_private and target.scheme == "http"):
            raise RefusedError(f"Only https addresses are asked, not {target.scheme}://{target.host}.")
        try:
            async with asyncio.timeout(self.timeout_seconds):
                address = await self._checked_address(
                    target.host, target.port or (443 if target.scheme == "https" else 80)
                )
                return await self._fetch(target, address)
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            raise TemporaryError(
                f"{target.host} gave no good answer ({type(error).__name__}).",
                code=ErrorCode.UNAVAILABLE,
                retry_after_seconds=5.0,
            ) from error

    async def _checked_address(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not self.allow_private:
            for address in addresses:
                if not is_public(address):
                    raise RefusedError(f"{host} is on a private network, which the settings do not allow to ask.")
        return addresses[0]

    async def _fetch(self, target: httpx.URL, address: str) -> bytes:
        pinned = target.copy_with(host=address)
        host = target.host if target.port is None else f"{target.host}:{target.port}"
        async with (
            # trust_env off: a proxy of the environment would resolve the name again.
            httpx.AsyncClient(timeout=self.timeout_seconds, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "GET",
                pinned,
                headers={"Host": host, "Accept": "application/json"},
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise httpx.HTTPStatusError("not OK", request=answer.request, response=answer)
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > self.largest_answer_bytes:
                    raise httpx.DecodingError("answer too large", request=answer.request)
            return body


def is_public(address: str) -> bool:
    """Whether the address belongs to the public internet: not private, local, shared, reserved or multicast."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast
