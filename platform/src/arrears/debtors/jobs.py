"""Background tasks on debtors."""

from __future__ import annotations

from uuid import UUID

from arrears.debtors.commands import RENEW_TOKENS, renew_name_tokens
from arrears.kernel.context import Context
from arrears.kernel.jobs import job
from arrears.kernel.transaction import begin


@job(RENEW_TOKENS)
async def renew_tokens_of_name(context: Context, debtor_id: str) -> None:
    """Makes a renamed debtor searchable by its new name for every client that sees it."""
    async with begin(context) as tx:
        await renew_name_tokens(tx, UUID(debtor_id))
