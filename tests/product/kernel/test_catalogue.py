"""What the database's own catalogue says about roles, tables and policies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from arrears.kernel.database import DatabaseUrls
from arrears.kernel.roles import API_ROLE, WORKER_ROLE
from arrears.kernel.scope import Scope
from tests.conftest import Server

TABLES = """
select c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text,
       (select array_agg(distinct r.rolname::text order by r.rolname::text)
          from pg_policy p, unnest(p.polroles) as role (oid) join pg_roles r on r.oid = role.oid
         where p.polrelid = c.oid)
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm', 'f')
order by 1
"""


@pytest.fixture(scope="module")
def urls(server: Server) -> Iterator[DatabaseUrls]:
    name = server.new_name()
    yield server.clone(name)
    server.drop(name)


@pytest.fixture(scope="module")
def owner(urls: DatabaseUrls) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(urls.owner) as connection:
        yield connection


Owner = psycopg.Connection[tuple[object, ...]]


def test_every_table_has_forced_row_level_security_and_a_policy_for_each_role(owner: Owner) -> None:
    tables = owner.execute(TABLES).fetchall()

    assert len(tables) >= 6
    current = owner.execute("select current_user::text").fetchone()
    assert current is not None
    expected = sorted([API_ROLE, WORKER_ROLE, str(current[0])])
    assert [(name, True, True, current[0], expected) for name, *_ in tables] == tables


def test_the_policies_of_owner_and_worker_let_everything_through_and_say_so(owner: Owner) -> None:
    policies = owner.execute(
        "select tablename, policyname, qual, with_check from pg_policies where schemaname = 'public'"
        " and policyname in ('owner_rows', 'worker_rows')"
    ).fetchall()

    tables = {str(name) for name, *_ in owner.execute(TABLES).fetchall()}
    assert {(table, name, qual, check) for table, name, qual, check in policies} == {
        (table, name, "true", "true") for table in tables for name in ("owner_rows", "worker_rows")
    }


def test_every_policy_reads_the_scope_inside_a_scalar_sub_select(owner: Owner) -> None:
    # Outside one, a setting is read again for every row: measured at a third of the speed.
    policies = owner.execute(
        "select tablename, coalesce(qual, '') || ' ' || coalesce(with_check, '') from pg_policies"
        " where schemaname = 'public'"
    ).fetchall()

    settings = [(table, str(text)) for table, text in policies if "current_setting" in str(text)]
    assert len(settings) >= 6
    for table, text in settings:
        inside = re.findall(r"\( SELECT (?:\(|NULLIF\()*current_setting", text)
        assert len(inside) == text.count("current_setting"), (table, text)


def test_the_roles_of_api_and_worker_own_nothing_and_bypass_nothing(owner: Owner, server: Server) -> None:
    logins = [psycopg.conninfo.conninfo_to_dict(url)["user"] for url in (server.urls.api, server.urls.worker)]
    found = owner.execute(
        "select rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles"
        " where rolname = any(%s) order by 1",
        [sorted({API_ROLE, WORKER_ROLE, *map(str, logins)})],
    ).fetchall()

    assert {tuple(rights) for _, *rights in found} == {(False, False, False, False, False)}
    for login in logins:
        memberships = owner.execute(
            "select count(*) from pg_roles where (rolsuper or rolbypassrls) and pg_has_role(%s, oid, 'member')", [login]
        ).fetchone()
        owned = owner.execute("select count(*) from pg_class where relowner = %s::regrole", [login]).fetchone()
        assert (memberships, owned) == ((0,), (0,))


REMOVABLE = """
select conrelid::regclass::text, conname from pg_constraint
where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'x') and conparentid = 0
"""

# One value of each type that a column may not leave out.
ANYTHING = """
select c.relname::text, string_agg(quote_ident(a.attname), ', '), string_agg(quote_literal(
    case
        when t.typcategory = 'A' then '{}'
        when t.typname = 'uuid' then gen_random_uuid()::text
        when t.typname in ('json', 'jsonb') then '{}'
        when t.typname in ('date', 'timestamptz') then '2026-03-02'
        when t.typname = 'bool' then 'false'
        when t.typcategory = 'N' or t.typname = 'xid8' then '7'
        else 'x'
    end), ', ')
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attnotnull and a.attgenerated = ''
join pg_type t on t.oid = a.atttypid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
group by 1 order by 1
"""


@dataclass(frozen=True)
class Filled:
    """A database with a row in every table: its URL as the API, and the kind of each table."""

    api: str
    kinds: dict[str, str]

    def of_kinds(self, *kinds: str) -> set[str]:
        return {name for name, kind in self.kinds.items() if kind in kinds}

    def tables_with_rows(self, scope: Scope | None) -> set[str]:
        with psycopg.connect(self.api) as api:
            for setting, value in ({} if scope is None else scope.settings()).items():
                api.execute("select set_config(%s, %s, true)", [setting, value])
            select = sql.SQL("select 1 from {} limit 1")
            return {name for name in self.kinds if api.execute(select.format(sql.Identifier(name))).fetchone()}


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[Filled]:
    """A row of anything in every table; gives each table's kind. The database's own checks are taken off before."""
    name = server.new_name()
    urls = server.clone(name)
    superuser = {**psycopg.conninfo.conninfo_to_dict(server.superuser_url), "dbname": name}
    with psycopg.connect(**superuser) as connection:
        kinds = {str(name): str(kind) for name, kind in connection.execute(KINDS).fetchall()}
        for table, constraint in connection.execute(REMOVABLE).fetchall():
            names = (sql.Identifier(table), sql.Identifier(constraint))
            connection.execute(sql.SQL("alter table {} drop constraint {} cascade").format(*names))
        for table, columns, values in connection.execute(ANYTHING).fetchall():
            connection.execute(f"alter table {table} disable trigger user".encode())
            insert = f"insert into {table} ({columns}) overriding system value values ({values}) on conflict do nothing"
            connection.execute(insert.encode())
    yield Filled(urls.api, kinds)
    server.drop(name)


KINDS = "select table_name, kind from protected_table"


def test_no_scope_sees_no_row_of_any_table(filled: Filled) -> None:
    assert filled.tables_with_rows(None) == set()


@pytest.mark.parametrize("staff", [True, False])
def test_a_scope_with_nothing_listed_sees_only_what_is_the_agencys(filled: Filled, staff: bool) -> None:
    seen = filled.tables_with_rows(Scope("limited", staff=staff))

    # Of debtors' children that may be the agency's own, it is those that are of no debtor.
    kinds = ["agency", "anyone", "debtor_child_or_agency", *(["agency_staff"] if staff else [])]
    assert seen == filled.of_kinds(*kinds)


def test_the_scope_of_everything_sees_every_table_but_others_keys(filled: Filled) -> None:
    hidden = set(filled.kinds) - filled.tables_with_rows(Scope.everything())

    assert hidden == filled.of_kinds("principal")


def test_views_run_with_the_rights_of_whoever_asks(owner: Owner) -> None:
    views = owner.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions, '{}') @> array['security_invoker=true']"
    ).fetchall()

    assert views == []


def test_functions_with_their_owners_rights_are_safe_from_a_callers_search_path(owner: Owner) -> None:
    # Where pg_temp is not named last, it comes first, and a caller's temporary table stands in for the real one.
    open_to_tricks = owner.execute(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef"
        " and not exists (select 1 from unnest(proconfig) setting where setting like 'search_path=%pg_temp%')"
    ).fetchall()

    assert open_to_tricks == []


def test_the_api_may_not_make_anything_nor_change_settings_of_policies(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.api, autocommit=True) as api:
        for statement in (
            "create table sneaky (id integer)",
            "alter table deployment disable row level security",
            "drop policy api_reads on deployment",
            "set role arrears_owner",
            "truncate event",
        ):
            with pytest.raises(psycopg.Error) as refused:
                api.execute(statement)
            assert refused.value.sqlstate in ("42501", "22023"), statement
