"""What a unit of work notes beside its rows: events, audit records and things to happen later."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Event:
    """Something that happened, named in the past tense; `subject` is the prefix of the subject's ids.

    The payload holds ids and plain values; personal values only as ciphertext.
    """

    name: str
    subject: str
    subject_id: UUID
    client_id: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRecord:
    """One thing that a command changed: what it was before and after.

    Personal values are given as `Personal(value)` and stored as ciphertext under the key of `person_id`.
    """

    command: str
    subject: str
    subject_id: UUID
    client_id: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    person_id: UUID | None = None


@dataclass(frozen=True)
class Scheduled:
    """Something that is to happen to a subject at an instant of the platform's clock."""

    kind: str
    subject_id: UUID
    due_at: datetime.datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    client_id: UUID | None = None
