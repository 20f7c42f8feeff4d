"""Load on a local server: `wrk` where it is installed, else a small client whose own share is shown."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CONNECTIONS = 8


@dataclass(frozen=True)
class Load:
    """Requests a second, and how the load was made."""

    requests_per_second: float
    made_by: str


def put_load(url: str, body: Mapping[str, Any], headers: Mapping[str, str], seconds: float) -> Load:
    """Post one body over and over for some seconds; raises when an answer is not 200."""
    if shutil.which("wrk"):
        return _wrk(url, body, headers, seconds)
    return asyncio.run(_client(url, body, headers, seconds))


def _wrk(url: str, body: Mapping[str, Any], headers: Mapping[str, str], seconds: float) -> Load:
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(json.dumps(body))}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text("\n".join(lines), encoding="utf-8")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script), url]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    if "Non-2xx" in shown:
        raise RuntimeError(f"{url} refused: {shown}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", shown)
    assert found is not None, shown
    return Load(float(found.group(1)), "wrk")


async def _client(url: str, body: Mapping[str, Any], headers: Mapping[str, str], seconds: float) -> Load:
    end = time.monotonic() + seconds
    content = json.dumps(body).encode()
    done = 0

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal done
        while time.monotonic() < end:
            answer = await client.post(url, content=content, headers=dict(headers))
            answer.raise_for_status()
            done += 1

    began, used = time.monotonic(), time.process_time()
    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(work(client) for _ in range(CONNECTIONS)))
    took, share = time.monotonic() - began, time.process_time() - used
    return Load(done / took, f"bundled client, {share / took:.0%} of a core its own")
