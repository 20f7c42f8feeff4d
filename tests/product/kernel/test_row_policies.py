"""Each kind of protected table shows a scope exactly the rows that it may see, and takes no others from it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from arrears.kernel.migrations import FOLDER
from arrears.kernel.scope import Scope
from tests.conftest import Server

C1, C2, T1, A1, A2, A3, D1, D2, D3 = (UUID(int=number) for number in range(1, 10))
NOBODY = UUID(int=99)

EVERYTHING = Scope.everything()
NO_SCOPE = None
FIRST_CLIENT = Scope("limited", staff=False, clients=(C1,))
FIRST_CLIENT_STAFF = Scope("limited", staff=True, clients=(C1,))
TEAM_STAFF = Scope("limited", staff=True, teams=(T1,))
ACCOUNT_STAFF = Scope("limited", staff=True, accounts=(A3,))
DEBTOR = Scope("limited", staff=False, accounts=(A1, A2), debtor=D1)
STRANGER = Scope("limited", staff=True)

# Client 1 has account 1 of debtor 1, in team 1. Client 2 has account 2 of debtor 1 and account 3 of debtor 2.
# Debtor 3 is a co-debtor of account 1. `fact` holds what was found out about debtors, and by whom.
TABLES = f"""
create table client (id uuid primary key);
create table portfolio (id uuid primary key, client_id uuid not null);
create table debtor (id uuid primary key);
create table debtor_client (id uuid primary key, debtor_id uuid not null, client_id uuid not null);
create table fact (id uuid primary key, debtor_id uuid not null, client_id uuid);
create table account (id uuid primary key, client_id uuid not null, team_id uuid, debtor_id uuid not null);
create table party (id uuid primary key, client_id uuid not null, account_id uuid not null, debtor_id uuid not null);
create table role_grant (id uuid primary key);
create table secret (id uuid primary key);
create table note (id uuid primary key, client_id uuid);
create table key (id uuid primary key, principal_id uuid not null);
create table shared (id uuid primary key);
insert into client values ('{C1}'), ('{C2}');
insert into portfolio values ('{C1}', '{C1}'), ('{C2}', '{C2}');
insert into debtor values ('{D1}'), ('{D2}'), ('{D3}');
insert into debtor_client values ('{D1}', '{D1}', '{C1}'), ('{D2}', '{D1}', '{C2}'), ('{D3}', '{D2}', '{C2}'),
    ('{A3}', '{D3}', '{C1}');
insert into fact values ('{D1}', '{D1}', '{C1}'), ('{D2}', '{D1}', '{C2}'), ('{D3}', '{D1}', null),
    ('{A3}', '{D2}', null);
insert into account values ('{A1}', '{C1}', '{T1}', '{D1}'), ('{A2}', '{C2}', null, '{D1}'),
    ('{A3}', '{C2}', null, '{D2}');
insert into party values ('{A1}', '{C1}', '{A1}', '{D1}'), ('{A2}', '{C2}', '{A2}', '{D1}'),
    ('{A3}', '{C2}', '{A3}', '{D2}'), ('{D3}', '{C1}', '{A1}', '{D3}');
insert into role_grant values ('{C1}');
insert into secret values ('{C1}');
insert into note values ('{C1}', '{C1}'), ('{C2}', '{C2}'), ('{D1}', null);
insert into key values ('{C1}', '{D1}'), ('{C2}', '{D2}');
insert into shared values ('{C1}');
call protect('client', 'client_self');
call protect('portfolio', 'client');
call protect('debtor', 'debtor');
call protect('debtor_client', 'client');
call protect('fact', 'debtor_child');
call protect('account', 'account');
call protect('party', 'account_child');
call protect('role_grant', 'agency');
call protect('secret', 'staff');
call protect('note', 'recorded');
call protect('key', 'principal');
call protect('shared', 'anyone');
call apply_policies();
"""


@pytest.fixture(scope="module")
def laboratory(server: Server) -> Iterator[str]:
    """A database with one table of every kind, as the API's role."""
    name = server.new_name()
    server.administer(sql.SQL("create database {}").format(sql.Identifier(name)))
    urls = server.urls.with_database(name)
    kernel = (FOLDER / "foundations" / "10_kernel.sql").read_bytes()
    superuser = {**psycopg.conninfo.conninfo_to_dict(server.superuser_url), "dbname": name}
    with psycopg.connect(**superuser) as connection:
        connection.execute(kernel)
        connection.execute(TABLES.encode())
    yield urls.api
    server.drop(name)


def as_scope(connection: psycopg.Connection[tuple[object, ...]], scope: Scope | None, principal: UUID) -> None:
    settings = {} if scope is None else {**scope.settings(), "app.principal": str(principal)}
    for name, value in settings.items():
        connection.execute("select set_config(%s, %s, true)", [name, value])


def visible(url: str, table: str, scope: Scope | None, principal: UUID = NOBODY) -> set[object]:
    with psycopg.connect(url) as connection:
        as_scope(connection, scope, principal)
        return {row[0] for row in connection.execute(sql.SQL("select id from {}").format(sql.Identifier(table)))}


SEEN = [
    ("client", EVERYTHING, {C1, C2}),
    ("client", FIRST_CLIENT, {C1}),
    ("client", TEAM_STAFF, {C1}),
    ("portfolio", EVERYTHING, {C1, C2}),
    ("portfolio", FIRST_CLIENT, {C1}),
    ("portfolio", DEBTOR, set()),
    ("account", EVERYTHING, {A1, A2, A3}),
    ("account", FIRST_CLIENT, {A1}),
    ("account", TEAM_STAFF, {A1}),
    ("account", ACCOUNT_STAFF, {A3}),
    ("account", DEBTOR, {A1, A2}),
    ("party", EVERYTHING, {A1, A2, A3, D3}),
    ("party", FIRST_CLIENT, {A1, D3}),
    ("party", TEAM_STAFF, {A1, D3}),
    ("party", ACCOUNT_STAFF, {A3}),
    ("party", DEBTOR, {A1, A2, D3}),
    ("debtor", EVERYTHING, {D1, D2, D3}),
    ("debtor", FIRST_CLIENT, {D1, D3}),
    ("debtor", TEAM_STAFF, {D1, D3}),
    ("debtor", ACCOUNT_STAFF, {D2}),
    ("debtor", DEBTOR, {D1}),
    ("debtor_client", FIRST_CLIENT, {D1, A3}),
    ("debtor_client", DEBTOR, set()),
    ("fact", EVERYTHING, {D1, D2, D3, A3}),
    ("fact", FIRST_CLIENT, {D1}),
    ("fact", FIRST_CLIENT_STAFF, {D1, D2, D3}),
    ("fact", TEAM_STAFF, {D1, D2, D3}),
    ("fact", ACCOUNT_STAFF, {A3}),
    ("fact", DEBTOR, {D1, D2, D3}),
    ("role_grant", EVERYTHING, {C1}),
    ("role_grant", FIRST_CLIENT, {C1}),
    ("secret", EVERYTHING, {C1}),
    ("secret", FIRST_CLIENT_STAFF, set()),
    ("note", EVERYTHING, {C1, C2, D1}),
    ("note", FIRST_CLIENT, {C1}),
    ("key", EVERYTHING, set()),
    ("shared", FIRST_CLIENT, {C1}),
]


@pytest.mark.parametrize(("table", "scope", "expected"), SEEN)
def test_a_scope_sees_exactly_its_rows(laboratory: str, table: str, scope: Scope, expected: set[UUID]) -> None:
    assert visible(laboratory, table, scope) == expected


@pytest.mark.parametrize("table", sorted({table for table, _, _ in SEEN}))
def test_no_scope_and_an_empty_scope_see_no_client_rows(laboratory: str, table: str) -> None:
    assert visible(laboratory, table, NO_SCOPE) == set()
    shown_to_all = {C1} if table in ("role_grant", "shared") else set()
    assert visible(laboratory, table, STRANGER) == shown_to_all


def test_a_principal_sees_its_own_keys_only(laboratory: str) -> None:
    assert visible(laboratory, "key", FIRST_CLIENT, principal=D2) == {C2}


def test_settings_left_behind_by_an_earlier_transaction_show_nothing(laboratory: str) -> None:
    with psycopg.connect(laboratory) as connection:
        as_scope(connection, EVERYTHING, NOBODY)
        connection.commit()

        # The settings now read as '' and no longer as null.
        assert (
            connection.execute("select current_setting('app.scope'), count(*) from account group by 1").fetchall() == []
        )


WRITES = [
    ("portfolio", FIRST_CLIENT, [NOBODY, C1], True),
    ("portfolio", FIRST_CLIENT, [NOBODY, C2], False),
    ("account", FIRST_CLIENT, [NOBODY, C2, None, D1], False),
    ("account", TEAM_STAFF, [NOBODY, C1, T1, D1], True),
    ("account", TEAM_STAFF, [NOBODY, C1, None, D1], False),
    ("party", ACCOUNT_STAFF, [NOBODY, C2, A3, D3], True),
    ("party", ACCOUNT_STAFF, [NOBODY, C2, A2, D3], False),
    ("fact", FIRST_CLIENT, [NOBODY, D1, C1], True),
    ("fact", FIRST_CLIENT, [NOBODY, D1, C2], False),
    ("role_grant", EVERYTHING, [NOBODY], True),
    ("role_grant", FIRST_CLIENT_STAFF, [NOBODY], False),
    ("secret", FIRST_CLIENT_STAFF, [NOBODY], False),
    ("note", FIRST_CLIENT, [NOBODY, None], True),
    ("note", NO_SCOPE, [NOBODY, None], False),
    ("key", EVERYTHING, [NOBODY, NOBODY], True),
    ("key", EVERYTHING, [NOBODY, D1], False),
    ("shared", NO_SCOPE, [NOBODY], False),
]


@pytest.mark.parametrize(("table", "scope", "values", "taken"), WRITES)
def test_a_scope_writes_only_rows_that_it_may_see(
    laboratory: str, table: str, scope: Scope | None, values: list[UUID | None], taken: bool
) -> None:
    places = sql.SQL(", ").join([sql.Placeholder()] * len(values))
    insert = sql.SQL("insert into {} values ({})").format(sql.Identifier(table), places)
    with psycopg.connect(laboratory) as connection:
        as_scope(connection, scope, NOBODY)
        if taken:
            assert connection.execute(insert, values).rowcount == 1
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(insert, values)
        connection.rollback()


@pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}"])
@pytest.mark.parametrize(("table", "hidden"), [("account", A2), ("fact", D2), ("portfolio", C2)])
def test_rows_out_of_sight_are_neither_changed_nor_deleted(
    laboratory: str, statement: str, table: str, hidden: UUID
) -> None:
    with psycopg.connect(laboratory) as connection:
        as_scope(connection, FIRST_CLIENT, NOBODY)
        changed = connection.execute(
            sql.SQL(statement + " where id = %s").format(sql.Identifier(table)),  # type: ignore[arg-type]
            [hidden],
        )
        assert changed.rowcount == 0
        connection.rollback()


def test_a_row_cannot_be_moved_out_of_the_scope(laboratory: str) -> None:
    with psycopg.connect(laboratory) as connection:
        as_scope(connection, FIRST_CLIENT, NOBODY)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute("update portfolio set client_id = %s", [C2])
        connection.rollback()
