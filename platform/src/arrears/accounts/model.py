"""The words of accounts and their pure rules: which status follows which, what a hold stops, how a debt stands."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from arrears_sdk.vocabulary import (
    AccountStatus as AccountStatus,
    CloseReason as CloseReason,
    HoldBlock as HoldBlock,
    HoldKind as HoldKind,
    PartyRole as PartyRole,
    Product as Product,
    Purpose as Purpose,
)

CLOSED_STATUSES = frozenset({AccountStatus.CLOSED, AccountStatus.RETURNED})
OPENING_STATUSES = frozenset(
    {AccountStatus.IMPORTED, AccountStatus.PRE_COLLECT, AccountStatus.ACTIVE, AccountStatus.SKIP, AccountStatus.LEGAL}
)
"""What an account may be opened as; a book taken over from another system arrives in the middle of its life."""

_NEXT: dict[AccountStatus, frozenset[AccountStatus]] = {
    AccountStatus.IMPORTED: frozenset({AccountStatus.PRE_COLLECT, AccountStatus.ACTIVE}),
    AccountStatus.PRE_COLLECT: frozenset({AccountStatus.ACTIVE}),
    AccountStatus.ACTIVE: frozenset({AccountStatus.SKIP, AccountStatus.PLACED_OUT, AccountStatus.LEGAL}),
    AccountStatus.SKIP: frozenset({AccountStatus.ACTIVE, AccountStatus.PLACED_OUT}),
    AccountStatus.PLACED_OUT: frozenset({AccountStatus.RECALL_PENDING}),
    AccountStatus.RECALL_PENDING: frozenset({AccountStatus.RECALL_OBJECTED, AccountStatus.RECALLED}),
    AccountStatus.RECALL_OBJECTED: frozenset({AccountStatus.RECALL_PENDING}),
    AccountStatus.RECALLED: frozenset({AccountStatus.ACTIVE}),
    AccountStatus.LEGAL: frozenset({AccountStatus.ACTIVE}),
    AccountStatus.CLOSED: frozenset({AccountStatus.RETURNED, AccountStatus.REOPENED}),
    AccountStatus.RETURNED: frozenset({AccountStatus.REOPENED}),
    AccountStatus.REOPENED: frozenset({AccountStatus.ACTIVE}),
}


def next_statuses(status: AccountStatus) -> frozenset[AccountStatus]:
    """The statuses that may follow; any open account may also be closed."""
    if status in CLOSED_STATUSES:
        return _NEXT[status]
    return _NEXT[status] | {AccountStatus.CLOSED}


def may_follow(status: AccountStatus, wanted: AccountStatus) -> bool:
    """Whether an account in `status` may become `wanted`."""
    return wanted in next_statuses(status)


class Instrument(StrEnum):
    """What the debt rests on; limitation periods depend on it."""

    WRITTEN = "WRITTEN"
    ORAL = "ORAL"
    NOTE = "NOTE"
    SEALED = "SEALED"
    OPEN_ACCOUNT = "OPEN_ACCOUNT"


class Acknowledgment(StrEnum):
    """In which form the debtor last acknowledged the debt."""

    SIGNED = "SIGNED"
    WRITTEN = "WRITTEN"
    ORAL = "ORAL"
    PART_PAYMENT = "PART_PAYMENT"


class Standing(StrEnum):
    """How an account's balance stands as of a day."""

    OPEN = "OPEN"
    PAST_DUE = "PAST_DUE"
    SETTLED = "SETTLED"


def standing(balance_minor: int, due_on: date, as_of: date) -> Standing:
    """Settled when nothing is owed, past due when it was due before the day, else open."""
    if balance_minor <= 0:
        return Standing.SETTLED
    return Standing.PAST_DUE if due_on < as_of else Standing.OPEN


def days_past_due(balance_minor: int, due_on: date, as_of: date) -> int:
    """Whole days since the due day while something is owed; nought on the due day and when nothing is owed."""
    return max(0, (as_of - due_on).days) if balance_minor > 0 else 0


class CreditorRole(StrEnum):
    """What a creditor is in the chain of title."""

    ORIGINAL = "ORIGINAL"
    ASSIGNEE = "ASSIGNEE"
    CURRENT = "CURRENT"


class Liability(StrEnum):
    """How far a party answers for the debt."""

    WHOLE = "WHOLE"
    JOINT_AND_SEVERAL = "JOINT_AND_SEVERAL"
    SHARE = "SHARE"
    SECONDARY = "SECONDARY"
    NONE = "NONE"


_USUAL_LIABILITY: dict[PartyRole, Liability] = {
    PartyRole.PRIMARY: Liability.WHOLE,
    PartyRole.CO_DEBTOR: Liability.JOINT_AND_SEVERAL,
    PartyRole.GUARANTOR: Liability.SECONDARY,
    PartyRole.SUCCESSOR: Liability.WHOLE,
}


def usual_liability(role: PartyRole) -> Liability:
    """What a party of the role answers for when nothing else is known; who merely acts or uses answers for nothing."""
    return _USUAL_LIABILITY.get(role, Liability.NONE)


class BankruptcyChapter(StrEnum):
    """Under which chapter of the United States code, or another country's law, the debtor is bankrupt."""

    CHAPTER_7 = "CHAPTER_7"
    CHAPTER_9 = "CHAPTER_9"
    CHAPTER_11 = "CHAPTER_11"
    CHAPTER_12 = "CHAPTER_12"
    CHAPTER_13 = "CHAPTER_13"
    CHAPTER_15 = "CHAPTER_15"
    FOREIGN = "FOREIGN"


class HoldScope(StrEnum):
    """How far a hold reaches."""

    DEBT = "DEBT"
    DEBTOR = "DEBTOR"
    CHANNEL = "CHANNEL"


class HoldSource(StrEnum):
    """From whom the agency knows."""

    DEBTOR = "DEBTOR"
    REPRESENTATIVE = "REPRESENTATIVE"
    CLIENT = "CLIENT"
    AGENCY = "AGENCY"
    COURT = "COURT"
    REGULATOR = "REGULATOR"
    SCRUB = "SCRUB"
    THIRD_PARTY = "THIRD_PARTY"


_EVERYTHING = frozenset(HoldBlock)
_USUAL_BLOCKS: dict[HoldKind, frozenset[HoldBlock]] = {
    HoldKind.VALIDATION: frozenset({HoldBlock.LEGAL, HoldBlock.CREDIT_REPORT}),
    HoldKind.CEASE_COMMUNICATION: frozenset({HoldBlock.CONTACT}),
    HoldKind.ATTORNEY: frozenset({HoldBlock.CONTACT}),
    HoldKind.DEBT_MANAGEMENT: frozenset({HoldBlock.CONTACT, HoldBlock.LEGAL}),
    HoldKind.MILITARY: frozenset({HoldBlock.LEGAL, HoldBlock.INTEREST}),
    HoldKind.HARDSHIP: frozenset({HoldBlock.PAYMENT_RUN, HoldBlock.LEGAL}),
    HoldKind.VULNERABILITY: frozenset({HoldBlock.CONTACT, HoldBlock.PAYMENT_RUN, HoldBlock.LEGAL}),
    HoldKind.COMPLAINT: frozenset({HoldBlock.CONTACT, HoldBlock.LEGAL}),
    HoldKind.INCARCERATED: frozenset({HoldBlock.CONTACT}),
}


def usual_blocks(kind: HoldKind) -> frozenset[HoldBlock]:
    """What a hold of the kind stops unless told otherwise; kinds with no milder custom stop everything."""
    return _USUAL_BLOCKS.get(kind, _EVERYTHING)


class HoldState(StrEnum):
    """Whether a hold stops anything at an instant."""

    PENDING = "PENDING"
    IN_FORCE = "IN_FORCE"
    ENDED = "ENDED"


def hold_state(starts_at: datetime, ends_at: datetime | None, released_at: datetime | None, at: datetime) -> HoldState:
    """How a hold stands at an instant: its start counts, its end and its release do not."""
    if (ends_at is not None and ends_at <= at) or (released_at is not None and released_at <= at):
        return HoldState.ENDED
    return HoldState.IN_FORCE if starts_at <= at else HoldState.PENDING
