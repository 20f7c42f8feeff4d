"""What can happen to an account of the demonstration: plain descriptions, carried out later by the platform's commands.

Days are counted from the first day of the demonstration's history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from arrears.accounts.model import (
    AccountStatus,
    BankruptcyChapter,
    CloseReason,
    HoldKind,
    HoldSource,
    PartyRole,
)
from arrears.debtors.model import CommunicationChannel
from arrears.demo.agency import Creditor, Segment
from arrears.demo.people import Invented
from arrears.interactions.model import Direction, InteractionResult, PartyReached
from arrears.ledger.model import DebtComponent, PaymentMethod

Endpoint = Literal["mobile", "landline", "mail"]


@dataclass(frozen=True)
class Contact:
    """A call, message or letter; `minute` counts from midnight where the debtor lives."""

    day: int
    minute: int
    channel: CommunicationChannel
    direction: Direction
    result: InteractionResult
    endpoint: Endpoint | None = None
    lasted_seconds: int = 0
    party: PartyReached | None = None
    note: str | None = None
    template: str | None = None


@dataclass(frozen=True)
class Charge:
    """Something added to the debt."""

    day: int
    component: DebtComponent
    amount_minor: int
    reason: str


@dataclass(frozen=True)
class Payment:
    """Money that the debtor paid, to the agency or past it to the client."""

    day: int
    amount_minor: int
    method: PaymentMethod
    to_client: bool
    reference: str


@dataclass(frozen=True)
class Return:
    """The last payment comes back."""

    day: int
    reason: str


@dataclass(frozen=True)
class Stop:
    """A hold."""

    day: int
    kind: HoldKind
    reason: str
    source: HoldSource
    chapter: BankruptcyChapter | None = None


@dataclass(frozen=True)
class Resume:
    """The end of the hold."""

    day: int
    reason: str


@dataclass(frozen=True)
class Move:
    """The next status."""

    day: int
    status: AccountStatus


@dataclass(frozen=True)
class Close:
    """The end of the work."""

    day: int
    reason: CloseReason


Act = Contact | Charge | Payment | Return | Resume | Stop | Move | Close
# Of one day: what was said, then what it cost, what was paid, and what followed from it.
ORDER: tuple[type[Act], ...] = (Contact, Charge, Payment, Return, Resume, Stop, Move, Close)


@dataclass(eq=False)
class Story:
    """One account from its placement to the present, and the ids that it has once it is stored."""

    number: int
    creditor: Creditor
    segment: Segment
    debtor: Invented
    others: tuple[tuple[PartyRole, Invented], ...]
    placed: int
    age_days: int
    owed: dict[DebtComponent, int]
    acts: list[Act] = field(default_factory=list)
    debtor_id: UUID | None = None
    account_id: UUID | None = None
    payment_id: UUID | None = None
    hold_id: UUID | None = None
    endpoints: dict[Endpoint, UUID] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The client's own number of the debt."""
        return f"{self.creditor.country.code}{self.number:06d}"
