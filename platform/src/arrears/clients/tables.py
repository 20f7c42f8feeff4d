"""The tables of clients, their portfolios and their placements."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned


class ClientRow(Row, Versioned, table=True):
    """One creditor whose debts the agency collects."""

    __tablename__ = "client"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_client_reference"),
        Index("ix_client_name", "name", "id"),
        Index("ix_client_reference_id", "reference", "id"),
        Index("ix_client_status", "status", "id"),
    )

    name: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    time_zone: str = Field(sa_type=Text)
    collector_role: str = Field(sa_type=Text)
    collects_in_client_name: bool
    status: str = Field(sa_type=Text)


class PortfolioRow(Row, Versioned, table=True):
    """One product or segment of a client's debts."""

    __tablename__ = "portfolio"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_portfolio_client_id_id"),
        UniqueConstraint("client_id", "reference", name="uq_portfolio_client_id_reference"),
        Index("ix_portfolio_reference", "reference", "id"),
        Index("ix_portfolio_name", "name", "id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    name: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    product: str | None = Field(default=None, sa_type=Text)
    currency: str = Field(sa_type=Text)


class PlacementRow(Row, table=True):
    """One batch of debts received from a client on a date."""

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_placement_client_id_id"),
        UniqueConstraint("client_id", "reference", name="uq_placement_client_id_reference"),
        ForeignKeyConstraint(
            ["client_id", "portfolio_id"],
            ["portfolio.client_id", "portfolio.id"],
            name="fk_placement_client_id_portfolio",
        ),
        Index("ix_placement_received_on", "received_on", "id"),
        Index("ix_placement_client_id_received_on", "client_id", "received_on", "id"),
        Index("ix_placement_portfolio_id", "portfolio_id", "id"),
        Index("ix_placement_reference", "reference", "id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    portfolio_id: UUID | None = None
    reference: str = Field(sa_type=Text)
    received_on: datetime.date
    note: str | None = Field(default=None, sa_type=Text)
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
