"""Facts, status, closing, reopening and teams."""

from __future__ import annotations

import datetime
from itertools import product
from uuid import UUID

import pytest

from arrears.accounts.commands import (
    AccountAssignTeam,
    AccountChangeStatus,
    AccountClose,
    AccountReopen,
    AccountUpdate,
    BalanceChange,
    apply_balances,
    assign_account_team,
    change_account_status,
    close_account,
    reopen_account,
    update_account,
)
from arrears.accounts.model import AccountStatus, CloseReason, Product, may_follow, next_statuses
from arrears.clients.commands import PortfolioCreate, portfolio_create
from arrears.kernel.transaction import begin
from arrears_sdk.errors import ArrearsError, ConflictError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from tests.product.accounts.book import Book


@pytest.fixture
async def account(book: Book) -> UUID:
    client = await book.client()
    return await book.account(client, await book.debtor(client))


async def test_given_facts_change_and_the_others_stay(book: Book, account: UUID) -> None:
    change = AccountUpdate(
        account_id=account, version=1, product=Product.LOAN, judgment_on=datetime.date(2026, 3, 1), fee_clause="none"
    )

    await update_account(book.context(), change)

    row = await book.row("account", account)
    assert (row["product"], row["judgment_on"], row["fee_clause"]) == ("LOAN", datetime.date(2026, 3, 1), "none")
    assert (row["purpose"], row["reference"], row["version"]) == ("COMMERCIAL", "INV-1", 2)
    assert await book.events("AccountUpdated") == [{"changed": ["fee_clause", "judgment_on", "product"]}]


async def test_an_explicit_null_makes_a_fact_unknown_but_not_one_that_every_account_has(
    book: Book, account: UUID
) -> None:
    await update_account(book.context(), AccountUpdate(account_id=account, version=1, fee_clause="2 %"))
    await update_account(book.context(), AccountUpdate(account_id=account, version=2, fee_clause=None))
    assert (await book.row("account", account))["fee_clause"] is None

    with pytest.raises(InputError) as refused:
        await update_account(book.context(), AccountUpdate(account_id=account, version=3, due_on=None))

    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.REQUIRED, ("input", "dueOn"))


async def test_nothing_changed_leaves_the_version(book: Book, account: UUID) -> None:
    await update_account(book.context(), AccountUpdate(account_id=account, version=1, product=Product.INVOICE))

    assert (await book.row("account", account))["version"] == 1
    assert await book.events("AccountUpdated") == []


async def test_a_stale_version_is_a_conflict(book: Book, account: UUID) -> None:
    await update_account(book.context(), AccountUpdate(account_id=account, version=1, product=Product.LOAN))

    with pytest.raises(ConflictError) as refused:
        await update_account(book.context(), AccountUpdate(account_id=account, version=1, product=Product.CARD))

    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.CONFLICT, ("input", "version"))


async def test_a_changed_reference_is_found_and_the_old_one_is_not(book: Book, account: UUID) -> None:
    await update_account(book.context(), AccountUpdate(account_id=account, version=1, reference="NEW-7"))

    tokens = await book.rows("select token from search_token where subject_id = %(id)s order by token", id=account)
    assert tokens == [("new",), ("new7",)]


async def test_a_reference_of_another_account_cannot_be_taken_over(book: Book, account: UUID) -> None:
    row = await book.row("account", account)
    await book.account(row["client_id"], row["debtor_id"], "INV-2")

    with pytest.raises(ConflictError) as refused:
        await update_account(book.context(), AccountUpdate(account_id=account, version=1, reference="INV-2"))

    assert refused.value.problems[0].field == ("input", "reference")
    assert refused.value.code is ErrorCode.DUPLICATE_REFERENCE


async def test_a_portfolio_must_be_the_same_clients(book: Book, account: UUID) -> None:
    row = await book.row("account", account)
    other = await book.client("Other")
    mine, foreign = [
        (await portfolio_create(book.context(), PortfolioCreate(client_id=client, name="P", reference="P"))).result
        for client in (row["client_id"], other)
    ]
    await update_account(book.context(), AccountUpdate(account_id=account, version=1, portfolio_id=mine.portfolio_id))

    change = AccountUpdate(account_id=account, version=2, portfolio_id=foreign.portfolio_id)
    with pytest.raises(InputError) as refused:
        await update_account(book.context(), change)

    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.NOT_FOUND, ("input", "portfolioId"))


def test_the_road_through_the_statuses_is_closed_to_short_cuts() -> None:
    steps = {
        (before.value, after.value) for before, after in product(AccountStatus, repeat=2) if may_follow(before, after)
    }
    closing = {(status.value, "CLOSED") for status in AccountStatus if status.value not in ("CLOSED", "RETURNED")}
    assert steps == closing | {
        ("IMPORTED", "PRE_COLLECT"),
        ("IMPORTED", "ACTIVE"),
        ("PRE_COLLECT", "ACTIVE"),
        ("ACTIVE", "SKIP"),
        ("ACTIVE", "PLACED_OUT"),
        ("ACTIVE", "LEGAL"),
        ("SKIP", "ACTIVE"),
        ("SKIP", "PLACED_OUT"),
        ("PLACED_OUT", "RECALL_PENDING"),
        ("RECALL_PENDING", "RECALL_OBJECTED"),
        ("RECALL_PENDING", "RECALLED"),
        ("RECALL_OBJECTED", "RECALL_PENDING"),
        ("RECALLED", "ACTIVE"),
        ("LEGAL", "ACTIVE"),
        ("CLOSED", "RETURNED"),
        ("CLOSED", "REOPENED"),
        ("RETURNED", "REOPENED"),
        ("REOPENED", "ACTIVE"),
    }
    assert all(next_statuses(status) for status in AccountStatus)


async def test_a_status_moves_on_and_is_announced(book: Book, account: UUID) -> None:
    change = AccountChangeStatus(account_id=account, version=1, status=AccountStatus.SKIP)

    await change_account_status(book.context(), change)

    assert (await book.row("account", account))["status"] == "SKIP"
    assert await book.events("AccountStatusChanged") == [{"before": "ACTIVE", "after": "SKIP"}]


async def test_a_status_that_cannot_follow_is_refused_with_those_that_can(book: Book, account: UUID) -> None:
    change = AccountChangeStatus(account_id=account, version=1, status=AccountStatus.RECALLED)

    with pytest.raises(RefusedError) as refused:
        await change_account_status(book.context(), change)

    assert refused.value.code is ErrorCode.STATUS_NOT_REACHABLE
    assert str(refused.value) == "RECALLED cannot follow ACTIVE; possible are CLOSED, LEGAL, PLACED_OUT, SKIP."


@pytest.mark.parametrize("status", [AccountStatus.CLOSED, AccountStatus.REOPENED])
async def test_closing_and_reopening_need_their_reasons(book: Book, account: UUID, status: AccountStatus) -> None:
    with pytest.raises(InputError):
        await change_account_status(book.context(), AccountChangeStatus(account_id=account, version=1, status=status))


async def test_an_account_is_closed_returned_and_reopened(book: Book, account: UUID) -> None:
    close = AccountClose(account_id=account, version=1, reason=CloseReason.WITHDRAWN, note="by letter")
    await close_account(book.context(), close)
    row = await book.row("account", account)
    assert (row["status"], row["close_reason"], row["closed_at"]) == (
        "CLOSED",
        "WITHDRAWN",
        book.deployment.clock.now(),
    )

    back = AccountChangeStatus(account_id=account, version=2, status=AccountStatus.RETURNED)
    await change_account_status(book.context(), back)
    await reopen_account(book.context(), AccountReopen(account_id=account, version=3, reason="placed again"))

    row = await book.row("account", account)
    assert (row["status"], row["close_reason"], row["closed_at"], row["version"]) == ("REOPENED", None, None, 4)
    assert [event["after"] for event in await book.events("AccountStatusChanged")] == ["CLOSED", "RETURNED", "REOPENED"]
    assert "by letter" not in str(await book.rows("select after from audit_entry"))


async def test_a_closed_account_takes_no_change(book: Book, account: UUID) -> None:
    await close_account(book.context(), AccountClose(account_id=account, version=1, reason=CloseReason.SOLD))
    attempts = [
        (update_account, AccountUpdate(account_id=account, version=2, product=Product.LOAN)),
        (close_account, AccountClose(account_id=account, version=2, reason=CloseReason.SOLD)),
        (change_account_status, AccountChangeStatus(account_id=account, version=2, status=AccountStatus.ACTIVE)),
        (assign_account_team, AccountAssignTeam(account_id=account, version=2, team_id=new_id())),
    ]

    codes = []
    for command, change in attempts:
        with pytest.raises(ArrearsError) as refused:
            await command(book.context(), change)  # type: ignore[operator]
        codes.append(refused.value.code)

    assert codes == [ErrorCode.ACCOUNT_CLOSED] * 4


async def test_what_still_owes_is_not_paid_in_full(book: Book, account: UUID) -> None:
    async with begin(book.context()) as tx:
        await apply_balances(tx, [BalanceChange(account, principal_minor=1)])

    with pytest.raises(RefusedError) as refused:
        await close_account(
            book.context(), AccountClose(account_id=account, version=1, reason=CloseReason.PAID_IN_FULL)
        )

    assert refused.value.problems[0].field == ("input", "reason")


async def test_a_team_must_exist(book: Book, account: UUID) -> None:
    with pytest.raises(NotFoundError) as refused:
        await assign_account_team(book.context(), AccountAssignTeam(account_id=account, version=1, team_id=new_id()))

    assert refused.value.problems[0].field == ("input", "teamId")
