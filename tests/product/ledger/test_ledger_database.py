"""What the database itself refuses to have in the books, whoever asks."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from arrears_sdk.ids import new_id
from tests.product.ledger.books import Books

DAY = date(2026, 2, 1)
_ENTRY = """
insert into ledger_entry (id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor, reason,
                          reverses_id, command, principal_id)
values (%(id)s, %(client)s, %(account)s, %(kind)s, %(day)s, %(at)s, 'USD', %(amount)s, %(reason)s, %(reverses)s,
        'test', %(id)s)
"""
_POSTINGS = """
insert into posting (id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor,
                     currency, effective_on, recorded_at)
select gen_random_uuid(), %(entry)s, position, %(client)s, %(account)s, 'DEBT', ledger_account, 'PRINCIPAL', amount,
       %(currency)s, %(day)s, coalesce((select recorded_at from ledger_entry where id = %(entry)s), now())
from unnest(%(positions)s::int[], %(accounts)s::text[], %(amounts)s::bigint[])
    as line (position, ledger_account, amount)
"""


class Session:
    """One transaction as a role, with the statements that a wrong program might send."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], books: Books, client: UUID, account: UUID) -> None:
        self.connection = connection
        self.books = books
        self.client = client
        self.account = account

    async def entry(self, amount: int, *, kind: str = "CHARGE", reverses: UUID | None = None) -> UUID:
        entry_id = new_id()
        values = {
            "id": entry_id,
            "client": self.client,
            "account": self.account,
            "kind": kind,
            "day": DAY,
            "at": self.books.deployment.clock.now(),
            "amount": amount,
            "reason": "test",
            "reverses": reverses,
        }
        await self.connection.execute(_ENTRY, values)
        return entry_id

    async def post(self, entry_id: UUID, *amounts: int, first: int = 1, **more: object) -> None:
        values = {
            "entry": entry_id,
            "client": self.client,
            "account": self.account,
            "currency": "USD",
            "day": DAY,
            "positions": list(range(first, first + len(amounts))),
            "accounts": ["RECEIVABLE", "PLACED", "WRITTEN_OFF"][: len(amounts)],
            "amounts": list(amounts),
        }
        await self.connection.execute(_POSTINGS, {**values, **more})


@pytest.fixture
async def session(books: Books) -> Any:
    client = await books.client()
    account = await books.account(client)
    async with await psycopg.AsyncConnection.connect(books.deployment.urls.api) as connection:
        await connection.execute("select set_config('app.scope', 'all', false)")
        await connection.commit()
        yield Session(connection, books, client, account)


async def test_a_balanced_entry_is_taken(session: Session) -> None:
    await session.post(await session.entry(500), 500, -500)

    await session.connection.commit()

    assert await session.books.query("select count(*) from posting") == [(2,)]


async def test_a_book_that_does_not_balance_is_refused(session: Session) -> None:
    entry_id = await session.entry(500)

    with pytest.raises(psycopg.Error, match="a book does not balance") as caught:
        await session.post(entry_id, 500, -499)

    assert caught.value.sqlstate == "AR002"


async def test_a_balanced_pair_cannot_be_added_to_an_older_entry(session: Session) -> None:
    entry_id = await session.entry(500)
    await session.post(entry_id, 500, -500)
    await session.connection.commit()

    with pytest.raises(psycopg.Error, match="not made in this transaction"):
        await session.post(entry_id, 100, -100, first=3)


async def test_a_balanced_pair_cannot_be_added_later_in_the_same_transaction(session: Session) -> None:
    entry_id = await session.entry(500)
    await session.post(entry_id, 500, -500)

    with pytest.raises(psycopg.Error, match="did not all arrive in one statement"):
        await session.post(entry_id, 100, -100, first=3)


async def test_a_second_first_posting_of_an_entry_is_refused(session: Session) -> None:
    entry_id = await session.entry(500)
    await session.post(entry_id, 500, -500)

    with pytest.raises(psycopg.errors.UniqueViolation):
        await session.post(entry_id, 500, -500)


@pytest.mark.parametrize("differing", [{"currency": "EUR"}, {"day": date(2026, 2, 2)}])
async def test_postings_agree_with_their_entry(session: Session, differing: dict[str, object]) -> None:
    entry_id = await session.entry(500)

    with pytest.raises(psycopg.Error, match="differ from the entry"):
        await session.post(entry_id, 500, -500, **differing)


async def test_a_posting_without_an_entry_is_refused(session: Session) -> None:
    with pytest.raises(psycopg.Error, match="not made in this transaction"):
        await session.post(new_id(), 500, -500)


async def test_the_amount_of_an_entry_is_what_its_postings_say(session: Session) -> None:
    entry_id = await session.entry(400)

    with pytest.raises(psycopg.Error, match="not the change of the receivable"):
        await session.post(entry_id, 500, -500)


async def test_an_entry_cannot_claim_another_transaction(session: Session) -> None:
    with pytest.raises(psycopg.Error, match="does not name the transaction"):
        await session.connection.execute(
            _ENTRY.replace("principal_id)", "principal_id, recorded_in)").replace("%(id)s)", "%(id)s, '99999')"),
            {
                "id": new_id(),
                "client": session.client,
                "account": session.account,
                "kind": "CHARGE",
                "day": DAY,
                "at": session.books.deployment.clock.now(),
                "amount": 1,
                "reason": None,
                "reverses": None,
            },
        )


async def test_a_reversal_has_the_opposite_amount_of_an_entry_that_stands(session: Session) -> None:
    entry_id = await session.entry(500)
    await session.post(entry_id, 500, -500)
    await session.connection.commit()

    with pytest.raises(psycopg.Error, match="does not mirror"):
        await session.entry(-499, kind="REVERSAL", reverses=entry_id)


async def test_an_entry_is_reversed_once(session: Session) -> None:
    entry_id = await session.entry(500)
    await session.post(entry_id, 500, -500)
    await session.entry(-500, kind="REVERSAL", reverses=entry_id)

    with pytest.raises(psycopg.errors.UniqueViolation):
        await session.entry(-500, kind="REVERSAL", reverses=entry_id)


@pytest.mark.parametrize("role", ["api", "worker", "owner"])
@pytest.mark.parametrize("table", ["ledger_entry", "posting"])
@pytest.mark.parametrize(
    "change", ["update {} set effective_on = effective_on", "delete from {}", "truncate {} cascade"]
)
async def test_what_is_posted_is_never_changed(session: Session, role: str, table: str, change: str) -> None:
    await session.post(await session.entry(500), 500, -500)
    await session.connection.commit()

    url = getattr(session.books.deployment.urls, role)
    async with await psycopg.AsyncConnection.connect(url, options="-c app.scope=all") as connection:
        with pytest.raises(psycopg.Error) as caught:
            await connection.execute(change.format(table))

    assert caught.value.sqlstate == ("AR001" if role == "owner" else "42501")


async def test_without_a_scope_there_are_no_rows(session: Session) -> None:
    await session.post(await session.entry(500), 500, -500)
    await session.connection.commit()

    async with await psycopg.AsyncConnection.connect(session.books.deployment.urls.api) as connection:
        for table in ("ledger_entry", "posting", "payment"):
            cursor = await connection.execute(f"select count(*) from {table}")
            assert await cursor.fetchone() == (0,)
