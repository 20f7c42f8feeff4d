"""The tables of decisions (DDL: `foundations/85_compliance.sql`); both are append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from arrears.kernel.tables import Row

INSTANT = DateTime(timezone=True)


class DecisionRow(Row, table=True):
    """One decision about a contact, with everything that was said to it and what it was based on."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        ForeignKeyConstraint(["debtor_id", "contact_point_id"], ["contact_point.debtor_id", "contact_point.id"]),
        Index("ix_decision_decided_at_id", "decided_at", "id"),
        Index("ix_decision_client_id_decided_at_id", "client_id", "decided_at", "id"),
        Index("ix_decision_debtor_id_decided_at_id", "debtor_id", "decided_at", "id"),
        Index("ix_decision_verdict_decided_at_id", "verdict", "decided_at", "id"),
        Index("ix_decision_channel_decided_at_id", "channel", "decided_at", "id"),
    )

    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    debtor_id: UUID = Field(foreign_key="debtor.id")
    decided_at: datetime = Field(sa_type=INSTANT)
    channel: str = Field(sa_type=Text)
    contact_point_id: UUID | None = None
    at_debtor_request: bool
    required_by_law: bool
    verdict: str = Field(sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=INSTANT)
    rounds: int
    requirements: list[str] = Field(sa_type=ARRAY(Text))
    findings: list[dict[str, Any]] = Field(sa_type=JSONB)
    plugins: list[dict[str, Any]] = Field(sa_type=JSONB)
    facts_digest: str = Field(sa_type=Text)
    settings_version: int
    decided_by_id: UUID
    decided_by_name: str = Field(sa_type=Text)


class DecisionAccountRow(Row, table=True):
    """One debt that a decision was about, with the verdict of its own client's rules."""

    __tablename__ = "decision_account"
    __table_args__ = (
        UniqueConstraint("decision_id", "account_id", name="uq_decision_account_decision_id_account_id"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index("ix_decision_account_account_id_decided_at_id", "account_id", "decided_at", "id"),
    )

    client_id: UUID
    decision_id: UUID = Field(foreign_key="decision.id")
    account_id: UUID
    debtor_id: UUID
    decided_at: datetime = Field(sa_type=INSTANT)
    verdict: str = Field(sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=INSTANT)
