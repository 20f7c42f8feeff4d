"""Events: handed on after the commit, in order, at least once, and set aside when nobody can take them."""

from __future__ import annotations

from uuid import UUID

import pytest

from arrears.kernel.context import Context
from arrears.kernel.events import CHANNEL, REDELIVERY, RecordedEvent, Subscriptions, on, relay_events
from arrears.kernel.jobs import JobRegistry
from arrears.kernel.keepers import Keeper
from arrears.kernel.records import Event
from arrears.kernel.transaction import begin
from arrears_sdk.errors import FaultError
from arrears_sdk.ids import new_id
from tests.product.jobs.working import eventually, execute, queued, rows, working


@pytest.fixture
def known() -> Subscriptions:
    return Subscriptions(JobRegistry())


@pytest.fixture
def context(deployment) -> Context:
    return deployment.worker_context()


async def emit(context: Context, *names: str, subject_id: UUID | None = None) -> UUID:
    subject = subject_id or new_id()
    async with begin(context) as tx:
        for name in names:
            tx.emit(Event(name, "acct", subject, payload={"name": name}))
    return subject


async def relay_all(context: Context, known: Subscriptions) -> int:
    """Relay until the outbox is empty; an event may have to wait for a transaction of another test to end."""
    handed = 0

    async def nothing_left() -> bool:
        nonlocal handed
        handed += await relay_events(context, known=known)
        return await rows(context, "select 1 from event where dispatched_at is null") == []

    await eventually(nothing_left, seconds=20)
    return handed


async def test_an_event_reaches_its_subscriber_whole_and_once(deployment, context, known) -> None:
    # given
    seen: list[RecordedEvent] = []
    acting: list[tuple[str, str]] = []

    @on("AccountOpened", name="statistics", into=known)
    async def statistics(inner: Context, event: RecordedEvent) -> None:
        seen.append(event)
        acting.append((inner.principal.name, inner.request_id))

    # when
    subject = await emit(context, "AccountOpened", "AccountClosed")
    handed = await relay_all(context, known)
    again = await relay_events(context, known=known)

    # then
    [event] = seen
    assert (event.name, event.subject, event.subject_id, event.client_id) == ("AccountOpened", "acct", subject, None)
    assert event.payload == {"name": "AccountOpened"}
    assert event.occurred_at == deployment.clock.now()
    assert event.principal_id == context.principal.id
    assert acting == [("statistics", context.request_id)]
    assert (handed, again) == (2, 0)


async def test_an_event_of_a_rolled_back_transaction_never_reaches_anyone(context, known) -> None:
    # given
    seen: list[str] = []

    @on("AccountOpened", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)

    async def change_its_mind() -> None:
        async with begin(context) as tx:
            tx.emit(Event("AccountOpened", "acct", new_id()))
            await tx.flush()
            raise ZeroDivisionError

    # when
    with pytest.raises(ZeroDivisionError):
        await change_its_mind()
    handed = await relay_all(context, known)

    # then
    assert (handed, seen) == (0, [])


async def test_events_come_in_the_order_in_which_they_were_recorded(context, known) -> None:
    # given
    seen: list[str] = []

    @on("Step", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(str(event.payload["number"]))

    # when: more than one batch
    async with begin(context) as tx:
        for number in range(7):
            tx.emit(Event("Step", "acct", new_id(), payload={"number": number}))
    while await rows(context, "select 1 from event where dispatched_at is null"):
        await relay_events(context, known=known, limit=3)

    # then
    assert seen == ["0", "1", "2", "3", "4", "5", "6"]


async def test_a_failed_event_comes_again_and_the_rest_of_its_subjects_story_waits_for_it(
    deployment, context, known
) -> None:
    # given
    seen: list[tuple[str, str]] = []
    broken = new_id()

    @on("Second", name="one", into=known)
    async def second(inner: Context, event: RecordedEvent) -> None:
        seen.append(("second", "ok"))

    @on("First", name="two", into=known)
    async def first(inner: Context, event: RecordedEvent) -> None:
        if event.subject_id == broken and ("first", "failed") not in seen:
            seen.append(("first", "failed"))
            raise ConnectionError("not now")
        seen.append(("first", "broken" if event.subject_id == broken else "sound"))

    # when: the same subscriber is told twice of the broken subject, and once of a sound one
    await emit(context, "First", "First", subject_id=broken)
    await emit(context, "First", "Second")
    await relay_all(context, known)
    waiting = await queued(context)
    async with working(context, deployment.urls.worker, known.jobs):
        await eventually(lambda: empty(context))

    # then
    assert waiting == [(REDELIVERY, "todo", 0), (REDELIVERY, "todo", 0)]
    assert seen == [("first", "failed"), ("first", "sound"), ("second", "ok"), ("first", "broken"), ("first", "broken")]


async def empty(context: Context) -> bool:
    return await queued(context) == []


async def test_an_event_that_nobody_can_take_is_set_aside_and_the_queue_moves_on(deployment, context) -> None:
    # given: a patience that a test can wait for
    known = Subscriptions(JobRegistry(), attempts=2, first_wait_seconds=0.05)
    seen: list[str] = []
    subject = new_id()

    @on("Poison", name="reader", into=known)
    async def poison(inner: Context, event: RecordedEvent) -> None:
        if event.payload["name"] == "Poison" and not seen:
            raise ValueError("cannot read this")

    @on("Sound", name="listener", into=known)
    async def sound(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)

    # when
    await emit(context, "Poison", "Poison", "Poison", subject_id=subject)
    await relay_all(context, known)
    async with working(context, deployment.urls.worker, known.jobs):
        await eventually(lambda: all_failed(context, 3))
        await emit(context, "Sound", subject_id=subject)
        await relay_all(context, known)

    # then
    assert await queued(context) == [(REDELIVERY, "failed", 2)] * 3
    assert seen == ["Sound"]


async def all_failed(context: Context, count: int) -> bool:
    return [status for _, status, _ in await queued(context)] == ["failed"] * count


async def test_a_relay_that_dies_before_it_marks_an_event_hands_it_on_again(context, known) -> None:
    # given
    seen: list[str] = []

    @on("AccountOpened", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)
        if len(seen) == 1:
            raise KeyboardInterrupt

    await emit(context, "AccountOpened")

    # when
    with pytest.raises(KeyboardInterrupt):
        await relay_all(context, known)
    await relay_all(context, known)

    # then
    assert seen == ["AccountOpened", "AccountOpened"]


async def test_only_one_process_relays_at_a_time(context, known) -> None:
    # given
    seen: list[str] = []

    @on("AccountOpened", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)
        assert await relay_events(inner, known=known) == 0

    # when
    await emit(context, "AccountOpened")
    await relay_all(context, known)

    # then
    assert seen == ["AccountOpened"]
    assert await queued(context) == []


async def test_nothing_overtakes_an_older_transaction_that_is_still_open(context, known) -> None:
    # given: the older transaction has written its event, and has not committed
    seen: list[str] = []

    @on("Step", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(str(event.payload["number"]))

    async with begin(context) as older:
        older.emit(Event("Step", "acct", new_id(), payload={"number": 1}))
        await older.flush()
        async with begin(context) as younger:
            younger.emit(Event("Step", "acct", new_id(), payload={"number": 2}))

        # when
        while_open = await relay_events(context, known=known)
    await relay_all(context, known)

    # then
    assert while_open == 0
    assert seen == ["1", "2"]


async def test_an_event_does_not_wait_for_ever_for_a_transaction_that_hangs(context, known) -> None:
    # given
    async with begin(context) as older:
        older.emit(Event("Step", "acct", new_id()))
        await older.flush()
        await emit(context, "Step")
        await execute(context, "update event set recorded_at = recorded_at - interval '11 s'")

        # when
        handed = await relay_events(context, known=known)

    # then
    assert handed == 1


async def test_a_worker_that_relays_tells_subscribers_soon(deployment, context, known) -> None:
    # given
    seen: list[str] = []

    @on("AccountOpened", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)

    async def relay() -> bool:
        return await relay_events(context, known=known) > 0

    # when
    async with working(context, deployment.urls.worker, known.jobs, Keeper("relay", relay, 0.1)):
        await emit(context, "AccountOpened")

        async def told() -> bool:
            return seen == ["AccountOpened"]

        # then
        await eventually(told)


def test_two_subscribers_of_one_name_stop_the_start(known) -> None:
    @on("AccountOpened", name="same", into=known)
    async def first(context: Context, event: RecordedEvent) -> None:
        """Does nothing."""

    with pytest.raises(FaultError, match="Two subscribers are called 'same'"):

        @on("AccountOpened", name="same", into=known)
        async def second(context: Context, event: RecordedEvent) -> None:
            """Does nothing, too."""


async def test_a_commit_with_events_wakes_the_relay_at_once(deployment, context, known) -> None:
    # given: a relay that by itself would look again in an hour
    seen: list[str] = []

    @on("AccountOpened", into=known)
    async def note(inner: Context, event: RecordedEvent) -> None:
        seen.append(event.name)

    looks = 0

    async def relay() -> bool:
        nonlocal looks
        looks += 1
        return await relay_events(context, known=known) > 0

    async with working(context, deployment.urls.worker, known.jobs, Keeper("relay", relay, 3600, CHANNEL)):
        await eventually(lambda: listening(context))
        looked = looks

        # when
        await emit(context, "AccountOpened")

        async def looked_again() -> bool:
            return looks > looked

        # then
        await eventually(looked_again, seconds=5)


async def listening(context: Context) -> bool:
    return await rows(context, "select 1 from pg_stat_activity where query = 'listen \"arrears_events\"'") != []
