"""Keys that two plugins claim: settings could not tell which of them is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from arrears.plugins.ports import Ports
from arrears_sdk.rules import AnyPack


@dataclass
class Clashes:
    """Who claimed which key first."""

    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    found: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, plugin: str, ports: Ports) -> None:
        """Take note of what one object of a plugin registered."""
        claims = [("strategy", key) for key in ports.strategies]
        claims += [("gateway", key) for key in ports.gateways]
        claims += [("importer", key) for key in ports.importers]
        claims += [("GraphQL field", _in_schema(plugin, key)) for key in ports.fields]
        self._claim(plugin, claims)

    def add_rules(self, plugin: str, packs: Iterable[AnyPack]) -> None:
        """Take note of the rules of law in a plugin's packs: of each, one plugin says what it means."""
        self._claim(plugin, [("rule", id) for pack in packs for id in sorted({rule.id for rule in pack.rules})])

    def _claim(self, plugin: str, claims: Iterable[tuple[str, str]]) -> None:
        for what, key in claims:
            owner = self.owners.setdefault((what, key), plugin)
            clash = (what, key, *sorted((owner, plugin)))
            if owner != plugin and clash not in self.found:
                self.found.append((what, key, *sorted((owner, plugin))))  # type: ignore[arg-type]

    def forget(self, plugin: str) -> None:
        """A plugin gives up its keys."""
        self.owners = {key: owner for key, owner in self.owners.items() if owner != plugin}
        self.found = [one for one in self.found if plugin not in one[2:]]

    def of(self, plugin: str) -> str | None:
        """The first clash of a plugin as a sentence."""
        for what, key, one, other in self.found:
            if plugin in (one, other):
                return f"The plugins {one} and {other} both have the {what} {key!r}: disable one of them, or rename it."
        return None


def _in_schema(plugin: str, key: str) -> str:
    """The name that a plugin's field gets: `Query.bands` of `balance-score` is `Query.balanceScoreBands`."""
    on, _, name = key.partition(".")
    words = [*plugin.split("-"), *name.split("_")]
    return f"{on}.{words[0]}{''.join(word[:1].upper() + word[1:] for word in words[1:])}"
