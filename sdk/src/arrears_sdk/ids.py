"""Ids that sort by time inside and name their kind outside: `acct_0192...`."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from uuid import UUID

from arrears_sdk.errors import ErrorCode, InputError

_PUBLIC_ID = re.compile(r"([a-z]{2,8})_([0-9a-f]{32})")
_PREFIX = re.compile(r"[a-z]{2,8}")
_TAIL_BITS = 74
_LARGEST_STEP = 2**32


class _Sequence:
    """Hands out ever larger UUIDv7 values within one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._tail = 0

    def next(self) -> UUID:
        with self._lock:
            millisecond = time.time_ns() // 1_000_000
            if millisecond > self._millisecond:
                self._millisecond, self._tail = millisecond, _fresh_tail()
            else:
                # Several ids in one millisecond, or a clock set back: go on counting from the last one.
                self._tail += 1 + secrets.randbelow(_LARGEST_STEP)
                if self._tail >> _TAIL_BITS:
                    self._millisecond, self._tail = self._millisecond + 1, _fresh_tail()
            return _uuid_v7(self._millisecond, self._tail)


def _fresh_tail() -> int:
    # The highest bit stays clear, so that a millisecond has room for counting on.
    return secrets.randbits(_TAIL_BITS - 1)


def _uuid_v7(millisecond: int, tail: int) -> UUID:
    high, low = tail >> 62, tail & (2**62 - 1)
    return UUID(int=(millisecond << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


_sequence = _Sequence()


def _restart_sequence() -> None:
    # A forked child must not count on from its parent's last id, as its siblings would do the same.
    global _sequence
    _sequence = _Sequence()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restart_sequence)


def new_id() -> UUID:
    """A new UUIDv7, larger than every earlier one made by this process."""
    return _sequence.next()


def encode_id(prefix: str, value: UUID) -> str:
    """The public form of an id: its kind, an underscore and 32 lower-case hex digits."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"an id prefix is two to eight lower-case letters, not {prefix!r}")
    return f"{prefix}_{value.hex}"


def decode_id(prefix: str, text: str) -> UUID:
    """The UUID inside a public id of the wanted kind; raises `InputError` (INVALID_ID) for any other text."""
    found, digits = _split(text, wanted=prefix)
    if found != prefix:
        raise InputError(
            f"This is an id of kind {found!r}, where one of kind {prefix!r} is wanted.", code=ErrorCode.INVALID_ID
        )
    return UUID(hex=digits)


def prefix_of(text: str) -> str:
    """The kind that a public id names; raises `InputError` (INVALID_ID) when the text is not an id."""
    return _split(text, wanted=None)[0]


def _split(text: str, *, wanted: str | None) -> tuple[str, str]:
    match = _PUBLIC_ID.fullmatch(text)
    if match is None:
        example = f"{wanted or 'acct'}_ followed by 32 hexadecimal digits in lower case"
        raise InputError(f"{_shortened(text)!r} is not an id; an id is {example}.", code=ErrorCode.INVALID_ID)
    return match[1], match[2]


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
