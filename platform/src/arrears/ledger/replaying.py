"""What a course says otherwise than the ledger, as entries that put it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.ledger.wishes import Case, Plan

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction


async def planned(tx: Transaction, cases: Sequence[Case]) -> dict[UUID, Plan]:
    """What is to be written on each account, by the accounts' courses."""
    if cases:
        raise NotImplementedError
    return {}
