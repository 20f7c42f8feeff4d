"""The tables of imports: runs, their control totals and the rows that were refused."""

from __future__ import annotations

import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from arrears.kernel.tables import Row

INSTANT = DateTime(timezone=True)


class ImportRunRow(Row, table=True):
    """One file taken in for one client under one mapping, and how far it got."""

    __tablename__ = "import_run"
    __table_args__ = (
        UniqueConstraint("client_id", "id", name="uq_import_run_client_id_id"),
        UniqueConstraint("client_id", "content_hash", "mapping_hash", name="uq_import_run_content"),
        ForeignKeyConstraint(
            ["client_id", "placement_id"], ["placement.client_id", "placement.id"], name="fk_import_run_placement"
        ),
        Index("ix_import_run_started_at_id", "started_at", "id"),
        Index("ix_import_run_state_id", "state", "id"),
        Index("ix_import_run_placement_id", "placement_id", "id"),
    )

    client_id: UUID = Field(foreign_key="client.id")
    placement_id: UUID
    file_name: str = Field(sa_type=Text)
    content_hash: str = Field(sa_type=Text)
    mapping_hash: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    rows_read: int = Field(default=0, sa_type=BigInteger)
    rows_accepted: int = Field(default=0, sa_type=BigInteger)
    rows_refused: int = Field(default=0, sa_type=BigInteger)
    debtors_created: int = Field(default=0, sa_type=BigInteger)
    payments_recorded: int = Field(default=0, sa_type=BigInteger)
    errors_kept: int = Field(default=0, sa_type=BigInteger)
    errors_found: int = Field(default=0, sa_type=BigInteger)
    refused_file_bytes: int = Field(default=0, sa_type=BigInteger)
    principal_id: UUID
    started_at: datetime.datetime = Field(sa_type=INSTANT)
    finished_at: datetime.datetime | None = Field(default=None, sa_type=INSTANT)


class ImportTotalRow(Row, table=True):
    """What the rows of one currency in one run add up to."""

    __tablename__ = "import_total"
    __table_args__ = (
        UniqueConstraint("run_id", "currency", name="uq_import_total_run_id_currency"),
        ForeignKeyConstraint(
            ["client_id", "run_id"], ["import_run.client_id", "import_run.id"], name="fk_import_total_run"
        ),
    )

    client_id: UUID
    run_id: UUID
    currency: str = Field(sa_type=Text)
    accepted_minor: int = Field(sa_type=BigInteger)
    refused_minor: int = Field(sa_type=BigInteger)
    paid_minor: int = Field(sa_type=BigInteger)


class ImportRowErrorRow(Row, table=True):
    """One thing wrong with one row of the file."""

    __tablename__ = "import_row_error"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "run_id"], ["import_run.client_id", "import_run.id"], name="fk_import_row_error_run"
        ),
        Index("ix_import_row_error_run_id_line_id", "run_id", "line", "id"),
    )

    client_id: UUID
    run_id: UUID
    line: int = Field(sa_type=BigInteger)
    column_name: str | None = Field(default=None, sa_type=Text)
    code: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    original: str | None = Field(default=None, sa_type=Text)
