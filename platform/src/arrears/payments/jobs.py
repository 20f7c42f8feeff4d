"""What happens to payments by itself: providers are asked how open orders stand."""

from __future__ import annotations

from arrears.kernel.context import Context
from arrears.kernel.dispatcher import Due, due
from arrears.payments.asking import ASK_INTENT, ASK_REFUND, ask_about


@due(ASK_INTENT)
async def ask_about_intent(context: Context, due: Due) -> None:
    """Ask about a charge that nobody has told the end of."""
    await ask_about(context, due.subject_id, None, times_asked=int(due.payload["times_asked"]))


@due(ASK_REFUND)
async def ask_about_refund(context: Context, due: Due) -> None:
    """Ask about a refund that nobody has told the end of."""
    await ask_about(context, None, due.subject_id, times_asked=int(due.payload["times_asked"]))
