"""Snapshots of balances: made night by night, kept or removed, brought up to date, and read by totals."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from arrears.accounts.totals import account_totals
from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.jobs import registry
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.vault import Vault
from arrears.ledger import jobs as _jobs  # noqa: F401 - makes the nights known
from arrears.ledger.model import DebtComponent
from arrears.ledger.snapshots import bring_up_to_date, is_kept, keep_snapshots, month_ends, take_snapshot
from arrears.ledger.verification import verify
from arrears_sdk.clock import FixedClock
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import START
from tests.product.ledger.books import OPENED, Books
from tests.product.ledger.posted import Ledger
from tests.telling import tell_everything

TODAY = date(2026, 3, 2)
TOTALS = """
query($asOf: Date!, $clientId: ID, $portfolioId: ID, $knownAt: DateTime) {
  accountTotals(asOf: $asOf, clientId: $clientId, portfolioId: $portfolioId, knownAt: $knownAt) {
    asOf knownAt
    currencies { currency openCount openBalance { amount } pastDueBalance { amount }
                 principal { amount } interest { amount } fees { amount } costs { amount } writtenOff { amount } }
  }
}
"""
MADE = "select day from balance_snapshot where completed_at is not null order by day"
EVERYTHING = """
select made.*, line.account_id, line.principal_minor, line.interest_minor, line.fees_minor, line.costs_minor,
       line.written_off_minor
from balance_snapshot made left join snapshot_balance line on line.snapshot_id = made.id
order by made.client_id, made.day, line.account_id
"""
QUEUED = "select task_name, args from jobs.procrastinate_jobs where task_name = 'ledger.snapshot' order by id"


@pytest.fixture
def ledger(books: Books) -> Ledger:
    return Ledger(books)


async def made(ledger: Ledger) -> list[date]:
    return [day for (day,) in await ledger.books.query(MADE)]


async def test_a_new_clients_nights_make_snapshots_of_the_days_that_ended(ledger: Ledger) -> None:
    # given
    deployment = ledger.books.deployment
    worker = deployment.worker_context()
    change = ClientCreate(
        name="Island", reference="I", country="NZ", currency="USD", time_zone="Pacific/Chatham",
        collector_role=CollectorRole.THIRD_PARTY,
    )  # fmt: skip
    client = (await client_create(deployment.context(), change)).result.client_id
    await tell_everything(worker)
    await ledger.post(client, await ledger.books.account(client), 700, OPENED)
    due = "select due_at from schedule where kind = 'ledger.snapshot' and dispatched_at is null"
    # It is 3 March there already, a quarter of an hour to two in the morning.
    assert await ledger.books.query(due) == [(datetime(2026, 3, 3, 10, 15, tzinfo=UTC),)]

    # when
    deployment.clock.move_to(datetime(2026, 3, 3, 10, 14, tzinfo=UTC))
    await dispatch_due(worker)
    early = await ledger.books.query(QUEUED)
    deployment.clock.move_to(datetime(2026, 3, 3, 10, 15, tzinfo=UTC))
    await dispatch_due(worker)
    [(name, arguments)] = await ledger.books.query(QUEUED)
    for _ in range(2):
        await registry.find(name).function(worker, **arguments)

    # then
    assert early == []
    assert await made(ledger) == [TODAY + timedelta(days=1)]
    assert await ledger.books.query(due) == [(datetime(2026, 3, 4, 10, 15, tzinfo=UTC),)]


async def test_running_twice_changes_nothing_at_all(ledger: Ledger) -> None:
    client = await ledger.books.client()
    for amount in (500, 20):
        await ledger.post(client, await ledger.books.account(client), amount, OPENED)
    worker = ledger.books.deployment.worker_context()
    await keep_snapshots(worker, client, TODAY)
    before = await ledger.books.query(EVERYTHING)
    ledger.books.deployment.clock.advance(timedelta(hours=1))

    await keep_snapshots(worker, client, TODAY)

    assert await ledger.books.query(EVERYTHING) == before
    assert len(before) == 2


async def test_month_ends_since_the_last_time_are_made_and_other_days_go(ledger: Ledger) -> None:
    client = await ledger.books.client()
    account = await ledger.books.account(client)
    worker = ledger.books.deployment.worker_context()
    await ledger.post(client, account, 500, OPENED)
    await take_snapshot(worker, client, date(2026, 1, 20), is_wanted=True)
    await keep_snapshots(worker, client, date(2026, 1, 25))
    await ledger.post(client, account, -100, date(2026, 2, 10))

    await keep_snapshots(worker, client, date(2026, 4, 3))

    assert await made(ledger) == [
        date(2026, 1, 20), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 3),
    ]  # fmt: skip
    balances = "select principal_minor from snapshot_balance join balance_snapshot on id = snapshot_id order by day"
    assert [int(minor) for (minor,) in await ledger.books.query(balances)] == [500, 500, 400, 400, 400]


def test_which_days_are_kept() -> None:
    newest = date(2028, 3, 15)

    assert [
        day for day in (newest, date(2028, 3, 14), date(2028, 2, 29), date(2028, 2, 28)) if is_kept(day, newest)
    ] == [
        newest,
        date(2028, 2, 29),
    ]
    assert [is_kept(date(2026, month, 28 if month == 2 else 31), newest) for month in (1, 2, 3)] == [False, False, True]
    assert is_kept(date(2019, 12, 31), newest)


def test_the_month_ends_between_two_days() -> None:
    assert list(month_ends(date(2027, 12, 31), date(2028, 3, 31))) == [date(2028, 1, 31), date(2028, 2, 29)]
    assert list(month_ends(date(2026, 1, 30), date(2026, 1, 31))) == []
    assert list(month_ends(date(2026, 2, 1), date(2026, 1, 1))) == []


async def test_an_account_that_is_settled_later_leaves_the_snapshot(ledger: Ledger) -> None:
    client = await ledger.books.client()
    account = await ledger.books.account(client)
    worker = ledger.books.deployment.worker_context()
    await ledger.post(client, account, 500, OPENED)
    snapshot = await take_snapshot(worker, client, TODAY)
    await ledger.post(client, account, -500, OPENED)

    await bring_up_to_date(worker, snapshot)

    assert await ledger.books.query("select * from snapshot_balance") == []
    assert await account_totals(ledger.books.deployment.context(), TODAY) == ledger.totals(TODAY) == []


async def test_totals_read_the_snapshot_and_not_all_postings(ledger: Ledger) -> None:
    client = await ledger.books.client()
    await ledger.post(client, await ledger.books.account(client), 500, OPENED)
    await keep_snapshots(ledger.books.deployment.worker_context(), client, TODAY)
    await ledger.books.execute("update snapshot_balance set principal_minor = 501")

    [line] = await account_totals(ledger.books.deployment.context(), TODAY)
    [told] = await account_totals(ledger.books.deployment.context(), TODAY, known_at=START)

    assert (line.open_minor, told.open_minor) == (501, 500)


async def test_a_snapshot_of_another_server_says_nothing_and_is_made_again(ledger: Ledger) -> None:
    client = await ledger.books.client()
    await ledger.post(client, await ledger.books.account(client), 500, OPENED)
    worker = ledger.books.deployment.worker_context()
    await keep_snapshots(worker, client, TODAY)
    await ledger.books.execute("update balance_snapshot set server = 1")
    await ledger.books.execute("update snapshot_balance set principal_minor = 501")

    restored = await account_totals(ledger.books.deployment.context(), TODAY)
    await keep_snapshots(worker, client, TODAY)

    assert restored == ledger.totals(TODAY)
    assert await ledger.books.query("select principal_minor::int from snapshot_balance") == [(500,)]
    assert "snapshots" not in {fault.check for fault in (await verify(worker)).faults}


async def test_one_whose_base_moved_on_in_the_middle_begins_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    client = await ledger.books.client()
    accounts = sorted([await ledger.books.account(client) for _ in range(3)])
    worker = ledger.books.deployment.worker_context()
    for account in accounts:
        await ledger.post(client, account, 100, OPENED)
    base = await take_snapshot(worker, client, date(2026, 1, 31))
    with pytest.raises(StoppedError):
        await take_snapshot(stopping_after(worker, 2), client, TODAY, accounts_per_batch=1)

    # when
    await ledger.post(client, accounts[0], 11, OPENED)
    await ledger.post(client, accounts[2], 22, OPENED)
    await bring_up_to_date(worker, base)
    await take_snapshot(worker, client, TODAY, accounts_per_batch=1)

    # then
    balances = (
        "select principal_minor::int from snapshot_balance join balance_snapshot on id = snapshot_id"
        " where day = '2026-03-02' order by account_id"
    )
    assert await ledger.books.query(balances) == [(111,), (100,), (122,)]


class StoppedError(Exception):
    """Whatever may end a run."""


class StoppingClock:
    """A clock that has been asked for the last time: a run goes so far and no further."""

    def __init__(self, at: datetime, times: int) -> None:
        self.at, self.times = at, times

    def now(self) -> datetime:
        self.times -= 1
        if self.times < 0:
            raise StoppedError
        return self.at


def stopping_after(context: Context, transactions: int) -> Context:
    clock = StoppingClock(context.clock.now(), transactions)
    return Context(context.database, context.principal, clock, context.vault, context.request_id)


async def test_row_level_security_and_filters_hold_with_snapshots(ledger: Ledger, api: Api) -> None:
    # given
    ours, theirs = await ledger.books.client(), await ledger.books.client()
    portfolio = new_id()
    await ledger.books.execute(
        "insert into portfolio (id, client_id, name, reference, currency, version, created_at, updated_at)"
        " values (%(id)s, %(client)s, 'P', 'P', 'USD', 1, %(at)s, %(at)s)",
        {"id": portfolio, "client": ours},
    )
    first, second = await ledger.books.account(ours), await ledger.books.account(ours)
    for account, client, amount in (
        (first, ours, 300),
        (second, ours, 40),
        (await ledger.books.account(theirs), theirs, 5),
    ):
        await ledger.post(client, account, amount, OPENED)
    await ledger.books.execute(
        "update account set portfolio_id = %(portfolio)s where id = %(id)s", {"portfolio": portfolio, "id": second}
    )
    for client in (ours, theirs):
        await keep_snapshots(ledger.books.deployment.worker_context(), client, TODAY - timedelta(days=1))
    await ledger.post(ours, second, 2, TODAY)

    async def told(key: str | None = None, **arguments: Any) -> list[tuple[int, str]]:
        answer = await api(TOTALS, {"asOf": TODAY.isoformat(), **arguments}, key=key)
        lines = answer["data"]["accountTotals"]["currencies"]
        return [(line["openCount"], line["openBalance"]["amount"]) for line in lines]

    # when, then
    assert await told() == [(3, "3.47")]
    assert await told(clientId=encode_id("clnt", ours)) == [(2, "3.42")]
    assert await told(portfolioId=encode_id("port", portfolio)) == [(1, "0.42")]
    assert await told(clientId=encode_id("clnt", theirs), portfolioId=encode_id("port", portfolio)) == []
    assert await told(key=await api.sign_in("CLIENT", clients=[theirs])) == [(1, "0.05")]
    assert await told(key=await api.sign_in("CLIENT", clients=[theirs]), clientId=encode_id("clnt", ours)) == []
    assert await told(key=await api.sign_in("COLLECTOR", accounts=[first])) == [(1, "3.00")]
    nobody = Scope(kind="limited", staff=False)
    assert await ledger.books.deployment.database.read(nobody, "select 1 from snapshot_balance") == []
    assert await ledger.books.deployment.database.read(nobody, "select 1 from balance_snapshot") == []


async def test_totals_are_told_by_component_beyond_64_bits_and_as_known_then(ledger: Ledger, api: Api) -> None:
    # given
    client = await ledger.books.client()
    accounts = [await ledger.books.account(client) for _ in range(3)]
    for account in accounts[:2]:
        await ledger.post(client, account, 2**63 - 1, OPENED)
    await ledger.post(client, accounts[2], 700, OPENED, component=DebtComponent.COSTS)
    await ledger.post(client, accounts[2], -200, OPENED, component=DebtComponent.COSTS, is_write_off=True)
    then = ledger.books.deployment.clock.now()
    ledger.books.deployment.clock.advance(timedelta(minutes=5))
    await ledger.post(client, accounts[2], 30, OPENED, component=DebtComponent.FEES)
    await keep_snapshots(ledger.books.deployment.worker_context(), client, TODAY - timedelta(days=1))

    # when
    now = (await api(TOTALS, {"asOf": TODAY.isoformat()}))["data"]["accountTotals"]
    known = (await api(TOTALS, {"asOf": TODAY.isoformat(), "knownAt": then.isoformat()}))["data"]["accountTotals"]

    # then
    [line] = now["currencies"]
    assert {name: value["amount"] for name, value in line.items() if isinstance(value, dict)} == {
        "openBalance": "184467440737095521.44",
        "pastDueBalance": "184467440737095521.44",
        "principal": "184467440737095516.14",
        "interest": "0.00",
        "fees": "0.30",
        "costs": "5.00",
        "writtenOff": "2.00",
    }
    assert now["knownAt"] is None
    assert known["knownAt"] is not None
    assert [one["fees"]["amount"] for one in known["currencies"]] == ["0.00"]


def make_in_a_process(urls: DatabaseUrls, client: UUID) -> None:
    async def make() -> None:
        async with Database(urls.worker, application_name="test-snapshots", pool_size=2) as database:
            vault = Vault(DeploymentKeys.generate())
            context = Context(database, Principal.system("test"), FixedClock(START), vault, "test-snapshots")
            await keep_snapshots(context, client, TODAY, accounts_per_batch=1)

    asyncio.run(make())


async def test_killed_in_the_middle_it_goes_on_where_it_stopped(ledger: Ledger) -> None:
    # given
    client = await ledger.books.client()
    for number in range(150):
        await ledger.post(client, await ledger.books.account(client), 100 + number, OPENED)
    expected = ledger.totals(TODAY)
    spawn = multiprocessing.get_context("spawn")

    # when
    for _ in range(2):
        before = await batches(ledger)
        process = spawn.Process(target=make_in_a_process, args=(ledger.books.deployment.urls, client))
        process.start()
        deadline = time.monotonic() + 60
        while await batches(ledger) <= before + 3:
            assert process.is_alive()
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
    stopped_at = await batches(ledger)
    half_made = await account_totals(ledger.books.deployment.context(), TODAY)
    await ledger.post(client, ledger.entries[0].account_id, 7, OPENED)
    await keep_snapshots(ledger.books.deployment.worker_context(), client, TODAY, accounts_per_batch=1)

    # then
    assert 0 < stopped_at < 150
    assert half_made == expected
    assert await made(ledger) == [TODAY]
    rows = await ledger.books.query("select account_id, principal_minor::bigint from snapshot_balance")
    owed: dict[UUID, int] = {}
    for entry in ledger.entries:
        owed[entry.account_id] = owed.get(entry.account_id, 0) + entry.amount
    assert dict(rows) == owed
    assert len(rows) == 150


async def batches(ledger: Ledger) -> int:
    """How many accounts the snapshot in the making has by now; each is a batch of its own."""
    return int((await ledger.books.query("select count(*) from snapshot_balance"))[0][0])
