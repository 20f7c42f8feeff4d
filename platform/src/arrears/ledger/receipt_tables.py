"""The tables of money that was shared among several accounts."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from arrears.kernel.tables import Row


class ReceiptRow(Row, table=True):
    """Money that came once for several accounts of a debtor; without a client when the accounts are of several."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_debtor_id_received_on_id", "debtor_id", "received_on", "id"),
        Index("ix_receipt_client_id_received_on_id", "client_id", "received_on", "id"),
        Index("ix_receipt_received_on_id", "received_on", "id"),
        Index("ix_receipt_reference_id", "reference", "id"),
    )

    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    debtor_id: UUID = Field(foreign_key="debtor.id")
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    paid_to: str = Field(sa_type=Text)
    received_on: datetime.date
    effective_on: datetime.date
    reference: str | None = Field(default=None, sa_type=Text(collation="C"))
    way: str = Field(sa_type=Text)
    sorted_by: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), server_default=text("'{}'"), nullable=False)
    )
    recorded_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))


class ReceiptShareRow(Row, table=True):
    """What one account got of a receipt, and why; also when it got nothing."""

    __tablename__ = "receipt_share"
    __table_args__ = (
        UniqueConstraint("receipt_id", "position", name="uq_receipt_share_receipt_id_position"),
        ForeignKeyConstraint(["client_id", "account_id"], ["account.client_id", "account.id"]),
        ForeignKeyConstraint(["client_id", "payment_id"], ["payment.client_id", "payment.id"]),
        Index("ix_receipt_share_account_id_id", "account_id", "id"),
    )

    receipt_id: UUID = Field(foreign_key="receipt.id")
    client_id: UUID
    account_id: UUID
    position: int
    owed_minor: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    payment_id: UUID | None = None
