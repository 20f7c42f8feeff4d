"""Contacts ruled on by the gate and stored as decisions, with everything that a decision keeps.

A small agency of debtors in New York City with about 100 contacts each, in an embedded PostgreSQL. Loading the facts is
measured beside it, and taken out: the figure is of ruling and storing.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import psycopg

from arrears.compliance.asking import answers_about, wanted_by, what_was_known
from arrears.compliance.facts import contact_attempt
from arrears.compliance.model import ContactQuestion
from arrears.compliance.storing import store_decisions
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.principal import Principal
from arrears.kernel.services import Services
from arrears.kernel.transaction import begin
from arrears.kernel.vault import Vault
from arrears.plugins.discovery import of_class
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears_sdk.clock import FixedClock
from arrears_sdk.plugin import Plugin
from arrears_sdk.vocabulary import CommunicationChannel
from benchmarks.gate import PACKS
from benchmarks.large_agency import large_agency
from benchmarks.results import Result, at_least

DEBTORS = 200
ROUNDS = 5
LEAST = 2_000
NOON = datetime(2026, 6, 9, 16, tzinfo=UTC)
PORTFOLIO = Path(__file__).with_name("gate_portfolio.sql")
Made = tuple[ContactQuestion, UUID]


@asynccontextmanager
async def gate_context(data: Path, debtors: int = DEBTORS) -> AsyncIterator[tuple[Context, str]]:
    """A context of an agency whose packs are enabled, and the superuser's URL."""
    async with large_agency(data, debtors) as (urls, superuser):
        await asyncio.to_thread(fill_gate, superuser)
        groups = {plugin.name: GroupSettings(enabled=True) for plugin in PACKS}
        host = PluginHost(
            FixedSettings(SettingsSnapshot(1, {DEPLOYMENT: groups})),
            clock=FixedClock(NOON),
            candidates=[of_class(cast("type[Plugin]", plugin)) for plugin in PACKS],
        )
        await host.open()
        try:
            async with _context(urls, host, keys_beside(data)) as context:
                yield context, superuser
        finally:
            await host.close()


@asynccontextmanager
async def _context(urls: DatabaseUrls, host: PluginHost, keys: str) -> AsyncIterator[Context]:
    async with Database(urls.api, application_name="benchmark", pool_size=2) as database:
        vault = Vault(DeploymentKeys.parse(keys))
        principal = Principal.system("benchmark")
        yield Context(database, principal, FixedClock(NOON), vault, "benchmark", services=Services(host))


def keys_beside(data: Path) -> str:
    """The agency's key: the persons' keys that earlier runs made are sealed with it."""
    file = data / "benchmark.keys"
    if not file.exists():
        file.write_text(new_key_text(), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def fill_gate(superuser: str) -> None:
    """Place the debtors in New York City, with a year of contacts; once."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        found = connection.execute("select exists (select 1 from residence)").fetchone()
        if found is not None and not found[0]:
            with connection.transaction():
                connection.execute(PORTFOLIO.read_bytes())
            connection.execute("vacuum analyze")


async def measure_gate_stored(data: Path, debtors: int = DEBTORS, rounds: int = ROUNDS) -> list[Result]:
    """Contacts that are ruled on and stored in one transaction, a second of this process's time."""
    async with gate_context(data, debtors) as (context, superuser):
        made = await asyncio.to_thread(_questions, superuser)
        taken = [await _round(context, made) for _ in range(rounds + 1)][1:]
    loading, ruling, storing = (statistics.median(times) for times in zip(*taken, strict=True))
    print(f"{len(made)} contacts: {loading:.2f} s to load, {ruling:.2f} s to rule, {storing:.2f} s to store")
    rate = len(made) / (ruling + storing)
    return [at_least("contacts ruled on and stored as decisions, a second and core", rate, LEAST, digits=0)]


async def _round(context: Context, made: Sequence[Made]) -> tuple[float, float, float]:
    """Seconds of processor time for loading facts with their pictures, for ruling, and for storing."""
    host = context.service(PluginHost)
    began = time.process_time()
    async with begin(context) as tx:
        album = await what_was_known(await tx.connection(), host, made)
        for question, _ in made:
            contact_attempt(album, wanted_by(question, question.debtor_id, question.account_ids))
        loaded = time.process_time()
        answers = await answers_about(host, album, made)
        ruled = time.process_time()
        await store_decisions(tx, answers)
    return loaded - began, ruled - loaded, time.process_time() - ruled


def _questions(superuser: str) -> list[Made]:
    """A call to each account's debtor, at one instant."""
    with psycopg.connect(superuser) as connection:
        rows = connection.execute("select id, debtor_id, client_id from account order by id").fetchall()
    return [
        (
            ContactQuestion(
                at=NOON,
                channel=CommunicationChannel.PHONE_CALL,
                debtor_id=debtor_id,
                account_ids=(account_id,),
            ),
            client_id,
        )
        for account_id, debtor_id, client_id in rows
    ]
