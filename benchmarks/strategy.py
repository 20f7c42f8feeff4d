"""A strategy over 300,000 accounts through the platform, against its expressions alone; and what loading them costs.

Through the platform means: called on the plugin's own thread within its budget, its answer checked column by column
and account by account.
"""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import polars as pl
import psycopg

from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.scope import Scope
from arrears.plugins.discovery import of_class
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears.strategies.deciding import decide, strategy_at
from arrears.strategies.facts import FactsWanted, RawFacts, read_facts
from arrears.strategies.frame import account_frame
from arrears_dunning_ladder import DunningLadder, LadderConfig
from arrears_dunning_ladder.ladder import Ladder
from arrears_sdk.clock import FixedClock
from benchmarks.large_agency import DEBTORS, large_agency
from benchmarks.results import Result, at_most

DAY = datetime.date(2026, 2, 25)
NOON = datetime.datetime(2026, 2, 25, 17, tzinfo=datetime.UTC)
ZONE = "America/New_York"
FACTS_TIMEOUT_MS = 120_000
_BARE = (
    (
        "select id, portfolio_id, debtor_id, status, product, purpose, currency, balance_minor, placed_minor, due_on,"
        " placed_on, last_payment_on from account"
    ),
    "select account_id, started_at, direction, channel, result, party_reached, template from interaction",
)
STEPS = [
    {"name": "first-notice", "from_days": 3, "until_days": 60, "channels": ["LETTER", "EMAIL"]},
    {"name": "call", "from_days": 20, "action": "TASK", "when": {"last_contact_days_from": 10}},
    {"name": "late-fee", "from_days": 45, "action": "CHARGE_FEE", "when": {"balance_from": 500}},
    {"name": "second-notice", "from_days": 60, "channels": ["EMAIL"], "when": {"balance_from": 50}},
    {"name": "last-notice", "from_days": 120, "channels": ["LETTER", "EMAIL"], "repeat_every_days": 30},
]


async def measure_strategy(folder: Path, debtors: int = DEBTORS, rounds: int = 5) -> list[Result]:
    """The ratio that is asked for; what is measured beside it is printed."""
    async with large_agency(folder, debtors) as (urls, _):
        accounts = await _load(urls)
    settings = {"dunning-ladder": {"steps": STEPS}, "strategies": {"strategy": "dunning-ladder"}}
    groups = {name: GroupSettings(enabled=True, values=values) for name, values in settings.items()}
    snapshot = SettingsSnapshot(1, {DEPLOYMENT: groups})
    host = PluginHost(FixedSettings(snapshot), clock=FixedClock(NOON), candidates=[of_class(DunningLadder)])
    await host.open()
    try:
        bound = await strategy_at(host, Place())
        bare = Ladder(LadderConfig.model_validate({"steps": STEPS}))
        through: list[float] = []
        alone: list[float] = []
        # Turn about, so that what disturbs the machine disturbs both.
        for _ in range(rounds + 1):
            alone.append(_taken(lambda: bare.decide(accounts, as_of=DAY)))
            through.append(await _taken_by(lambda: decide(bound, accounts, DAY)))
        actions = bare.decide(accounts, as_of=DAY).height
    finally:
        await host.close()
    fastest, slowest = statistics.median(alone[1:]), statistics.median(through[1:])
    print(f"{accounts.height:,} accounts, {actions:,} actions: alone {fastest:.3f} s, through {slowest:.3f} s")
    name = f"a strategy over {accounts.height:,} accounts through the platform, against its Polars expressions alone"
    return [at_most(name, slowest / fastest, 1.2)]


async def _load(urls: DatabaseUrls) -> pl.DataFrame:
    """The facts of every client's accounts, one client after the other; prints what that took beside a bare COPY."""
    frames: list[pl.DataFrame] = []
    async with Database(urls.api, application_name="benchmark", pool_size=2) as database:
        found = await database.read(Scope.everything(), "select id from client order by id")
        reading = making = 0.0
        # The second round finds the tables in memory, as the bare COPY does.
        for _ in range(2):
            frames, reading, making = [], 0.0, 0.0
            for (client,) in found:
                began = time.perf_counter()
                raw = await _read(database, FactsWanted(client, DAY, NOON))
                reading += time.perf_counter() - began
                began = time.perf_counter()
                frames.append(account_frame(raw))
                making += time.perf_counter() - began
    bare = await asyncio.to_thread(_bare_copy, urls.api)
    print(
        f"facts: read in {reading:.2f} s, made a frame in {making:.2f} s;"
        f" {(reading + making) / bare:.1f} times a bare COPY of accounts and interactions ({bare:.2f} s)"
    )
    return pl.concat(frames)


async def _read(database: Database, wanted: FactsWanted) -> RawFacts:
    async with database.reads(Scope.everything(), timeout_ms=FACTS_TIMEOUT_MS) as connection:
        return await read_facts(connection, wanted, ZONE)


def _bare_copy(url: str) -> float:
    """Seconds to copy what the facts are made of, as the same role under the same policies."""
    began = time.perf_counter()
    with psycopg.connect(url) as connection:
        for name, value in Scope.everything().settings().items():
            connection.execute("select set_config(%s, %s, true)", [name, value])
        for selected in _BARE:
            with connection.cursor().copy(f"copy ({selected}) to stdout (format csv)".encode()) as copied:
                for _ in copied:
                    pass
    return time.perf_counter() - began


def _taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _taken_by(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


if __name__ == "__main__":
    for result in asyncio.run(measure_strategy(Path(".arrears") / "benchmark")):
        print(f"{result.name}: {result.shown} ({result.target})")
