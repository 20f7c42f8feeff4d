"""What a decision stood on cannot be taken away by the owner of the database so that it looks like an erasure."""

from __future__ import annotations

import psycopg

from arrears.compliance.checking import check_decisions
from arrears_sdk.ids import decode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Silent
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk


async def test_facts_that_are_deleted_are_missed(api: Api, deployment: Deployment) -> None:
    case = Case(deployment)
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [Silent])
    desk = Desk(api, await case.account(client, debtor), await case.phone_of(debtor))
    decision = decode_id("deci", (await desk.ask())["decision"]["id"])
    assert (await check_decisions(deployment.worker_database)).first_bad is None

    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute("alter table decision_facts disable trigger user")
        owner.execute("delete from decision_facts")

    found = (await check_decisions(deployment.worker_database)).first_bad
    assert found is not None
    assert (found.decision_id, found.message) == (decision, "What was shown for a decision was deleted.")
