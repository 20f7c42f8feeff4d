"""The table of settings: every version of what every place said, and so also what they say now."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, DateTime, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from arrears.kernel.tables import Row


class SettingsVersionRow(Row, table=True):
    """One change of what one place says about one group; none is ever changed or removed."""

    __tablename__ = "settings_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "portfolio_id"],
            ["portfolio.client_id", "portfolio.id"],
            name="fk_settings_version_client_id_portfolio",
        ),
        Index("ix_settings_version_client_id", "client_id", "number", "id"),
        Index("ix_settings_version_portfolio_id", "portfolio_id", "number", "id"),
        Index("ix_settings_version_group_name", "group_name", "number", "id"),
        Index("ix_settings_version_number_id", "number", "id"),
    )

    number: int = Field(sa_type=BigInteger, unique=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id")
    portfolio_id: UUID | None = None
    group_name: str = Field(sa_type=Text)
    # Nothing said is null in the database, not the JSON value null.
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    principal_id: UUID
    principal_name: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    changed_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
