"""R13, for interest: nights one by one, and all of them at once, leave the same ledger and tell the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears.deployment import load_domains
from arrears_sdk.events import JsonValue
from tests.conftest import Deployment, Server, fresh_deployment
from tests.faults.conftest import NIGHTLY
from tests.product.ledger.bearing import Bearing
from tests.product.ledger.books import Books

# A year of everything that nights do is in test_r13_clock; these are the harder ways to count.
NIGHTS = 365 if NIGHTLY else 35
COMPOUND: dict[str, JsonValue] = {
    "products": ["LOAN"],
    "method": "COMPOUND",
    "compounding": "QUARTERLY",
    "contract": True,
    "day_count": "THIRTY_360",
    "rounding": "HALF_UP",
}


async def after_nights(deployment: Deployment, step: int) -> Bearing:
    """A book whose clock goes by so many days at a time; the debtors pay in the middle of it."""
    load_domains()
    bearing = await Bearing.opened(Books(deployment), COMPOUND)
    clients = [
        await bearing.books.client(zone="Pacific/Chatham", currency="JPY"),
        await bearing.books.client(zone="America/Havana", currency="KWD"),
    ]
    accounts = [
        await bearing.debt(clients[1], 1_000_00, date(2026, 1, 31), percent=Decimal("7.5")),
        await bearing.debt(clients[1], 25_50, date(2026, 2, 20), percent=Decimal(4)),
        await bearing.debt(clients[0], 98_765, date(2025, 11, 30), currency="JPY", percent=Decimal(15)),
        await bearing.debt(clients[1], 12_345_678, date(2026, 2, 28), currency="KWD", percent=Decimal("0.000001")),
    ]
    await bearing.nights(*clients)
    for part in (NIGHTS // 3, NIGHTS - NIGHTS // 3):
        for _ in range(part // step or 1):
            bearing.wait(min(step, part))
            await bearing.run()
        await bearing.pay(accounts[0], 50_00, deployment.clock.now().date())
        await bearing.pay(accounts[2], 9_876, deployment.clock.now().date())
    return bearing


async def test_many_nights_are_all_of_them_at_once(server: Server, deployment: Deployment) -> None:
    # given
    async with fresh_deployment(server) as other:
        # when
        nightly = await after_nights(deployment, 1)
        at_once = await after_nights(other, NIGHTS)
        # then
        ledger, events = await nightly.ledger(), await nightly.events()
        assert ledger == await at_once.ledger()
        assert events == await at_once.events()
        assert sum(1 for row in ledger["entries"] if row[2] == "INTEREST") > NIGHTS
        assert len(events) > NIGHTS
        assert await nightly.is_sound()
        assert await at_once.is_sound()
