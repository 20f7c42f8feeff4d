"""What accounts are read by beyond a plain selection: as of a day, in total, and what an opening stands on."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.accounts.tables import AccountRow
from arrears.kernel.database import Connection
from arrears.kernel.personal import protect_reference

if TYPE_CHECKING:
    from arrears.graphql.planner.source import SourceRequest
    from arrears.kernel.context import Context

COMPONENTS = ("PRINCIPAL", "INTEREST", "FEES", "COSTS")


def accounts_source(request: SourceRequest) -> str:
    """All accounts; with argument `as_of`, those that existed on that day with the balances of its end.

    Today's knowledge counts: a payment dated that day has been made, whenever it was recorded.
    """
    day = request.argument("as_of")
    if day is None:
        return "account"
    summed = ", ".join(
        f"coalesce(sum(posting.amount_minor) filter (where posting.component = '{component}'), 0)::bigint"
        f" as {component.lower()}_minor"
        for component in COMPONENTS
    )
    # One scan of the receivables' index for each account that the outer query really looks at.
    return f"""(
        select {_columns_as_of()}
        from account cross join lateral (
            select {summed}, coalesce(sum(posting.amount_minor), 0)::bigint as balance_minor
            from posting
            where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
              and posting.effective_on <= {day}
        ) as posted
        where account.opened_on <= {day})"""


def _columns_as_of() -> str:
    posted = {f"{component.lower()}_minor" for component in COMPONENTS} | {"balance_minor"}
    table: Iterable[str] = AccountRow.__table__.columns.keys()  # type: ignore[attr-defined]
    return ", ".join(f"{'posted' if name in posted else 'account'}.{name}" for name in table)


def account_by_reference(request: SourceRequest) -> str:
    """The one account of arguments `client_id` and `reference`."""
    client = request.argument("client_id")
    # A card number in a reference is stored as a token, under which it is found again.
    reference = request.derived(lambda vault, text: protect_reference(text.strip(), vault), "text", "reference")
    return f"(select * from account where account.client_id = {client} and account.reference = {reference})"


@dataclass(frozen=True)
class CurrencyTotals:
    """How many accounts of one currency are open and past due as of a day, and their balances in minor units."""

    currency: str
    open_count: int
    open_minor: int
    past_due_count: int
    past_due_minor: int


_TOTALS_AS_OF = """
select account.currency, count(*), sum(posted.balance)::bigint,
       count(*) filter (where account.due_on < %(as_of)s),
       coalesce(sum(posted.balance) filter (where account.due_on < %(as_of)s), 0)::bigint
from account join (
    select posting.account_id, sum(posting.amount_minor) as balance
    from posting
    where posting.ledger_account = 'RECEIVABLE' and posting.effective_on <= %(as_of)s
    group by posting.account_id
) as posted on posted.account_id = account.id
where posted.balance > 0 and account.opened_on <= %(as_of)s
  and (%(clients)s::uuid[] is null or account.client_id = any(%(clients)s::uuid[]))
  and (%(portfolios)s::uuid[] is null or account.portfolio_id = any(%(portfolios)s::uuid[]))
group by account.currency
order by account.currency
"""
_TOTALS_TIMEOUT_MS = 10_000


async def account_totals(
    context: Context,
    as_of: datetime.date,
    *,
    clients: Sequence[UUID] | None = None,
    portfolios: Sequence[UUID] | None = None,
) -> list[CurrencyTotals]:
    """Open and past-due accounts at the end of a day with what they owe, one line for each currency that has any.

    Open is an account that owes something, past due one whose due day is before the day besides.
    """
    parameters = {
        "as_of": as_of,
        "clients": None if clients is None else list(clients),
        "portfolios": None if portfolios is None else list(portfolios),
    }
    rows = await context.database.read(
        context.principal.scope, _TOTALS_AS_OF, parameters, timeout_ms=_TOTALS_TIMEOUT_MS
    )
    return [CurrencyTotals(*row) for row in rows]


@dataclass(frozen=True)
class Wanted:
    """The ids and references that a batch of openings names."""

    clients: Collection[UUID]
    debtors: Collection[UUID]
    portfolios: Collection[UUID]
    placements: Collection[UUID]
    teams: Collection[UUID]
    references: Collection[str]


@dataclass(frozen=True)
class ClientFacts:
    """What an opening takes from its client."""

    name: str
    time_zone: str


@dataclass(frozen=True)
class Surroundings:
    """The visible rows that a batch of openings stands on, and the references that are taken."""

    clients: dict[UUID, ClientFacts]
    debtors: dict[UUID, str]
    portfolios: frozenset[tuple[UUID, UUID]]
    placements: dict[tuple[UUID, UUID], datetime.date]
    teams: frozenset[UUID]
    links: frozenset[tuple[UUID, UUID]]
    references: set[tuple[UUID, object]]


_WANTED_ROWS = (
    "select id, name, time_zone from client where id = any(%(clients)s)",
    "select id, display_name from debtor where id = any(%(debtors)s)",
    "select client_id, id from portfolio where id = any(%(portfolios)s)",
    "select client_id, id, received_on from placement where id = any(%(placements)s)",
    "select id from team where id = any(%(teams)s)",
    (
        "select debtor_id, client_id from debtor_client"
        " where debtor_id = any(%(debtors)s) and client_id = any(%(clients)s)"
    ),
    "select client_id, reference from account where client_id = any(%(clients)s) and reference = any(%(references)s)",
)


async def surroundings(connection: Connection, wanted: Wanted) -> Surroundings:
    """What a batch of openings stands on, as far as the transaction's principal sees it, in one round trip."""
    parameters = {name: list(ids) for name, ids in vars(wanted).items()}
    async with connection.pipeline():
        found = [await connection.execute(statement, parameters) for statement in _WANTED_ROWS]
    rows = [await cursor.fetchall() for cursor in found]
    return Surroundings(
        clients={row[0]: ClientFacts(row[1], row[2]) for row in rows[0]},
        debtors={row[0]: row[1] for row in rows[1]},
        portfolios=frozenset((row[0], row[1]) for row in rows[2]),
        placements={(row[0], row[1]): row[2] for row in rows[3]},
        teams=frozenset(row[0] for row in rows[4]),
        links=frozenset((row[0], row[1]) for row in rows[5]),
        references={(row[0], row[1]) for row in rows[6]},
    )


async def debtor_name(connection: Connection, debtor_id: UUID) -> str | None:
    """The display name of a debtor, or None when there is none that the transaction's principal sees."""
    row = await (await connection.execute("select display_name from debtor where id = %s", [debtor_id])).fetchone()
    return None if row is None else str(row[0])


async def is_debtor_of_client(connection: Connection, debtor_id: UUID, client_id: UUID) -> bool:
    """Whether a client that the transaction's principal sees is linked with a debtor."""
    statement = "select 1 from debtor_client where debtor_id = %s and client_id = %s"
    return await (await connection.execute(statement, [debtor_id, client_id])).fetchone() is not None


async def is_portfolio_of_client(connection: Connection, portfolio_id: UUID, client_id: UUID) -> bool:
    """Whether a portfolio is of a client, as far as the transaction's principal sees it."""
    statement = "select 1 from portfolio where id = %s and client_id = %s"
    return await (await connection.execute(statement, [portfolio_id, client_id])).fetchone() is not None


async def is_placement_of_client(connection: Connection, placement_id: UUID, client_id: UUID) -> bool:
    """Whether a placement is of a client, as far as the transaction's principal sees it."""
    statement = "select 1 from placement where id = %s and client_id = %s"
    return await (await connection.execute(statement, [placement_id, client_id])).fetchone() is not None
