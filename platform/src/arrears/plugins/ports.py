"""What a plugin registers, collected and checked; and what a call is aimed at."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from arrears.plugins.answers import WrongAnswerError
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.graphql import Extension, GraphQLParts, RootQuery
from arrears_sdk.ports.importer import Importer
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.ports.subscriber import Subscriber

PortT = TypeVar("PortT")
AnyPlugin = Plugin
GraphQLField = RootQuery | Extension


class WrongRegistrationError(Exception):
    """What a plugin registers is not what its hook asks for."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is called: a hook of the plugin itself, or a method of something that it registered."""

    kind: str
    method: str
    key: str = ""

    @property
    def label(self) -> str:
        """Under which it is measured and told of: `rule_on_contacts`, `gateways stripe.charge`."""
        return self.method if self.kind == "hook" else f"{self.kind} {self.key}.{self.method}"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: its target and arguments. With `pages` it asks for the next so many of what an iterator gives.

    `first` begins with the iterator, `last` ends it before it is exhausted.
    """

    target: Target
    arguments: tuple[object, ...] = ()
    named: Mapping[str, object] = field(default_factory=dict)
    pages: str | None = None
    rows: int = 0
    first: bool = False
    last: bool = False


@dataclass(frozen=True)
class Ports:
    """Everything that one object of a plugin registered, by key."""

    strategies: Mapping[str, Strategy] = field(default_factory=dict)
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    importers: Mapping[str, Importer] = field(default_factory=dict)
    subscribers: Mapping[str, Subscriber] = field(default_factory=dict)
    graphql: GraphQLParts = field(default_factory=GraphQLParts)
    fields: Mapping[str, GraphQLField] = field(default_factory=dict)

    def find(self, target: Target) -> Callable[..., object]:
        """The bound method that a call is aimed at."""
        ports: Mapping[str, object] = getattr(self, target.kind)
        found = getattr(ports[target.key], target.method)
        if not callable(found):
            raise WrongRegistrationError(f"{target.label} is no method")
        return found  # type: ignore[no-any-return]


@dataclass(eq=False)
class Instance:
    """One object of a plugin with what it registered."""

    plugin: AnyPlugin
    ports: Ports
    iterators: dict[str, Iterator[object]] = field(default_factory=dict)
    calls: int = 0

    def perform(self, request: Request) -> object:
        """Make the call. Runs on the plugin's own thread, or in its process."""
        if request.pages is None:
            return self._find(request.target)(*request.arguments, **request.named)
        if request.first:
            given = self._find(request.target)(*request.arguments, **request.named)
            if not isinstance(given, Iterable):
                raise WrongAnswerError(f"answered with a {type(given).__name__}, which gives no rows")
            self.iterators[request.pages] = iter(given)
        if request.last:
            given_up = self.iterators.pop(request.pages, None)
            if isinstance(given_up, Generator):
                given_up.close()
            return []
        iterator = self.iterators.get(request.pages)
        if iterator is None:
            raise WrongAnswerError("lost its place, because it was stopped in between")
        page = list(islice(iterator, request.rows))
        if len(page) < request.rows:
            self.iterators.pop(request.pages, None)
        return page

    def _find(self, target: Target) -> Callable[..., object]:
        if target.kind == "hook":
            return getattr(self.plugin, target.method)  # type: ignore[no-any-return]
        return self.ports.find(target)


def collect(plugin: AnyPlugin, hooks: Sequence[str]) -> Ports:
    """Ask one object of a plugin for all that it registers. Called on the plugin's own thread."""
    found: dict[str, object] = {}
    kinds: dict[str, type] = {
        "strategies": Strategy,
        "gateways": Gateway,
        "importers": Importer,
        "subscribers": Subscriber,
    }
    for what, kind in kinds.items():
        if f"register_{what}" in hooks:
            found[what] = _by_key(what, getattr(plugin, f"register_{what}")(), kind)
    if "register_graphql" in hooks:
        parts = plugin.register_graphql()
        if not isinstance(parts, GraphQLParts):
            raise WrongRegistrationError(f"register_graphql gave {type(parts).__name__} and not GraphQLParts")
        found["graphql"], found["fields"] = parts, _fields(parts)
    return Ports(**found)  # type: ignore[arg-type]


def field_key(on: str | None, name: str) -> str:
    """By what a plugin's GraphQL field is found: `Query.bands`, `Account.band`."""
    return f"{on or 'Query'}.{name}"


def _by_key(what: str, given: object, kind: type[PortT]) -> dict[str, PortT]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise WrongRegistrationError(f"register_{what} gave {type(given).__name__} and not a sequence")
    ports: dict[str, PortT] = {}
    for port in given:
        if not isinstance(port, kind):
            raise WrongRegistrationError(f"register_{what} gave {type(port).__name__}, which is no {kind.__name__}")
        key = getattr(port, "key", None)
        if not isinstance(key, str) or not key:
            raise WrongRegistrationError(f"register_{what} gave {type(port).__name__} without a key")
        if key in ports:
            raise WrongRegistrationError(f"register_{what} gave the key {key!r} twice")
        ports[key] = port
    return ports


def _fields(parts: GraphQLParts) -> dict[str, GraphQLField]:
    fields: dict[str, GraphQLField] = {}
    every: list[GraphQLField] = [*parts.queries, *parts.extensions]
    for one in every:
        key = field_key(one.on if isinstance(one, Extension) else None, one.name)
        if key in fields:
            raise WrongRegistrationError(f"register_graphql gave {key} twice")
        fields[key] = one
    return fields
