"""Fees come about by themselves after each client's midnight, and by hand from the command line."""

from __future__ import annotations

import datetime
import json

from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.ledger.nights import plan_nights
from tests.conftest import Deployment
from tests.product.charges.fees import ONE_DAY, TODAY, Fees, late_fee


async def work(fees: Fees, done: set[int]) -> list[str]:
    """Does the jobs of fees that are due; gives their names."""
    context = fees.deployment.worker_context()
    await dispatch_due(context)
    names: list[str] = []
    while True:
        async with context.database.pool.connection() as connection:
            cursor = await connection.execute(
                "select id, task_name, args from jobs.procrastinate_jobs where task_name like 'charges.%%' order by id"
            )
            rows = [row for row in await cursor.fetchall() if row[0] not in done]
        if not rows:
            return names
        for number, name, arguments in rows:
            done.add(number)
            names.append(name)
            given = arguments if isinstance(arguments, dict) else json.loads(arguments)
            await registry.find(name).function(context, **given)


async def test_a_debt_is_charged_after_the_clients_midnight_and_night_follows_night(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(after_days=17))
    account = await fees.debt()
    await plan_nights(deployment.worker_context(), fees.client_id)
    done: set[int] = set()
    # Half past four in Greenwich is not midnight in New York.
    deployment.clock.move_to(datetime.datetime(2026, 3, 3, 4, 30, tzinfo=datetime.UTC))
    assert await work(fees, done) == []
    deployment.clock.move_to(datetime.datetime(2026, 3, 3, 5, 1, tzinfo=datetime.UTC))
    assert await work(fees, done) == ["charges.run", *["charges.run_part"] * 4]
    charged = TODAY + ONE_DAY
    assert [(one.quoted_on, one.state) for one in await fees.seen(account)] == [(charged, "CLAIMED")]
    deployment.clock.move_to(datetime.datetime(2026, 3, 4, 5, 1, tzinfo=datetime.UTC))
    assert await work(fees, done) == ["charges.run", *["charges.run_part"] * 4]
    assert len(await fees.seen(account)) == 1
