"""Requests to other machines refuse private addresses, redirects, slow and oversized answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from arrears.kernel.outgoing import Outgoing, is_public
from arrears_sdk.errors import RefusedError, TemporaryError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@asynccontextmanager
async def server(answer: bytes, pause: float = 0.0) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server on loopback that gives one raw answer; its address and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        await asyncio.sleep(pause)
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/keys", asked


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_a_private_address_is_asked_only_when_the_setting_allows_it() -> None:
    async with server(ok(b"{}")) as (url, asked):
        assert await Outgoing(allow_private=True).get(url) == b"{}"
        with pytest.raises(RefusedError, match="Only https"):
            await Outgoing().get(url)
        with pytest.raises(RefusedError, match="private network"):
            await Outgoing().get(url.replace("http:", "https:"))
        with pytest.raises(RefusedError, match="private network"):
            await Outgoing().get("https://localhost/keys")
    assert len(asked) == 1


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that shows a public address first and a private one afterwards does not get through."""
    answers = [["93.184.215.14"], ["127.0.0.1"]]
    connected: list[str] = []

    async def resolve(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    async def fetch(self: Outgoing, target: Any, address: str) -> bytes:
        connected.append(address)
        return b"{}"

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    monkeypatch.setattr(Outgoing, "_fetch", fetch)
    await Outgoing().get("https://rebinding.example/keys")
    with pytest.raises(RefusedError):
        await Outgoing().get("https://rebinding.example/keys")
    answers.append(["93.184.215.14", "10.0.0.1"])
    with pytest.raises(RefusedError):
        await Outgoing().get("https://rebinding.example/keys")
    assert connected == ["93.184.215.14"]


async def test_the_host_asked_for_is_named_though_the_address_is_connected_to() -> None:
    async with server(ok(b"{}")) as (url, asked):
        await Outgoing(allow_private=True).get(url.replace("127.0.0.1", "localhost"))
    port = url.rsplit(":", 1)[1].split("/")[0]
    assert f"host: localhost:{port}\r\n".encode() in asked[0].lower()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"junk\r\n\r\n",
        ok(b"x" * 2000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n",
    ],
)
async def test_a_redirect_an_error_and_an_oversized_answer_are_no_answer(answer: bytes) -> None:
    async with server(answer) as (url, asked):
        with pytest.raises(TemporaryError):
            await Outgoing(allow_private=True, largest_answer_bytes=1000).get(url)
    assert len(asked) == 1


async def test_a_slow_answer_and_nobody_listening_end_in_time() -> None:
    async with server(ok(b"{}"), pause=2) as (url, _):
        with pytest.raises(TemporaryError):
            await Outgoing(allow_private=True, timeout_seconds=0.2).get(url)
    with pytest.raises(TemporaryError):
        await Outgoing(allow_private=True).get("http://127.0.0.1:1/keys")
    with pytest.raises(TemporaryError):
        await Outgoing(timeout_seconds=2).get("https://does-not-exist.invalid/keys")
