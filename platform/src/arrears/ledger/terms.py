"""What clients have settled about how their debts run, as the terms of one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.ledger.history import Stage, Terms, Turn, Waterfall
from arrears.ledger.model import ALLOCATION_ORDER

if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID

    from arrears.kernel.context import Context

_USUAL = Waterfall("usual", tuple(Turn((component,)) for component in ALLOCATION_ORDER))
_PLAIN = Terms(dict.fromkeys(Stage, _USUAL), non_performing_after_days=90)


async def terms_for(
    context: Context, client_id: UUID, portfolio_id: UUID | None, product: str, contract_percent: Decimal | None
) -> Terms:
    """The terms that hold for an account."""
    return _PLAIN
