"""Load from a process of its own: many connections that each send as fast as they are answered, or a steady knock.

Run as `python tests/faults/load.py`, with the plan as JSON on standard input; prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Plan:
    """What to send. `tokens` are used in turn by the connections; without any, the path is asked for by GET.

    The connections open one after the other over `ramp_seconds`, and each asks again as soon as it is answered. With
    `every_seconds` a new connection asks once each time that long has passed, whether or not the earlier ones have
    been answered: that tells the truth about waiting.
    """

    port: int
    seconds: float
    connections: int = 1
    path: str = "/graphql"
    query: str = ""
    tokens: list[str] = field(default_factory=list)
    ramp_seconds: float = 0.0
    every_seconds: float = 0.0


@dataclass
class Seen:
    """What came back: how often each status, how long each answer took, and refusals that did not say when to retry."""

    statuses: dict[str, int]
    seconds: list[float]
    without_retry_after: int
    broken: int


async def asking(plan: Plan, number: int, seen: Seen, began: float) -> None:
    """The share of one connection that asks again and again."""
    until = began + plan.seconds
    await asyncio.sleep(plan.ramp_seconds * number / plan.connections)
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
            try:
                while time.monotonic() < until:
                    await once(plan, number, seen, reader, writer)
                    number += 1
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError):
            seen.broken += 1


async def knocking(plan: Plan, number: int, seen: Seen, began: float) -> None:
    """One question at its time, over a connection of its own; connecting counts as waiting."""
    due = began + number * plan.every_seconds
    await asyncio.sleep(due - time.monotonic())
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
        try:
            await once(plan, number, seen, reader, writer, due)
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError):
        seen.broken += 1


async def once(
    plan: Plan,
    number: int,
    seen: Seen,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    asked_at: float | None = None,
) -> None:
    """One question and its answer."""
    asked_at = asked_at or time.monotonic()
    writer.write(_request(plan, number))
    status, headers = await asyncio.wait_for(_answer(reader), 60)
    seen.seconds.append(time.monotonic() - asked_at)
    seen.statuses[status] = seen.statuses.get(status, 0) + 1
    if status in ("429", "503") and b"\r\nretry-after: " not in headers:
        seen.without_retry_after += 1


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = int(lower.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head[9:12].decode(), lower


def _request(plan: Plan, number: int) -> bytes:
    if not plan.tokens:
        return f"GET {plan.path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    body = json.dumps({"query": plan.query}).encode()
    token = plan.tokens[number % len(plan.tokens)]
    head = (
        f"POST {plan.path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(plan: Plan) -> Seen:
    """What a plan saw."""
    seen = Seen({}, [], 0, 0)
    began = time.monotonic()
    share, times = asking, plan.connections
    if plan.every_seconds:
        share, times = knocking, int(plan.seconds / plan.every_seconds)
    await asyncio.gather(*(share(plan, number, seen, began) for number in range(times)))
    return seen


async def from_another_process(plan: Plan, *, yielding: bool = False) -> Seen:
    """What a plan saw that another process carried out; `yielding` leaves the processor to the server, as a real
    crowd on other machines does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=(lambda: os.nice(10)) if yielding else None,
    )
    output, _ = await process.communicate(json.dumps(asdict(plan)).encode())
    assert process.returncode == 0
    return Seen(**json.loads(output))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(load(Plan(**json.load(sys.stdin)))))))
