"""The tables of fees: each fee with its key, what happened to it, and how far the daily run has come."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from arrears.kernel.tables import Row, Versioned, metadata

INSTANT = DateTime(timezone=True)


class FeeClaimRow(Row, Versioned, table=True):
    """One fee of one account, by one rule, for one period."""

    __tablename__ = "fee_claim"
    __table_args__ = (
        UniqueConstraint("account_id", "rule", "period", name="uq_fee_claim_account_id_rule_period"),
        UniqueConstraint("client_id", "account_id", "id", name="uq_fee_claim_client_id_account_id_id"),
        UniqueConstraint("entry_id", name="uq_fee_claim_entry_id"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["client_id", "entry_id"], ["ledger_entry.client_id", "ledger_entry.id"]),
        ForeignKeyConstraint(["decision_id"], ["decision.id"]),
        Index("ix_fee_claim_quoted_on_id", "quoted_on", "id"),
        Index("ix_fee_claim_client_id_quoted_on_id", "client_id", "quoted_on", "id"),
        Index("ix_fee_claim_account_id_quoted_on_id", "account_id", "quoted_on", "id"),
        Index("ix_fee_claim_state_id", "state", "id"),
        Index("ix_fee_claim_client_id_state_id", "client_id", "state", "id"),
        Index("ix_fee_claim_rule_id", "rule", "id"),
        Index("ix_fee_claim_quoted", "client_id", "account_id", postgresql_where=text("state = 'QUOTED'")),
    )

    client_id: UUID
    account_id: UUID
    debtor_id: UUID
    rule: str = Field(sa_type=Text(collation="C"))
    period: str = Field(sa_type=Text(collation="C"))
    kind: str = Field(sa_type=Text)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    computed_minor: int = Field(sa_type=BigInteger)
    base_minor: int = Field(sa_type=BigInteger)
    days_past_due: int
    cap: str | None = Field(default=None, sa_type=Text)
    settings_version: int = Field(sa_type=BigInteger)
    state: str = Field(sa_type=Text)
    quoted_on: date
    claim_on: date
    ask_on: date
    claimed_on: date | None = None
    forgiven_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    entry_id: UUID | None = None
    decision_id: UUID | None = None


class FeeClaimStepRow(Row, table=True):
    """One thing that happened to a fee, with what was the reason and who did it; never changed."""

    __tablename__ = "fee_claim_step"
    __table_args__ = (
        UniqueConstraint("fee_claim_id", "position", name="uq_fee_claim_step_fee_claim_id_position"),
        ForeignKeyConstraint(
            ["client_id", "account_id", "fee_claim_id"],
            ["fee_claim.client_id", "fee_claim.account_id", "fee_claim.id"],
        ),
        ForeignKeyConstraint(["client_id", "entry_id"], ["ledger_entry.client_id", "ledger_entry.id"]),
        ForeignKeyConstraint(["decision_id"], ["decision.id"]),
    )

    client_id: UUID
    account_id: UUID
    fee_claim_id: UUID
    position: int
    step: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    effective_on: date
    recorded_at: datetime = Field(sa_type=INSTANT)
    recorded_by_id: UUID
    recorded_by_name: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    entry_id: UUID | None = None
    decision_id: UUID | None = None


class ChargeRunRow(SQLModel, table=True):
    """How far the accounts of one part of a client have been gone through."""

    __tablename__ = "charge_run"
    metadata = metadata
    __table_args__ = (ForeignKeyConstraint(["client_id"], ["client.id"]),)

    client_id: UUID = Field(primary_key=True)
    part: int = Field(primary_key=True)
    through_on: date | None = None
    running_from: date | None = None
    running_through: date | None = None
    running_after: UUID | None = None
