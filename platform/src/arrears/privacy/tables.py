"""The tables of a person's requests (DDL: `foundations/92_privacy.sql`)."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned

_INSTANT = DateTime(timezone=True)


class DataRequestRow(Row, Versioned, table=True):
    """One person's request for their data, or to be erased."""

    __tablename__ = "data_request"
    __table_args__ = (
        Index(
            "uq_data_request_open",
            "debtor_id",
            "kind",
            unique=True,
            postgresql_where=text("status in ('OPEN', 'NEEDS_ATTENTION')"),
        ),
        Index("ix_data_request_debtor_id_opened_at_id", "debtor_id", "opened_at", "id"),
        Index("ix_data_request_opened_at_id", "opened_at", "id"),
        Index("ix_data_request_status_id", "status", "id"),
        Index("ix_data_request_kind_id", "kind", "id"),
    )

    debtor_id: UUID = Field(sa_column=Column(ForeignKey("debtor.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    ground: str | None = Field(default=None, sa_type=Text)
    status: str = Field(sa_type=Text)
    opened_by_id: UUID
    opened_at: datetime.datetime = Field(sa_type=_INSTANT)
    due_on: datetime.date
    tries: int = 0
    next_try_at: datetime.datetime | None = Field(default=None, sa_type=_INSTANT)
    without_plugins: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    blocked_by: str | None = Field(default=None, sa_type=Text)
    fulfilled_at: datetime.datetime | None = Field(default=None, sa_type=_INSTANT)
    available_until: datetime.datetime | None = Field(default=None, sa_type=_INSTANT)
    export: bytes | None = Field(default=None, sa_type=LargeBinary)
    closed_at: datetime.datetime | None = Field(default=None, sa_type=_INSTANT)


class DataRequestFailureRow(Row, table=True):
    """What stood in the way of a request at its last try."""

    __tablename__ = "data_request_failure"
    __table_args__ = (Index("ix_data_request_failure_request_id", "request_id", "id"),)

    request_id: UUID = Field(sa_column=Column(ForeignKey("data_request.id"), nullable=False))
    client_id: UUID | None = None
    plugin: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    failed_at: datetime.datetime = Field(sa_type=_INSTANT)
