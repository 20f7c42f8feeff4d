"""A person's requests about their own data: kinds, states, and how patiently they are tried."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

# "Without undue delay and in any event within one month of receipt": GDPR, Article 12(3).
ANSWER_WITHIN = datetime.timedelta(days=30)
AVAILABLE_FOR = datetime.timedelta(days=14)

_WAITS: Sequence[datetime.timedelta] = (
    datetime.timedelta(minutes=1),
    datetime.timedelta(minutes=10),
    datetime.timedelta(hours=1),
    datetime.timedelta(hours=6),
    datetime.timedelta(hours=24),
)


class DataRequestKind(StrEnum):
    """What a person asks for."""

    EXPORT = "EXPORT"
    ERASURE = "ERASURE"


class DataRequestStatus(StrEnum):
    """How far a request is."""

    OPEN = "OPEN"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    FULFILLED = "FULFILLED"
    CLOSED = "CLOSED"


class ErasureGround(StrEnum):
    """Why a person is to be erased although an account is open."""

    COURT_ORDER = "COURT_ORDER"
    REGULATOR_ORDER = "REGULATOR_ORDER"
    UNLAWFUL_PROCESSING = "UNLAWFUL_PROCESSING"


class ErasureBlock(StrEnum):
    """What keeps a person's data from being erased."""

    LITIGATION = "LITIGATION"
    OPEN_ACCOUNT = "OPEN_ACCOUNT"
    PAYMENT_UNDER_WAY = "PAYMENT_UNDER_WAY"

    @property
    def told(self) -> str:
        """In a sentence, and what can be done."""
        return _BLOCKS[self]


_BLOCKS = {
    ErasureBlock.LITIGATION: "A hold for litigation is in force: nothing may be destroyed before it is released.",
    ErasureBlock.OPEN_ACCOUNT: "The person still stands on an open account: close it, or name the ground in law.",
    ErasureBlock.PAYMENT_UNDER_WAY: "A payment of the person is under way: wait until its outcome is known.",
}


@dataclass(frozen=True)
class Failure:
    """Why one plugin's part of a request could not be done."""

    plugin: str
    reason: str
    client_id: UUID | None = None


def wait_after(tries: int) -> datetime.timedelta | None:
    """How long to wait after so many tries that failed; None when it has been tried enough."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else None
