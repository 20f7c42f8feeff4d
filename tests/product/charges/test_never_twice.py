"""Nothing is ever charged twice: not by many at once, by two workers, by a run after a kill, or by a key sent again."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arrears.charges.claiming import FeeClaimed
from arrears.charges.quoting import FeeQuote, FeesAssess, assess_fees, quote_fee
from arrears.charges.running import Tally
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from arrears_sdk.errors import ArrearsError, ErrorCode, RefusedError
from tests.conftest import Deployment
from tests.product.charges.fees import ONE_DAY, TODAY, Fees, late_fee

ROOT = Path(__file__).parents[3]
AT_ONCE = 10


async def test_many_who_claim_one_fee_at_once_make_one_entry(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(quoted_first=1))
    account = await fees.debt()
    await fees.run()
    fees.go_to(TODAY + ONE_DAY)
    fee = await fees.fee(account)

    ended = await asyncio.gather(*(fees.claim(fee) for _ in range(AT_ONCE)), return_exceptions=True)

    assert sum(isinstance(one, FeeClaimed) for one in ended) == 1
    refusals = [one for one in ended if isinstance(one, RefusedError)]
    assert [one.problems[0].code for one in refusals] == [ErrorCode.STATUS_NOT_REACHABLE] * (AT_ONCE - 1)
    assert await fees.fees_owed(account) == 1_000
    assert await fees.steps(fee) == ["QUOTED", "CLAIMED"]


async def test_a_key_sent_again_gives_the_first_entry(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(quoted_first=1))
    account = await fees.debt()
    await fees.run()
    fees.go_to(TODAY + ONE_DAY)
    fee = await fees.fee(account)
    ended = await asyncio.gather(*(fees.claim(fee, "key") for _ in range(AT_ONCE)), return_exceptions=True)
    made = {one.entry_id for one in ended if isinstance(one, FeeClaimed)}
    assert len(made) == 1
    assert (await fees.claim(fee, "key")).entry_id in made
    assert await fees.fees_owed(account) == 1_000


async def test_many_who_quote_at_once_make_one_fee(deployment: Deployment) -> None:
    fees = await Fees.open(deployment, late_fee(), late_fee(id="second", account_total="15.00"))
    account = await fees.debt()
    context = fees.context()

    async def by_hand() -> object:
        return await quote_fee(context, FeeQuote(account_id=account, rule="second"))

    async def by_night() -> object:
        return await assess_fees(context, FeesAssess(account_id=account, on=TODAY))

    ended = await asyncio.gather(*(act() for act in (by_hand, by_night) * 5), return_exceptions=True)
    assert [one for one in ended if isinstance(one, BaseException) and not isinstance(one, ArrearsError)] == []
    # Whoever came first: together they never come to more than the most.
    found = await fees.seen(account)
    assert sorted(one.rule for one in found) == ["late", "second"]
    total = {one.rule: one.minor for one in found}
    assert total in ({"late": 1_000, "second": 500}, {"late": 1_000, "second": 1_000})


async def test_a_run_that_is_done_again_and_by_two_at_once_charges_nothing_more(fees: Fees) -> None:
    accounts = [await fees.debt() for _ in range(6)]
    first, second = await asyncio.gather(fees.run(), fees.run())
    assert first.claimed + second.claimed == 6
    assert await fees.run() == Tally()
    await fees.execute("update charge_run set through_on = null")
    assert await fees.run() == Tally()
    for account in accounts:
        assert [one.state for one in await fees.seen(account)] == ["CLAIMED"]
        assert await fees.fees_owed(account) == 1_000


@pytest.mark.parametrize(("commits", "before"), [(1, True), (1, False), (2, True), (2, False), (5, True), (6, False)])
async def test_a_run_that_was_killed_is_done_again_and_charges_the_rest(
    deployment: Deployment, commits: int, before: bool
) -> None:
    key = new_key_text()
    deployment.vault = Vault(DeploymentKeys.parse(key))
    rule = late_fee()
    fees = await Fees.open(deployment, rule)
    accounts = [await fees.debt() for _ in range(4)]
    told = {"url": deployment.urls.worker, "key": key, "rules": [rule], "commits": commits, "before": before}

    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.product.charges.crashing_run"],
        cwd=ROOT,
        input=json.dumps(told) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    # Each fee takes two commits: it is quoted, and then claimed.
    done = commits - 1 if before else commits
    left = await fees.run()
    assert left == Tally(quoted=4 - (done + 1) // 2, claimed=4 - done // 2)
    for account in accounts:
        assert [one.state for one in await fees.seen(account)] == ["CLAIMED"]
        assert await fees.fees_owed(account) == 1_000
