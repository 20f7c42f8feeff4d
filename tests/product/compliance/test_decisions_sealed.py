"""What is stored of a decision cannot be changed unnoticed, and what it stood on is kept under the person's key."""

from __future__ import annotations

import datetime
from uuid import UUID

import psycopg
import pytest

from arrears.compliance.attempts import stored_attempts
from arrears.compliance.checking import check_decisions
from arrears.compliance.facts import facts_digest
from arrears.kernel.transaction import begin
from arrears.kernel.vault import destroy_person_key
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import decode_id, encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Demanding
from tests.product.compliance.case import Case
from tests.product.compliance.permits import Desk


@pytest.fixture
async def desk(api: Api, case: Case, deployment: Deployment) -> Desk:
    """A collector's desk, with rules that find something."""
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [QuietHours, Demanding])
    return Desk(api, await case.account(client, debtor), await case.phone_of(debtor))


ADDED = """
insert into decision_finding (client_id, decision_id, debtor_id, decided_at, position, verdict, reason, rule, citation,
                              confidence, facts, plugin, plugin_version)
select client_id, id, debtor_id, decided_at, 9, 'WARN', 'More.', '', '', '', '[]', 'p', '1' from decision
"""


async def decision_of(desk: Desk) -> UUID:
    return decode_id("deci", (await desk.ask())["decision"]["id"])


@pytest.mark.parametrize(
    "edit",
    [
        "update decision set verdict = 'ALLOW'",
        "update decision set decided_at = decided_at + interval '1 microsecond'",
        "update decision set requirements = '[]'",
        "update decision set facts_digest = repeat('0', 64)",
        "update decision_finding set reason = 'It is fine.' where position = 0",
        "delete from decision_finding where position = 1",
        "update decision_account set verdict = 'ALLOW'",
        ADDED,
    ],
)
async def test_an_edit_of_a_stored_decision_by_the_owner_is_found(
    desk: Desk, deployment: Deployment, edit: str
) -> None:
    decision = await decision_of(desk)
    assert (await check_decisions(deployment.worker_database)).first_bad is None

    with psycopg.connect(deployment.urls.owner) as owner:
        for table in ("decision", "decision_finding", "decision_account"):
            owner.execute(f"alter table {table} disable trigger user")  # type: ignore[arg-type]
        owner.execute(edit)  # type: ignore[arg-type]

    report = await check_decisions(deployment.worker_database)
    assert report.first_bad is not None
    assert (report.first_bad.decision_id, report.checked) == (decision, 1)
    assert "altered" in report.first_bad.message


async def test_rules_cannot_stand_under_a_digest_that_is_not_theirs(desk: Desk, deployment: Deployment) -> None:
    await decision_of(desk)
    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute("alter table rule_set disable trigger user")
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("update rule_set set rules = '[1]'")


async def test_what_the_plugins_were_shown_is_kept_as_it_was(
    desk: Desk, case: Case, deployment: Deployment, api: Api
) -> None:
    decision = await decision_of(desk)
    ((debtor, digest),) = await case.rows("select debtor_id, facts_digest from decision")
    # when the facts are corrected afterwards
    deployment.clock.advance(datetime.timedelta(days=30))
    await case.consent(debtor, "PHONE_CALL")
    # then the decision stands on what was known
    context = deployment.context()
    async with context.database.reads(context.principal.scope) as connection:
        (placed,) = (await stored_attempts(connection, context.vault, [decision]))[decision]
    assert facts_digest([placed.attempt]) == digest
    assert placed.attempt.debtor.consents == ()
    assert placed.attempt.at == datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
    assert encode_id("dbtr", debtor) == placed.attempt.debtor.id


async def test_erasing_the_person_makes_what_was_shown_unreadable_and_leaves_the_decision(
    desk: Desk, case: Case, deployment: Deployment
) -> None:
    decision = await decision_of(desk)
    ((debtor, sealed),) = await case.rows("select debtor_id, sealed from decision_facts")
    assert debtor.hex.encode() not in bytes(sealed)
    context = deployment.worker_context()
    async with begin(context) as tx:
        await destroy_person_key(tx, debtor)
    async with context.database.reads(context.principal.scope) as connection:
        assert await stored_attempts(connection, context.vault, [decision]) == {}
    assert (await check_decisions(deployment.worker_database)).first_bad is None
