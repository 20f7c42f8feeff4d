"""The dearest question about contact windows is answered in part rather than late: the rest is asked for anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from arrears.compliance.walking import Said, walk
from arrears_sdk.ruling import Ruling

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def _quarter() -> list[datetime]:
    return [START + DAY * number for number in range(93)]


@pytest.mark.parametrize(("accounts", "most"), [(1, 3_000), (100, 400)])
async def test_many_ways_and_many_debts_are_walked_as_far_as_there_is_time(accounts: int, most: int) -> None:
    asked = count()

    async def ask(points: Sequence[tuple[int, datetime]]) -> Sequence[Said]:
        for _ in points:
            next(asked)
        return [Said((Ruling.defer(at + timedelta(hours=6), "Later."),)) for _, at in points]

    found = await walk(ask, [_quarter()] * 20, accounts=accounts)

    assert next(asked) <= most
    assert not any(one.complete for one in found)
    # Each way was begun, and says up to when it was looked at.
    assert all(one.stretches and START < one.checked_until < START + 92 * DAY for one in found)


async def test_a_quarter_of_one_way_is_walked_to_its_end() -> None:
    async def ask(points: Sequence[tuple[int, datetime]]) -> Sequence[Said]:
        return [Said((Ruling.defer(at + timedelta(hours=6), "Later."),)) for _, at in points]

    (found,) = await walk(ask, [_quarter()], accounts=1)
    assert found.complete
    assert found.checked_until == START + 92 * DAY
