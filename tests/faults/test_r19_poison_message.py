"""R19: a message that a subscriber cannot take is dead-lettered after eight tries, and the queue moves on."""

from __future__ import annotations

import asyncio

import pytest

from arrears.deliveries.delivering import Deliveries
from arrears.deliveries.model import ATTEMPTS
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.deliveries.subscribing import (
    Diary,
    SecondDiary,
    deliver,
    emit,
    forget_everything,
    make_due,
    numbers,
    waiting,
)
from tests.product.jobs.working import rows

POISON = 7
OTHERS = 200


@pytest.mark.parametrize("manner", ["raises", "hangs"])
async def test_r19_a_poison_message_is_set_aside_and_stops_nothing_else(deployment: Deployment, manner: str) -> None:
    # given: one message in the middle that the first subscriber cannot take, and a later one about the same subject
    forget_everything()
    (Diary.poison if manner == "raises" else Diary.hanging).add(POISON)
    await host_with(deployment, [Diary, SecondDiary], cool_down_seconds=0.05)
    context = deployment.worker_context()
    deliveries = Deliveries(context, handle_seconds=0.3, pause_seconds=0.05)
    subject = await emit(context, POISON, 1_000)
    for number in range(100, 100 + OTHERS):
        await emit(context, number)

    # when: the first round
    await deliver(context, deliveries)
    await deliver(context, deliveries)

    # then: everybody else has been told
    others = list(range(100, 100 + OTHERS))
    assert sorted(int(str(number)) for number in numbers()) == others
    assert sorted(int(str(number)) for number in numbers(SecondDiary)) == [POISON, *others, 1_000]
    assert [attempts for attempts, _ in await waiting(context)] == [1, 0]

    # and when: the waits are over, one after another
    while await waiting(context):
        await make_due(context)
        await deliver(context, deliveries)
        # A plugin that hung is left alone for a moment.
        await asyncio.sleep(0.1)

    # then
    letters = await rows(context, "select subject_id, plugin, attempts, state from dead_letter")
    assert letters == [(subject, "diary", ATTEMPTS, "DEAD")]
    assert numbers()[-1] == 1_000
    assert await waiting(context) == []
