"""Golden queries: each keeps the operation, its result and its SQL. ARREARS_ACCEPT=1 writes the last two anew."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode

from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.graphql.limits.preparation import coerce_variables, prepare
from arrears.kernel.database import Database
from arrears.schema import core_schema
from tests.conftest import Deployment
from tests.graphql.plugin_history import leave_plugin_history
from tests.graphql.small_agency import SmallAgency

QUERIES = sorted((Path(__file__).parent / "queries").glob("*.graphql"))


def settings_of(text: str) -> tuple[str, dict[str, Any]]:
    """The role and the variables that a query file names in its first lines."""
    role = re.search(r"^# role: (\w+)", text)
    variables = re.search(r"^# variables: (.*)$", text, re.MULTILINE)
    assert role is not None
    return role.group(1), json.loads(variables.group(1)) if variables else {}


def stable(answer: bytes) -> str:
    """An answer with ids and cursors numbered in order of appearance, since they are new in every run."""
    seen: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return seen.setdefault(found.group(0), f"{found.group(1)}_{len(seen) + 1}")

    text = json.dumps(orjson.loads(answer), indent=2, ensure_ascii=False)
    text = re.sub(r"\b([a-z]{4})_[0-9a-f]{32}\b", number, text)
    return re.sub(r'(?<=ursor": )"[A-Za-z0-9+/=]+"', '"a cursor"', text) + "\n"


def folded(sql: str) -> str:
    """SQL in lines that a reviewer can compare."""
    return re.sub(r" (from \(|from |left join|where |order by |select )", r"\n\1", sql) + "\n"


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
async def test_query_result_and_sql_are_as_kept(deployment: Deployment, small_agency: SmallAgency, path: Path) -> None:
    """Given the small agency, when a golden query runs, then its answer and its SQL are the kept ones."""
    text = path.read_text(encoding="utf-8")
    role, variables = settings_of(text)
    if "\n# with: plugins\n" in text:
        await leave_plugin_history(deployment, small_agency)
    principal = small_agency.principals[role]
    engine = engine_of(deployment, deployment.database)
    request = GraphQLRequest(text, variables=variables)

    answer = await engine.execute(request, RequestContext(principal, "request"))

    prepared = prepare(engine.documents, request)
    assert isinstance(prepared.operation, OperationDefinitionNode)
    plan = engine.plan(prepared, None, coerce_variables(engine.schema, prepared.operation, variables), principal)
    assert plan.roots is not None
    assert plan.whole
    for suffix, found in ((".json", stable(answer.body)), (".sql", folded(plan.roots.sql))):
        kept = path.with_suffix(suffix)
        if os.environ.get("ARREARS_ACCEPT") == "1":
            kept.write_text(found, encoding="utf-8")
        assert found == kept.read_text(encoding="utf-8")


async def test_the_worklist_is_one_statement(deployment: Deployment, small_agency: SmallAgency) -> None:
    """Given the golden worklist, when it runs, then the wire carries the scope and one statement, nothing else."""
    text = (Path(__file__).parent / "queries" / "worklist.graphql").read_text(encoding="utf-8")
    role, variables = settings_of(text)
    context = RequestContext(small_agency.principals[role], "request")
    with tempfile.TemporaryFile() as wire:
        async with Database(deployment.urls.api, application_name="one", pool_size=1) as database:
            engine = engine_of(deployment, database)
            await engine.execute(GraphQLRequest(text, variables=variables), context)
            async with database.pool.connection() as connection:
                connection.pgconn.trace(wire.fileno())
            await engine.execute(GraphQLRequest(text, variables=variables), context)
        wire.seek(0)
        executed = [line for line in wire.read().decode().splitlines() if "\tExecute\t" in line]

    assert len(executed) == 2


def engine_of(deployment: Deployment, database: Database) -> PlanningEngine:
    """An engine over the test's deployment."""
    return PlanningEngine(core_schema(), database=database, clock=deployment.clock, vault=deployment.vault)
