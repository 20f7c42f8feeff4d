"""The file that is taken in: on disk under a name, the same bytes from beginning to end."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from arrears_sdk.errors import InputError


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came in a request, open and without a path: the name that the sender gave it, and its content."""

    name: str
    content: BinaryIO

    def __str__(self) -> str:
        return self.name


ImportFile = Path | ReceivedFile


@dataclass(frozen=True)
class StoredFile:
    """A file on disk, and the digest of its content."""

    path: Path
    size: int
    content_hash: str
    state: tuple[int, int, int]

    def check(self) -> None:
        """InputError when somebody has changed the file since it was looked at first."""
        if _state(self.path) != self.state:
            raise InputError("The file was changed while it was read. Import it again.", field=("file",))


@asynccontextmanager
async def stored(file: ImportFile) -> AsyncIterator[StoredFile]:
    """The file under a path that an importer can open, as long as the block lasts. Others are served meanwhile."""
    if isinstance(file, Path):
        yield await asyncio.to_thread(_stored, file)
        return
    # Only its owner may read what this makes.
    with tempfile.NamedTemporaryFile(prefix="arrears-import-") as copy:
        await asyncio.to_thread(_copy, file, copy)
        yield await asyncio.to_thread(_stored, Path(copy.name))


def _copy(file: ReceivedFile, to: IO[bytes]) -> None:
    with os.fdopen(os.dup(file.content.fileno()), "rb") as content:
        content.seek(0)
        shutil.copyfileobj(content, to, 1 << 20)
    to.flush()


def _stored(path: Path) -> StoredFile:
    try:
        state = _state(path)
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            size = content.tell()
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.", field=("file",)) from error
    return StoredFile(path, size, digest, state)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
