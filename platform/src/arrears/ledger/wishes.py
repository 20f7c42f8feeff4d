"""What commands wish of the ledger, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from arrears.ledger.history import Amounts, Terms, Trace
from arrears.ledger.model import EntryDraft, EntryKind, Line, PaymentDraft
from arrears.ledger.posting import LockedAccount
from arrears.ledger.rows import NOTHING_BESIDES, AllocationDraft, AwardDraft, Besides
from arrears_sdk.errors import ErrorCode, InputError, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One entry that a command wants, before it is known what it does to the debt.

    `changes` is what it does to each component, for kinds that say so themselves; `money_minor` what was paid: above
    zero for payments and won chargebacks, below for refunds and chargebacks. Without a day it counts from today in the
    client's zone. `is_whole` writes off whatever is owed on the day. Money beyond the debt is refused unless
    `allows_surplus`. `event` is told, about the `subject`: the entry itself unless another is given; without an event
    nothing is told, as in an import, which tells of itself.
    """

    account_id: UUID
    kind: EntryKind
    event: str | None = None
    effective_on: date | None = None
    changes: Amounts = field(default_factory=dict)
    money_minor: int = 0
    reason: str | None = None
    payment: PaymentDraft | None = None
    payment_id: UUID | None = None
    reverses_id: UUID | None = None
    transfer_id: UUID | None = None
    is_whole: bool = False
    allows_surplus: bool = False
    award: AwardDraft | None = None
    subject: tuple[str, UUID] | None = None


@dataclass(frozen=True)
class Booked:
    """An entry that was booked, what its account owes now, and how many earlier entries came to another result."""

    entry_id: UUID
    account_id: UUID
    balance: Money
    corrected: int


@dataclass(frozen=True, slots=True)
class Order:
    """A wish with its account and day, and the id that its entry will have."""

    wish: Wish
    account: LockedAccount
    day: date
    entry_id: UUID

    @property
    def payment_id(self) -> UUID | None:
        """The payment that the entry is about."""
        return self.wish.payment_id if self.wish.payment is None else self.wish.payment.payment_id

    def draft(self, lines: tuple[Line, ...], *, reverses_kind: EntryKind | None = None) -> EntryDraft:
        """The entry with these lines; one without any is refused, unless a court awarded exactly what was owed."""
        if not lines and self.wish.kind is not EntryKind.JUDGMENT:
            raise RefusedError("This changes nothing of what is owed.", code=ErrorCode.INVALID_INPUT)
        wish = self.wish
        return EntryDraft(
            entry_id=self.entry_id,
            client_id=self.account.client_id,
            account_id=self.account.account_id,
            kind=wish.kind,
            effective_on=self.day,
            currency=self.account.currency,
            lines=lines,
            reason=wish.reason,
            reverses_id=wish.reverses_id,
            reverses_kind=reverses_kind,
            transfer_id=wish.transfer_id,
            is_whole=wish.is_whole,
            payment_id=wish.payment_id,
            new_payment=wish.payment,
        )

    def beyond_the_debt(self, taken_minor: int) -> RefusedError:
        """The refusal of money of which the debt takes only so much."""
        amount, owed = (Money(minor, self.account.currency) for minor in (self.wish.money_minor, taken_minor))
        return RefusedError(
            f"{amount} is more than the {owed} that is owed.",
            code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            field=("input", "amount"),
        )


def ordered(wish: Wish, account: LockedAccount) -> Order:
    """A wish on its locked account; raises InputError for a day in the future."""
    day = wish.effective_on or account.today
    if day > account.today:
        raise InputError(
            f"{day} lies in the future: it is {account.today} for the client.", field=("input", "effectiveOn")
        )
    return Order(wish, account, day, new_id())


@dataclass(frozen=True, slots=True)
class Case:
    """What is wished on one account, in the order of the wishes, and the terms that hold for it."""

    account: LockedAccount
    terms: Terms
    orders: Sequence[Order]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written on one account: the wished entries, others that follow from them, and what goes with them.

    `corrected` counts the earlier entries that come to another result, `from_on` is the first day that changes.
    """

    wished: Sequence[EntryDraft] = ()
    following: Sequence[EntryDraft] = ()
    besides: Besides = field(default_factory=Besides)
    corrected: int = 0
    from_on: date | None = None

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.wished or self.following) or self.besides != NOTHING_BESIDES


def first_allocation(order: Order, trace: Trace) -> AllocationDraft:
    """How the money of a new payment is spread."""
    assert order.wish.payment is not None
    return AllocationDraft(
        client_id=order.account.client_id,
        account_id=order.account.account_id,
        payment_id=order.wish.payment.payment_id,
        entry_id=order.entry_id,
        sequence=1,
        trace=trace,
        allocation_id=new_id(),
        currency=order.account.currency,
    )
