"""The tables of teams, principals, their roles and their keys."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned


class TeamRow(Row, Versioned, table=True):
    """A group of collectors that accounts are assigned to."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("name", name="uq_team_name"), Index("ix_team_name", "name", "id"))

    name: str = Field(sa_type=Text)


class PrincipalRow(Row, Versioned, table=True):
    """A person, a service or a debtor that signs in."""

    __tablename__ = "principal"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_principal_issuer_subject"),
        Index("ix_principal_name", "name", "id"),
        Index("ix_principal_kind", "kind", "id"),
        Index("ix_principal_debtor_id", "debtor_id"),
    )

    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    issuer: str | None = Field(default=None, sa_column=Column(Text(collation="C")))
    subject: str | None = Field(default=None, sa_column=Column(Text(collation="C")))
    debtor_id: UUID | None = None
    status: str = Field(sa_type=Text)


class RoleGrantRow(Row, table=True):
    """One role of a principal within one limit."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_active",
            "principal_id",
            "role",
            "client_id",
            "team_id",
            "account_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("revoked_at is null"),
        ),
        Index("ix_role_grant_principal_id", "principal_id", "id"),
        Index("ix_role_grant_team_id", "team_id"),
    )

    principal_id: UUID = Field(foreign_key="principal.id")
    role: str = Field(sa_type=Text)
    client_id: UUID | None = None
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    account_id: UUID | None = None
    granted_by: UUID
    granted_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    revoked_by: UUID | None = None
    revoked_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ApiKeyRow(Row, table=True):
    """A key of a principal; only its digest is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("key_hash", name="uq_api_key_key_hash"),
        Index("ix_api_key_principal_id", "principal_id", "id"),
        Index("ix_api_key_replaces_id", "replaces_id"),
        Index("ix_api_key_expires_at", "expires_at", "id"),
    )

    principal_id: UUID = Field(foreign_key="principal.id")
    name: str = Field(sa_type=Text)
    key_hash: bytes = Field(sa_type=LargeBinary, repr=False)
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    replaces_id: UUID | None = Field(default=None, foreign_key="api_key.id")
    created_by: UUID
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    last_used_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_by: UUID | None = None
    revoked_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
