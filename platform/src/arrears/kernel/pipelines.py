"""A repair of the driver: what a pipeline sends is sent whole before its answer is awaited.

psycopg up to 3.3.9 stops sending when the socket takes no more, although the last statements of a pipeline may still
be in its own buffer. At the end of a pipeline it sends the rest; at a commit within one, and at the end of a pipeline
within another, it waits for the answer to what it has not sent. A commit of a few hundred kilobytes then never ended.
`tests/product/kernel/test_pipelines.py` hangs without this module; it may go when that test passes without it.
"""

from __future__ import annotations

from psycopg._pipeline_base import BasePipeline
from psycopg.abc import PQGen


def _synchronise(pipeline: BasePipeline) -> PQGen[None]:
    """Asks for the end of what was sent so far, sends all of it, and takes in the answers."""
    pipeline._enqueue_sync()
    yield from pipeline._communicate_gen()
    yield from pipeline._fetch_gen(flush=True)


def send_pipelines_whole() -> None:
    """Repairs the driver for every connection of this process; doing it twice changes nothing."""
    BasePipeline._sync_gen = _synchronise  # type: ignore[method-assign, assignment]
