"""Which accounts, parties and holds the database shows to whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from arrears.access.commands import TeamCreate, team_create
from arrears.accounts.commands import (
    AccountAssignTeam,
    HoldPlace,
    PartyOpening,
    assign_account_team,
    place_hold,
)
from arrears.accounts.model import HoldKind, HoldSource, PartyRole
from arrears.kernel.scope import Scope
from tests.product.accounts.book import Book, limited


@dataclass
class Cast:
    """Ada owes two clients, Bob owes one of those debts with her; a team works the debt of Ada alone."""

    book: Book
    first: UUID
    second: UUID
    ada: UUID
    bob: UUID
    shared: UUID
    own: UUID
    team: UUID

    async def seen(self, table: str, scope: Scope, column: str = "account_id") -> set[UUID]:
        rows = await self.book.rows(f"select {column} from {table}", limited(scope))
        return {row[0] for row in rows}


@pytest.fixture
async def cast(book: Book) -> Cast:
    first, second = await book.client("First"), await book.client("Second")
    ada, bob = await book.debtor(first, second, name="Ada"), await book.debtor(first, name="Bob")
    shared = await book.account(first, ada, "SHARED", parties=(PartyOpening(debtor_id=bob, role=PartyRole.CO_DEBTOR),))
    own = await book.account(second, ada, "OWN")
    team = (await team_create(book.context(), TeamCreate(name="Team"))).result.team_id
    await assign_account_team(book.context(), AccountAssignTeam(account_id=own, version=1, team_id=team))
    common = {"kind": HoldKind.DISPUTE, "reason": "r", "source": HoldSource.AGENCY}
    for place in (
        {"account_id": shared},
        {"account_id": own},
        {"debtor_id": ada},
        {"debtor_id": ada, "client_id": second},
    ):
        await place_hold(book.context(), HoldPlace(**common, **place))  # type: ignore[arg-type]
    return Cast(book, first, second, ada, bob, shared, own, team)


async def test_a_client_user_sees_its_own_accounts_parties_creditors_and_holds(cast: Cast) -> None:
    scope = Scope(kind="limited", staff=False, clients=(cast.second,))

    assert await cast.seen("account", scope, "id") == {cast.own}
    assert await cast.seen("party", scope) == {cast.own}
    assert await cast.seen("account_creditor", scope) == {cast.own}
    # Its own hold on the account and the one it told of the debtor; not what the agency knows or another client told.
    assert await cast.seen("hold", scope, "client_id") == {cast.second}
    assert len(await cast.book.rows("select 1 from hold", limited(scope))) == 2


@pytest.mark.parametrize("by", ["team", "account"])
async def test_a_collector_limited_to_a_team_or_an_account_sees_all_holds_on_its_debtor(cast: Cast, by: str) -> None:
    limit = {"teams": (cast.team,)} if by == "team" else {"accounts": (cast.own,)}
    scope = Scope(kind="limited", staff=True, **limit)  # type: ignore[arg-type]

    assert await cast.seen("account", scope, "id") == {cast.own}
    assert await cast.seen("party", scope) == {cast.own}
    # A collector must know of every reason not to call, whoever told the agency.
    assert len(await cast.book.rows("select 1 from hold", limited(scope))) == 4


async def test_a_debtor_sees_her_accounts_and_who_stands_on_them(cast: Cast) -> None:
    scope = Scope(kind="limited", staff=False, accounts=(cast.shared, cast.own), debtor=cast.ada)

    assert await cast.seen("account", scope, "id") == {cast.shared, cast.own}
    assert await cast.seen("party", scope, "debtor_id") == {cast.ada, cast.bob}
    assert await cast.seen("debtor", scope, "id") == {cast.ada}


async def test_a_co_debtor_sees_the_shared_account_and_of_the_other_only_name_and_role(cast: Cast) -> None:
    scope = Scope(kind="limited", staff=False, accounts=(cast.shared,), debtor=cast.bob)

    assert await cast.seen("account", scope, "id") == {cast.shared}
    names = await cast.book.rows("select name, role from party order by position", limited(scope))
    assert names == [("Ada", "PRIMARY"), ("Bob", "CO_DEBTOR")]
    assert await cast.seen("debtor", scope, "id") == {cast.bob}
    assert await cast.seen("hold", scope, "id") == set()


async def test_a_scope_with_nothing_listed_sees_nothing(cast: Cast) -> None:
    scope = Scope(kind="limited", staff=True)

    assert [await cast.seen(table, scope, "id") for table in ("account", "party", "account_creditor", "hold")] == [
        set(),
        set(),
        set(),
        set(),
    ]
