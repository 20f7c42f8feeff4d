"""A single `contactRequest` with the rules of the law, to the same statements without any.

The same database, the same requests in turn, over HTTP in this process. With rules: the packs that apply in New York
City, all told to warn only, so that the same permit is given either way. Without: a plugin that allows everything.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import psycopg

from arrears.access.authentication import Authenticator
from arrears.access.commands import PrincipalCreate, RoleGrant, principal_create, role_grant
from arrears.access.key_commands import ApiKeyCreate, api_key_create
from arrears.access.model import PrincipalKind, Role
from arrears.app import create_app
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.context import Context
from arrears.kernel.services import Services
from arrears.plugins.discovery import of_class
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears.schema import schema_of
from arrears_sdk import ContactAttempt, Plugin, Ruling
from arrears_sdk.clock import FixedClock
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id
from arrears_sdk.law.cases import rules_of
from benchmarks.gate import PACKS
from benchmarks.gate_stored import NOON, gate_context
from benchmarks.results import Result, at_most

REQUESTS = 60
MOST = 3.0
UNHURRIED = EdgeSettings(requests_per_second=100_000, request_burst=100_000, max_in_flight=100)
REQUEST = """
mutation ($input: ContactRequestInput!) {
  contactRequest(input: $input) { userErrors { code message } decision { id verdict } permit { id } }
}
"""
Target = tuple[str, str, str]


class Lenient(Plugin):
    """Allows everything, so that everything but rules is done."""

    name = "lenient"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Nothing to say."""
        return [Ruling.allow(rule="lenient.all", reason="no rules") for _ in attempts]


async def measure_contact_request(data: Path, requests: int = REQUESTS) -> list[Result]:
    """The ratio, from the medians of requests that take turns."""
    async with gate_context(data) as (context, superuser), AsyncExitStack() as stack:
        ids = {rule.id for plugin in PACKS for rule in rules_of(plugin)}
        softly: dict[str, JsonValue] = {
            "warn_only": [*sorted(ids)],
            "without_licence": "WARN",
            "without_attestation": "WARN",
        }
        groups = {plugin.name: GroupSettings(enabled=True, values=softly) for plugin in PACKS}
        lawful = await stack.enter_async_context(_client(context, cast("tuple[type[Plugin], ...]", PACKS), groups))
        plain = (cast("type[Plugin]", Lenient),)
        bare = await stack.enter_async_context(_client(context, plain, {"lenient": GroupSettings(enabled=True)}))
        targets = itertools.cycle(await asyncio.to_thread(_targets, superuser))
        with_rules, without = [], []
        for number in range(requests + 10):
            first, second = await _asked(lawful, number, next(targets)), await _asked(bare, number, next(targets))
            if number >= 10:
                with_rules.append(first)
                without.append(second)
    lawfully, barely = statistics.median(with_rules), statistics.median(without)
    print(f"contactRequest {lawfully * 1e3:.1f} ms, without rules {barely * 1e3:.1f} ms")
    return [at_most("contactRequest over HTTP, to the same statements without rules", lawfully / barely, MOST)]


@asynccontextmanager
async def _client(
    context: Context, plugins: Sequence[type[Plugin]], groups: dict[str, GroupSettings]
) -> AsyncIterator[httpx.AsyncClient]:
    """The API with some plugins, as somebody who may request contacts."""
    host = PluginHost(
        FixedSettings(SettingsSnapshot(1, {DEPLOYMENT: groups})),
        clock=FixedClock(NOON),
        candidates=[of_class(plugin) for plugin in plugins],
    )
    await host.open()
    try:
        own = replace(context, services=Services(host))
        engine = PlanningEngine(
            schema_of(host), database=own.database, clock=own.clock, vault=own.vault, services=own.services
        )
        authenticate = Authenticator(own.database, own.vault).authenticate
        transport = httpx.ASGITransport(app=create_app(engine, authenticate, edge=UNHURRIED))
        headers = {"authorization": f"Bearer {await _key(own)}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://arrears.test", headers=headers) as client:
            yield client
    finally:
        await host.close()


async def _key(context: Context) -> str:
    made = await principal_create(context, PrincipalCreate(kind=PrincipalKind.PERSON, name="Benchmark"))
    principal_id = made.result.principal_id
    await role_grant(context, RoleGrant(principal_id=principal_id, role=Role.MANAGER, everywhere=True))
    issued = await api_key_create(context, ApiKeyCreate(principal_id=principal_id, name="benchmark"))
    assert issued.result.secret is not None
    return issued.result.secret


def _targets(superuser: str) -> list[Target]:
    """One account, debtor and telephone of each person."""
    with psycopg.connect(superuser) as connection:
        rows = connection.execute(
            "select distinct on (account.debtor_id) account.debtor_id, account.id, contact_point.id from account"
            " join contact_point on contact_point.debtor_id = account.debtor_id and channel = 'PHONE'"
            " order by account.debtor_id, account.id"
        ).fetchall()
    return [(encode_id("dbtr", one), encode_id("acct", two), encode_id("cont", three)) for one, two, three in rows]


_NUMBERS: Iterator[int] = itertools.count()


async def _asked(client: httpx.AsyncClient, number: int, target: Target) -> float:
    debtor, account, point = target
    given = {"debtorId": debtor, "accountIds": [account], "contactPointId": point, "channel": "PHONE_CALL"}
    key = f"{time.time_ns()}-{next(_NUMBERS)}"
    body = {"query": REQUEST, "variables": {"input": {**given, "idempotencyKey": key}}}
    taken, answer = await _timed(client, body)
    assert answer["contactRequest"]["permit"] is not None, answer
    return taken


async def _timed(client: httpx.AsyncClient, body: Mapping[str, object]) -> tuple[float, dict[str, dict[str, object]]]:
    began = time.perf_counter()
    response = await client.post("/graphql", json=body)
    taken = time.perf_counter() - began
    found = response.json()
    assert "errors" not in found, found
    return taken, found["data"]
