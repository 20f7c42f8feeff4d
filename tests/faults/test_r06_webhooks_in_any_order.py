"""R6: what providers tell, repeated, in every order, before their own answer and days late: one end, one ledger."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from arrears.ledger.verification import verify
from arrears.payments.charging import PaymentCharge, charge_payment
from arrears.payments.notices import take_webhook
from arrears_sandbox_gateway.webhooks import Delivery
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, Outcome, Pending
from arrears_sdk.ports.gateway import GatewayNotice, NoticeKind
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind
from tests.api import Api
from tests.conftest import START, Deployment
from tests.faults.conftest import NIGHTLY
from tests.product.payments.till import Till

TIMES = 10 if NIGHTLY else 1
LANES = 4
IN_ONE_WEBHOOK = 20
LEDGERS = """
select intent.id, array_agg(line.what || ' ' || line.amount order by line.what)
from payment_intent intent cross join lateral (
    select posting.ledger_account as what, sum(posting.amount_minor)::bigint as amount
    from ledger_entry entry join posting on posting.entry_id = entry.id
    where entry.payment_id = intent.payment_id group by 1 having sum(posting.amount_minor) <> 0
) line group by intent.id
"""
STATES = """
select id, status, outcome, provider_reference, problem_code, problem, captured_minor, refunded_minor,
       charged_back_minor, payment_id is not null from payment_intent
"""


@pytest.fixture
async def till(deployment: Deployment, api: Api, tmp_path: Path) -> Till:
    return await Till.open(deployment, api, tmp_path, hangs_for_seconds=1.0)


@dataclass(frozen=True)
class Event:
    """One thing that the provider tells of a charge."""

    name: str
    kind: NoticeKind
    outcome: Outcome
    amount: str = "40.00"
    chargeback: str = ""

    def about(self, intent_id: UUID) -> GatewayNotice:
        key = encode_id("pmnt", intent_id)
        return GatewayNotice(
            id=f"{self.name} of {key}",
            kind=self.kind,
            occurred_at=START,
            outcome=self.outcome,
            key=key,
            reference=f"ch_{key}",
            amount=Money.parse(self.amount, "USD"),
            details={"chargeback": self.chargeback},
        )


DONE = Done(reference="")
# A first try that fails, a second that succeeds, a chargeback that is won and one that is not.
EVENTS = (
    Event("pending", NoticeKind.CHARGE, Pending()),
    Event("declined", NoticeKind.CHARGE, Declined(code="card_declined", message="Declined.")),
    Event("settled", NoticeKind.CHARGE, DONE),
    Event("taken back", NoticeKind.CHARGEBACK, DONE, "15.00", "one"),
    Event("won", NoticeKind.CHARGEBACK_WON, DONE, "15.00", "one"),
    Event("taken back again", NoticeKind.CHARGEBACK, DONE, "10.00", "two"),
)


async def _charged(till: Till, account_id: UUID, key: str) -> UUID:
    change = PaymentCharge(
        account_id=account_id,
        amount=Money.parse("40.00", "USD"),
        method=PaymentMethodKind.CARD,
        token=SecretStr("tok_unknown_lost"),
        initiated_by=Initiator.DEBTOR,
    )
    return (await charge_payment(till.deployment.context(), change, idempotency_key=key)).result.intent_id


@pytest.mark.timeout(900)
async def test_r06_all_orders_of_six_events_end_alike(till: Till) -> None:
    orders = list(permutations(EVENTS))
    assert len(orders) == 720

    async def run(lane: int) -> None:
        # One webhook tells of many charges; what it tells of one charge comes in six webhooks, in the charge's order.
        mine = orders[lane::LANES]
        account_id = await till.account("10000.00")
        intents = [await _charged(till, account_id, f"order {lane} {number}") for number in range(len(mine))]
        for step in range(len(EVENTS)):
            for start in range(0, len(mine), IN_ONE_WEBHOOK):
                few = slice(start, start + IN_ONE_WEBHOOK)
                told = [order[step].about(intent) for order, intent in zip(mine[few], intents[few], strict=True)]
                for _ in range(TIMES):
                    await take_webhook(till.deployment.context(), till.client_id, "sandbox", told)

    await asyncio.gather(*(run(lane) for lane in range(LANES)))

    states = {tuple(_without_id(row)) for row in await till.books.query(STATES)}
    assert states == {("CHARGED_BACK", "DONE", "ch", None, None, 4000, 0, 1000, True)}
    ledgers = {tuple(row[1]) for row in await till.books.query(LEDGERS)}
    assert ledgers == {("CLIENT_PAYABLE -3000", "RECEIVABLE -3000", "RECOVERED 3000", "TRUST_BANK 3000")}
    assert await till.count("webhook_notice") == 6 * 720
    assert (await verify(till.deployment.context())).is_sound


def _without_id(row: Sequence[Any]) -> list[Any]:
    """A state whose reference is told apart from the others' by its kind alone."""
    return [row[1], row[2], row[3].partition("_")[0], *row[4:]]


async def test_r06_all_orders_of_a_refund_and_a_chargeback_end_alike(till: Till) -> None:
    ends = set()
    for number, order in enumerate(permutations(["settled", "pending", "refund settled", "chargeback"])):
        till.account_id = await till.account("100.00")
        intent_id = await till.charged("tok_refund_unknown", key=f"charge {number}")
        await till.refund(intent_id, "25.00", key=f"refund {number}")
        for what in order:
            kind, name = ("refund", "settled") if what.startswith("refund") else ("charge", what)
            assert (await till.post(till.webhook(name, kind))).status_code == 200
        intent = await till.intent(intent_id)
        gone = intent["refunded"]["amount"], intent["chargedBack"]["amount"]
        ends.add((intent["status"], *gone, intent["payment"]["state"], intent["account"]["balance"]["amount"]))

    # More went out than came in: nothing stands, and the sums of the intent say so.
    assert ends == {("CHARGED_BACK", "25.00", "40.00", "REVERSED", "100.00")}
    assert (await verify(till.deployment.context())).is_sound


async def test_r06_each_webhook_ten_times_at_once_has_one_effect(till: Till) -> None:
    intent_id = await till.charged("tok_unknown")

    for what in ("settled", "chargeback", "chargeback_won"):
        delivery = till.webhook(what)
        answers = await asyncio.gather(*(till.post(delivery) for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        assert sorted(answer.json()["new"] for answer in answers) == [0] * 9 + [1]

    intent = await till.intent(intent_id)
    assert (intent["status"], intent["account"]["balance"]["amount"]) == ("SETTLED", "60.00")
    kinds = [entry["kind"] for entry in intent["payment"]["entries"]["nodes"]]
    assert kinds == ["PAYMENT", "CHARGEBACK", "CHARGEBACK_WON"]
    assert [one["kind"] for one in intent["notices"]["nodes"]] == ["CHARGE", "CHARGEBACK", "CHARGEBACK_WON"]
    assert intent["chargebacks"] == [{"amount": {"amount": "40.00"}, "won": True}]


async def _until_taken(till: Till) -> None:
    for _ in range(1_500):
        if till.orders():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the provider took nothing within 30 seconds")


@pytest.mark.parametrize("by_key", [True, False])
async def test_r06_a_webhook_may_come_before_the_answer(till: Till, by_key: bool) -> None:
    charging = asyncio.create_task(till.charge("tok_timeout"))
    await _until_taken(till)
    delivery = till.webhook()
    if not by_key:
        told = json.loads(delivery.body)
        told["notices"][0].pop("key")
        delivery = replace(delivery, body=json.dumps(told).encode())

    assert (await till.post(delivery)).json() == {"received": 1, "new": 1}
    before = await till.books.query("select status from payment_intent")
    made = await charging

    # Without its key, the notice waits until the answer brings the reference by which it can be told.
    assert before == [("SETTLED" if by_key else "CREATED",)]
    intent = await till.intent(made["paymentIntent"]["id"])
    assert (intent["status"], intent["account"]["balance"]["amount"]) == ("SETTLED", "60.00")
    assert [one["kind"] for one in intent["notices"]["nodes"]] == ["CHARGE"]
    assert [entry["kind"] for entry in intent["payment"]["entries"]["nodes"]] == ["PAYMENT"]
    assert await till.booked_minor() == till.captured_minor()


async def test_r06_a_webhook_three_days_late_changes_nothing_more(till: Till) -> None:
    on_time, late = await till.charged("tok_unknown", key="on time"), None
    delivery: Delivery = till.webhook()
    assert (await till.post(delivery)).status_code == 200
    till.account_id = await till.account("100.00")
    late = await till.charged("tok_unknown", key="late")
    delivery = till.webhook()
    await till.sweep(after=datetime.timedelta(days=3))

    assert (await till.post(delivery)).json() == {"received": 1, "new": 1}

    first, second = await till.intent(on_time), await till.intent(late)
    assert (first["status"], first["account"]) == (second["status"], second["account"])
    assert await till.booked_minor() == till.captured_minor() == 8000
