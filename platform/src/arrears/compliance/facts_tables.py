"""The tables of what rules turn on: facts, notices and licences (DDL: `foundations/84_facts.sql`)."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned

INSTANT = DateTime(timezone=True)


class FactRow(Row, Versioned, table=True):
    """One fact about a debtor, a debt, an endpoint or a place; in force from `starts_at` until `ends_at`.

    One that was recorded in error is withdrawn: it stays, and is no longer read.
    """

    __tablename__ = "fact"
    __table_args__ = (
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "contact_point_id"], ["contact_point.debtor_id", "contact_point.id"]),
        Index("ix_fact_debtor_id_starts_at_id", "debtor_id", "starts_at", "id"),
        Index("ix_fact_account_id_starts_at_id", "account_id", "starts_at", "id"),
        Index("ix_fact_client_id_starts_at_id", "client_id", "starts_at", "id"),
        Index("ix_fact_contact_point_id_starts_at_id", "contact_point_id", "starts_at", "id"),
        Index("ix_fact_kind_starts_at_id", "kind", "starts_at", "id"),
        Index("ix_fact_starts_at_id", "starts_at", "id"),
        Index("ix_fact_place", "place", "id", postgresql_where=text("debtor_id is null")),
    )

    kind: str = Field(sa_type=Text)
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    debtor_id: UUID | None = Field(default=None, foreign_key="debtor.id")
    account_id: UUID | None = None
    contact_point_id: UUID | None = None
    source: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=INSTANT)
    starts_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime | None = Field(default=None, sa_type=INSTANT)
    word: str | None = Field(default=None, sa_type=Text)
    on_day: date | None = None
    number: int | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, sa_type=Text)
    place: str | None = Field(default=None, sa_type=Text)
    earliest_time: time | None = None
    latest_time: time | None = None
    weekdays: list[int] = Field(
        default_factory=list, sa_type=ARRAY(Integer), sa_column_kwargs={"server_default": text("'{}'")}
    )
    channel: str | None = Field(default=None, sa_type=Text)
    evidence: str | None = Field(default=None, sa_type=Text)
    end_reason: str | None = Field(default=None, sa_type=Text)
    withdrawn_at: datetime | None = Field(default=None, sa_type=INSTANT)
    withdrawn_reason: str | None = Field(default=None, sa_type=Text)
    recorded_by_id: UUID
    recorded_by_name: str = Field(sa_type=Text)


class NoticeRow(Row, Versioned, table=True):
    """One notice that was given, with the day of its receipt, known or assumed, and the end of what it opened."""

    __tablename__ = "notice"
    __table_args__ = (
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        ForeignKeyConstraint(["debtor_id", "contact_point_id"], ["contact_point.debtor_id", "contact_point.id"]),
        ForeignKeyConstraint(["client_id", "interaction_id"], ["interaction.client_id", "interaction.id"]),
        Index("ix_notice_debtor_id_sent_at_id", "debtor_id", "sent_at", "id"),
        Index("ix_notice_client_id_sent_at_id", "client_id", "sent_at", "id"),
        Index("ix_notice_kind_sent_at_id", "kind", "sent_at", "id"),
        Index("ix_notice_sent_at_id", "sent_at", "id"),
    )

    kind: str = Field(sa_type=Text)
    medium: str = Field(sa_type=Text)
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    debtor_id: UUID = Field(foreign_key="debtor.id")
    sent_at: datetime = Field(sa_type=INSTANT)
    received_on: date | None = None
    receipt_assumed: bool
    returned_at: datetime | None = Field(default=None, sa_type=INSTANT)
    ends_on: date | None = None
    contact_point_id: UUID | None = None
    content_hash: str | None = Field(default=None, sa_type=Text)
    template: str | None = Field(default=None, sa_type=Text)
    template_version: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    interaction_id: UUID | None = None
    recorded_by_id: UUID
    recorded_by_name: str = Field(sa_type=Text)


class NoticeAccountRow(Row, table=True):
    """One debt that a notice was about."""

    __tablename__ = "notice_account"
    __table_args__ = (
        UniqueConstraint("notice_id", "account_id", name="uq_notice_account_notice_id_account_id"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index("ix_notice_account_notice_id_sent_at_id", "notice_id", "sent_at", "id"),
        Index("ix_notice_account_account_id_sent_at_id", "account_id", "sent_at", "id"),
    )

    client_id: UUID
    notice_id: UUID = Field(foreign_key="notice.id")
    account_id: UUID
    debtor_id: UUID
    sent_at: datetime = Field(sa_type=INSTANT)


class LicenceRow(Row, Versioned, table=True):
    """One licence, registration or bond of the agency at a place; both days count."""

    __tablename__ = "licence"
    __table_args__ = (
        UniqueConstraint("place", "kind", "from_on", name="uq_licence_place_kind_from_on"),
        Index("ix_licence_from_on_id", "from_on", "id"),
    )

    place: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    number: str | None = Field(default=None, sa_type=Text)
    from_on: date
    until_on: date | None = None
