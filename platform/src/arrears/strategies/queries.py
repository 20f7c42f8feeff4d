"""Which accounts a preview is about, with the other accounts of their debtors: a debtor is decided on as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears_sdk.errors import ErrorCode, InputError, LimitError, NotFoundError

MOST_TOGETHER = 5_000

_CLIENT = "select reference, time_zone, client_day(id, %(now)s) from client where id = %(client)s"
_PAGE = """
with page as materialized (
    select id, debtor_id from account
    where client_id = %(client)s and opened_on <= %(day)s and (%(after)s::uuid is null or id > %(after)s)
    order by id limit %(first)s + 1
), shown as materialized (select id, debtor_id from page order by id limit %(first)s)
select account.id, account.reference, account.portfolio_id, shown.id is not null,
       (select count(*) > %(first)s from page)
from account left join shown on shown.id = account.id
where account.client_id = %(client)s and account.opened_on <= %(day)s
  and account.debtor_id in (select debtor_id from shown)
order by account.id limit %(most)s + 1
"""
_NAMED = """
with shown as materialized (
    select id, debtor_id from account where client_id = %(client)s and id = any(%(accounts)s::uuid[])
)
select account.id, account.reference, account.portfolio_id, shown.id is not null, false
from account left join shown on shown.id = account.id
where account.client_id = %(client)s and account.debtor_id in (select debtor_id from shown)
order by account.id limit %(most)s + 1
"""


@dataclass(frozen=True)
class ClientSeen:
    """The client of a preview, and what day it is there."""

    reference: str
    time_zone: str
    today: date


@dataclass(frozen=True)
class Wanted:
    """The accounts that a preview is about: those named, or so many of the client's after one of them.

    Without `client_id` the client of the named accounts is meant.
    """

    client_id: UUID | None
    account_ids: Sequence[UUID] | None = None
    first: int = 50
    after: UUID | None = None


@dataclass(frozen=True)
class Page:
    """Accounts by id: `references` of all that are decided on together, `asked` of those the preview is about."""

    references: Mapping[UUID, str]
    portfolios: Mapping[UUID, UUID | None]
    asked: frozenset[UUID]
    more: bool

    @property
    def last(self) -> UUID | None:
        """Where the next page begins after."""
        return max(self.asked, default=None)


async def client_seen(connection: Connection, client_id: UUID, now: datetime) -> ClientSeen:
    """The client; NotFoundError when the connection's scope does not see it."""
    cursor = await connection.execute(_CLIENT, {"client": client_id, "now": now})
    row = await cursor.fetchone()
    if row is None:
        raise _unseen("clnt", "clientId")
    return ClientSeen(*row)


async def client_called(context: Context, name: str) -> UUID:
    """The id of a client by its reference or id; NotFoundError when there is none that the context's principal sees."""
    rows = await context.database.read(
        context.principal.scope,
        "select id from client where reference = %(name)s or public_id('clnt', id) = %(name)s",
        {"name": name},
    )
    if not rows:
        raise NotFoundError(f"There is no client {name[:60]!r} that you may see.", field=("client",))
    return UUID(str(rows[0][0]))


async def client_meant(connection: Connection, wanted: Wanted) -> UUID:
    """The client that is named, or the one of the named accounts; InputError when they are of several."""
    if wanted.client_id is not None:
        return wanted.client_id
    if wanted.account_ids is None:
        raise InputError("Name a client, or accounts of one.", code=ErrorCode.REQUIRED, field=("clientId",))
    cursor = await connection.execute(
        "select distinct client_id from account where id = any(%s::uuid[])", [list(wanted.account_ids)]
    )
    found = [row[0] for row in await cursor.fetchall()]
    if not found:
        raise _unseen("acct", "accountIds")
    if len(found) > 1:
        raise InputError("The accounts are of several clients.", field=("accountIds",))
    return UUID(str(found[0]))


async def page_of(connection: Connection, wanted: Wanted, client_id: UUID, day: date) -> Page:
    """The accounts with those that are decided on together with them.

    NotFoundError for a named account that is not the client's or not to be seen; LimitError when they are too many.
    """
    named = wanted.account_ids is not None
    parameters = {
        "client": client_id,
        "accounts": list(wanted.account_ids or ()),
        "day": day,
        "after": wanted.after,
        "first": wanted.first,
        "most": MOST_TOGETHER,
    }
    rows = await (await connection.execute(_NAMED if named else _PAGE, parameters)).fetchall()
    if len(rows) > MOST_TOGETHER:
        raise LimitError(f"The debtors of these accounts have more than {MOST_TOGETHER:,} accounts: ask for fewer.")
    page = Page(
        references={id: reference for id, reference, *_ in rows},
        portfolios={id: portfolio for id, _, portfolio, *_ in rows},
        asked=frozenset(id for id, _, _, asked, _ in rows if asked),
        more=bool(rows) and rows[0][4],
    )
    if wanted.account_ids is not None and page.asked != frozenset(wanted.account_ids):
        raise _unseen("acct", "accountIds")
    return page


def _unseen(kind: str, field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=(field,))
