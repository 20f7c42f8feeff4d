"""The tables of payments through gateways (DDL: `foundations/90_payments.sql`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned

INSTANT = DateTime(timezone=True)
REFERENCE = Text(collation="C")
_NOTHING = {"server_default": text("0")}


def _of_intent() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["client_id", "account_id", "intent_id"],
        ["payment_intent.client_id", "payment_intent.account_id", "payment_intent.id"],
    )


class Asked(Versioned):
    """What charges and refunds have in common: something that a provider was asked, and what is known of it."""

    client_id: UUID
    account_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    provider_reference: str | None = Field(default=None, sa_type=REFERENCE)
    problem_code: str | None = Field(default=None, sa_type=Text)
    problem: str | None = Field(default=None, sa_type=Text)
    times_asked: int = Field(default=0, sa_column_kwargs=_NOTHING)
    attention_at: datetime | None = Field(default=None, sa_type=INSTANT)
    settled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    principal_id: UUID


class IntentRow(Row, Asked, table=True):
    """Money that is to be taken from a debtor through a gateway, stored before the gateway is asked."""

    __tablename__ = "payment_intent"
    __table_args__ = (
        UniqueConstraint("client_id", "account_id", "id", name="uq_payment_intent_client_id_account_id_id"),
        UniqueConstraint("payment_id", name="uq_payment_intent_payment_id"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["client_id", "payment_id"], ["payment.client_id", "payment.id"]),
        Index("ix_payment_intent_created_at_id", "created_at", "id"),
        Index("ix_payment_intent_client_id_created_at_id", "client_id", "created_at", "id"),
        Index("ix_payment_intent_account_id_created_at_id", "account_id", "created_at", "id"),
        Index("ix_payment_intent_status_id", "status", "id"),
        Index("ix_payment_intent_client_id_status_id", "client_id", "status", "id"),
        Index("ix_payment_intent_provider_reference", "provider_reference", "id"),
    )

    portfolio_id: UUID | None = None
    debtor_id: UUID
    gateway: str = Field(sa_type=REFERENCE)
    plugin: str = Field(sa_type=Text)
    plugin_version: str = Field(sa_type=Text)
    settings_version: int | None = Field(default=None, sa_type=BigInteger)
    method: str = Field(sa_type=Text)
    initiated_by: str = Field(sa_type=Text)
    description: str | None = Field(default=None, sa_type=Text)
    action_url: str | None = Field(default=None, sa_type=Text)
    captured_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_NOTHING)
    fee_minor: int | None = Field(default=None, sa_type=BigInteger)
    refunded_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_NOTHING)
    charged_back_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_NOTHING)
    payment_id: UUID | None = None
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id")


class RefundRow(Row, Asked, table=True):
    """Money of a settled intent that is to be given back, stored before the gateway is asked."""

    __tablename__ = "payment_refund"
    __table_args__ = (
        _of_intent(),
        Index("ix_payment_refund_intent_id_created_at_id", "intent_id", "created_at", "id"),
        Index("ix_payment_refund_created_at_id", "created_at", "id"),
        Index("ix_payment_refund_client_id_created_at_id", "client_id", "created_at", "id"),
        Index("ix_payment_refund_account_id", "account_id"),
        Index("ix_payment_refund_status_id", "status", "id"),
        Index("ix_payment_refund_provider_reference", "provider_reference"),
    )

    intent_id: UUID
    reason: str = Field(sa_type=Text)


class ChargebackRow(Row, table=True):
    """What a bank took back of a charge."""

    __tablename__ = "payment_chargeback"
    __table_args__ = (
        _of_intent(),
        UniqueConstraint("intent_id", "reference", name="uq_payment_chargeback_intent_id_reference"),
    )

    client_id: UUID
    account_id: UUID
    intent_id: UUID
    reference: str = Field(sa_type=REFERENCE)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    won: bool
    opened_at: datetime | None = Field(default=None, sa_type=INSTANT)
    won_at: datetime | None = Field(default=None, sa_type=INSTANT)


class AttemptRow(Row, table=True):
    """One call of a provider."""

    __tablename__ = "payment_attempt"
    __table_args__ = (
        _of_intent(),
        Index("ix_payment_attempt_intent_id_started_at_id", "intent_id", "started_at", "id"),
        Index("ix_payment_attempt_refund_id", "refund_id", postgresql_where=text("refund_id is not null")),
        Index("uq_payment_attempt_charge", "intent_id", unique=True, postgresql_where=text("kind = 'CHARGE'")),
        Index("uq_payment_attempt_refund", "refund_id", unique=True, postgresql_where=text("kind = 'REFUND'")),
    )

    client_id: UUID
    account_id: UUID
    intent_id: UUID
    refund_id: UUID | None = Field(default=None, foreign_key="payment_refund.id")
    kind: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    outcome: str | None = Field(default=None, sa_type=Text)
    problem: str | None = Field(default=None, sa_type=Text)


class FindingRow(Row, table=True):
    """What one rule said about an intent before it was made; never changed."""

    __tablename__ = "payment_finding"
    __table_args__ = (
        _of_intent(),
        UniqueConstraint("intent_id", "position", name="uq_payment_finding_intent_id_position"),
    )

    client_id: UUID
    account_id: UUID
    intent_id: UUID
    position: int
    verdict: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    citation: str = Field(sa_type=Text)
    requirement: str | None = Field(default=None, sa_type=Text)
    missing_fact: str | None = Field(default=None, sa_type=Text)
    until: datetime | None = Field(default=None, sa_type=INSTANT)
    plugin: str = Field(sa_type=Text)
    plugin_version: str = Field(sa_type=Text)
    settings_version: int | None = Field(default=None, sa_type=BigInteger)


class NoticeRow(Row, table=True):
    """One thing that a provider told by webhook, kept once however often it was sent."""

    __tablename__ = "webhook_notice"
    __table_args__ = (
        UniqueConstraint("client_id", "gateway", "notice_id", name="uq_webhook_notice_client_id_gateway_notice_id"),
        Index("ix_webhook_notice_received_at_id", "received_at", "id"),
        Index("ix_webhook_notice_client_id_received_at_id", "client_id", "received_at", "id"),
        Index("ix_webhook_notice_intent_id", "intent_id", "received_at", "id"),
        Index(
            "ix_webhook_notice_waiting",
            "client_id",
            "gateway",
            "provider_reference",
            postgresql_where=text("intent_id is null"),
        ),
    )

    client_id: UUID = Field(foreign_key="client.id")
    gateway: str = Field(sa_type=REFERENCE)
    notice_id: str = Field(sa_type=REFERENCE)
    kind: str = Field(sa_type=Text)
    order_key: str | None = Field(default=None, sa_type=REFERENCE)
    provider_reference: str | None = Field(default=None, sa_type=REFERENCE)
    outcome: str = Field(sa_type=Text)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, sa_type=Text)
    fee_minor: int | None = Field(default=None, sa_type=BigInteger)
    problem_code: str | None = Field(default=None, sa_type=Text)
    problem: str | None = Field(default=None, sa_type=Text)
    chargeback: str = Field(default="", sa_type=REFERENCE, sa_column_kwargs={"server_default": text("''")})
    intent_id: UUID | None = Field(default=None, foreign_key="payment_intent.id")
    occurred_at: datetime = Field(sa_type=INSTANT)
    received_at: datetime = Field(sa_type=INSTANT)
