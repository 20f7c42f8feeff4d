"""Totals that begin at a snapshot are those of the plain sum, whatever is backdated and whenever snapshots are made.

`ARREARS_PROPERTY_RUNS` sets how many histories are tried; a failure prints the history that broke the law.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.accounts.totals import account_totals
from arrears.ledger.model import DebtComponent
from arrears.ledger.snapshots import bring_up_to_date, keep_snapshots, take_snapshot
from tests.conftest import Deployment
from tests.product.ledger.books import OPENED, Books
from tests.product.ledger.posted import Ledger

RUNS = int(os.environ.get("ARREARS_PROPERTY_RUNS", "12"))
HISTORY = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
MADE = "select id from balance_snapshot where client_id = %(client)s and completed_at is not null order by day"


@dataclass(frozen=True)
class Step:
    """Something that happens to the book; `days` counts from the day on which its accounts were opened."""

    kind: str
    client: int
    account: int
    amount: int
    component: DebtComponent
    days: int


STEPS = st.builds(
    Step,
    kind=st.sampled_from(["post", "post", "post", "write off", "begin", "end", "keep", "take", "renew"]),
    client=st.integers(0, 1),
    account=st.integers(0, 2),
    amount=st.one_of(st.integers(-60, 60), st.integers(1, 2**62)).filter(bool),
    component=st.sampled_from(DebtComponent),
    days=st.integers(-20, 100),
)


@pytest.fixture
def books(deployment: Deployment) -> Books:
    """An empty deployment to which clients and accounts can be added."""
    return Books(deployment)


@HISTORY
@given(steps=st.lists(STEPS, min_size=5, max_size=30), days=st.lists(st.integers(-25, 110), min_size=4, max_size=8))
async def test_totals_since_a_snapshot_are_the_plain_sum(books: Books, steps: list[Step], days: list[int]) -> None:
    ledger = Ledger(books)
    clients = [await books.client() for _ in range(2)]
    accounts = [[await books.account(client) for _ in range(3)] for client in clients]
    # What has begun and has not ended yet: its entries count from the end on, and are older than they look.
    under_way: list[psycopg.AsyncConnection[Any]] = []

    for step in steps:
        await happen(step, ledger, clients, accounts, under_way)
    for connection in under_way:
        await connection.commit()
        await connection.close()

    for number in (*days, 0, 31, 60):
        day = OPENED + timedelta(days=number)
        await assert_totals(ledger, clients, day)
    for client in clients:
        await keep_snapshots(books.deployment.worker_context(), client, OPENED + timedelta(days=59))
    for number in (*days, 0, 31, 60):
        await assert_totals(ledger, clients, OPENED + timedelta(days=number))


async def happen(
    step: Step,
    ledger: Ledger,
    clients: list[UUID],
    accounts: list[list[UUID]],
    under_way: list[psycopg.AsyncConnection[Any]],
) -> None:
    deployment = ledger.books.deployment
    client, day = clients[step.client], OPENED + timedelta(days=step.days)
    worker = deployment.worker_context()
    if step.kind in ("post", "write off"):
        await ledger.post(
            client,
            accounts[step.client][step.account],
            step.amount,
            day,
            component=step.component,
            is_write_off=step.kind == "write off",
        )
    elif step.kind == "begin":
        connection = await psycopg.AsyncConnection.connect(deployment.urls.owner)
        await ledger.post(client, accounts[step.client][step.account], step.amount, day, on=connection)
        under_way.append(connection)
    elif step.kind == "end" and under_way:
        connection = under_way.pop()
        await connection.commit()
        await connection.close()
    elif step.kind == "keep":
        await keep_snapshots(worker, client, day, accounts_per_batch=2)
    elif step.kind == "take":
        await take_snapshot(worker, client, day, is_wanted=True, accounts_per_batch=1)
    elif step.kind == "renew":
        for (made,) in await ledger.books.query(MADE, {"client": client}):
            await bring_up_to_date(worker, made, postings_per_step=2)
    deployment.clock.advance(timedelta(minutes=1))


async def assert_totals(ledger: Ledger, clients: list[UUID], day: date) -> None:
    context = ledger.books.deployment.context()
    assert await account_totals(context, day, clients=clients) == ledger.totals(day), day
    assert await account_totals(context, day, clients=clients[:1]) == ledger.totals(day, clients=clients[:1]), day
