"""Something that a plugin registered, in the hands of the platform: called on the plugin's thread, within bounds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from arrears.plugins import answers
from arrears.plugins.lanes import same
from arrears.plugins.ports import Request, Target
from arrears.plugins.runner import Placed, PluginRunner

PortT = TypeVar("PortT")
PAGE_ROWS = 500


@dataclass(frozen=True)
class BoundPort(Generic[PortT]):
    """A port of one plugin with the settings of one place.

    `port` is there to be looked at (its key, what it can do); everything that does work goes through `call`.
    """

    plugin: str
    version: str
    settings_version: int
    port: PortT
    kind: str
    key: str
    _runner: PluginRunner
    _placed: Placed

    async def call(
        self, method: str, /, *arguments: object, budget_seconds: float | None = None, **named: object
    ) -> object:
        """The checked answer of a method. PluginFailedError when it raises, takes too long or answers something else.

        `WebhookRefusedError` is an answer and comes through as it is.
        """
        request = Request(Target(self.kind, method, self.key), arguments, named)
        check = answers.OF_METHODS.get(method, same)
        return await self._runner.call(self._placed, request, check=check, budget_seconds=budget_seconds)

    async def pages(
        self, method: str, /, *arguments: object, rows: int = PAGE_ROWS, budget_seconds: float | None = None
    ) -> AsyncGenerator[Sequence[object], None]:
        """What an iterating method such as `rows` gives, so many at a time; the budget is that of one page."""
        request = Request(Target(self.kind, method, self.key), arguments, rows=rows)
        check = answers.rows if method == "rows" else same
        given = self._runner.pages(self._placed, request, check=check, budget_seconds=budget_seconds)
        async with aclosing(given) as pages:
            async for page in pages:
                yield page
