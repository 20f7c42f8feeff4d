"""Background tasks on debtors."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from arrears.debtors.indexing import renew_name_tokens
from arrears.kernel.context import Context
from arrears.kernel.jobs import job
from arrears.kernel.transaction import begin
from arrears_sdk.errors import ErrorCode, RefusedError

RENEW_TOKENS: Final = "debtors.renew_name_tokens"


@job(RENEW_TOKENS)
async def renew_tokens_of_name(context: Context, debtor_id: str) -> None:
    """Makes a renamed debtor searchable by its new name also for clients that the renaming principal may not see."""
    try:
        async with begin(context) as tx:
            await renew_name_tokens(tx, UUID(debtor_id))
    except RefusedError as refused:
        # Erased since: nobody is to be found by a name any longer.
        if refused.problems[0].code is not ErrorCode.PERSON_ERASED:
            raise
