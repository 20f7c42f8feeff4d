"""The tables of the ledger: entries, their postings, and payments."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from arrears.kernel.tables import Row, TransactionNumber

INSTANT = DateTime(timezone=True)


class PaymentRow(Row, table=True):
    """A payment on one account, made to the agency or to the client."""

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_payment_account"
        ),
        UniqueConstraint("client_id", "id", name="uq_payment_client_id"),
        Index("ix_payment_account_id", "account_id", "received_on", "id"),
        Index("ix_payment_received_on", "received_on", "id"),
        Index("ix_payment_reference", "reference"),
    )

    client_id: UUID
    account_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    paid_to: str = Field(sa_type=Text)
    received_on: datetime.date
    effective_on: datetime.date
    reference: str | None = Field(default=None, sa_type=Text(collation="C"))
    previous_payment_on: datetime.date | None = None
    state: str = Field(default="RECORDED", sa_type=Text)
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)


class LedgerEntryRow(Row, table=True):
    """One balanced movement in the books of one client; never changed, only reversed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_ledger_entry_account"
        ),
        ForeignKeyConstraint(
            ["client_id", "payment_id"], ["payment.client_id", "payment.id"], name="fk_ledger_entry_payment"
        ),
        UniqueConstraint("client_id", "id", name="uq_ledger_entry_client_id"),
        Index("ix_ledger_entry_account_id", "account_id", "effective_on", "id"),
        Index("ix_ledger_entry_effective_on", "effective_on", "id"),
        Index(
            "uq_ledger_entry_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id is not null"),
        ),
        Index("ix_ledger_entry_payment_id", "payment_id", postgresql_where=text("payment_id is not null")),
    )

    client_id: UUID
    account_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    effective_on: datetime.date
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)
    currency: str = Field(sa_type=Text)
    amount_minor: int = Field(sa_type=BigInteger)
    reason: str | None = Field(default=None, sa_type=Text)
    reverses_id: UUID | None = None
    payment_id: UUID | None = None
    command: str = Field(sa_type=Text)
    principal_id: UUID
    recorded_in: int | None = Field(
        default=None,
        sa_column=Column(TransactionNumber, server_default=text("pg_current_xact_id()"), nullable=False),
    )


class PostingRow(Row, table=True):
    """One line of a ledger entry: debit positive, credit negative."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("entry_id", "position", name="uq_posting_entry_id"),
        Index(
            "ix_posting_receivable",
            "account_id",
            "effective_on",
            postgresql_include=["amount_minor", "component", "client_id"],
            postgresql_where=text("ledger_account = 'RECEIVABLE'"),
        ),
    )

    entry_id: UUID
    position: int
    client_id: UUID
    account_id: UUID | None = None
    book: str = Field(sa_type=Text)
    ledger_account: str = Field(sa_type=Text)
    component: str | None = Field(default=None, sa_type=Text)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    effective_on: datetime.date
