"""The planner's law: an answer passed through from SQL equals the same operation completed by graphql-core."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.graphql.edge.engine import GraphQLRequest, RequestContext
from arrears.graphql.engine import PlanningEngine
from arrears.graphql.limits import DocumentRefused
from arrears.kernel.principal import Principal
from arrears.schema import core_schema
from arrears_sdk.errors import ArrearsError
from tests.conftest import Deployment
from tests.graphql.operations import OperationWriter, Written
from tests.graphql.small_agency import SmallAgency

BUILT = core_schema()
PLANNED_ROOTS = frozenset(
    name
    for (owner, name), planned in BUILT.index.fields.items()
    if owner == "Query" and planned.target != "Viewer" and type(planned.declared).__name__ in ("RootField", "NodeField")
)


@st.composite
def operations(draw: st.DrawFn, ids: dict[str, list[str]]) -> Written:
    """One random operation over the core's schema."""
    return OperationWriter(BUILT.strawberry._schema, ids, draw, PLANNED_ROOTS).write()


async def answer(engine: PlanningEngine, written: Written, principal: Principal) -> Any:
    """The data of an answer, or what was refused."""
    try:
        request = GraphQLRequest(written.query, variables=written.variables)
        found = orjson.loads((await engine.execute(request, RequestContext(principal, "request"))).body)
    except ArrearsError as error:
        return type(error).__name__, [problem.message for problem in error.problems]
    except DocumentRefused as error:
        return "refused", [each.message for each in error.errors]
    return found


@pytest.mark.parametrize("who", ["everything", "client"])
async def test_planned_and_completed_answers_are_equal(
    deployment: Deployment, small_agency: SmallAgency, who: str
) -> None:
    """Given generated operations, when each is planned and also completed by graphql-core, then both answers agree."""
    planned, completed = (
        PlanningEngine(
            BUILT, database=deployment.database, clock=deployment.clock, vault=deployment.vault, complete_all=complete
        )
        for complete in (False, True)
    )
    principal = small_agency.principals[who]
    answered: list[bool] = []

    async def compare(written: Written) -> None:
        first = await answer(planned, written, principal)
        second = await answer(completed, written, principal)
        assert first == second, written.query
        answered.append(isinstance(first, dict) and first["data"] is not None)

    await _each_of(operations(small_agency.ids), compare, 150)
    assert sum(answered) >= 30


async def _each_of(strategy: st.SearchStrategy[Written], check: Any, most: int) -> None:
    """Run an async check over drawn examples: they are drawn first, since hypothesis itself is not async."""
    drawn: list[Written] = []

    @settings(
        max_examples=most, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def collect(written: Written) -> None:
        drawn.append(written)

    collect()
    for written in drawn:
        await check(written)
