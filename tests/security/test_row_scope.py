"""Row-level security under the API: with every filter dropped, no principal reads or writes another's row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from arrears.access.commands import TeamCreate, team_create
from arrears.kernel.scope import Scope
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    """Two clients with four debtors each."""
    return await make_small_agency(deployment)


def in_scope(connection: psycopg.Connection[Any], scope: Scope) -> None:
    """Set a scope for the connection's transaction."""
    for name, value in scope.settings().items():
        connection.execute("select set_config(%s, %s, true)", [name, value])


def tables_with(owner: psycopg.Connection[Any], column: str) -> Iterator[str]:
    """The tables that have a column, and rows."""
    found = owner.execute(
        "select table_name from information_schema.columns c join information_schema.tables t"
        " using (table_schema, table_name) where table_schema = 'public' and table_type = 'BASE TABLE'"
        " and column_name = %s order by 1",
        [column],
    ).fetchall()
    for (name,) in found:
        if owner.execute(f"select exists (select 1 from {name})").fetchone() == (True,):
            yield name


async def test_a_client_user_reads_only_its_clients_rows(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a client user's scope, when every table is read without any filter, then every row is the client's."""
    own, foreign = agency.clients
    seen: dict[str, int] = {}
    with psycopg.connect(deployment.urls.owner) as owner, psycopg.connect(deployment.urls.api) as api:
        in_scope(api, Scope("limited", staff=False, clients=(own,)))
        readable = {
            row[0]
            for row in api.execute(
                "select table_name from information_schema.role_table_grants"
                " where grantee = 'arrears_api' and privilege_type = 'SELECT'"
            )
        }
        for table in tables_with(owner, "client_id"):
            if table in readable:
                clients = {row[0] for row in api.execute(f"select distinct client_id from {table}")}
                assert clients <= {own}, table
                seen[table] = len(clients)
        assert api.execute("select id from client").fetchall() == [(own,)]
        assert api.execute("select count(*) from debtor").fetchone() == (4,)
    assert foreign != own
    assert sum(seen.values()) >= 12


async def test_no_scope_means_no_rows(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a connection of the API without a scope, when client data is read, then there is none."""
    with psycopg.connect(deployment.urls.owner) as owner, psycopg.connect(deployment.urls.api) as api:
        for table in ("client", *tables_with(owner, "client_id")):
            assert api.execute(f"select count(*) from {table}").fetchone() == (0,), table


async def test_a_client_user_changes_no_foreign_row(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a client user's scope, when foreign accounts are updated or deleted by raw SQL, then nothing happens."""
    foreign = [agency.accounts[-1]]
    with psycopg.connect(deployment.urls.api) as api:
        in_scope(api, Scope("limited", staff=False, clients=(agency.clients[0],)))
        updated = api.execute("update account set original_reference = 'x' where id = any(%s)", [foreign])
        assert updated.rowcount == 0


async def test_a_row_cannot_be_given_to_a_foreign_client(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a client user's scope, when its portfolio is moved to a foreign client, then the database refuses."""
    with psycopg.connect(deployment.urls.api) as api:
        in_scope(api, Scope("limited", staff=False, clients=(agency.clients[0],)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute("update portfolio set client_id = %s", [agency.clients[1]])


@pytest.mark.parametrize("hostile", ["x' or 1=1 --", "'; drop table account; --", "%s", "{row}", "\\", "a\u202eb"])
async def test_hostile_text_is_only_text(deployment: Deployment, agency: SmallAgency, hostile: str) -> None:
    """Given hostile text in a filter, literal or variable, when it runs, then it matches nothing and breaks nothing."""
    import orjson

    from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
    from arrears.graphql.engine import PlanningEngine
    from arrears.schema import core_schema

    engine = PlanningEngine(core_schema(), database=deployment.database, clock=deployment.clock, vault=deployment.vault)
    context = RequestContext(agency.principals["ADMIN"], "request")
    by_variable = "query($t: String) { accounts(where: {reference: {eq: $t}}) { nodes { id } } }"
    literal = orjson.dumps(hostile).decode()
    by_literal = f"{{ accounts(where: {{reference: {{startsWith: {literal}}}}}) {{ nodes {{ id }} }} }}"

    for request in (GraphQLRequest(by_variable, variables={"t": hostile}), GraphQLRequest(by_literal)):
        answer = orjson.loads((await engine.execute(request, context)).body)
        assert answer["data"] == {"accounts": {"nodes": []}}
    with psycopg.connect(deployment.urls.owner) as owner:
        assert owner.execute("select count(*) from account").fetchone() == (8,)
    assert isinstance(agency.accounts[0], UUID)


async def test_a_client_user_does_not_learn_of_teams(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a team, whose name may tell of other clients, when teams are read, then staff sees it and a client not."""
    await team_create(deployment.context(), TeamCreate(name="For Client 1 only"))
    seen: list[int] = []
    with psycopg.connect(deployment.urls.api) as api:
        for staff in (True, False):
            in_scope(api, Scope("limited", staff=staff, clients=(agency.clients[0],)))
            seen += api.execute("select count(*) from team").fetchone() or ()
            api.rollback()

    assert seen == [1, 0]
