"""The plugins of one process: which there are, which are enabled where, and every way to ask them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast, overload

import structlog

from arrears.plugins import answers
from arrears.plugins.bound import BoundPort
from arrears.plugins.breaker import COOL_DOWN_SECONDS
from arrears.plugins.configuring import configure
from arrears.plugins.deciding import Attribution, DutyAnswer, attributed_rulings, combined, denied, missing
from arrears.plugins.discovery import Candidate, in_file
from arrears.plugins.entries import IMPORT_SECONDS, Entry
from arrears.plugins.failures import FailureKind, PluginFailedError, PluginStartError
from arrears.plugins.lanes import same
from arrears.plugins.lending import NoValues, ValuesOf
from arrears.plugins.ports import GraphQLField, Request, Target
from arrears.plugins.registry import Registry
from arrears.plugins.runner import Placed
from arrears.plugins.settings import DEPLOYMENT, Place, SettingsSnapshot, setting_groups
from arrears.plugins.source import FixedSettings, SettingsSource
from arrears.plugins.starting import Starter
from arrears.plugins.status import LoadedPlugin, PluginState, PluginStatus
from arrears_sdk.clock import Clock
from arrears_sdk.errors import FaultError, NotFoundError
from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.plugin import Config
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.graphql import GraphQLParts
from arrears_sdk.ports.importer import Importer
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, DataSubject, PaymentAttempt, Score

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("arrears.plugins")

AttemptT = TypeVar("AttemptT", ContactAttempt, PaymentAttempt, ActionAttempt)
ConfigT = TypeVar("ConfigT", bound=Config)
PortT = TypeVar("PortT")


class PluginHost:
    """The plugins of a deployment, asked beside the platform's event loop and within bounds."""

    def __init__(
        self,
        source: SettingsSource | None = None,
        *,
        clock: Clock,
        values: ValuesOf | None = None,
        candidates: Sequence[Candidate] | None = None,
        files: Sequence[Path] = (),
        trace: bool = False,
        cool_down_seconds: float = COOL_DOWN_SECONDS,
        import_seconds: float = IMPORT_SECONDS,
    ) -> None:
        starter = Starter(clock, values or NoValues(), trace, cool_down_seconds, import_seconds)
        self._registry = Registry(source or FixedSettings(), starter, candidates, files)
        self._configs: dict[tuple[str, str], Config] = {}

    async def open(self, *, strict: bool = True) -> None:
        """Find plugins and bring up those that are enabled.

        Raises PluginStartError for a name or key that two claim, and for a required plugin that does not come up;
        unless `strict`, as for commands with which just that is put right: then such plugins are left out.
        """
        await self._registry.open(strict=strict)

    async def close(self) -> None:
        """Stop every plugin."""
        await self._registry.close()

    def beside(self, settings: SettingsSnapshot, files: Sequence[Path] = ()) -> PluginHost:
        """A host of its own, not open yet, with the same plugins under other settings: to try what they would say.

        A plugin of a file takes the place of the one of its name, and is enabled everywhere.
        """
        replaced = {candidate.name for path in files for candidate in in_file(path)}
        known = [entry.candidate for entry in self._registry.listed() if entry.candidate.module]
        starter = self._registry.starter
        return PluginHost(
            FixedSettings(settings),
            clock=starter.clock,
            values=starter.values,
            candidates=[candidate for candidate in known if candidate.name not in replaced],
            files=files,
        )

    async def snapshot(self) -> SettingsSnapshot:
        """The settings in force; what they enable has been brought up, what they disable was stopped."""
        return await self._registry.current()

    def plugins(self) -> Sequence[PluginStatus]:
        """Every discovered plugin as it stands, by name."""
        return [entry.status() for entry in self._registry.listed()]

    def versions(self, hook: str) -> Mapping[str, str | None]:
        """The plugins that implement a hook with their versions; None for one that was never imported: nobody knows."""
        entries = self._registry.listed()
        return {
            entry.name: entry.loaded.version if entry.loaded else None
            for entry in entries
            if entry.loaded is None or hook in entry.loaded.hooks
        }

    def loaded(self, plugin: str) -> LoadedPlugin | None:
        """A plugin that has been imported; None for any other name."""
        entry = self._registry.entries.get(plugin)
        return entry.loaded if entry is not None else None

    def config_class(self, plugin: str) -> type[Config]:
        """The settings class of a plugin, imported for it if need be; NotFoundError when there is no such plugin.

        It may take as long as the plugin's import: ask for it in a thread.
        """
        entry = self._registry.entries.get(plugin)
        if entry is None:
            raise NotFoundError(f"No plugin is called {plugin[:60]!r}.")
        if entry.loaded is not None:
            return entry.loaded.cls.config_type
        return entry.candidate.load().config_type

    async def rule(self, hook: str, attempts: Sequence[AttemptT], places: Sequence[Place]) -> list[Ruling]:
        """What the plugins enabled at each attempt's place say together: one ruling for each, in their order.

        A plugin that does not answer counts as a refusal in its name, and one that is enabled and does not run as a
        refusal in the platform's: no caller can forget to ask.
        """
        _family(hook, Family.DECISION)
        _same_length(attempts, places)
        snapshot = await self.snapshot()
        asked = tuple(attempts)
        columns = await asyncio.gather(
            *(self._rule_by(entry, hook, asked, places, snapshot) for entry in self._registry.deciding(hook))
        )
        return combined(columns, len(asked))

    async def score(self, accounts: Sequence[Account], places: Sequence[Place]) -> list[dict[str, Score]]:
        """For each account what every scorer enabled at its place thinks of it; one that fails is left out."""
        _same_length(accounts, places)
        snapshot = await self.snapshot()
        asked = tuple(accounts)
        entries = self._registry.implementing("score_accounts")
        columns = await asyncio.gather(*(self._score_by(entry, asked, places, snapshot) for entry in entries))
        return [
            {entry.name: column[index] for entry, column in zip(entries, columns, strict=True) if index in column}
            for index in range(len(asked))
        ]

    async def strategies(self, place: Place) -> dict[str, BoundPort[Strategy]]:
        """The strategies of the plugins enabled at a place, by key."""
        return await self._ports("strategies", place, Strategy)  # type: ignore[type-abstract]

    async def gateways(self, place: Place) -> dict[str, BoundPort[Gateway]]:
        """The payment gateways of the plugins enabled at a place, by key, each with that place's settings."""
        return await self._ports("gateways", place, Gateway)  # type: ignore[type-abstract]

    async def importers(self, place: Place = DEPLOYMENT) -> dict[str, BoundPort[Importer]]:
        """The file formats that can be imported at a place, by key."""
        return await self._ports("importers", place, Importer)  # type: ignore[type-abstract]

    async def subscribers(self, event_name: str, place: Place) -> list[BoundPort[Subscriber]]:
        """Who is to be told of an event at a place, in the order of plugins and keys."""
        offered = (await self.subscribing(place)).values()
        return [bound for found in offered for bound in found or () if event_name in bound.port.events]

    async def subscribing(self, place: Place) -> dict[str, list[BoundPort[Subscriber]] | None]:
        """The subscribers of each plugin enabled at a place, by plugin; None of one that does not run at the moment."""
        snapshot = await self.snapshot()
        found: dict[str, list[BoundPort[Subscriber]] | None] = {}
        for entry in self._registry.listed():
            loaded = entry.loaded
            if loaded is None or "register_subscribers" not in loaded.hooks:
                continue
            if self._registry.enabled(entry.name, place, snapshot):
                try:
                    ports = await self._offered(entry, "subscribers", place, snapshot, Subscriber)
                    found[entry.name] = list(ports.values())
                except PluginFailedError:
                    found[entry.name] = None
        return found

    async def field(self, plugin: str, key: str, place: Place) -> BoundPort[GraphQLField] | None:
        """A field that a plugin adds to the schema, with a place's settings; None where it is not enabled.

        `key` is `Query.<name>` or `<type>.<name>`.
        """
        entry = self._registry.entries.get(plugin)
        if entry is None or not entry.usable:
            return None
        snapshot = await self.snapshot()
        ports = await self._ports_of(entry, "fields", place, snapshot, cast("type[GraphQLField]", object))
        return ports.get(key)

    def graphql_parts(self) -> list[tuple[LoadedPlugin, GraphQLParts]]:
        """What plugins add to the schema, as of the start, by name."""
        return list(self._registry.graphql)

    def leave_out(self, plugin: str, reason: str) -> None:
        """Disable a plugin whose additions to the schema cannot be used; PluginStartError when it is required."""
        entry = self._registry.entries[plugin]
        entry.fail("schema", reason)
        self._registry.graphql = [(loaded, parts) for loaded, parts in self._registry.graphql if loaded.name != plugin]
        log.error("plugin.unusable", plugin=plugin, state=PluginState.FAILED.value, why=reason)
        if entry.required:
            raise PluginStartError(f"The plugin {plugin} is required and cannot be used: {reason}")

    async def duty(self, hook: str, subject: DataSubject, place: Place) -> list[DutyAnswer]:
        """What every plugin that keeps personal data did about a person; a failure is told, and to be tried again."""
        _family(hook, Family.DATA_DUTY)
        snapshot = await self.snapshot()
        entries = self._registry.implementing(hook)
        return list(await asyncio.gather(*(self._duty_of(entry, hook, subject, place, snapshot) for entry in entries)))

    @overload
    async def config(self, group: type[ConfigT], place: Place) -> ConfigT: ...
    @overload
    async def config(self, group: str, place: Place) -> Config: ...
    async def config(self, group: type[ConfigT] | str, place: Place) -> ConfigT | Config:
        """The settings object of a part of the platform, or of a plugin by its name, as it holds at a place.

        InputError with the path of what is wrong, NotFoundError for a name that nobody has.
        """
        name, kind = await self._group(group)
        snapshot = await self.snapshot()
        placed = self._registry.placed(name, place, snapshot)
        known = self._configs.get((name, placed.key))
        if known is None or type(known) is not kind:
            if len(self._configs) > 1_000:
                self._configs.clear()
            known = self._configs[name, placed.key] = configure(kind, name, placed.values)
        return known

    async def _group(self, group: type[Config] | str) -> tuple[str, type[Config]]:
        if isinstance(group, str):
            declared = setting_groups.groups.get(group)
            return group, declared.config if declared else await asyncio.to_thread(self.config_class, group)
        for one in setting_groups.groups.values():
            if one.config is group:
                return one.name, group
        raise FaultError(f"No group of settings was declared with {group.__name__}.")

    async def _rule_by(
        self,
        entry: Entry,
        hook: str,
        attempts: tuple[AttemptT, ...],
        places: Sequence[Place],
        snapshot: SettingsSnapshot,
    ) -> Sequence[Ruling | None]:
        name = Attribution(entry.name, entry.version, snapshot.version)
        rulings: list[Ruling | None] = [None] * len(attempts)

        async def ask(placed: Placed, indexes: Sequence[int]) -> None:
            asked = attempts if len(indexes) == len(attempts) else tuple(attempts[index] for index in indexes)
            check = attributed_rulings(len(asked), name)
            given: Sequence[object]
            try:
                given = cast("list[object]", await self._hook(entry, hook, placed, asked, check=check))
            except PluginFailedError as failure:
                given = [denied(name, failure.reason)] * len(asked)
            for index, ruling in zip(indexes, given, strict=True):
                rulings[index] = cast("Ruling", ruling)

        groups = self._registry.groups(entry.name, places, snapshot)
        if entry.runner is None or not entry.usable:
            # Nothing may pass without it.
            reason = entry.problem[1] if entry.problem else "It has not been loaded."
            refusal = (
                denied(name, f"is required and does not run: {reason}")
                if entry.required
                else missing(entry.name, reason, snapshot.version)
            )
            for indexes in groups.values():
                for index in indexes:
                    rulings[index] = refusal
            return rulings
        await asyncio.gather(*(ask(placed, indexes) for placed, indexes in groups.items()))
        return rulings

    async def _score_by(
        self, entry: Entry, accounts: tuple[Account, ...], places: Sequence[Place], snapshot: SettingsSnapshot
    ) -> dict[int, Score]:
        found: dict[int, Score] = {}

        async def ask(placed: Placed, indexes: Sequence[int]) -> None:
            asked = accounts if len(indexes) == len(accounts) else tuple(accounts[index] for index in indexes)
            try:
                given = await self._hook(entry, "score_accounts", placed, asked, check=answers.scores(len(asked)))
            except PluginFailedError:
                return
            found.update(zip(indexes, cast("list[Score]", given), strict=True))

        groups = self._registry.groups(entry.name, places, snapshot)
        await asyncio.gather(*(ask(placed, indexes) for placed, indexes in groups.items()))
        return found

    async def _duty_of(
        self, entry: Entry, hook: str, subject: DataSubject, place: Place, snapshot: SettingsSnapshot
    ) -> DutyAnswer:
        placed = self._registry.placed(entry.name, place, snapshot)
        exporting = hook.startswith("export_")
        try:
            given = await self._hook(
                entry, hook, placed, subject, check=answers.exported if exporting else answers.nothing
            )
        except PluginFailedError as failure:
            return DutyAnswer(entry.name, failure=failure.reason)
        return DutyAnswer(entry.name, cast("dict[str, object]", given) if exporting else {})  # type: ignore[arg-type]

    async def _hook(
        self, entry: Entry, hook: str, placed: Placed, argument: object, *, check: Callable[[object], object] = same
    ) -> object:
        assert entry.runner is not None
        return await entry.runner.call(placed, Request(Target("hook", hook), (argument,)), check=check)

    async def _ports(self, kind: str, place: Place, port: type[PortT]) -> dict[str, BoundPort[PortT]]:
        snapshot = await self.snapshot()
        found: dict[str, BoundPort[PortT]] = {}
        for entry in self._registry.implementing(f"register_{kind}"):
            for key, bound in (await self._ports_of(entry, kind, place, snapshot, port)).items():
                if key in found:
                    raise FaultError(f"The plugins {found[key].plugin} and {entry.name} both offer {key!r} ({kind}).")
                found[key] = bound
        return found

    async def _ports_of(
        self, entry: Entry, kind: str, place: Place, snapshot: SettingsSnapshot, port: type[PortT]
    ) -> dict[str, BoundPort[PortT]]:
        """What one plugin registered, if it is enabled there. What cannot be made is left out and logged."""
        if not self._registry.enabled(entry.name, place, snapshot):
            return {}
        try:
            return await self._offered(entry, kind, place, snapshot, port)
        except PluginFailedError as failure:
            log.warning("plugin.left_out", plugin=entry.name, place=place.shown, why=failure.reason)
            return {}

    async def _offered(
        self, entry: Entry, kind: str, place: Place, snapshot: SettingsSnapshot, port: type[PortT]
    ) -> dict[str, BoundPort[PortT]]:
        """What one plugin registered with a place's settings; PluginFailedError when it does not run."""
        if entry.runner is None or not entry.usable:
            raise PluginFailedError(entry.name, FailureKind.NOT_STARTED, "does not run")
        placed = self._registry.placed(entry.name, place, snapshot)
        instance = await entry.runner.instance(placed)
        ports: Mapping[str, PortT] = getattr(instance.ports, kind)
        return {
            key: BoundPort(entry.name, entry.version, snapshot.version, one, kind, key, entry.runner, placed)
            for key, one in ports.items()
        }


def _family(hook: str, family: Family) -> None:
    if hook not in HOOKS or HOOKS[hook].family is not family:
        raise FaultError(f"{hook} is no hook of the family {family}.")


def _same_length(asked: Sequence[object], places: Sequence[Place]) -> None:
    if len(asked) != len(places):
        raise FaultError(f"{len(asked)} questions came with {len(places)} places.")
