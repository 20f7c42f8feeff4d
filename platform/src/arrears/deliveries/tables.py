"""The tables of deliveries: events on their way to plugins, and dead letters."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from arrears.kernel.tables import Row

INSTANT = DateTime(timezone=True)


class DeliveryRow(Row, table=True):
    """One event that one subscriber of a plugin is still to be told of."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "plugin", "subscriber", name="uq_delivery_event_id_plugin_subscriber"),
        Index("ix_delivery_lane", "plugin", "subscriber", "position"),
        Index("ix_delivery_subject", "plugin", "subscriber", "subject_id", "position"),
    )

    event_id: UUID = Field(foreign_key="event.id")
    position: int = Field(sa_type=BigInteger)
    plugin: str = Field(sa_type=Text)
    subscriber: str = Field(sa_type=Text)
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    subject_id: UUID
    attempts: int = 0
    # Real time, as the queue's: how long a broken receiver is left alone is no matter of the business.
    due_at: datetime.datetime = Field(
        sa_column=Column(INSTANT, server_default=text("clock_timestamp()"), nullable=False)
    )


class DeadLetterRow(Row, table=True):
    """One event that a subscriber could not take, and what became of it."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        Index("ix_dead_letter_died_at_id", "died_at", "id"),
        Index("ix_dead_letter_state_died_at_id", "state", "died_at", "id"),
        Index("ix_dead_letter_plugin_died_at_id", "plugin", "died_at", "id"),
        Index("ix_dead_letter_event_name_died_at_id", "event_name", "died_at", "id"),
        Index("ix_dead_letter_client_id_died_at_id", "client_id", "died_at", "id"),
        Index("ix_dead_letter_event_id", "event_id", "plugin", "subscriber"),
    )

    event_id: UUID = Field(foreign_key="event.id")
    event_name: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    subject_id: UUID
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    plugin: str = Field(sa_type=Text)
    subscriber: str = Field(sa_type=Text)
    attempts: int
    error: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    occurred_at: datetime.datetime = Field(sa_type=INSTANT)
    died_at: datetime.datetime = Field(sa_type=INSTANT)
    settled_at: datetime.datetime | None = Field(default=None, sa_type=INSTANT)
    settled_by_name: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
