"""What happened in the platform, as subscribers are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

JsonValue: TypeAlias = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened and was committed.

    `id` stays the same when an event is delivered again; `subject_id` is a prefixed id such as `acct_0192...`.
    `payload` holds ids and plain values, never personal data: what else is needed is asked for.
    """

    id: str
    name: str
    subject_id: str
    client_id: str | None
    occurred_at: datetime
    payload: Mapping[str, JsonValue] = field(default_factory=dict)
