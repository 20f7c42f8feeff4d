"""Where messages end up in tests: a mail server and an SMS provider on this machine that keep what they are given."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast
from urllib.parse import parse_qsl

from arrears_sdk.testing.http import HttpDouble, HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as the server got it: who sent it to whom in the envelope, and the message."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class _Conversation(socketserver.StreamRequestHandler):
    """One connection, as far as SMTP needs: no encryption, no sign-in, no limits."""

    def handle(self) -> None:
        """Answers until the client leaves."""
        sink = cast("_Server", self.server).sink
        sender, recipients = "", list[str]()
        self._say("220 sink")
        while line := self.rfile.readline():
            command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            verb = command.upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "MAIL":
                sender, recipients = _address(rest), []
            elif verb == "RCPT":
                if _address(rest) in sink.refused:
                    self._say("550 no such mailbox")
                    continue
                recipients.append(_address(rest))
            elif verb == "DATA":
                self._say("354 go on")
                sink.mails.append(Mail(sender, tuple(recipients), self._message()))
            self._say("250 fine")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b".\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    sink: MailSink


class MailSink:
    """A mail server at `host` and `port`, as a context manager. Recipients in `refused` do not exist."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refused: set[str] = set()
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.sink = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    @property
    def port(self) -> int:
        """On which port it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class SmsSink(HttpDouble):
    """An SMS provider that takes every POST, as a context manager: what was sent is in `texts`, by field names.

    Forms and JSON objects are understood. A request whose `to` is in `refused` is answered with 400.
    """

    def __init__(self) -> None:
        self.texts: list[Mapping[str, str]] = []
        self.refused: set[str] = set()
        super().__init__(self._take)

    def _take(self, request: HttpRequest) -> HttpResponse:
        if "json" in request.headers.get("content-type", ""):
            fields = {str(name): str(value) for name, value in json.loads(request.body).items()}
        else:
            fields = dict(parse_qsl(request.body.decode()))
        to = next((value for name, value in fields.items() if name.lower() == "to"), "")
        if to in self.refused:
            return HttpResponse.json({"error": "no such number"}, 400)
        self.texts.append(fields)
        return HttpResponse.json({"id": f"sms_{len(self.texts):08d}", "status": "queued"}, 201)


def _address(text: str) -> str:
    return text.partition("<")[2].partition(">")[0]
