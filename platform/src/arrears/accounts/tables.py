"""The tables of accounts, their parties, their creditors and the holds on them (DDL: `foundations/50_accounts.sql`)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned

INSTANT = DateTime(timezone=True)


class AccountRow(Row, Versioned, table=True):
    """One debt of one debtor to one client; its balances are written by the ledger in the ledger's transaction."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_account_client_id_id"),
        UniqueConstraint("client_id", "reference", name="uq_account_client_id_reference"),
        ForeignKeyConstraint(["client_id", "portfolio_id"], ["portfolio.client_id", "portfolio.id"]),
        ForeignKeyConstraint(["client_id", "placement_id"], ["placement.client_id", "placement.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index("ix_account_reference_id", "reference", "id"),
        Index("ix_account_due_on_id", "due_on", "id"),
        Index("ix_account_client_id_due_on_id", "client_id", "due_on", "id"),
        Index("ix_account_placed_on_id", "placed_on", "id"),
        Index("ix_account_client_id_placed_on_id", "client_id", "placed_on", "id"),
        Index("ix_account_balance_minor_id", "balance_minor", "id"),
        Index("ix_account_client_id_balance_minor_id", "client_id", "balance_minor", "id"),
        Index("ix_account_status_id", "status", "id"),
        Index("ix_account_client_id_status_id", "client_id", "status", "id"),
        Index("ix_account_debtor_id_id", "debtor_id", "id"),
        Index("ix_account_portfolio_id_id", "portfolio_id", "id"),
        Index("ix_account_placement_id_id", "placement_id", "id"),
        Index("ix_account_team_id_id", "team_id", "id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    portfolio_id: UUID | None = None
    placement_id: UUID | None = None
    debtor_id: UUID
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    reference: str = Field(sa_type=Text(collation="C"))
    original_reference: str | None = Field(default=None, sa_type=Text)
    servicing_reference: str | None = Field(default=None, sa_type=Text)
    product: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    close_reason: str | None = Field(default=None, sa_type=Text)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    opened_on: date
    due_on: date
    placed_on: date
    itemization_on: date | None = None
    charge_off_on: date | None = None
    first_delinquency_on: date | None = None
    last_payment_on: date | None = None
    judgment_on: date | None = None
    default_on: date | None = None
    accrues_from_on: date | None = None
    acknowledged_on: date | None = None
    acknowledgment: str | None = Field(default=None, sa_type=Text)
    in_default_when_acquired: bool | None = None
    secured_property: str | None = Field(default=None, sa_type=Text)
    instrument: str | None = Field(default=None, sa_type=Text)
    contract_place: str | None = Field(default=None, sa_type=Text)
    governing_law: str | None = Field(default=None, sa_type=Text)
    interest_clause: str | None = Field(default=None, sa_type=Text)
    interest_rate_percent: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))
    fee_clause: str | None = Field(default=None, sa_type=Text)
    principal_at_default_minor: int | None = Field(default=None, sa_type=BigInteger)
    hospital_non_profit: bool | None = None
    first_billed_on: date | None = None
    assistance_applied_on: date | None = None
    placed_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    principal_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    interest_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    fees_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    costs_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    balance_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    written_off_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    last_entry_on: date | None = None
    in_instalments: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class AccountCreditorRow(Row, table=True):
    """One link of the chain of title, counted from the original creditor."""

    __tablename__ = "account_creditor"
    __table_args__ = (
        UniqueConstraint("account_id", "position", name="uq_account_creditor_account_id_position"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
    )

    client_id: UUID
    account_id: UUID
    position: int
    name: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    from_on: date | None = None
    document_reference: str | None = Field(default=None, sa_type=Text)


class PartyRow(Row, Versioned, table=True):
    """One debtor's role on one account; `until_on` is the first day on which it no longer holds."""

    __tablename__ = "party"
    __table_args__ = (
        UniqueConstraint("account_id", "position", name="uq_party_account_id_position"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index(
            "uq_party_account_id_primary",
            "account_id",
            unique=True,
            postgresql_where=text("role = 'PRIMARY' and until_on is null"),
        ),
        Index(
            "uq_party_account_id_debtor_id",
            "account_id",
            "debtor_id",
            unique=True,
            postgresql_where=text("until_on is null"),
        ),
        Index("ix_party_debtor_id_id", "debtor_id", "id"),
    )

    client_id: UUID
    account_id: UUID
    debtor_id: UUID
    role: str = Field(sa_type=Text)
    liability: str = Field(sa_type=Text)
    position: int
    name: str = Field(sa_type=Text)
    from_on: date
    until_on: date | None = None


class HoldRow(Row, Versioned, table=True):
    """One reason to stop; in force from `starts_at` until the earlier of `ends_at` and `released_at`."""

    __tablename__ = "hold"
    __table_args__ = (
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["debtor_id", "client_id"], ["debtor_client.debtor_id", "debtor_client.client_id"]),
        Index("ix_hold_account_id_starts_at_id", "account_id", "starts_at", "id"),
        Index("ix_hold_debtor_id_starts_at_id", "debtor_id", "starts_at", "id"),
        Index("ix_hold_client_id_starts_at_id", "client_id", "starts_at", "id"),
        Index("ix_hold_starts_at_id", "starts_at", "id"),
        Index("ix_hold_kind_id", "kind", "id"),
        Index("ix_hold_ends_at_id", "ends_at", "id"),
        Index("ix_hold_released_at_id", "released_at", "id"),
    )

    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    account_id: UUID | None = None
    debtor_id: UUID = Field(foreign_key="debtor.id")
    kind: str = Field(sa_type=Text)
    bankruptcy_chapter: str | None = Field(default=None, sa_type=Text)
    scope: str = Field(sa_type=Text)
    channel: str | None = Field(default=None, sa_type=Text)
    blocks: list[str] = Field(sa_type=ARRAY(Text))
    reason: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    evidence: str | None = Field(default=None, sa_type=Text)
    starts_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime | None = Field(default=None, sa_type=INSTANT)
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)
    release_reason: str | None = Field(default=None, sa_type=Text)
    expired_at: datetime | None = Field(default=None, sa_type=INSTANT)
