"""The tables of debtors: names, residences, contact points, consents and what is searched."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlmodel import Field

from arrears.kernel.tables import Row, Versioned


def _supplied(table: str) -> ForeignKeyConstraint:
    """The rule that whoever supplies a fact about a debtor is a client that sees the debtor."""
    return ForeignKeyConstraint(
        ["debtor_id", "client_id"],
        ["debtor_client.debtor_id", "debtor_client.client_id"],
        name=f"fk_{table}_debtor_id_debtor_client",
    )


class DebtorRow(Row, Versioned, table=True):
    """One person or company that owes."""

    __tablename__ = "debtor"
    __table_args__ = (
        Index("ix_debtor_sort_name", "sort_name", "id"),
        Index("ix_debtor_kind", "kind", "id"),
        Index("ix_debtor_country", "country", "id"),
    )

    kind: str = Field(sa_type=Text)
    display_name: str = Field(sa_type=Text)
    sort_name: str = Field(sa_type=Text)
    date_of_birth: datetime.date | None = None
    country: str | None = Field(default=None, sa_type=Text)
    preferred_language: str | None = Field(default=None, sa_type=Text)
    languages: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    legal_form: str | None = Field(default=None, sa_type=Text)
    registration_number: str | None = Field(default=None, sa_type=Text)


class DebtorClientRow(Row, table=True):
    """One client that sees a debtor, with that client's own reference of the debtor."""

    __tablename__ = "debtor_client"
    __table_args__ = (
        UniqueConstraint("debtor_id", "client_id", name="uq_debtor_client_debtor_id_client_id"),
        UniqueConstraint("client_id", "reference", name="uq_debtor_client_client_id_reference"),
        ForeignKeyConstraint(
            ["debtor_id"],
            ["debtor.id"],
            name="fk_debtor_client_debtor_id_debtor",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_debtor_client_client_id_debtor_id", "client_id", "debtor_id"),
    )

    debtor_id: UUID
    client_id: UUID = Field(foreign_key="client.id")
    reference: str | None = Field(default=None, sa_type=Text)
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))


class DebtorNameRow(Row, table=True):
    """One name a debtor bears or bore."""

    __tablename__ = "debtor_name"
    __table_args__ = (_supplied("debtor_name"), Index("ix_debtor_name_debtor_id", "debtor_id", "id"))

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    full_name: str = Field(sa_type=Text)
    given_name: str | None = Field(default=None, sa_type=Text)
    family_name: str | None = Field(default=None, sa_type=Text)
    from_on: datetime.date | None = None
    until_on: datetime.date | None = None
    created_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))


class ResidenceRow(Row, Versioned, table=True):
    """One place where a debtor lives, works, receives letters or is."""

    __tablename__ = "residence"
    __table_args__ = (_supplied("residence"), Index("ix_residence_debtor_id", "debtor_id", "id"))

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    address_lines: str | None = Field(default=None, sa_type=Text)
    city: str | None = Field(default=None, sa_type=Text)
    region: str | None = Field(default=None, sa_type=Text)
    postal_code: str | None = Field(default=None, sa_type=Text)
    country: str = Field(sa_type=Text)
    from_on: datetime.date | None = None
    until_on: datetime.date | None = None
    source: str | None = Field(default=None, sa_type=Text)
    obtained_on: datetime.date | None = None


class NationalIdRow(Row, Versioned, table=True):
    """One national identifier of a debtor, sealed under the debtor's own key."""

    __tablename__ = "national_id"
    __table_args__ = (
        _supplied("national_id"),
        UniqueConstraint("debtor_id", "kind", "country", name="uq_national_id_debtor_id_kind_country"),
    )

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    blind: str = Field(sa_type=Text)
    hint: str = Field(sa_type=Text)


class ContactPointRow(Row, Versioned, table=True):
    """One number, address or handle by which a debtor can be reached."""

    __tablename__ = "contact_point"
    __table_args__ = (
        _supplied("contact_point"),
        UniqueConstraint("debtor_id", "id", name="uq_contact_point_debtor_id_id"),
        UniqueConstraint(
            "debtor_id",
            "client_id",
            "channel",
            "value",
            name="uq_contact_point_value",
            postgresql_nulls_not_distinct=True,
        ),
    )

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    channel: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    extension: str | None = Field(default=None, sa_type=Text)
    network: str | None = Field(default=None, sa_type=Text)
    line_type: str | None = Field(default=None, sa_type=Text)
    owner: str = Field(sa_type=Text)
    used_for: str = Field(sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    obtained_on: datetime.date | None = None
    area_zones: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    reassignment_checked_on: datetime.date | None = None
    validity: str = Field(sa_type=Text)
    invalid_reason: str | None = Field(default=None, sa_type=Text)
    invalid_on: datetime.date | None = None
    preferred: bool


class ConsentRow(Row, table=True):
    """One granting or revoking of consent, never changed afterwards."""

    __tablename__ = "consent"
    __table_args__ = (
        _supplied("consent"),
        ForeignKeyConstraint(
            ["debtor_id", "contact_point_id"],
            ["contact_point.debtor_id", "contact_point.id"],
            name="fk_consent_debtor_id_contact_point",
        ),
        Index("ix_consent_debtor_id", "debtor_id", "given_at", "id"),
        Index("ix_consent_contact_point_id", "contact_point_id", "given_at", "id"),
    )

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    contact_point_id: UUID | None = None
    channel: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    given_directly: bool
    given_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime.datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    evidence: str | None = Field(default=None, sa_type=Text)
    revocation_medium: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime.datetime = Field(sa_type=DateTime(timezone=True))


class TimeZoneCandidateRow(Row, table=True):
    """One time zone a debtor may be in, and what says so."""

    __tablename__ = "time_zone_candidate"
    __table_args__ = (
        Index("ix_time_zone_candidate_debtor_id", "debtor_id", "id"),
        Index("ix_time_zone_candidate_residence_id", "residence_id"),
        Index("ix_time_zone_candidate_contact_point_id", "contact_point_id"),
    )

    debtor_id: UUID = Field(foreign_key="debtor.id")
    client_id: UUID | None = None
    zone: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    residence_id: UUID | None = Field(default=None, foreign_key="residence.id")
    contact_point_id: UUID | None = Field(default=None, foreign_key="contact_point.id")


SEARCH_TOKEN = Table(
    "search_token",
    Row.metadata,
    Column("kind", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("debtor_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=True),
    Index("ix_search_token_subject_id", "subject_id"),
    Index("ix_search_token_debtor_id", "debtor_id"),
)
"""What is searched: the tokens of a row (`subject_id`) about a debtor, supplied by a client or found by the agency."""
