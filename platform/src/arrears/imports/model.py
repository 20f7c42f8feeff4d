"""What an import is asked to do, how it gets on, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from arrears.accounts.model import HoldKind
from arrears.clients.model import CollectorRole
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod
from arrears_sdk.errors import ErrorCode
from arrears_sdk.money import Money

ROWS_PER_BATCH = 2_000
MOST_FAULTS_KEPT = 1_000
MOST_FAULTS_REPORTED = 100


class ImportState(StrEnum):
    """Where an import stands; one that was interrupted goes on when the same file is sent again."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True)
class ImportOptions:
    """For whom a file is taken in, and how strictly.

    `client` is the client's reference or id, `format` the key of an importer. With `dry_run` nothing is written; with
    `all_or_nothing` nothing is unless every row is good. What the sender announced is compared before anything is
    written.
    """

    client: str
    format: str = "csv"
    dry_run: bool = False
    all_or_nothing: bool = False
    placement: str | None = None
    received_on: date | None = None
    expected_rows: int | None = None
    expected_totals: tuple[Money, ...] = ()
    refused_file: Path | None = None
    rows_per_batch: int = ROWS_PER_BATCH


@dataclass(frozen=True)
class ImportProgress:
    """How far an import has got."""

    rows_read: int
    rows_accepted: int
    rows_refused: int
    bytes_read: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong with one row: where, what kind, why, and the text as it stands in the file."""

    line: int
    column: str | None
    code: ErrorCode
    reason: str
    original: str | None


@dataclass(frozen=True)
class ControlTotal:
    """What the rows of one currency add up to: opening balances taken in and refused, and payments recorded."""

    accepted: Money
    refused: Money
    paid: Money


@dataclass(frozen=True)
class ImportReport:
    """What came of an import.

    `stored` is false for a dry run, and for one that was to be all or nothing and has a refused row. `repeated` is true
    when the same file was taken in before, so that nothing was changed. `faults` are the first ones of `faults_found`.
    """

    stored: bool
    repeated: bool
    run_id: UUID | None
    rows_read: int
    rows_accepted: int
    rows_refused: int
    debtors_created: int
    payments_recorded: int
    totals: tuple[ControlTotal, ...]
    faults: tuple[RowFault, ...]
    faults_found: int
    refused_file: Path | None


@dataclass(frozen=True)
class ClientTerms:
    """What the rows of a file take from the client that they are for."""

    client_id: UUID
    currency: str
    country: str
    time_zone: str
    collector_role: CollectorRole


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """A payment that a row tells of; without an amount it is all that was owed."""

    received_on: date
    amount_minor: int | None
    method: PaymentMethod
    paid_to: PaidTo
    reference: str | None


@dataclass(frozen=True, slots=True)
class HoldWish:
    """A hold that a row asks for."""

    kind: HoldKind
    reason: str
    from_on: date | None
    until_on: date | None


@dataclass(slots=True)
class RowDraft:
    """One row as it will be stored, or with the faults that keep it out."""

    line: int
    cells: list[str]
    currency: str
    debtor_reference: str = ""
    account_reference: str = ""
    debtor: dict[str, str] = field(default_factory=dict)
    account: dict[str, object] = field(default_factory=dict)
    opening: dict[DebtComponent, int] = field(default_factory=dict)
    effective_on: date | None = None
    payment: PaymentWish | None = None
    hold: HoldWish | None = None
    faults: list[RowFault] = field(default_factory=list)

    @property
    def opening_minor(self) -> int:
        """All components of the opening balance together."""
        return sum(self.opening.values())

    @property
    def paid_minor(self) -> int:
        """What the row's payment lowers the debt by."""
        if self.payment is None:
            return 0
        return self.opening_minor if self.payment.amount_minor is None else self.payment.amount_minor
