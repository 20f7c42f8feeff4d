"""The tables of the contact log (DDL: `foundations/70_interactions.sql`); both are append-only."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from arrears.kernel.tables import Row

INSTANT = DateTime(timezone=True)


class InteractionRow(Row, table=True):
    """One contact or attempt, in or out, as it was recorded; a correction is a further row that names it."""

    __tablename__ = "interaction"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_interaction_client_id_id"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        ForeignKeyConstraint(["debtor_id", "contact_point_id"], ["contact_point.debtor_id", "contact_point.id"]),
        ForeignKeyConstraint(["client_id", "corrects_id"], ["interaction.client_id", "interaction.id"]),
        Index("ix_interaction_started_at_id", "started_at", "id"),
        Index("ix_interaction_client_id_started_at_id", "client_id", "started_at", "id"),
        Index("ix_interaction_account_id_started_at_id", "account_id", "started_at", "id"),
        Index("ix_interaction_debtor_id_started_at_id", "debtor_id", "started_at", "id"),
        Index("ix_interaction_channel_started_at_id", "channel", "started_at", "id"),
        Index("ix_interaction_result_started_at_id", "result", "started_at", "id"),
        Index(
            "ix_interaction_contact_point_id",
            "contact_point_id",
            postgresql_where=text("contact_point_id is not null"),
        ),
        Index(
            "uq_interaction_corrects_id",
            "corrects_id",
            unique=True,
            postgresql_where=text("corrects_id is not null"),
        ),
        Index("uq_interaction_permit_id", "permit_id", unique=True, postgresql_where=text("corrects_id is null")),
        Index("ix_interaction_decision_id", "decision_id", postgresql_where=text("decision_id is not null")),
        Index("ix_interaction_outside_gate_started_at_id", "outside_gate", "started_at", "id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    account_id: UUID | None = None
    debtor_id: UUID
    started_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    channel: str = Field(sa_type=Text)
    direction: str = Field(sa_type=Text)
    contact_point_id: UUID | None = None
    endpoint: str | None = Field(default=None, sa_type=Text)
    endpoint_type: str = Field(sa_type=Text)
    party_reached: str = Field(sa_type=Text)
    result: str = Field(sa_type=Text)
    debt_discussed: bool
    initiated_by: str = Field(sa_type=Text)
    at_debtor_request: bool
    required_by_law: bool
    debtor_local_date: date
    debtor_zone: str = Field(sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    content: str | None = Field(default=None, sa_type=Text)
    disclosures: list[str] = Field(
        default_factory=list,
        sa_type=ARRAY(Text),
        sa_column_kwargs={"server_default": text("'{}'")},
    )
    template: str | None = Field(default=None, sa_type=Text)
    template_version: str | None = Field(default=None, sa_type=Text)
    opt_out_line: bool
    bounce_notice: str | None = Field(default=None, sa_type=Text)
    recording_reference: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    recorded_by_id: UUID
    recorded_by_name: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=INSTANT)
    corrects_id: UUID | None = None
    correction_reason: str | None = Field(default=None, sa_type=Text)
    permit_id: UUID | None = Field(default=None, foreign_key="permit.id")
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id")
    outside_gate: bool = False


class InteractionAccountRow(Row, table=True):
    """One debt that was discussed or referred to in one interaction."""

    __tablename__ = "interaction_account"
    __table_args__ = (
        UniqueConstraint("interaction_id", "account_id", name="uq_interaction_account_interaction_id_account_id"),
        ForeignKeyConstraint(["client_id", "interaction_id"], ["interaction.client_id", "interaction.id"]),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index("ix_interaction_account_account_id", "account_id"),
    )

    client_id: UUID
    interaction_id: UUID
    account_id: UUID
    debtor_id: UUID
