"""How far the accounts of each part of a client have been gone through, so that a run goes on where it was ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString
from uuid import UUID

from arrears.kernel.context import Context
from arrears.kernel.transaction import begin

_BEGIN: LiteralString = """
insert into charge_run (client_id, part) values (%(client)s, %(part)s) on conflict do nothing
"""
_STANDS: LiteralString = """
select through_on, running_from, running_through, running_after from charge_run
where client_id = %(client)s and part = %(part)s for update
"""
_START: LiteralString = """
update charge_run set running_from = %(from)s, running_through = %(through)s, running_after = null
where client_id = %(client)s and part = %(part)s
"""
# Another worker may go through the same accounts: whoever is further counts, and only of the same run.
_FURTHER: LiteralString = """
update charge_run set running_after = %(after)s
where client_id = %(client)s and part = %(part)s and running_through = %(through)s
  and (running_after is null or running_after < %(after)s)
"""
_END: LiteralString = """
update charge_run set through_on = running_through, running_from = null, running_through = null, running_after = null
where client_id = %(client)s and part = %(part)s and running_through = %(through)s
"""


@dataclass(frozen=True)
class Run:
    """The days for which the accounts of a part are gone through, and the last account that is done."""

    client_id: UUID
    part: int
    since: date
    through: date
    after: UUID | None

    @property
    def days(self) -> list[date]:
        """The days, the first one first."""
        return [self.since + timedelta(days=passed) for passed in range((self.through - self.since).days + 1)]


async def open_run(context: Context, client_id: UUID, part: int, through: date, first: date) -> Run | None:
    """The run that is to be done next: one that was ended in the middle, or the days since the last; None if none.

    Before anything was ever run, it begins with the day `first`.
    """
    given = {"client": client_id, "part": part}
    async with begin(context) as tx:
        connection = await tx.connection()
        await connection.execute(_BEGIN, given)
        row = await (await connection.execute(_STANDS, given)).fetchone()
        assert row is not None, "the row was made just now, if not before"
        done, running_from, running_through, after = row
        if running_from is not None:
            return Run(client_id, part, running_from, running_through, after)
        since = min(first, through) if done is None else done + timedelta(days=1)
        if since > through:
            return None
        await connection.execute(_START, {**given, "from": since, "through": through})
    return Run(client_id, part, since, through, None)


async def pass_account(context: Context, run: Run, account_id: UUID) -> None:
    """Everything up to this account is done."""
    async with begin(context) as tx:
        await (await tx.connection()).execute(_FURTHER, {**_given(run), "after": account_id})


async def end_run(context: Context, run: Run) -> None:
    """All accounts of the part are done."""
    async with begin(context) as tx:
        await (await tx.connection()).execute(_END, _given(run))


def _given(run: Run) -> dict[str, object]:
    return {"client": run.client_id, "part": run.part, "through": run.through}
