"""The seeded demonstration: its figures, its books, its trail and its keys."""

from __future__ import annotations

import datetime
from collections import defaultdict
from pathlib import Path

import pytest
from pydantic import SecretStr

from arrears.access.authentication import Authenticator
from arrears.access.model import Role
from arrears.demo.acts import Charge, Contact, Payment, Return
from arrears.demo.running import ROLES, seed
from arrears.demo.seed import PROGRESS_STEPS
from arrears.demo.staff import SERVICE_SCOPES, fresh_keys
from arrears.demo.stories import invent_book
from arrears.deployment import Deployment, load_domains
from arrears.kernel import audit_verify
from arrears.kernel.clock import PlatformClock
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.scope import Scope
from arrears.ledger.verification import verify
from arrears.settings import Settings
from arrears_sdk.errors import AccessError

TODAY = datetime.date(2026, 3, 2)
ACCOUNTS = 60

FIGURES = """
select client.reference, count(*), sum(account.placed_minor)::bigint, sum(account.balance_minor)::bigint
from account join client on client.id = account.client_id group by 1 order by 1
"""
PAYMENTS = "select currency, state, count(*), sum(amount_minor)::bigint from payment group by 1, 2 order by 1, 2"
COUNTS = """
select (select count(*) from debtor), (select count(*) from party), (select count(*) from interaction),
       (select count(*) from hold), (select count(*) from ledger_entry),
       (select count(*) from account where status = 'CLOSED'), (select count(*) from principal)
"""
DAYS = "select min(received_on), max(received_on) from placement"
LATEST = "select max(started_at), max(recorded_at) from interaction"


@pytest.fixture
def opened(deployment, tmp_path: Path) -> Deployment:
    """The test's deployment, as the command line opens one."""
    load_domains()
    settings = Settings(
        database_url=SecretStr(deployment.urls.owner), deployment_keys=SecretStr("unused"), data_folder=tmp_path
    )
    clock = PlatformClock(deployment.database)
    keys = DeploymentKeys.generate()
    return Deployment(
        settings, deployment.urls, deployment.database, deployment.worker_database, clock, deployment.vault, keys
    )


async def read(opened: Deployment, statement: str) -> list[tuple[object, ...]]:
    return await opened.database.read(Scope.everything(), statement)


@pytest.mark.parametrize("today", [TODAY, datetime.date(2028, 2, 29)])
async def test_the_seed_has_its_figures_whatever_the_day(opened: Deployment, today: datetime.date) -> None:
    # when
    steps = 0

    def advance(more: int) -> None:
        nonlocal steps
        steps += more

    principals = await seed(opened, ACCOUNTS, today=today, progress=advance)

    # then: what was invented is what is stored
    assert await read(opened, FIGURES) == [
        ("HARBORVIEW", 27, 7_859_598, 3_999_561),
        ("LINDENHOF", 15, 771_997, 637_626),
        ("THORNFIELD", 18, 1_066_659, 876_709),
    ]
    assert await read(opened, PAYMENTS) == [
        ("EUR", "RECORDED", 25, 143_655),
        ("GBP", "RECORDED", 15, 189_950),
        ("USD", "RECORDED", 50, 3_920_138),
    ]
    assert await read(opened, COUNTS) == [(54, 63, 318, 9, 170, 19, 9)]
    assert steps == PROGRESS_STEPS
    assert tuple(principals) == ROLES
    # and it lies in the eighteen months before the day
    [(first, last)] = await read(opened, DAYS)
    assert ((today - first).days, (today - last).days) == (541, 30)
    [(started, recorded)] = await read(opened, LATEST)
    assert started < recorded < datetime.datetime.combine(today, datetime.time(), datetime.UTC)
    # and the books and the trail are right
    report = await verify(opened.context())
    assert (report.accounts, report.faults_found) == (ACCOUNTS, 0)
    trail = await audit_verify.verify(opened.worker_database, opened.vault, opened.audit_heads.read())
    assert (trail.whole, trail.unsealed) == (True, 0)


async def test_what_is_stored_is_what_was_invented(opened: Deployment) -> None:
    # given
    book = invent_book(30)
    placed, owed = defaultdict(int), defaultdict(int)
    for story in book:
        placed[story.creditor.reference] += sum(story.owed.values())
        balance, paid = sum(story.owed.values()), 0
        for act in story.acts:
            match act:
                case Payment():
                    balance, paid = balance - act.amount_minor, act.amount_minor
                case Return():
                    balance += paid
                case Charge():
                    balance += act.amount_minor
        owed[story.creditor.reference] += balance

    # when
    await seed(opened, 30, today=TODAY, progress=lambda _: None)

    # then
    stored = await read(opened, FIGURES)
    assert {name: balance for name, _, _, balance in stored} == owed
    assert {name: amount for name, _, amount, _ in stored} == placed
    assert await read(opened, "select count(*) from interaction") == [
        (sum(isinstance(act, Contact) for story in book for act in story.acts),)
    ]


async def test_every_role_has_a_key_that_sees_what_the_role_may_see(opened: Deployment) -> None:
    # given
    principals = await seed(opened, 12, today=TODAY, progress=lambda _: None)

    # when
    keys = await fresh_keys(opened.context(), principals)
    authenticator = Authenticator(opened.database, opened.vault)
    found = {role: await authenticator.authenticate({"authorization": f"Bearer {keys[role]}"}) for role in ROLES}

    # then
    seen = {role: len(await opened.database.read(who.scope, "select id from account")) for role, who in found.items()}
    assert {role for role, count in seen.items() if count == 12} == {
        Role.ADMIN,
        Role.MANAGER,
        Role.COLLECTOR,
        Role.AUDITOR,
        Role.SERVICE,
    }
    assert 0 < seen[Role.CLIENT] < 12
    assert found[Role.DEBTOR].scope.debtor is not None
    assert found[Role.SERVICE].permissions == {str(scope) for scope in SERVICE_SCOPES}


async def test_new_keys_end_those_of_the_last_start(opened: Deployment) -> None:
    # given
    principals = await seed(opened, 12, today=TODAY, progress=lambda _: None)
    old = await fresh_keys(opened.context(), principals)

    # when
    new = await fresh_keys(opened.context(), principals)

    # then
    authenticator = Authenticator(opened.database, opened.vault)
    for role in ROLES:
        assert await authenticator.authenticate({"authorization": f"Bearer {new[role]}"}) is not None
        with pytest.raises(AccessError, match="revoked"):
            await authenticator.authenticate({"authorization": f"Bearer {old[role]}"})
