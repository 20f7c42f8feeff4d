"""A server on this machine that answers like Stripe, line by line as a test says: for what the double does not have."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from pydantic import SecretStr
from world import SECRET

from arrears_stripe import StripeConfig


@dataclass(frozen=True)
class Answer:
    """What is answered to one request; with `after_seconds` the asker may have left."""

    body: dict[str, Any]
    status: int = 200
    after_seconds: float = 0.0


@dataclass
class Scripted:
    """Answers requests to a path with what was laid ready for it, in order; what was not expected is a fault."""

    answers: dict[str, deque[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def lay(self, path: str, *answers: Answer | dict[str, Any]) -> None:
        """Answers for the next requests to a path."""
        ready = self.answers.setdefault(path, deque())
        ready += [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]

    @property
    def config(self) -> StripeConfig:
        return StripeConfig(
            api_key=SecretStr("sk_test_scripted"),
            webhook_secret=SecretStr(SECRET),
            api_base=f"http://127.0.0.1:{self._server.server_port}",
            timeout_seconds=0.5,
        )

    def __enter__(self) -> Scripted:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                given = self.rfile.read(length).decode() or query
                script.asked.append((self.command, path, dict(urllib.parse.parse_qsl(given))))
                answer = script.answers[path].popleft()
                time.sleep(answer.after_seconds)
                body = json.dumps(answer.body).encode()
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def intent(status: str, **more: Any) -> dict[str, Any]:
    """A PaymentIntent over ten dollars."""
    return {"id": "pi_1", "object": "payment_intent", "status": status, "amount": 1000, "currency": "usd", **more}


def page(*things: dict[str, Any], more: bool = False) -> dict[str, Any]:
    """One page of a list."""
    return {"object": "list", "data": list(things), "has_more": more, "url": "/v1/things"}


def error(kind: str, message: str, **more: Any) -> dict[str, Any]:
    """The body of an error."""
    return {"error": {"type": kind, "message": message, **more}}
