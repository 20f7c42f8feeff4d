"""Uploads by the GraphQL multipart request specification: few, bounded, and on disk before anyone reads them."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from arrears.graphql.edge.body import ClientDisconnected, Receive, decode_json, refuse_declared, refuse_encoded
from arrears.graphql.edge.engine import GraphQLRequest, Upload
from arrears.graphql.edge.errors import EdgeError
from arrears.graphql.edge.parameters import request_from
from arrears.graphql.edge.settings import EdgeSettings
from arrears_sdk.errors import ErrorCode

PREFLIGHT_HEADER = b"graphql-preflight"
MAX_PLACES = 100
"""How many places in the variables all files together may be mapped to."""


def refuse_cross_site(headers: Mapping[bytes, bytes]) -> None:
    """EdgeError 400 without the header that no page of another site can send unless the server allows its origin."""
    if not headers.get(PREFLIGHT_HEADER):
        name = "GraphQL-Preflight"
        raise EdgeError(400, f"A multipart request needs the header `{name}: 1`, so that no other site can forge it.")


@dataclass
class _Part:
    """The part that is being read: a field into memory, a file onto disk."""

    name: str = ""
    filename: str | None = None
    content_type: str = "application/octet-stream"
    size: int = 0
    text: bytearray = field(default_factory=bytearray)
    file: BinaryIO | None = None


class _Reader:
    """Takes the parser's callbacks, in the order that the specification wants: `operations`, `map`, then the files."""

    def __init__(self, settings: EdgeSettings) -> None:
        self._settings = settings
        self._part = _Part()
        self._digest = hashlib.sha256()
        self._header = bytearray()
        self._value = bytearray()
        self._headers: dict[str, bytes] = {}
        self.operations: object = None
        self.places: dict[str, list[str]] | None = None
        self.files: dict[str, Upload] = {}
        self.opened: list[BinaryIO] = []
        self.complete = False

    def on_part_begin(self) -> None:
        self._part = _Part()
        self._digest = hashlib.sha256()
        self._headers.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        part = self._part
        part.name = options.get(b"name", b"").decode("utf-8", "replace")
        expected = "operations" if self.operations is None else "map" if self.places is None else None
        if expected is not None:
            if part.name != expected:
                raise EdgeError(400, f"The next part must be `{expected}`: operations, map, then the files.")
            return
        if part.name not in (self.places or {}):
            raise EdgeError(400, "A file is named by no entry of `map`.")
        if part.name in self.files:
            raise EdgeError(400, "A file came more than once.")
        part.filename = _safe_name(options.get(b"filename", b""))
        part.content_type = self._headers.get("content-type", b"application/octet-stream").decode("latin-1")[:200]
        part.file = cast("BinaryIO", tempfile.TemporaryFile(prefix="arrears-upload-"))  # noqa: SIM115 (closed with the request)
        self.opened.append(part.file)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size += end - start
        if part.file is None:
            if part.size > self._settings.max_body_bytes:
                raise EdgeError(413, f"`{part.name}` is too large.", ErrorCode.PAYLOAD_TOO_LARGE, close=True)
            part.text += data[start:end]
            return
        if part.size > self._settings.max_file_bytes:
            message = f"A file is larger than {self._settings.max_file_bytes} bytes."
            raise EdgeError(413, message, ErrorCode.PAYLOAD_TOO_LARGE, close=True)
        piece = data[start:end]
        self._digest.update(piece)
        part.file.write(piece)

    def on_part_end(self) -> None:
        part = self._part
        if part.file is not None:
            part.file.seek(0)
            self.files[part.name] = Upload(
                part.filename or "", part.content_type, part.size, self._digest.hexdigest(), part.file
            )
        elif self.operations is None:
            self.operations = decode_json(bytes(part.text), "`operations`")
        else:
            self.places = _places(decode_json(bytes(part.text), "`map`"), self._settings)

    def on_end(self) -> None:
        self.complete = True

    def request(self) -> GraphQLRequest:
        """The request with its files in place. EdgeError 400 when a part is missing or a place is wrong."""
        if not self.complete or self.places is None:
            raise EdgeError(400, "The multipart body is incomplete.")
        if missing := self.places.keys() - self.files.keys():
            raise EdgeError(400, f"{len(missing)} of the files that `map` names did not come.")
        request = request_from(self.operations, self._settings)
        for name, paths in self.places.items():
            for path in paths:
                _put(request.variables, path, self.files[name])
        return replace(request, uploads=tuple(self.files.values()))


@asynccontextmanager
async def multipart_request(
    receive: Receive, headers: Mapping[bytes, bytes], boundary: str, settings: EdgeSettings
) -> AsyncIterator[GraphQLRequest]:
    """The request of a multipart body; its files are closed and gone when the context ends."""
    refuse_declared(headers, settings.max_upload_bytes)
    refuse_encoded(headers)
    reader = _Reader(settings)
    try:
        try:
            parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": reader.on_part_begin,
                    "on_part_data": reader.on_part_data,
                    "on_part_end": reader.on_part_end,
                    "on_header_field": reader.on_header_field,
                    "on_header_value": reader.on_header_value,
                    "on_header_end": reader.on_header_end,
                    "on_headers_finished": reader.on_headers_finished,
                    "on_end": reader.on_end,
                },
            )
            async with asyncio.timeout(settings.upload_seconds):
                await _feed(parser, receive, settings.max_upload_bytes)
        except FormParserError:
            raise EdgeError(400, "The multipart body is malformed.", close=True) from None
        except TimeoutError:
            message = f"The upload did not arrive within {settings.upload_seconds:g} seconds."
            raise EdgeError(408, message, close=True) from None
        yield reader.request()
    finally:
        for file in reader.opened:
            file.close()


async def _feed(parser: MultipartParser, receive: Receive, limit: int) -> None:
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnected
        body = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(body)
        if size > limit:
            reason = f"The upload is larger than {limit} bytes."
            raise EdgeError(413, reason, ErrorCode.PAYLOAD_TOO_LARGE, close=True)
        if body:
            # In a thread, since the parts are written to a disk that may be slow.
            await asyncio.to_thread(parser.write, body)


def _places(given: object, settings: EdgeSettings) -> dict[str, list[str]]:
    if not isinstance(given, dict) or not given:
        raise EdgeError(400, "`map` must be an object that names a list of places for each file.")
    if len(given) > settings.max_files:
        raise EdgeError(413, f"More than {settings.max_files} files.", ErrorCode.PAYLOAD_TOO_LARGE, close=True)
    for paths in given.values():
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise EdgeError(400, "`map` must be an object that names a list of places for each file.")
    if sum(len(paths) for paths in given.values()) > MAX_PLACES:
        raise EdgeError(400, f"`map` names more than {MAX_PLACES} places.")
    return given


def _put(variables: dict[str, object] | None, path: str, upload: Upload) -> None:
    """Puts a file where the client left a null for it."""
    first, *steps = path.split(".")
    target: object = variables
    if first == "variables" and steps:
        for step in steps[:-1]:
            target = _step(target, step)
        last = steps[-1]
        if isinstance(target, dict) and last in target and target[last] is None:
            target[last] = upload
            return
        if isinstance(target, list) and last.isdecimal() and len(last) < 6 and int(last) < len(target):
            index = int(last)
            if target[index] is None:
                target[index] = upload
                return
    raise EdgeError(400, "A place that `map` names is not a null in the variables.")


def _step(target: object, step: str) -> object:
    if isinstance(target, dict):
        return target.get(step)
    if isinstance(target, list) and step.isdecimal() and len(step) < 6 and int(step) < len(target):
        return target[int(step)]
    return None


def _safe_name(given: bytes) -> str:
    """The last part of a file name, without anything that a path or a log could trip over."""
    name = given.decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in name if character.isprintable())[:255]
