"""Plugins are told of events after the commit, at least once, in the order of each subject, where they are enabled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from arrears.deliveries.delivering import Deliveries
from arrears.deliveries.model import ATTEMPTS, wait_after
from arrears.kernel.context import Context
from arrears.kernel.records import Event as Emitted
from arrears.kernel.transaction import begin
from arrears.plugins.settings import DEPLOYMENT, Place
from arrears_sdk.events import Event
from arrears_sdk.ids import encode_id, new_id
from tests.conftest import Deployment
from tests.graphql.small_agency import make_small_agency
from tests.plugin_hosts import TestHost, enabled_at, host_with
from tests.product.deliveries.subscribing import (
    Diary,
    SecondDiary,
    deliver,
    emit,
    forget_everything,
    make_due,
    numbers,
    relay_all,
    waiting,
)
from tests.product.jobs.working import eventually, execute, rows


@pytest.fixture(autouse=True)
def _new_diaries() -> None:
    forget_everything()


@pytest.fixture
async def host(deployment: Deployment) -> TestHost:
    """Both diaries, enabled for the whole deployment."""
    return await host_with(deployment, [Diary, SecondDiary])


@pytest.fixture
def context(deployment: Deployment, host: TestHost) -> Context:
    return deployment.worker_context()


@pytest.fixture
async def deliveries(context: Context) -> AsyncIterator[Deliveries]:
    made = Deliveries(context, handle_seconds=1.0, pause_seconds=0.0)
    yield made
    await made.close()


async def test_a_plugin_is_told_of_a_committed_event_in_its_own_words(
    deployment: Deployment, context: Context, deliveries: Deliveries
) -> None:
    # given
    subject, account, team = new_id(), new_id(), new_id()
    async with begin(context) as tx:
        payload = {"accountId": str(account), "team_id": str(team), "number": 1, "debtor_id": None, "blocks": ["x"]}
        tx.emit(Emitted("PaymentRecorded", "paym", subject, None, payload))
        tx.emit(Emitted("AccountOpened", "acct", account))

    # when
    await deliver(context, deliveries)

    # then
    [[event_id]] = await rows(context, "select id from event where name = 'PaymentRecorded'")
    expected = Event(
        id=encode_id("evnt", event_id),
        name="PaymentRecorded",
        subject_id=encode_id("paym", subject),
        client_id=None,
        occurred_at=deployment.clock.now(),
        payload={
            "account_id": encode_id("acct", account),
            "team_id": encode_id("team", team),
            "number": 1,
            "debtor_id": None,
            "blocks": ["x"],
        },
    )
    assert (Diary.told, SecondDiary.told) == ([expected], [expected])
    assert await waiting(context) == []


async def test_nobody_is_told_of_what_was_rolled_back(context: Context, deliveries: Deliveries) -> None:
    async def change_its_mind() -> None:
        async with begin(context) as tx:
            tx.emit(Emitted("PaymentRecorded", "paym", new_id(), None, {"number": 1}))
            await tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_its_mind()
    await emit(context, 2)
    await deliver(context, deliveries)

    assert numbers() == [2]


async def test_a_plugin_hears_of_the_clients_that_enable_it(deployment: Deployment) -> None:
    # given: one diary for one client, the other for the whole deployment but that client
    agency = await make_small_agency(deployment)
    first, second = agency.clients
    settings = enabled_at({Place(first): {"diary": {}}, DEPLOYMENT: {"second-diary": {}}})
    await host_with(deployment, [Diary, SecondDiary], settings)
    context = deployment.worker_context()
    deliveries = Deliveries(context)
    await execute(context, "update event set dispatched_at = clock_timestamp()")

    # when
    await emit(context, 1, client_id=first)
    await emit(context, 2, client_id=second)
    await emit(context, 3)
    await deliver(context, deliveries)

    # then
    assert numbers() == [1]
    assert sorted(map(str, numbers(SecondDiary))) == ["1", "2", "3"]


async def test_what_failed_is_told_again_before_the_rest_of_its_subjects_story(
    context: Context, deliveries: Deliveries
) -> None:
    # given
    Diary.poison.add(2)
    await emit(context, 1, 2, 3)
    await emit(context, 4, 5)

    # when
    await deliver(context, deliveries)
    first, queue = sorted(map(str, numbers())), await waiting(context)
    await deliver(context, deliveries)
    unchanged = sorted(map(str, numbers()))
    Diary.poison.clear()
    await make_due(context)
    await deliver(context, deliveries)

    # then
    assert first == unchanged == ["1", "4", "5"]
    assert queue == [(1, 2), (0, 0)]
    assert [number for number in numbers() if number in (1, 2, 3)] == [1, 2, 3]
    assert [number for number in numbers() if number in (4, 5)] == [4, 5]
    assert await waiting(context) == []
    assert sorted(map(str, numbers(SecondDiary))) == ["1", "2", "3", "4", "5"]


def test_an_event_is_told_eight_times_with_growing_waits() -> None:
    assert [wait_after(failures) for failures in range(1, ATTEMPTS + 1)] == [2, 8, 32, 128, 512, 2048, 3600, None]


async def test_an_event_that_nobody_can_take_becomes_a_dead_letter_and_the_story_goes_on(
    deployment: Deployment, context: Context, deliveries: Deliveries
) -> None:
    # given
    Diary.poison.add(1)
    await emit(context, 1, 2)

    # when
    for _ in range(ATTEMPTS):
        await deliver(context, deliveries)
        await make_due(context)
    before = numbers()
    await deliver(context, deliveries)

    # then
    assert (before, numbers(), numbers(SecondDiary)) == ([2], [2], [1, 2])
    assert await rows(
        context, "select plugin, subscriber, event_name, attempts, state, error, died_at, occurred_at from dead_letter"
    ) == [
        (
            "diary",
            "writer",
            "PaymentRecorded",
            8,
            "DEAD",
            "raised ValueError: cannot read 1 of ****",
            deployment.clock.now(),
            deployment.clock.now(),
        )
    ]


async def test_a_plugin_that_hangs_holds_up_nobody_else(context: Context, deliveries: Deliveries) -> None:
    # given
    async def second_has_both() -> bool:
        return len(SecondDiary.told) == 2

    Diary.hanging.add(1)
    await emit(context, 1)
    await emit(context, 2)

    # when
    await relay_all(context)
    began = asyncio.get_running_loop().time()
    await deliveries.look()
    await eventually(second_has_both)
    soon = asyncio.get_running_loop().time() - began
    await deliveries.rest()

    # then
    assert sorted(map(str, numbers(SecondDiary))) == ["1", "2"]
    assert soon < 1.0
    assert numbers() == [2]
    assert await waiting(context) == [(1, 2)]


async def test_an_event_that_is_relayed_twice_is_on_its_way_once(context: Context) -> None:
    await emit(context, 1)
    await relay_all(context)
    await execute(context, "update event set dispatched_at = null")
    await relay_all(context)

    assert await rows(context, "select plugin, subscriber from delivery order by plugin") == [
        ("diary", "writer"),
        ("second-diary", "writer"),
    ]


async def test_one_process_works_at_a_lane(context: Context, deliveries: Deliveries) -> None:
    twin = Deliveries(context)
    await emit(context, *range(30))
    await relay_all(context)

    await asyncio.gather(deliveries.look(), twin.look())
    await asyncio.gather(deliveries.rest(), twin.rest())

    assert numbers() == list(range(30))


async def test_a_process_that_is_stopped_while_it_tells_leaves_the_event_for_the_next(
    context: Context, deliveries: Deliveries
) -> None:
    Diary.hanging.add(1)
    await emit(context, 1)
    await relay_all(context)
    await deliveries.look()
    await asyncio.sleep(0.2)

    await deliveries.close()
    Diary.hanging.clear()
    await make_due(context)
    await deliver(context, Deliveries(context))

    assert numbers() == [1]


async def test_a_plugin_that_was_disabled_is_not_told_of_what_waits_for_it(
    host: TestHost, context: Context, deliveries: Deliveries
) -> None:
    Diary.poison.add(1)
    await emit(context, 1)
    await deliver(context, deliveries)

    host.change({"second-diary": {}})
    await make_due(context)
    await deliver(context, deliveries)

    assert await waiting(context) == []
    assert await rows(context, "select 1 from dead_letter") == []


async def test_a_plugin_that_could_not_start_is_told_later_of_what_it_missed_in_order(deployment: Deployment) -> None:
    # given: a plugin that does not come up
    Diary.broken = True
    await host_with(deployment, [Diary])
    context = deployment.worker_context()
    deliveries = Deliveries(context)
    async with begin(context) as tx:
        tx.emit(Emitted("AccountOpened", "acct", new_id()))
    subject = await emit(context, 1, 2)

    # when
    await deliver(context, deliveries)
    queue = await waiting(context)
    Diary.broken = False
    await host_with(deployment, [Diary])
    await emit(context, 3, subject_id=subject)
    await emit(context, 4)
    await deliver(context, deliveries)
    meanwhile = numbers()
    await make_due(context)
    await deliver(context, deliveries)
    await deliver(context, deliveries)

    # then
    assert queue == [(1, 2), (1, 2), (0, 0)]
    assert meanwhile == [4]
    assert numbers() == [4, 1, 2, 3]
    assert await waiting(context) == []


async def test_a_subscriber_that_is_gone_leaves_dead_letters(context: Context, deliveries: Deliveries) -> None:
    await emit(context, 1)
    await relay_all(context)
    await execute(context, "update delivery set subscriber = 'reader', attempts = 7 where plugin = 'diary'")

    await deliver(context, deliveries)

    assert await rows(context, "select plugin, subscriber, error from dead_letter") == [
        ("diary", "reader", "The plugin has no subscriber 'reader' any more.")
    ]
