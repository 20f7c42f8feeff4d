"""The bounds of the edge: sizes, counts and times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EdgeSettings:
    """What the edge accepts. The defaults suit one process with a gigabyte of memory.

    `allowed_origins` are the origins of browser front-ends on other hosts, such as "https://desk.example.com".
    """

    max_body_bytes: int = 1_048_576
    max_query_string_bytes: int = 16_384
    max_variable_values: int = 20_000
    max_variable_depth: int = 32
    body_seconds: float = 15.0
    execution_seconds: float = 30.0

    max_files: int = 10
    max_file_bytes: int = 26_214_400
    max_upload_bytes: int = 104_857_600
    upload_seconds: float = 120.0

    max_in_flight: int = 32
    max_queued: int = 200
    queue_seconds: float = 0.25
    max_uploads_in_flight: int = 4
    requests_per_second: float = 100.0
    request_burst: int = 400
    refusal_seconds: float = 0.25
    max_refusal_seconds: float = 8.0
    max_held: int = 4_000
    rejections_per_second: float = 2.0
    rejection_burst: int = 60

    max_streams: int = 10_000
    max_streams_per_credential: int = 2_000
    max_operations_per_socket: int = 100
    max_message_bytes: int = 262_144
    connection_init_seconds: float = 5.0
    send_seconds: float = 10.0
    keep_alive_seconds: float = 12.0
    recheck_seconds: float = 2.0
    recheck_tolerance_seconds: float = 30.0

    allowed_origins: tuple[str, ...] = ()
