"""The tables of delinquency: pauses, buckets, and how far accounts were evaluated (DDL: `66_delinquency.sql`)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from arrears.kernel.tables import Row, metadata

INSTANT = DateTime(timezone=True)


class PauseRow(Row, table=True):
    """Days that do not count, or the early end of such days."""

    __tablename__ = "delinquency_pause"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_delinquency_pause_client_id"),
        UniqueConstraint("account_id", "sequence", name="uq_delinquency_pause_account_id"),
        UniqueConstraint("pause_id", name="uq_delinquency_pause_pause_id"),
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_delinquency_pause_account"
        ),
        ForeignKeyConstraint(
            ["client_id", "pause_id"],
            ["delinquency_pause.client_id", "delinquency_pause.id"],
            name="fk_delinquency_pause_pause",
        ),
        Index("ix_delinquency_pause_account_id_from_on_id", "account_id", "from_on", "id"),
    )

    client_id: UUID
    account_id: UUID
    sequence: int
    kind: str = Field(sa_type=Text)
    from_on: date
    until_on: date | None = None
    pause_id: UUID | None = None
    reason: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=INSTANT)


class BucketRow(Row, table=True):
    """The days that a debt spent in a bucket, as they were known from one instant until another."""

    __tablename__ = "delinquency_bucket"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_delinquency_bucket_account"
        ),
        Index(
            "uq_delinquency_bucket_account_id",
            "account_id",
            "added_on",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
        Index(
            "uq_delinquency_bucket_open",
            "account_id",
            unique=True,
            postgresql_where=text("superseded_at is null and lifted_on is null"),
        ),
        Index("ix_delinquency_bucket_account_id_added_on_id", "account_id", "added_on", "id"),
    )

    client_id: UUID
    account_id: UUID
    bucket: str = Field(sa_type=Text)
    from_days: int
    until_days: int | None = None
    added_on: date
    lifted_on: date | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)
    superseded_at: datetime | None = Field(default=None, sa_type=INSTANT)


class DelinquencyRow(SQLModel, table=True):
    """How far an account was evaluated, and what came out."""

    __tablename__ = "delinquency"
    metadata = metadata
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_delinquency_account"
        ),
        Index("ix_delinquency_client_id_next_on", "client_id", "next_on", "account_id"),
    )

    account_id: UUID = Field(primary_key=True)
    client_id: UUID
    evaluated_on: date | None = None
    bucket: str | None = Field(default=None, sa_type=Text)
    next_on: date | None = None
    rule: str | None = Field(default=None, sa_type=Text)
