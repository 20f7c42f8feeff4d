"""The tables of person keys and of the audit trail."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, DateTime, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from arrears.kernel.tables import metadata

_DATABASE_CLOCK = text("clock_timestamp()")


class PersonKeyRow(SQLModel, table=True):
    """The data key of one person under a deployment key; no key any more once it was destroyed."""

    metadata = metadata
    __tablename__ = "person_key"
    __table_args__ = (
        Index("ix_person_key_deployment_key_id", "deployment_key_id", "person_id"),
        Index("ix_person_key_destroyed", "person_id", postgresql_where=text("destroyed_at is not null")),
    )

    person_id: UUID = Field(primary_key=True)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary, repr=False)
    deployment_key_id: str | None = Field(default=None, sa_column=Column(Text(collation="C")))
    created_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )
    destroyed_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class AuditEntryRow(SQLModel, table=True):
    """One change of one thing, under a code that the database cannot make."""

    metadata = metadata
    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_id", "subject_id", "id"),
        Index("ix_audit_entry_client_id", "client_id", "id"),
        Index("ix_audit_entry_principal_id", "principal_id", "id"),
        Index("ix_audit_entry_recorded_at", "recorded_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    occurred_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    request_id: str = Field(sa_type=Text)
    principal_id: UUID
    principal_kind: str = Field(sa_type=Text)
    principal_name: str | None = Field(default=None, sa_type=Text)
    command: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    subject_id: UUID
    client_id: UUID | None = None
    person_id: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    key_id: str = Field(sa_type=Text)
    code: bytes = Field(sa_type=LargeBinary)


class AuditSealRow(SQLModel, table=True):
    """The number of one entry, and the chain up to it."""

    metadata = metadata
    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("entry_id"),)

    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entry_id: UUID
    chain: bytes = Field(sa_type=LargeBinary)
    key_id: str = Field(sa_type=Text)
    sealed_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )


class AuditPendingRow(SQLModel, table=True):
    """An entry that waits for its number."""

    metadata = metadata
    __tablename__ = "audit_pending"

    entry_id: UUID = Field(primary_key=True)
    code: bytes = Field(sa_type=LargeBinary)
