"""Balances as of a day are read from one index, also under row-level security."""

from __future__ import annotations

import datetime

import psycopg

from arrears.kernel.transaction import begin
from arrears.ledger.batches import record_opening_balances
from arrears.ledger.commands import OpeningBalanceRecord
from arrears_sdk.money import Money
from tests.product.ledger.books import OPENED, Books

_BALANCE = """
explain select coalesce(sum(posting.amount_minor), 0) from posting
where posting.account_id = %(account)s and posting.ledger_account = 'RECEIVABLE' and posting.effective_on <= %(day)s
  and posting.component = 'PRINCIPAL'
"""


async def test_a_balance_as_of_a_day_reads_the_index_alone(books: Books) -> None:
    client_id = await books.client()
    accounts = [await books.account(client_id) for _ in range(50)]
    async with begin(books.deployment.context()) as tx:
        openings = [
            OpeningBalanceRecord(account_id=account_id, principal=Money(100, "USD"), effective_on=OPENED)
            for account_id in accounts
        ]
        await record_opening_balances(tx, openings)
    async with await psycopg.AsyncConnection.connect(books.deployment.urls.owner, autocommit=True) as owner:
        await owner.execute("vacuum analyze posting")
    parameters = {"account": accounts[0], "day": datetime.date(2026, 2, 1)}
    for scope, clients in (("all", ""), ("limited", f"{{{client_id}}}")):
        async with await psycopg.AsyncConnection.connect(books.deployment.urls.api, autocommit=True) as api:
            # A table of a hundred rows is cheapest read whole; one of millions is not.
            await api.execute("set enable_seqscan = off")
            await api.execute(
                "select set_config('app.scope', %s, false), set_config('app.clients', %s, false)", [scope, clients]
            )
            plan = "\n".join(row[0] for row in await (await api.execute(_BALANCE, parameters)).fetchall())
        assert "Index Only Scan using ix_posting_receivable" in plan, plan
