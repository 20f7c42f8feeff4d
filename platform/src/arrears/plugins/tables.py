"""The table of what plugins keep."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import Field

from arrears.kernel.tables import Row


class PluginValueRow(Row, table=True):
    """One value that a plugin keeps for a client or for the deployment; one about a person is sealed."""

    __tablename__ = "plugin_value"
    __table_args__ = (
        UniqueConstraint("plugin", "client_id", "key", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["debtor_id", "client_id"],
            ["debtor_client.debtor_id", "debtor_client.client_id"],
            name="fk_plugin_value_debtor_id_debtor_client",
        ),
        Index(
            "ix_plugin_value_debtor_id",
            "debtor_id",
            "plugin",
            "client_id",
            "key",
            postgresql_where=text("debtor_id is not null"),
        ),
    )

    plugin: str = Field(sa_type=Text)
    client_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("client.id")))
    key: str = Field(sa_type=Text)
    debtor_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("debtor.id")))
    value: Any = Field(default=None, sa_column=Column(JSON, nullable=True))
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    kept_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
