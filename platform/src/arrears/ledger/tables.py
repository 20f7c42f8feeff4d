"""The tables of the ledger: entries and their postings, payments and their allocations, interest, and due dates."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

import arrears.ledger.receipt_tables  # noqa: F401 - a payment refers to its table
from arrears.kernel.tables import Row, TransactionNumber, metadata

INSTANT = DateTime(timezone=True)
_OWED_OR_GIVEN_UP = text("ledger_account in ('RECEIVABLE', 'WRITTEN_OFF')")


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
        Index(
            "ix_payment_receipt_id_received_on_id",
            "receipt_id",
            "received_on",
            "id",
            postgresql_where=text("receipt_id is not null"),
        ),
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
    direction: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), server_default=text("'{}'"), nullable=False)
    )
    in_settlement: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    through_gateway: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    receipt_id: UUID | None = Field(default=None, foreign_key="receipt.id")
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
        Index("ix_ledger_entry_corrects_id", "corrects_id", postgresql_where=text("corrects_id is not null")),
        Index(
            "uq_ledger_entry_interest_day",
            "account_id",
            "effective_on",
            unique=True,
            postgresql_where=text("kind = 'INTEREST'"),
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
    corrects_id: UUID | None = None
    transfer_id: UUID | None = None
    is_whole: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
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
            postgresql_include=["amount_minor", "component", "client_id", "recorded_at"],
            postgresql_where=text("ledger_account = 'RECEIVABLE'"),
        ),
        Index("ix_posting_client_id_effective_on", "client_id", "effective_on", postgresql_where=_OWED_OR_GIVEN_UP),
        Index("ix_posting_client_id_recorded_in", "client_id", "recorded_in", postgresql_where=_OWED_OR_GIVEN_UP),
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
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)
    recorded_in: int | None = Field(
        default=None,
        sa_column=Column(TransactionNumber, server_default=text("pg_current_xact_id()"), nullable=False),
    )


class AllocationRow(Row, table=True):
    """How the money of a payment was spread at one time; the one with the highest number holds."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_allocation_client_id"),
        UniqueConstraint("payment_id", "sequence", name="uq_allocation_payment_id"),
        ForeignKeyConstraint(
            ["client_id", "payment_id"], ["payment.client_id", "payment.id"], name="fk_allocation_payment"
        ),
    )

    client_id: UUID
    account_id: UUID
    payment_id: UUID
    entry_id: UUID
    sequence: int
    waterfall: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)


class AllocationLineRow(Row, table=True):
    """What one part of a debt received of a payment, and why."""

    __tablename__ = "allocation_line"
    __table_args__ = (
        UniqueConstraint("allocation_id", "position", name="uq_allocation_line_allocation_id"),
        ForeignKeyConstraint(
            ["client_id", "allocation_id"],
            ["allocation.client_id", "allocation.id"],
            name="fk_allocation_line_allocation",
        ),
    )

    client_id: UUID
    account_id: UUID
    allocation_id: UUID
    position: int
    instalment: int | None = None
    component: str | None = Field(default=None, sa_type=Text)
    owed_minor: int = Field(sa_type=BigInteger)
    paid_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)


class AccrualRow(SQLModel, table=True):
    """How far interest has been counted on an account, exactly."""

    __tablename__ = "accrual"
    metadata = metadata
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_accrual_account"
        ),
        Index("ix_accrual_client_id", "client_id", "through_on", "account_id"),
    )

    account_id: UUID = Field(primary_key=True)
    client_id: UUID
    through_on: datetime.date
    exact: Decimal = Field(sa_type=Numeric(60, 0))
    accrued_minor: int = Field(sa_type=BigInteger)
    capitalised_minor: int = Field(sa_type=BigInteger)
    began_on: datetime.date
    principal_at_start_minor: int = Field(sa_type=BigInteger)
    rule: str = Field(sa_type=Text)


class InstalmentScheduleRow(Row, table=True):
    """One plan of instalments of an account, in force from a day until the next one begins."""

    __tablename__ = "instalment_schedule"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_instalment_schedule_client_id"),
        UniqueConstraint("account_id", "sequence", name="uq_instalment_schedule_account_id"),
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_instalment_schedule_account"
        ),
    )

    client_id: UUID
    account_id: UUID
    sequence: int
    from_on: datetime.date
    reason: str = Field(sa_type=Text)
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)


class InstalmentRow(Row, table=True):
    """One part of a debt with a due day of its own."""

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("schedule_id", "number", name="uq_instalment_schedule_id"),
        ForeignKeyConstraint(
            ["client_id", "schedule_id"],
            ["instalment_schedule.client_id", "instalment_schedule.id"],
            name="fk_instalment_schedule",
        ),
        Index("ix_instalment_account_id", "account_id", "due_on", "id"),
    )

    client_id: UUID
    account_id: UUID
    schedule_id: UUID
    number: int
    due_on: datetime.date
    currency: str = Field(sa_type=Text)
    principal_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    interest_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    fees_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    costs_minor: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})


class UnpaidSinceRow(SQLModel, table=True):
    """From when on which instalment of an account was the oldest unpaid one; it follows from the account's course."""

    __tablename__ = "unpaid_since"
    metadata = metadata
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_unpaid_since_account"
        ),
    )

    account_id: UUID = Field(primary_key=True)
    from_on: datetime.date = Field(primary_key=True)
    client_id: UUID
    due_on: datetime.date | None = None


class JudgmentRow(Row, table=True):
    """What a court awarded on an account."""

    __tablename__ = "judgment"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_judgment_client_id"),
        UniqueConstraint("entry_id", name="uq_judgment_entry_id"),
        ForeignKeyConstraint(
            ["client_id", "account_id"], ["account.client_id", "account.id"], name="fk_judgment_account"
        ),
        ForeignKeyConstraint(
            ["client_id", "entry_id"], ["ledger_entry.client_id", "ledger_entry.id"], name="fk_judgment_entry"
        ),
        Index("ix_judgment_account_id", "account_id", "entered_on", "id"),
        Index("ix_judgment_client_id", "client_id", "entered_on", "id"),
        Index("ix_judgment_entered_on", "entered_on", "id"),
    )

    client_id: UUID
    account_id: UUID
    entry_id: UUID
    entered_on: datetime.date
    court: str | None = Field(default=None, sa_type=Text)
    case_reference: str | None = Field(default=None, sa_type=Text)
    rate_percent: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))
    currency: str = Field(sa_type=Text)
    principal_minor: int = Field(sa_type=BigInteger)
    interest_minor: int = Field(sa_type=BigInteger)
    fees_minor: int = Field(sa_type=BigInteger)
    costs_minor: int = Field(sa_type=BigInteger)
    recorded_at: datetime.datetime = Field(sa_type=INSTANT)
