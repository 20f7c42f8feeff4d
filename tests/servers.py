"""Embedded servers that a test may kill, and how it kills them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through, whatever the umask; removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="arrears-embedded-", dir=roomy_memory()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def roomy_memory() -> str | None:
    """A file system in memory with room for a server's files, where there is one: disks vary from run to run."""
    memory = "/dev/shm"
    return memory if os.path.isdir(memory) and shutil.disk_usage(memory).free > 8 * 2**30 else None


def postmaster(data_folder: Path) -> int:
    """The process of the server in a data folder."""
    return int((data_folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def wait_for_postmaster(data_folder: Path, seconds: float = 20) -> int:
    """The process of the server in a data folder, once there is one: after a kill it is started again in a moment."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return postmaster(data_folder)
        except (FileNotFoundError, ValueError):
            assert time.monotonic() < deadline, "no server was started again"
        time.sleep(0.05)


def kill_server(data_folder: Path) -> None:
    """SIGKILL to the server and to every process of its own, as a power cut would do."""
    parent = wait_for_postmaster(data_folder)
    processes = [parent, *children(parent)]
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 10
    while any(alive(process) for process in processes):
        assert time.monotonic() < deadline, processes
        time.sleep(0.01)


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
