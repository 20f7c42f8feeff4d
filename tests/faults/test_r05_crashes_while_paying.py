"""R5: the process is killed at every step border of a charge and of a refund: what was taken is what is booked.

And one key that is sent fifty times at once is one call of the provider.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from arrears_sdk.ids import decode_id, encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.faults.conftest import NIGHTLY
from tests.faults.crashing_till import STEPS, pay
from tests.product.payments.till import CHARGE_MUTATION, Till

SENDS = 500 if NIGHTLY else 50
ROOT = Path(__file__).parents[2]
Crashing = Callable[[dict[str, Any]], None]


@pytest.fixture
def key(deployment: Deployment) -> str:
    """The deployment's key, which the process to be killed has to know too."""
    text = new_key_text()
    deployment.vault = Vault(DeploymentKeys.parse(text))
    return text


@pytest.fixture
async def till(deployment: Deployment, key: str, api: Api, tmp_path: Path) -> Till:
    return await Till.open(deployment, api, tmp_path)


def told(till: Till, key: str, step: str, token: str, *, intent: UUID | None = None) -> dict[str, Any]:
    return {
        "step": step,
        "token": token,
        "amount": "40.00",
        "account": str(till.account_id),
        "intent": None if intent is None else str(intent),
        "url": till.deployment.urls.api,
        "key": key,
        "settings": till.settings,
    }


@pytest.fixture(scope="module")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashing]:
    """Has a process pay that is killed at the step."""
    output = tmp_path_factory.mktemp("crashing") / "errors"
    with output.open("wb") as errors, subprocess.Popen(
        [sys.executable, "-m", "tests.faults.crashing_till"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as process:  # fmt: skip
        told, ended = process.stdin, process.stdout
        assert told is not None
        assert ended is not None

        def order(given: dict[str, Any]) -> None:
            print(json.dumps(given), file=told, flush=True)
            assert ended.readline() == f"{-signal.SIGKILL}\n", output.read_text(errors="replace")

        yield order


def sent(till: Till) -> Counter[tuple[str, str]]:
    """How often each order was sent to the provider."""
    return Counter(call for call in till.drawer.calls() if call[0] != "fetch")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("token", "end"), [("tok_ok", "SETTLED"), ("tok_decline", "DECLINED")])
async def test_r05_a_crash_while_charging_is_mended_by_one_sweep(
    till: Till, key: str, crashing: Crashing, step: str, token: str, end: str
) -> None:
    given = told(till, key, step, token)

    await asyncio.to_thread(crashing, given)
    assert await till.booked_minor() in (0, till.captured_minor())
    await till.sweep()

    # What never left the platform ends as such: nothing was taken, and nothing is sent without being told to.
    end = "NOT_SENT" if step == "before call" else end
    intent_id = await pay(till.deployment.context(), given)
    intent = await till.intent(encode_id("pmnt", intent_id))
    assert intent["status"] == end
    assert await till.booked_minor() == till.captured_minor() == (4000 if end == "SETTLED" else 0)
    assert all(times == 1 for times in sent(till).values()), sent(till)
    assert len(sent(till)) == (0 if step == "before call" else 1)
    assert (await till.count("payment_intent"), await till.count("payment")) == (1, 1 if end == "SETTLED" else 0)


@pytest.mark.parametrize("step", STEPS)
async def test_r05_a_crash_while_refunding_is_mended_by_one_sweep(
    till: Till, key: str, crashing: Crashing, step: str
) -> None:
    intent_id = await till.charged(amount="100.00")
    given = told(till, key, step, "", intent=decode_id("pmnt", intent_id))

    await asyncio.to_thread(crashing, given)
    await till.sweep()
    await pay(till.deployment.context(), given)

    intent = await till.intent(intent_id)
    (refund,) = intent["refunds"]["nodes"]
    assert refund["status"] == ("NOT_SENT" if step == "before call" else "SETTLED")
    assert await till.booked_minor() == till.captured_minor() == (10000 if step == "before call" else 6000)
    assert all(times == 1 for times in sent(till).values()), sent(till)
    assert len(sent(till)) == (1 if step == "before call" else 2)


async def test_r05_one_key_sent_many_times_at_once_is_one_call(till: Till) -> None:
    await till.api.sign_in("ADMIN")
    asked = {"input": till.charge_input("tok_ok", "40.00")}
    answers = await asyncio.gather(*(till.api(CHARGE_MUTATION, asked) for _ in range(SENDS)))

    payloads = [answer["data"]["paymentCharge"] for answer in answers if "errors" not in answer]
    others = {answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer}
    assert others <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert len(payloads) > 0
    assert [payload["userErrors"] for payload in payloads] == [[]] * len(payloads)
    assert len({payload["paymentIntent"]["id"] for payload in payloads}) == 1
    assert (await till.charge())["paymentIntent"]["id"] == payloads[0]["paymentIntent"]["id"]
    assert sent(till) == {("charge", payloads[0]["paymentIntent"]["id"]): 1}
    assert await till.booked_minor() == till.captured_minor() == 4000


async def test_r05_a_caller_who_goes_away_does_not_end_the_call(till: Till) -> None:
    till.settings["sandbox-gateway"]["hangs_for_seconds"] = 0.5
    till.host.change(till.settings)
    given = told(till, "", "", "tok_timeout")

    calling = asyncio.create_task(pay(till.deployment.context(), given))
    for _ in range(500):
        if till.orders():
            break
        await asyncio.sleep(0.02)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    await asyncio.sleep(2.0)

    assert await till.books.query("select status from payment_intent") == [("SETTLED",)]
    assert await till.booked_minor() == till.captured_minor() == 4000
