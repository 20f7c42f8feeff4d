"""Imports a plugin in a fresh process and tells what that did: how long it took, what came along, what it replaced."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

WATCHED = (
    "argparse", "ast", "asyncio", "base64", "builtins", "calendar", "codecs", "collections", "contextlib", "copy",
    "csv", "dataclasses", "datetime", "decimal", "email", "enum", "functools", "hashlib", "hmac", "http.client",
    "importlib", "inspect", "io", "itertools", "json", "logging", "math", "os", "os.path", "pathlib", "pickle",
    "random", "re", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "string", "subprocess",
    "sys", "tempfile", "threading", "time", "typing", "unittest.mock", "urllib.parse", "urllib.request", "uuid",
    "warnings", "zoneinfo",
    "pydantic", "pydantic.main", "pydantic.fields", "pluggy",
    "arrears_sdk", "arrears_sdk.clock", "arrears_sdk.errors", "arrears_sdk.events", "arrears_sdk.hooks",
    "arrears_sdk.ids", "arrears_sdk.money", "arrears_sdk.outcome", "arrears_sdk.plugin", "arrears_sdk.rules",
    "arrears_sdk.ruling", "arrears_sdk.views", "arrears_sdk.vocabulary", "arrears_sdk.ports.gateway",
    "requests", "urllib3", "httpx", "httpcore", "certifi", "polars", "stripe",
)  # fmt: skip
"""Modules whose attributes, and the attributes of whose classes, an import must leave as they are."""

SLOWEST = 10.0
_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class ImportTrial:
    """What an import did. Times are in seconds; `replaced` names attributes as `socket.socket.connect`."""

    sdk_seconds: float
    plugin_seconds: float
    platform_modules: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    failure: str = ""
    unwatched: tuple[str, ...] = ()

    @property
    def is_slow(self) -> bool:
        """Whether it took more than ten times what importing the SDK took."""
        return self.plugin_seconds > SLOWEST * self.sdk_seconds


@cache
def try_import(name: str) -> ImportTrial:
    """Imports a module in a fresh process where nothing is loaded beside the SDK; that gives the time.

    What the SDK has loaded is watched at once. Where the plugin loads more that has to be watched, it is imported again
    in another process that has loaded this before.
    """
    module = sys.modules[name]
    order = {
        "module": name,
        "file": getattr(module, "__file__", None) if _is_loose(module.__name__) else None,
        "path": [str(Path(entry).resolve()) for entry in sys.path],
        "watched": (),
        "known": WATCHED,
    }
    timed = _child(order)
    if timed.failure:
        return timed
    if timed.is_slow:
        # Perhaps the machine was busy just then.
        timed = min(timed, _child(order), key=lambda trial: trial.plugin_seconds / trial.sdk_seconds)
    # Whoever replaces something in a package has it loaded; what was not loaded need not be watched.
    if not timed.unwatched:
        return timed
    watching = _child({**order, "watched": timed.unwatched})
    return replace(timed, replaced=watching.replaced, failure=watching.failure)


def _is_loose(name: str) -> bool:
    """Whether a module is a file that no search path leads to: given by its path, or the program itself."""
    if name == "__main__":
        return True
    try:
        # Asked anew: what was loaded from a path is known by now, and found nowhere all the same.
        return all(finder.find_spec(name.partition(".")[0], None) is None for finder in sys.meta_path)
    except (ImportError, ValueError):
        return True


def _child(order: dict[str, object]) -> ImportTrial:
    done = subprocess.run(
        # -P keeps the probe's own folder off the search path, so that it shadows nothing.
        [sys.executable, "-P", str(Path(__file__).with_name("import_probe.py"))],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        return ImportTrial(1, 1, failure=done.stderr.strip()[-800:] or f"the process ended with {done.returncode}")
    found = json.loads(done.stdout.splitlines()[-1])
    return ImportTrial(
        found["sdk_seconds"],
        found["plugin_seconds"],
        tuple(found["platform_modules"]),
        tuple(found["replaced"]),
        unwatched=tuple(found["unwatched"]),
    )
