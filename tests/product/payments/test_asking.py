"""Open charges are asked about until it is known how they stand, or until people have to find out."""

from __future__ import annotations

import datetime

import pytest

from tests.product.payments.till import Till

MINUTES = datetime.timedelta(minutes=1)
DAYS = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("token", "status", "balance"),
    [
        ("tok_pending", "SETTLED", "60.00"),
        ("tok_pending_decline", "DECLINED", "100.00"),
        ("tok_unknown", "SETTLED", "60.00"),
        ("tok_unknown_decline", "DECLINED", "100.00"),
        ("tok_unknown_lost", "NOT_SENT", "100.00"),
    ],
)
async def test_one_sweep_finds_out_how_a_charge_ended(till: Till, token: str, status: str, balance: str) -> None:
    intent_id = await till.charged(token)

    await till.sweep()

    intent = await till.intent(intent_id)
    assert (intent["status"], intent["account"]["balance"]["amount"]) == (status, balance)
    assert [one["kind"] for one in intent["attempts"]] == ["CHARGE", "FETCH"]
    assert [method for method, _ in till.drawer.calls()] == ["charge", "fetch"]
    if status == "SETTLED":
        assert await till.booked_minor() == till.captured_minor()


async def test_what_is_known_is_not_asked_about(till: Till) -> None:
    await till.charged("tok_ok")

    await till.sweep(after=3 * DAYS)

    assert [method for method, _ in till.drawer.calls()] == ["charge"]


async def test_the_first_question_comes_after_the_call_must_have_ended(till: Till) -> None:
    await till.charged("tok_unknown")

    assert await till.sweep(after=MINUTES) == 0
    assert await till.sweep(after=MINUTES) == 1


async def test_what_nobody_can_tell_for_days_is_shown_to_people_and_asked_about_no_more(till: Till) -> None:
    intent_id = await till.charged("tok_forever")

    asked = 0
    while (await till.intent(intent_id))["status"] == "PENDING":
        asked += await till.sweep(after=DAYS / 2)
        assert asked < 60

    assert (await till.intent(intent_id))["status"] == "NEEDS_ATTENTION"
    assert 10 <= asked <= 30
    assert await till.sweep(after=30 * DAYS) == 0


async def test_a_question_that_comes_twice_is_put_once(till: Till) -> None:
    intent_id = await till.charged("tok_forever")
    await till.sweep()
    till.last_job = 0

    await till.sweep(after=datetime.timedelta(0))

    assert (await till.intent(intent_id))["timesAsked"] == 1


async def test_a_gateway_that_was_disabled_leaves_the_charge_open(till: Till) -> None:
    intent_id = await till.charged("tok_unknown")
    till.host.change({})

    await till.sweep()
    assert (await till.intent(intent_id))["status"] == "UNKNOWN"
    till.host.change(till.settings)
    await till.sweep(after=10 * MINUTES)

    assert (await till.intent(intent_id))["status"] == "SETTLED"
