"""Locks on files, which the operating system drops when the process that holds them ends, however it ends."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from arrears_sdk.errors import ErrorCode, TemporaryError


@contextmanager
def hold_exclusively(path: Path, deadline: float) -> Iterator[None]:
    """Be the only holder for the length of the block; raises TemporaryError past the deadline (monotonic seconds)."""
    with path.open("ab") as file:
        while not _lock(file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise TemporaryError(
                    f"Another process has been holding {path} for too long.",
                    code=ErrorCode.UNAVAILABLE,
                    retry_after_seconds=5,
                )
            time.sleep(0.05)
        yield


def open_shared(path: Path) -> IO[bytes]:
    """An open file whose shared lock lasts until it is closed."""
    file = path.open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def try_exclusive(path: Path) -> Iterator[bool]:
    """Whether nobody else holds the lock, and nobody gets it during the block."""
    with path.open("ab") as file:
        yield _lock(file, fcntl.LOCK_EX)


def _lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
