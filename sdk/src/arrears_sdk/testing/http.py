"""Providers over HTTP without the network: a server on this machine that answers as a function or a recording says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

_GONE = 0
"""The status that means: hang up without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What a client sent: header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What the client gets."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    @classmethod
    def json(cls, value: object, status: int = 200) -> HttpResponse:
        """A JSON answer."""
        return cls(status=status, body=json.dumps(value).encode())

    @classmethod
    def none(cls) -> HttpResponse:
        """No answer at all: the connection breaks after the request was read."""
        return cls(status=_GONE)


Responder = Callable[[HttpRequest], HttpResponse]


class HttpDouble:
    """A server on this machine, as a context manager; any HTTP library can be pointed at its `url`."""

    def __init__(self, respond: Responder) -> None:
        self.requests: list[HttpRequest] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(respond))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _handler(self, respond: Responder) -> type[BaseHTTPRequestHandler]:
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = HttpRequest(
                    method=self.command, path=self.path, headers=headers, body=self.rfile.read(length)
                )
                kept.append(request)
                response = respond(request)
                if response.status == _GONE:
                    self.close_connection = True
                    return
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(response.body)))
                self.end_headers()
                self.wfile.write(response.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *arguments: object) -> None:
                """Says nothing: what was asked is in `requests`."""

        return Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded request and its answer. A `body` of None fits any body."""

    method: str
    path: str
    response: HttpResponse
    body: bytes | None = None


class ReplayError(AssertionError):
    """A request came that was not recorded, or out of turn."""


class Replay:
    """Answers with what was recorded, in that order: `HttpDouble(Replay([...]))`, or call it with a request.

    What does not fit is answered with 599, and kept in `faults`; `finished()` raises for these and for what is left.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._left = list(exchanges)
        self.faults: list[str] = []

    @classmethod
    def load(cls, path: Path) -> Replay:
        """A recording kept as JSON: a list of `{method, path, body, status, answer}`, bodies as text."""
        exchanges = [
            Exchange(
                method=entry["method"],
                path=entry["path"],
                body=None if entry.get("body") is None else str(entry["body"]).encode(),
                response=HttpResponse(status=entry.get("status", 200), body=str(entry.get("answer", "")).encode()),
            )
            for entry in json.loads(path.read_text(encoding="utf-8"))
        ]
        return cls(exchanges)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The recorded answer."""
        wanted = self._left[0] if self._left else None
        fits = (
            wanted is not None
            and (wanted.method, wanted.path) == (request.method, request.path)
            and wanted.body in (None, request.body)
        )
        if wanted is None or not fits:
            recorded = f"{wanted.method} {wanted.path}" if wanted else "nothing more"
            self.faults.append(f"{request.method} {request.path} was asked, and {recorded} is recorded")
            return HttpResponse(status=599, body=self.faults[-1].encode())
        self._left.pop(0)
        return wanted.response

    def finished(self) -> None:
        """Raises `ReplayError` unless exactly the recorded requests were made."""
        left = [f"{exchange.method} {exchange.path} was never asked" for exchange in self._left]
        if self.faults or left:
            raise ReplayError("; ".join([*self.faults, *left]))
