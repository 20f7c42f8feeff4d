"""Frozen pictures of the objects that plugins extend in the schema; the domains that can make them say so here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from arrears.kernel.context import Context
from arrears_sdk.views import Account

AccountsOf: TypeAlias = Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Account]]]


@dataclass
class Portraits:
    """Who makes pictures of accounts: one for each id, in their order, as the context's principal sees them."""

    accounts: AccountsOf | None = field(default=None)

    async def of_accounts(self, context: Context, ids: Sequence[UUID]) -> Sequence[Account | None]:
        """The accounts now; None for each where nobody can tell."""
        return [None] * len(ids) if self.accounts is None else await self.accounts(context, ids)


portraits = Portraits()
