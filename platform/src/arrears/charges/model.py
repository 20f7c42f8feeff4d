"""The words of fees, which state may follow which, and how a debt stands when a fee is weighed. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

FEE = "feec"


class FeeKind(StrEnum):
    """What a fee is for: that a debt is late, or that the debtor was reminded of it."""

    LATE = "LATE"
    DUNNING = "DUNNING"


class FeePeriod(StrEnum):
    """How often a rule charges an account."""

    ONCE = "ONCE"
    MONTHLY = "MONTHLY"
    PER_INSTALMENT = "PER_INSTALMENT"
    PER_NOTICE = "PER_NOTICE"


class FeeState(StrEnum):
    """Where a fee stands."""

    QUOTED = "QUOTED"
    CLAIMED = "CLAIMED"
    WAIVED = "WAIVED"
    PAID = "PAID"


class FeeStep(StrEnum):
    """What happened to a fee."""

    QUOTED = "QUOTED"
    REFUSED = "REFUSED"
    CLAIMED = "CLAIMED"
    WAIVED = "WAIVED"
    PAID = "PAID"
    UNPAID = "UNPAID"


_NEXT: Mapping[FeeState, frozenset[FeeState]] = {
    FeeState.QUOTED: frozenset({FeeState.CLAIMED, FeeState.WAIVED}),
    FeeState.CLAIMED: frozenset({FeeState.PAID, FeeState.WAIVED}),
    FeeState.PAID: frozenset({FeeState.CLAIMED}),
    FeeState.WAIVED: frozenset({FeeState.CLAIMED}),
}


def may_follow(state: FeeState, wanted: FeeState) -> bool:
    """Whether a fee in `state` may become `wanted`.

    A paid fee is owed again when the payment does not hold, a waived one when the entry of its waiver is reversed.
    """
    return wanted in _NEXT[state]


@dataclass(frozen=True, slots=True)
class Debt:
    """What of an account a rule of fees looks at, and never changes."""

    account_id: UUID
    client_id: UUID
    portfolio_id: UUID | None
    debtor_id: UUID
    product: str
    currency: str
    due_on: date
    placed_on: date


@dataclass(frozen=True, slots=True)
class Part:
    """What of a debt is due on a day and unpaid: its principal, and everything but fees."""

    due_on: date
    principal_minor: int
    besides_fees_minor: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a debt stood at the beginning of a day: the parts that were unpaid, the oldest first, and its principal.

    A debt without instalments is one part. Parts that fall due later are among them.
    """

    day: date
    parts: tuple[Part, ...]
    principal_minor: int
    has_instalments: bool = False

    @property
    def overdue(self) -> tuple[Part, ...]:
        """The parts whose due day is before the day."""
        return tuple(part for part in self.parts if part.due_on < self.day)

    @property
    def overdue_principal_minor(self) -> int:
        """The principal that is past due."""
        return sum(part.principal_minor for part in self.overdue)

    @property
    def oldest_on(self) -> date | None:
        """The due day of the oldest part that is past due; none while nothing is."""
        return min((part.due_on for part in self.overdue), default=None)


@dataclass(frozen=True, slots=True)
class GivenNotice:
    """A notice to the debtor about a debt: which, of what kind, and the day from which it counts."""

    notice_id: UUID
    kind: str
    counts_on: date


@dataclass(frozen=True, slots=True)
class KnownFee:
    """A fee that there is already."""

    fee_claim_id: UUID
    rule: str
    period: str
    state: FeeState
    amount_minor: int
    forgiven_minor: int
    ask_on: date

    @property
    def counted_minor(self) -> int:
        """How much of it counts towards the most that an account may be charged."""
        return self.amount_minor - self.forgiven_minor


@dataclass(frozen=True, slots=True)
class Occasion:
    """What makes a rule charge: which period it is for, since when, and on which amount a percentage is taken."""

    period: str
    since: date
    base_minor: int
    days_past_due: int
