"""The trial balance: what was debited and credited to every account of both books, by client and currency."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString
from uuid import UUID

from arrears.access.model import Permission
from arrears.ledger.model import DebtComponent, LedgerAccount, LedgerBook
from arrears_sdk.errors import AccessError, NotFoundError

if TYPE_CHECKING:
    from arrears.kernel.context import Context
    from arrears.kernel.database import Connection

_TIMEOUT_MS = 60_000
_VISIBLE: LiteralString = "select 1 from client where id = %(client)s"
_LINES: LiteralString = """
select client_id, currency, book, ledger_account, component,
       coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
       coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)
from posting
where (%(client)s::uuid is null or client_id = %(client)s)
  and (%(as_of)s::date is null or effective_on <= %(as_of)s)
  and (%(known_at)s::timestamptz is null or recorded_at <= %(known_at)s)
group by client_id, currency, book, ledger_account, component
"""
_ORDER = {account: position for position, account in enumerate(LedgerAccount)}
_COMPONENT_ORDER = {component: position for position, component in enumerate(DebtComponent)}


@dataclass(frozen=True)
class TrialLine:
    """What was debited and credited to one account of a book, for one component where the book has them."""

    client_id: UUID
    currency: str
    book: LedgerBook
    ledger_account: LedgerAccount
    component: DebtComponent | None
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


async def trial_balance(
    context: Context,
    client_id: UUID,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[TrialLine]:
    """The lines of one client's books at the end of a day, by currency, book, account and component.

    Everything posted counts unless a day is given, and all that is known now unless an instant is. NOT_FOUND for a
    client that the principal does not see; AccessError when it does not see the whole of the client's books.
    """
    scope = context.principal.scope
    if not context.principal.may(Permission.LEDGER_READ):
        raise AccessError("Reading the trial balance needs the right to read the ledger.")
    async with context.database.reads(scope, timeout_ms=_TIMEOUT_MS) as connection:
        if await (await connection.execute(_VISIBLE, {"client": client_id})).fetchone() is None:
            raise NotFoundError("There is no such client that you may see.", field=("clientId",))
        if scope.kind != "all" and client_id not in scope.clients:
            raise AccessError("A trial balance is told only to who may see all accounts of the client.")
        return await lines_of(connection, client_id, as_of=as_of, known_at=known_at)


async def lines_of(
    connection: Connection,
    client_id: UUID | None = None,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[TrialLine]:
    """The same as far as a transaction sees it, of every client when none is given."""
    given = {"client": client_id, "as_of": as_of, "known_at": known_at}
    rows = await (await connection.execute(_LINES, given)).fetchall()
    lines = [
        TrialLine(
            row[0],
            row[1],
            LedgerBook(row[2]),
            LedgerAccount(row[3]),
            None if row[4] is None else DebtComponent(row[4]),
            int(row[5]),
            int(row[6]),
        )
        for row in rows
    ]
    return sorted(lines, key=_place)


def _place(line: TrialLine) -> tuple[UUID, str, int, int]:
    component = -1 if line.component is None else _COMPONENT_ORDER[line.component]
    return line.client_id, line.currency, _ORDER[line.ledger_account], component
