"""One deployment opened: its database, keys, vault and clock, ready to make contexts for whoever acts.

The command line, the server and the demonstration all come through here, so that they agree on where things are.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import arrears
from arrears.compliance import passing as passing
from arrears.configuration.source import DatabaseSettings
from arrears.data_folder import DataFolder
from arrears.deliveries import relaying
from arrears.deliveries.delivering import Deliveries
from arrears.kernel import dispatcher, events
from arrears.kernel.audit_heads import HeadLog
from arrears.kernel.clock import PlatformClock
from arrears.kernel.context import Context
from arrears.kernel.database import Database, DatabaseUrls
from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.events import relay_events
from arrears.kernel.idempotency import prune
from arrears.kernel.keepers import Keeper
from arrears.kernel.keys import DeploymentKeys, derive
from arrears.kernel.migrations import check_revision, migrate
from arrears.kernel.principal import Principal
from arrears.kernel.roles import derive_urls
from arrears.kernel.sealer import Sealer
from arrears.kernel.services import Services
from arrears.kernel.transaction import begin
from arrears.kernel.vault import Vault
from arrears.kernel.worker import Worker
from arrears.plugins.fields import PluginFields
from arrears.plugins.host import PluginHost
from arrears.plugins.store import ValueStore
from arrears.settings import Settings
from arrears_sdk.errors import InputError
from arrears_sdk.ids import new_id


@dataclass(frozen=True)
class Deployment:
    """An open deployment. `database` is the API's role, `worker_database` the one of background jobs."""

    settings: Settings
    urls: DatabaseUrls
    database: Database
    worker_database: Database
    clock: PlatformClock
    vault: Vault
    keys: DeploymentKeys
    services: Services = field(default_factory=Services)

    def context(self, principal: Principal | None = None, *, reason: str | None = None) -> Context:
        """A context of the API's role for somebody; without a principal, for the operator at the command line."""
        return self._context(self.database, principal or Principal.system("command line"), reason)

    def worker_context(self, name: str = "worker") -> Context:
        """A context of the worker's role for the platform itself."""
        return self._context(self.worker_database, Principal.system(name), None)

    @property
    def audit_heads(self) -> HeadLog:
        """The file outside the database that vouches for the audit trail."""
        return HeadLog(self.settings.audit_head_file or self.settings.data_folder / "audit-heads.jsonl")

    @asynccontextmanager
    async def following_clock(self) -> AsyncIterator[None]:
        """Have this process's clock follow what other processes make of the platform's, as long as the block lasts."""
        following = asyncio.create_task(self.clock.keep_current(), name="clock")
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait({following})

    def worker(self) -> Worker:
        """The worker of this process, with everything that has to be done again and again."""
        context = self.worker_context()
        sealer = Sealer(self.audit_heads)
        deliveries = Deliveries(context)

        async def relay() -> bool:
            return await relay_events(context) >= events.BATCH

        async def dispatch() -> bool:
            return await dispatch_due(context) >= dispatcher.BATCH

        async def seal() -> bool:
            await sealer.seal(context)
            return False

        async def forget_keys() -> bool:
            async with begin(context) as tx:
                await prune(tx)
            return False

        keepers = (
            Keeper("relay events", relay, 1.0, events.CHANNEL),
            Keeper("tell plugins of events", deliveries.look, 1.0, relaying.CHANNEL, deliveries.close),
            Keeper("dispatch what is due", dispatch, 1.0),
            Keeper("seal the audit", seal, 0.5),
            Keeper("forget idempotency keys", forget_keys, 3600.0),
        )
        return Worker(context, self.urls.worker, self.settings.worker_concurrency, keepers=keepers)

    def _context(self, database: Database, principal: Principal, reason: str | None) -> Context:
        return Context(database, principal, self.clock, self.vault, f"request-{new_id().hex}", reason, self.services)


@asynccontextmanager
async def open_deployment(settings: Settings, *, strict: bool = False) -> AsyncIterator[Deployment]:
    """Open the deployment that the settings describe, and close it again.

    The embedded database is started, or joined when another process runs it, and migrated without asking. A given
    database must have this version's schema already.

    With `strict` it does not open when a required plugin does not run, or two plugins claim one name or key: so that
    no server works without what it has to have, while a command can still put it right.
    """
    async with AsyncExitStack() as stack:
        urls, keys = await stack.enter_async_context(_reach(settings))
        if settings.embedded:
            await asyncio.to_thread(migrate, urls, sandbox=settings.sandbox)
        else:
            await asyncio.to_thread(check_revision, urls.api)
        database = Database(urls.api, application_name="arrears-api", pool_size=settings.connections)
        worker_database = Database(urls.worker, application_name="arrears-worker", pool_size=settings.connections)
        await stack.enter_async_context(database)
        await stack.enter_async_context(worker_database)
        clock = PlatformClock(database)
        await clock.refresh()
        load_domains()
        opened = Deployment(settings, urls, database, worker_database, clock, Vault(keys), keys)
        await stack.enter_async_context(_plugins(opened, strict=strict))
        yield opened


@asynccontextmanager
async def _plugins(deployment: Deployment, *, strict: bool) -> AsyncIterator[None]:
    """The plugins of the deployment, in its services while it is open."""
    settings = deployment.settings
    source = DatabaseSettings(deployment.database)
    host = PluginHost(
        source,
        clock=deployment.clock,
        values=ValueStore(deployment.worker_context("plugins")),
        files=[Path(name) for name in settings.listed("plugin_files")],
        trace=settings.trace_hooks,
    )
    for service in (source, host, PluginFields(host)):
        deployment.services.add(service)
    try:
        await host.open(strict=strict)
        yield
    finally:
        await host.close()


def load_domains() -> None:
    """Make the tables, settings, jobs, subscribers and due kinds of every domain known to this process."""
    for folder in map(Path, arrears.__path__):
        for part in sorted(folder.iterdir()):
            for module in ("tables", "settings", "jobs"):
                if (part / f"{module}.py").is_file() and part.name != "kernel":
                    importlib.import_module(f"arrears.{part.name}.{module}")


@asynccontextmanager
async def reach_database(settings: Settings) -> AsyncIterator[DatabaseUrls]:
    """The database of the deployment as it is, whatever its schema: for commands that look at the schema itself."""
    async with _reach(settings) as (urls, _):
        yield urls


@asynccontextmanager
async def _reach(settings: Settings) -> AsyncIterator[tuple[DatabaseUrls, DeploymentKeys]]:
    if settings.database_url is None:
        async with DataFolder(settings.data_folder).open() as (urls, key_texts):
            yield urls, _parse(settings, _given_keys(settings) or key_texts)
        return
    keys = _parse(settings, _given_keys(settings))
    owner = settings.database_url.get_secret_value()
    roles = (settings.api_database_url, settings.worker_database_url)
    api, worker = (None if role is None else role.get_secret_value() for role in roles)
    yield derive_urls(owner, derive(keys.index, "database-roles").reveal(), api=api, worker=worker), keys


def _given_keys(settings: Settings) -> list[str]:
    text = ""
    if settings.deployment_keys is not None:
        text = settings.deployment_keys.get_secret_value()
    elif settings.deployment_keys_file is not None:
        text = settings.deployment_keys_file.read_text(encoding="utf-8")
    return text.replace(",", "\n").split()


def _parse(settings: Settings, texts: list[str]) -> DeploymentKeys:
    if not texts:
        raise InputError(
            "A deployment with its own database needs its keys: set ARREARS_DEPLOYMENT_KEYS or"
            " ARREARS_DEPLOYMENT_KEYS_FILE (`arrears keys deployment` makes one)."
        )
    index = None if settings.index_key is None else settings.index_key.get_secret_value()
    return DeploymentKeys.parse(texts[0], texts[1:], index)
