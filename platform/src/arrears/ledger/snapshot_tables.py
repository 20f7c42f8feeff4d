"""The tables of balance snapshots (DDL: `foundations/64_snapshots.sql`)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from arrears.kernel.tables import Row, TransactionNumber, metadata
from arrears.ledger.tables import INSTANT


class BalanceSnapshotRow(Row, table=True):
    """The balances of one client's accounts at the end of a day, as far as they were known by a transaction."""

    __tablename__ = "balance_snapshot"
    __table_args__ = (
        UniqueConstraint("client_id", "day", name="uq_balance_snapshot_client_id"),
        UniqueConstraint("client_id", "id", name="uq_balance_snapshot_client_id_id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    day: datetime.date
    horizon: int = Field(sa_column=Column(TransactionNumber, nullable=False))
    server: int = Field(sa_type=BigInteger)
    base_id: UUID | None = None
    made_at: datetime.datetime = Field(sa_type=INSTANT)
    through_account_id: UUID | None = None
    completed_at: datetime.datetime | None = Field(default=None, sa_type=INSTANT)
    is_wanted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class SnapshotBalanceRow(SQLModel, table=True):
    """What was owed and given up on one account in one snapshot."""

    __tablename__ = "snapshot_balance"
    metadata = metadata
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "snapshot_id"],
            ["balance_snapshot.client_id", "balance_snapshot.id"],
            name="fk_snapshot_balance_snapshot",
        ),
    )

    snapshot_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    client_id: UUID
    principal_minor: Decimal = Field(sa_type=Numeric(38, 0))
    interest_minor: Decimal = Field(sa_type=Numeric(38, 0))
    fees_minor: Decimal = Field(sa_type=Numeric(38, 0))
    costs_minor: Decimal = Field(sa_type=Numeric(38, 0))
    written_off_minor: Decimal = Field(sa_type=Numeric(38, 0))
