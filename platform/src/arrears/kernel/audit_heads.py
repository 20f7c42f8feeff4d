"""The heads of the audit chain, kept in a file outside the database.

A head says how far the chain went and what it was there. Whoever can rewrite the database cannot rewrite this file, so
a tail that was cut off, or a chain that was made anew, no longer agrees with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from arrears.kernel.vault import Vault, framed

LARGEST_FILE_BYTES: Final = 4 * 1024 * 1024
KEPT_FILES: Final = 8


@dataclass(frozen=True)
class Head:
    """The chain after the entry with this number, under a code of its own; `sealed_at` is real time."""

    sequence: int
    chain: bytes
    sealed_at: datetime
    key_id: str
    code: bytes

    @classmethod
    def of(cls, vault: Vault, sequence: int, chain: bytes, sealed_at: datetime) -> Head:
        """A head with its code under the current deployment key."""
        key_id = vault.current_key_id
        return cls(sequence, chain, sealed_at, key_id, vault.mac(_head_bytes(sequence, chain, sealed_at, key_id)))

    def is_genuine(self, vault: Vault) -> bool:
        """Whether the head was written by a holder of a deployment key that is configured."""
        written = _head_bytes(self.sequence, self.chain, self.sealed_at, self.key_id)
        return vault.knows_key(self.key_id) and vault.mac_matches(written, self.code, key_id=self.key_id)


class HeadLog:
    """An append-only file of heads, one JSON line each; a full file is set aside under a numbered name."""

    def __init__(self, path: Path, *, largest_bytes: int = LARGEST_FILE_BYTES, kept_files: int = KEPT_FILES) -> None:
        self.path = path
        self._largest_bytes = largest_bytes
        self._kept_files = kept_files

    def append(self, head: Head) -> None:
        """Writes the head and waits until the disk has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._rotate()
        line = orjson.dumps(
            {
                "sequence": head.sequence,
                "chain": head.chain.hex(),
                "sealed_at": head.sealed_at.isoformat(),
                "key_id": head.key_id,
                "code": head.code.hex(),
            }
        )
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # A line that a crash cut short must not swallow this one: it gets its line end first.
            os.write(descriptor, (b"\n" if self._ends_inside_a_line() else b"") + line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> Iterator[Head]:
        """Every whole head kept, the oldest first; a line that a crash cut short is left out."""
        for path in [*(self._numbered(number) for number in range(self._kept_files, 0, -1)), self.path]:
            if path.exists():
                for line in path.read_bytes().splitlines():
                    head = _parsed(line)
                    if head is not None:
                        yield head

    def last(self) -> Head | None:
        """The newest head, None before the first."""
        return max(self.read(), key=lambda head: head.sealed_at, default=None)

    def _rotate(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < self._largest_bytes:
            return
        # Every head vouches for the whole chain before it, so that the oldest file can go.
        for number in range(self._kept_files - 1, 0, -1):
            if self._numbered(number).exists():
                self._numbered(number).replace(self._numbered(number + 1))
        self.path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _ends_inside_a_line(self) -> bool:
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"


def _parsed(line: bytes) -> Head | None:
    try:
        written = orjson.loads(line)
        return Head(
            sequence=int(written["sequence"]),
            chain=bytes.fromhex(written["chain"]),
            sealed_at=datetime.fromisoformat(written["sealed_at"]),
            key_id=str(written["key_id"]),
            code=bytes.fromhex(written["code"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _head_bytes(sequence: int, chain: bytes, sealed_at: datetime, key_id: str) -> bytes:
    return framed(b"audit-head/1", str(sequence).encode(), chain, sealed_at.isoformat().encode(), key_id.encode())
