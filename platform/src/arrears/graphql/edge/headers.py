"""The headers of one request that the edge reads, and the id that names the request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence

from arrears.graphql.edge.errors import EdgeError

REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{8,128}").fullmatch
SINGLE = frozenset({b"authorization", b"content-type", b"content-length", b"content-encoding", b"origin", b"host"})

RawHeaders = Sequence[tuple[bytes, bytes]]


def collect(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name. Lists that come in several lines are joined; what must be single and is not is a 400."""
    pairs = list(raw)
    collected = dict(pairs)
    if len(collected) == len(pairs):
        return collected
    collected.clear()
    for name, value in pairs:
        if name not in collected:
            collected[name] = value
        elif name in SINGLE:
            raise EdgeError(400, f"The header {name.decode('latin-1')} came more than once.", close=True)
        else:
            collected[name] += b", " + value
    return collected


def request_id_of(given: bytes | None) -> bytes:
    """The caller's own id of the request when it is well-formed, else a new one."""
    if given is not None and REQUEST_ID(given):
        return given
    return secrets.token_hex(16).encode("ascii")
