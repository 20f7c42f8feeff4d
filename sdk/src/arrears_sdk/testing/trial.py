"""A plugin on trial: its class, what it is asked about, and sessions in which its object runs as under the platform."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import TimeoutError as TookTooLongError
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from inspect import isawaitable
from typing import TypeAlias, cast

from pydantic import ValidationError

from arrears_sdk.hooks import HOOKS
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import NotApplicable, Violation
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.testing.importing import ImportTrial, try_import
from arrears_sdk.testing.samples import ImportSample, Samples

PluginClass: TypeAlias = type[Plugin[Config]]

PATIENCE_SECONDS = 60.0


class Loop:
    """A thread with an event loop of its own, as the platform gives one to each plugin."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="plugin-on-trial", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[object, object, object], seconds: float = PATIENCE_SECONDS) -> object:
        """The coroutine's answer; `Violation` when it takes too long."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except TookTooLongError:
            if future.done():
                raise
            future.cancel()
            raise Violation(f"gave no answer within {seconds:g} seconds") from None

    def close(self) -> None:
        """Ends the loop, unless a hook that hangs still holds it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(1)
        if not self._thread.is_alive():
            self._loop.close()


@dataclass(slots=True)
class Session:
    """One object of the plugin that was started, and the platform that it sees."""

    plugin: Plugin[Config]
    host: FakeHost
    loop: Loop

    def call(self, function: Callable[..., object], *arguments: object, **named: object) -> object:
        """What a function gives, awaited where it has to be. Whatever it raises comes through."""

        async def called() -> object:
            answer = function(*arguments, **named)
            return await answer if isawaitable(answer) else answer

        return self.loop.run(called())

    def ask(self, hook: str, *arguments: object) -> object:
        """What a hook of the plugin answers; whatever it raises is a `Violation`."""
        try:
            return self.call(getattr(self.plugin, hook), *arguments)
        except Violation as violation:
            raise Violation(f"{hook} {violation}") from None
        except Exception as error:
            raise Violation(f"{hook} raised {type(error).__name__}: {error}") from error

    def ports(self, hook: str) -> tuple[object, ...]:
        """What a registration hook hands over."""
        answer = self.ask(hook)
        if not isinstance(answer, list | tuple):
            raise Violation(f"{hook} gave {type(answer).__name__}, where a list or a tuple is wanted")
        return tuple(answer)


@dataclass(kw_only=True)
class Trial:
    """Everything that checks need to know about one plugin."""

    plugin: PluginClass
    configs: tuple[Config, ...] = ()
    samples: Samples = field(default_factory=Samples)
    gateway_world: Callable[[], GatewayWorld] | None = None
    import_sample: ImportSample | None = None
    calls: int = 10_000

    @cached_property
    def settings(self) -> tuple[Config, ...]:
        """The settings to try; when none were given, those of the provider's double, else the defaults."""
        if self.configs:
            return self.configs
        if self.gateway_world is not None:
            with closing(self.gateway_world()) as world:
                return (world.config,)
        try:
            return (self.plugin.config_type(),)
        except ValidationError as error:
            missing = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            raise Violation(
                f"its settings have no default ({missing}), so give the suite some:"
                f" conformance({self.plugin.__name__}, configs=[{self.plugin.config_type.__name__}(...)]),"
                " or --config to `arrears-sdk check`"
            ) from None

    @cached_property
    def import_trial(self) -> ImportTrial:
        """What importing the plugin's module does in a fresh process."""
        return try_import(self.plugin.__module__)

    def hooks(self, among: tuple[str, ...]) -> tuple[str, ...]:
        """Those of these hooks that the plugin implements."""
        return tuple(name for name in self.plugin.hooks() if name in among)

    @contextmanager
    def session(self, config: Config | None = None, host: FakeHost | None = None) -> Iterator[Session]:
        """An object of the plugin, started, and stopped at the end."""
        host = host or FakeHost(name=self.plugin.name, personal_data=self.plugin.personal_data)
        loop = Loop()
        try:
            session = self._started(config or self.settings[0], host, loop)
            try:
                yield session
            finally:
                session.call(session.plugin.stop)
        finally:
            loop.close()

    def _started(self, config: Config, host: FakeHost, loop: Loop) -> Session:
        async def make() -> object:
            made = self.plugin(config, host)
            await made.start()
            return made

        return Session(cast("Plugin[Config]", loop.run(make())), host, loop)

    @contextmanager
    def gateway_session(self) -> Iterator[tuple[Session, GatewayWorld]]:
        """A started object beside a fresh double of its provider."""
        if self.gateway_world is None:
            raise NotApplicable("no double of the provider was given: conformance(..., gateway_world=...)")
        with closing(self.gateway_world()) as world, self.session(world.config) as session:
            yield session, world

    def builder(self, seed: int = 0) -> Builder:
        """A builder of sample objects."""
        return Builder(seed)


def of_family(*prefixes: str) -> tuple[str, ...]:
    """The hooks whose names begin so."""
    return tuple(name for name in HOOKS if name.startswith(prefixes))
