"""When accounts bear no interest: while a hold stops it, and after they were closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from arrears.kernel.database import Connection
from arrears.ledger.history import Span
from arrears_sdk.clock import business_date

_HELD = """
select held.account_id, terms.time_zone, held.starts_at, held.ends_at
from interest_holds(%(ids)s::uuid[]) held
join account on account.id = held.account_id
join posting_terms(array(select distinct client_id from account where id = any (%(ids)s::uuid[]))) terms
    on terms.client_id = account.client_id
"""
_CLOSED = """
select account.id, terms.time_zone, account.closed_at
from account
join posting_terms(array(select distinct client_id from account where id = any (%(ids)s::uuid[]))) terms
    on terms.client_id = account.client_id
where account.id = any (%(ids)s::uuid[]) and account.closed_at is not null
"""


async def standstills(connection: Connection, account_ids: Collection[UUID]) -> dict[UUID, tuple[Span, ...]]:
    """The days without interest of those accounts that have any, in the zones of their clients.

    A hold counts from the day on which it starts, and no longer on the day on which it ends. The day on which an
    account is closed bears interest, as what was paid on it did.
    """
    parameters = {"ids": list(account_ids)}
    async with connection.pipeline():
        held = await connection.execute(_HELD, parameters)
        closed = await connection.execute(_CLOSED, parameters)
        found: dict[UUID, list[Span]] = defaultdict(list)
        for account_id, zone, starts_at, ends_at in await held.fetchall():
            found[account_id] += _days_between(zone, starts_at, ends_at)
        for account_id, zone, closed_at in await closed.fetchall():
            found[account_id].append(Span(business_date(closed_at, zone) + timedelta(days=1), None))
    return {
        account_id: tuple(sorted(spans, key=lambda span: span.from_on)) for account_id, spans in found.items() if spans
    }


def _days_between(zone: str, starts_at: datetime, ends_at: datetime | None) -> list[Span]:
    first = business_date(starts_at, zone)
    until = None if ends_at is None else business_date(ends_at, zone)
    return [] if until is not None and until <= first else [Span(first, until)]
