"""The balances that the ledger keeps on accounts."""

from __future__ import annotations

import datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.accounts.commands import AccountUpdate, BalanceChange, Balances, apply_balances, update_account
from arrears.accounts.model import Product
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import new_id
from tests.product.accounts.book import Book, limited, opening


async def make(book: Book, count: int) -> list[UUID]:
    client = await book.client()
    debtor = await book.debtor(client)
    return await book.accounts([opening(client, debtor, f"R-{place}") for place in range(count)])


async def test_changes_add_up_by_component_and_in_total(book: Book) -> None:
    first, second = await make(book, 2)

    async with begin(book.context()) as tx:
        found = await apply_balances(
            tx,
            [
                BalanceChange(first, principal_minor=10_000, placed_minor=10_000),
                BalanceChange(second, principal_minor=5, interest_minor=6, fees_minor=7, costs_minor=8),
                BalanceChange(first, principal_minor=-2_500, paid_on=datetime.date(2026, 2, 1)),
            ],
        )

    assert found == {first: Balances(7_500, 0, 0, 0), second: Balances(5, 6, 7, 8)}
    assert found[second].balance_minor == 26
    row = await book.row("account", first)
    assert (row["balance_minor"], row["placed_minor"]) == (7_500, 10_000)
    assert row["last_payment_on"] == datetime.date(2026, 2, 1)


async def test_an_older_payment_does_not_move_the_last_payment_back(book: Book) -> None:
    (account,) = await make(book, 1)
    for day in (20, 10):
        async with begin(book.context()) as tx:
            await apply_balances(tx, [BalanceChange(account, paid_on=datetime.date(2026, 2, day))])

    assert (await book.row("account", account))["last_payment_on"] == datetime.date(2026, 2, 20)


async def test_a_payment_does_not_turn_somebodys_edit_into_a_conflict(book: Book) -> None:
    (account,) = await make(book, 1)
    async with begin(book.context()) as tx:
        await apply_balances(tx, [BalanceChange(account, principal_minor=1)])

    await update_account(book.context(), AccountUpdate(account_id=account, version=1, product=Product.LOAN))

    row = await book.row("account", account)
    assert (row["balance_minor"], row["version"]) == (1, 2)


@pytest.mark.parametrize("unseen", ["unknown", "foreign"])
async def test_nothing_is_applied_where_an_account_is_not_visible(book: Book, unseen: str) -> None:
    (account,) = await make(book, 1)
    other = await book.client("Other")
    foreign = await book.account(other, await book.debtor(other))
    client = (await book.row("account", account))["client_id"]
    clerk = limited(Scope(kind="limited", staff=True, clients=(client,)))
    missing = new_id() if unseen == "unknown" else foreign

    with pytest.raises(NotFoundError):
        async with begin(book.context(clerk)) as tx:
            await apply_balances(
                tx, [BalanceChange(account, principal_minor=1), BalanceChange(missing, principal_minor=1)]
            )

    assert (await book.row("account", account))["balance_minor"] == 0
    assert (await book.row("account", foreign))["balance_minor"] == 0


AMOUNTS = st.integers(-(10**12), 10**12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 2), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=12))
async def test_a_batch_equals_its_changes_one_by_one(book: Book, changes: list[tuple[int, int, int, int, int]]) -> None:
    count = len(await book.rows("select 1 from client"))
    client = await book.client(f"C{count}")
    debtor = await book.debtor(client)
    together = await book.accounts([opening(client, debtor, f"T-{place}") for place in range(3)])
    singly = await book.accounts([opening(client, debtor, f"S-{place}") for place in range(3)])

    async with begin(book.context()) as tx:
        await apply_balances(tx, [BalanceChange(together[place], *amounts) for place, *amounts in changes])
    async with begin(book.context()) as tx:
        for place, *amounts in changes:
            await apply_balances(tx, [BalanceChange(singly[place], *amounts)])

    columns = "principal_minor, interest_minor, fees_minor, costs_minor, balance_minor"
    found = await book.rows(f"select id, {columns} from account where client_id = %(id)s", id=client)
    rows = {row[0]: row[1:] for row in found}
    assert [rows[id] for id in together] == [rows[id] for id in singly]
    for place, id in enumerate(together):
        expected = [sum(change[part] for change in changes if change[0] == place) for part in range(1, 5)]
        assert list(rows[id]) == [*expected, sum(expected)]
