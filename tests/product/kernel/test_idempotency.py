"""Idempotency keys: the effect once, the first result again, and whose key it is."""

from __future__ import annotations

import asyncio
import datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from arrears.kernel.command import Command, Result, command, input_hash
from arrears.kernel.idempotency import prune
from arrears.kernel.principal import Principal
from arrears.kernel.records import Event
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.errors import ArrearsError, ConflictError, ErrorCode, InputError, TemporaryError
from tests.conftest import Deployment

EVERYTHING = Scope.everything()
CLIENT_A, CLIENT_B = UUID(int=1), UUID(int=2)


class Pay(Command):
    amount: int
    note: str | None = None
    client_id: UUID | None = None
    digest: bytes = b""


class Paid(Result):
    entry_id: UUID
    amount: int


@command("test.pay", permission="pay")
async def pay(tx: Transaction, change: Pay) -> Paid:
    entry = (await tx.session.execute(text("select uuid_v7()"))).scalar_one()
    tx.emit(Event("Paid", "paym", entry, payload={"amount": change.amount}))
    if change.note == "slow":
        await asyncio.sleep(1)
    if change.note == "refuse":
        raise InputError("Refused.")
    return Paid(entry_id=entry, amount=change.amount)


@command("test.repay", permission="pay")
async def repay(tx: Transaction, change: Pay) -> Paid:
    return await pay.within(tx, change)


def person(number: int, credential: str) -> Principal:
    return Principal(UUID(int=number), "PERSON", "P", frozenset(), frozenset({"pay"}), EVERYTHING, credential)


async def effects(deployment: Deployment) -> int:
    return int((await deployment.database.read(EVERYTHING, "select count(*) from event"))[0][0])


async def test_a_second_call_gives_the_first_result_and_does_nothing(deployment: Deployment) -> None:
    context = deployment.context()
    first = await pay(context, Pay(amount=5), idempotency_key="k")
    again = await pay(context, Pay(amount=5), idempotency_key="k")

    assert (first.replayed, again.replayed) == (False, True)
    assert again.result == first.result
    assert await effects(deployment) == 1
    assert await deployment.database.read(EVERYTHING, "select count(*) from audit_entry") == [(1,)]


async def test_without_a_key_every_call_has_its_effect(deployment: Deployment) -> None:
    context = deployment.context()
    for _ in range(2):
        await pay(context, Pay(amount=5))

    assert await effects(deployment) == 2


@pytest.mark.parametrize(
    "other",
    [Pay(amount=6), Pay(amount=5, note="x"), Pay(amount=5, note=None), Pay(amount=5, digest=b"\xff")],
    ids=["value", "added", "null is not left out", "upload"],
)
async def test_the_same_key_with_another_input_is_refused(deployment: Deployment, other: Pay) -> None:
    context = deployment.context()
    await pay(context, Pay(amount=5), idempotency_key="k")

    with pytest.raises(ConflictError) as refused:
        await pay(context, other, idempotency_key="k")

    assert refused.value.problems[0].code is ErrorCode.IDEMPOTENCY_KEY_REUSED
    assert refused.value.problems[0].field == ("input", "idempotencyKey")
    assert await effects(deployment) == 1


def test_the_order_of_fields_does_not_matter() -> None:
    assert input_hash(Pay(amount=1, note="n")) == input_hash(Pay(note="n", amount=1))


async def test_a_key_belongs_to_the_principal_and_not_to_its_credential(deployment: Deployment) -> None:
    rolled = [await pay(deployment.context(person(1, key)), Pay(amount=5), idempotency_key="k") for key in ("a", "b")]
    other = await pay(deployment.context(person(2, "a")), Pay(amount=5), idempotency_key="k")

    assert [receipt.replayed for receipt in (*rolled, other)] == [False, True, False]
    assert await effects(deployment) == 2


async def test_a_key_belongs_to_the_client_and_to_the_command(deployment: Deployment) -> None:
    context = deployment.context()
    receipts = [
        await pay(context, Pay(amount=5, client_id=CLIENT_A), idempotency_key="k"),
        await pay(context, Pay(amount=5, client_id=CLIENT_B), idempotency_key="k"),
        await repay(context, Pay(amount=5, client_id=CLIENT_A), idempotency_key="k"),
        await pay(context, Pay(amount=5, client_id=CLIENT_A), idempotency_key="k"),
    ]

    assert [receipt.replayed for receipt in receipts] == [False, False, False, True]
    assert await effects(deployment) == 3


async def test_a_refusal_is_not_stored(deployment: Deployment) -> None:
    context = deployment.context()
    with pytest.raises(InputError):
        await pay(context, Pay(amount=5, note="refuse"), idempotency_key="k")

    receipt = await pay(context, Pay(amount=5), idempotency_key="k")

    assert receipt.replayed is False
    assert await effects(deployment) == 1


async def test_twins_at_once_have_one_effect_and_one_answer(deployment: Deployment) -> None:
    context = deployment.context()
    receipts = await asyncio.gather(*(pay(context, Pay(amount=5, note="slow"), idempotency_key="k") for _ in range(20)))

    assert len({receipt.result for receipt in receipts}) == 1
    assert sorted(receipt.replayed for receipt in receipts) == [False] + [True] * 19
    assert await effects(deployment) == 1


async def test_a_twin_waits_a_bounded_time(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arrears.kernel.idempotency.WAIT_FOR_TWIN_MS", 200)
    context = deployment.context()
    first = asyncio.create_task(pay(context, Pay(amount=5, note="slow"), idempotency_key="k"))
    await asyncio.sleep(0.3)

    with pytest.raises(ArrearsError) as refused:
        await pay(context, Pay(amount=5, note="slow"), idempotency_key="k")

    assert type(refused.value) is TemporaryError
    assert refused.value.code is ErrorCode.IDEMPOTENCY_IN_PROGRESS
    assert refused.value.retry_after_seconds == 1.0
    again = await pay(context, Pay(amount=5, note="slow"), idempotency_key="k") if await first else None
    assert again is not None
    assert again.replayed is True


async def test_a_twin_takes_over_when_the_first_fails(deployment: Deployment) -> None:
    context = deployment.context()
    first = asyncio.create_task(pay(context, Pay(amount=5, note="slow"), idempotency_key="k"))
    await asyncio.sleep(0.3)
    second = asyncio.create_task(pay(context, Pay(amount=5, note="slow"), idempotency_key="k"))
    await asyncio.sleep(0.1)
    first.cancel()

    assert (await second).replayed is False
    assert await effects(deployment) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b"])
async def test_a_key_of_no_use_is_refused(deployment: Deployment, key: str) -> None:
    with pytest.raises(InputError) as refused:
        await pay(deployment.context(), Pay(amount=5), idempotency_key=key)

    assert refused.value.problems[0].field == ("input", "idempotencyKey")
    assert await effects(deployment) == 0


async def test_keys_are_forgotten_after_thirty_days_by_the_databases_clock(deployment: Deployment) -> None:
    context = deployment.context()
    for key in ("old", "edge", "new"):
        await pay(context, Pay(amount=5), idempotency_key=key)
    ages = {"old": datetime.timedelta(days=30, minutes=1), "edge": datetime.timedelta(days=29, hours=23, minutes=59)}
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        for key, age in ages.items():
            await owner.execute("update idempotency set created_at = clock_timestamp() - %s where key = %s", [age, key])
    # A machine whose clock is years ahead forgets nothing too early.
    deployment.clock.advance(datetime.timedelta(days=4000))

    async with begin(deployment.worker_context()) as tx:
        forgotten = await prune(tx)

    assert forgotten == 1
    replayed = [(await pay(context, Pay(amount=5), idempotency_key=key)).replayed for key in ("old", "edge", "new")]
    assert replayed == [False, True, True]
