"""The base of every table class, and the tables that the kernel itself keeps."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from arrears_sdk.ids import new_id

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)


class Row(SQLModel):
    """The base of every table: an id that sorts by time, made in Python before the row is written."""

    metadata = metadata

    id: UUID = Field(default_factory=new_id, primary_key=True)


class Versioned(SQLModel):
    """For rows that people edit: a version that every change raises, and when the row was made and changed."""

    version: int = Field(default=1, nullable=False)
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    updated_at: datetime.datetime = Field(sa_type=DateTime(timezone=True), nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - called with the class
        """An update names the version that was read: of two writers the slower one changes no row and is refused."""
        return {"version_id_col": cls.version}


class TransactionNumber(UserDefinedType[int]):
    """PostgreSQL's xid8: the number of the transaction that wrote a row."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


_DATABASE_CLOCK = text("clock_timestamp()")


class ProtectedTableRow(SQLModel, table=True):
    """A table under row-level security and the kind of rows that it holds."""

    metadata = metadata
    __tablename__ = "protected_table"

    table_name: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text)
    operations: str = Field(sa_type=Text)


class DeploymentRow(Row, table=True):
    """What this database is; there is exactly one row."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("only_row"),)

    only_row: bool = True
    sandbox: bool
    clock_offset_microseconds: int = Field(default=0, sa_type=BigInteger)
    version: int = 1
    created_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )
    updated_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )


class EventRow(Row, table=True):
    """Something that happened, kept in the outbox until it has been handed on."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("position"),
        Index("ix_event_undispatched", "position", postgresql_where=text("dispatched_at is null")),
        Index("ix_event_subject_id", "subject_id", "position"),
        Index("ix_event_client_id", "client_id", "position"),
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    transaction_id: int = Field(
        sa_column=Column(TransactionNumber, server_default=text("pg_current_xact_id()"), nullable=False)
    )
    name: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    subject_id: UUID
    client_id: UUID | None = None
    principal_id: UUID
    request_id: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    occurred_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )
    dispatched_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ScheduleRow(Row, table=True):
    """Something that is to happen at an instant of the platform's clock."""

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_due", "due_at", "id", postgresql_where=text("dispatched_at is null")),
        Index("ix_schedule_subject_id", "subject_id", "kind"),
    )

    kind: str = Field(sa_type=Text)
    subject_id: UUID
    client_id: UUID | None = None
    due_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    payload: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    dispatched_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class IdempotencyRow(SQLModel, table=True):
    """A key that a caller sent with a command, and what came of it."""

    metadata = metadata
    __tablename__ = "idempotency"
    __table_args__ = (Index("ix_idempotency_created_at", "created_at"),)

    principal_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    command: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    key: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    input_hash: bytes = Field(sa_type=LargeBinary)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    created_at: datetime.datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=_DATABASE_CLOCK, nullable=False)
    )
