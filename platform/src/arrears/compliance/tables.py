"""The tables of decisions and permits (DDL: `foundations/85_compliance.sql`); all but permits are append-only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from arrears.kernel.tables import Row, metadata

INSTANT = DateTime(timezone=True)


class RuleSetRow(SQLModel, table=True):
    """The rules that were asked for decisions, under the digest of their text."""

    metadata = metadata
    __tablename__ = "rule_set"

    digest: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    rules: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class DecisionRow(Row, table=True):
    """One decision about a contact, an act or a payment, and what it was based on."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        ForeignKeyConstraint(["debtor_id", "contact_point_id"], ["contact_point.debtor_id", "contact_point.id"]),
        Index("ix_decision_decided_at_id", "decided_at", "id"),
        Index("ix_decision_client_id_decided_at_id", "client_id", "decided_at", "id"),
        Index("ix_decision_debtor_id_decided_at_id", "debtor_id", "decided_at", "id"),
        Index("ix_decision_verdict_decided_at_id", "verdict", "decided_at", "id"),
        Index("ix_decision_kind_decided_at_id", "kind", "decided_at", "id"),
        Index("ix_decision_channel_decided_at_id", "channel", "decided_at", "id"),
        Index("ix_decision_action_decided_at_id", "action", "decided_at", "id"),
    )

    kind: str = Field(sa_type=Text)
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    debtor_id: UUID = Field(foreign_key="debtor.id")
    decided_at: datetime = Field(sa_type=INSTANT)
    retrospective: bool
    channel: str | None = Field(default=None, sa_type=Text)
    contact_point_id: UUID | None = None
    purpose: str | None = Field(default=None, sa_type=Text)
    party: str | None = Field(default=None, sa_type=Text)
    reply_to: datetime | None = Field(default=None, sa_type=INSTANT)
    languages: list[str] = Field(sa_type=ARRAY(Text))
    at_debtor_request: bool
    required_by_law: bool
    action: str | None = Field(default=None, sa_type=Text)
    method: str | None = Field(default=None, sa_type=Text)
    gateway: str | None = Field(default=None, sa_type=Text)
    initiated_by: str = Field(sa_type=Text)
    content: list[str] = Field(sa_type=ARRAY(Text))
    planned_on: date | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, sa_type=Text)
    rate: Decimal | None = Field(default=None, sa_type=Numeric)
    place: str | None = Field(default=None, sa_type=Text)
    verdict: str = Field(sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=INSTANT)
    rounds: int
    requirements: list[dict[str, Any]] = Field(sa_type=JSONB)
    plugins: list[dict[str, Any]] = Field(sa_type=JSONB)
    facts_digest: str = Field(sa_type=Text)
    rules_digest: str = Field(sa_column=Column(Text(collation="C"), ForeignKey("rule_set.digest"), nullable=False))
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


class DecisionFindingRow(Row, table=True):
    """What one rule said for a decision."""

    __tablename__ = "decision_finding"
    __table_args__ = (
        UniqueConstraint("decision_id", "position", name="uq_decision_finding_decision_id_position"),
        Index("ix_decision_finding_decided_at_id", "decided_at", "id"),
        Index("ix_decision_finding_rule_decided_at_id", "rule", "decided_at", "id"),
        Index("ix_decision_finding_verdict_decided_at_id", "verdict", "decided_at", "id"),
        Index("ix_decision_finding_plugin_decided_at_id", "plugin", "decided_at", "id"),
    )

    client_id: UUID | None = None
    decision_id: UUID = Field(foreign_key="decision.id")
    debtor_id: UUID
    decided_at: datetime = Field(sa_type=INSTANT)
    position: int
    said_for_id: UUID | None = None
    verdict: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text(collation="C"))
    citation: str = Field(sa_type=Text)
    confidence: str = Field(sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=INSTANT)
    requirement: str | None = Field(default=None, sa_type=Text)
    missing_fact: str | None = Field(default=None, sa_type=Text)
    facts: list[dict[str, Any]] = Field(sa_type=JSONB)
    plugin: str = Field(sa_type=Text)
    plugin_version: str = Field(sa_type=Text)
    settings_version: int | None = None


class DecisionFactsRow(SQLModel, table=True):
    """What the plugins were shown for a decision, whose id it has; sealed under the person's key."""

    metadata = metadata
    __tablename__ = "decision_facts"

    id: UUID = Field(primary_key=True, foreign_key="decision.id")
    client_id: UUID | None = None
    debtor_id: UUID
    sealed: bytes = Field(sa_type=LargeBinary)


class PermitRow(Row, table=True):
    """What a decision lets be done: once, soon, by whom it was given to."""

    __tablename__ = "permit"
    __table_args__ = (
        UniqueConstraint("decision_id", name="uq_permit_decision_id"),
        Index(
            "ix_permit_debtor_id_open",
            "debtor_id",
            "granted_at",
            postgresql_where=text("returned_at is null and recorded_at is null"),
        ),
    )

    client_id: UUID | None = None
    debtor_id: UUID
    decision_id: UUID = Field(foreign_key="decision.id")
    kind: str = Field(sa_type=Text)
    channel: str | None = Field(default=None, sa_type=Text)
    contact_point_id: UUID | None = None
    purpose: str | None = Field(default=None, sa_type=Text)
    party: str | None = Field(default=None, sa_type=Text)
    initiated_by: str = Field(sa_type=Text)
    at_debtor_request: bool
    required_by_law: bool
    action: str | None = Field(default=None, sa_type=Text)
    account_ids: list[UUID] = Field(sa_type=ARRAY(Uuid()))
    principal_id: UUID
    granted_at: datetime = Field(sa_type=INSTANT)
    expires_at: datetime = Field(sa_type=INSTANT)
    used_at: datetime | None = Field(default=None, sa_type=INSTANT)
    returned_at: datetime | None = Field(default=None, sa_type=INSTANT)
    recorded_at: datetime | None = Field(default=None, sa_type=INSTANT)
    standing: dict[str, str] = Field(sa_type=JSONB)
