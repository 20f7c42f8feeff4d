"""The reference page of plugins: hooks with their exact signatures, families, ports and checks."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator

import arrears_sdk.testing.checks  # noqa: F401 - declares every check
from arrears_sdk.events import EVENTS
from arrears_sdk.frames import ACCOUNTS, ACTIONS, Column
from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.host import Host, Values
from arrears_sdk.outcome import Declined, Done, NotSent, Pending, Unknown
from arrears_sdk.payloads import PAYLOADS
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.graphql import Extension, GraphQLParts, RootQuery
from arrears_sdk.ports.importer import Importer
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.rules import Rule, RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.testing import CHECKS
from arrears_sdk.views import Score

PORTS = (Gateway, Importer, Strategy, Subscriber, GraphQLParts, RootQuery, Extension)
TYPES = (RulePack, Rule, Ruling, Score, Done, Declined, Pending, NotSent, Unknown, Host, Values)


def signature(function: object, name: str) -> str:
    """A method as its author writes it: `score_accounts(self, accounts: Sequence[Account]) -> ...`."""
    assert callable(function)
    prefix = "async " if inspect.iscoroutinefunction(function) else ""
    return f"{prefix}{name}{inspect.signature(function)}".replace("'", "")


def hooks() -> Iterator[str]:
    """Every hook, family, port, frame and check."""
    yield "# Hooks and checks"
    yield (
        "A plugin is a class derived from `arrears_sdk.Plugin`; its hooks are the methods that it overrides. An "
        "`Answer[T]` is a `T` from a plain method, or an awaitable of it from an `async` one."
    )
    yield "## Families"
    rows = ["| family | names begin with | answers are combined | when a plugin fails |", "|---|---|---|---|"]
    for family in Family:
        verbs = ", ".join(f"`{verb}`" for verb in family.verbs)
        rows.append(f"| {family.value.lower().replace('_', ' ')} | {verbs} | {family.combined} | {family.on_failure} |")
    yield "\n".join(rows)
    yield "## Hooks"
    for name, hook in HOOKS.items():
        method = getattr(Plugin, name)
        yield f"### `{signature(method, name)}`"
        yield _prose(method)
        asked = "asked about many things at once" if hook.batch else "asked once"
        family = hook.family.value.lower().replace("_", " ")
        yield f"Family: {family}; {asked}; has {hook.budget_seconds:g} seconds. Checks: {_checks_of(name)}."
    yield from _ports()
    yield from _types()
    yield from _events()
    yield from _frames()
    yield from _check_list()


def _checks_of(hook: str) -> str:
    ids = [check.id for check in CHECKS.values() if hook in check.hooks]
    return ", ".join(f"[`{id}`](#{_anchor(id)})" for id in ids)


def _anchor(id: str) -> str:
    return re.sub(r"[^\w\- ]", "", id)


def _ports() -> Iterator[str]:
    yield "## Ports"
    yield "What registration hooks hand over."
    for port in PORTS:
        yield from _type(port)


def _types() -> Iterator[str]:
    yield "## Types"
    yield "What rules, answers and stores are made of."
    for type_ in TYPES:
        yield from _type(type_)


def _type(type_: type) -> Iterator[str]:
    """A class with its fields, properties and methods."""
    yield f"### {type_.__name__}"
    if dataclasses.is_dataclass(type_):
        fields = ", ".join(f"{each.name}: {each.type}" for each in dataclasses.fields(type_) if each.init)
        yield f"`{type_.__name__}({fields})`"
    yield _prose(type_)
    rows = ["| | |", "|---|---|"]
    for name, member in vars(type_).items():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if name.startswith("_") or not (isinstance(function, property) or inspect.isfunction(function)):
            continue
        shown = name if isinstance(function, property) else signature(function, name)
        rows.append(f"| `{shown.replace('|', chr(92) + '|')}` | {_prose(function)} |")
    if len(rows) > 2:
        yield "\n".join(rows)


def _events() -> Iterator[str]:
    yield "## Events"
    yield (
        "What a `Subscriber` can be told of, and the keys that its payload always has. `ClientUpdated` and "
        "`PortfolioUpdated` hold what was changed, under the names of `ClientCreated` and `PortfolioCreated`."
    )
    rows = ["| event | meaning | payload |", "|---|---|---|"]
    for name, meaning in EVENTS.items():
        rows.append(f"| `{name}` | {meaning} | {', '.join(f'`{key}`' for key in PAYLOADS[name])} |")
    yield "\n".join(rows)


def _frames() -> Iterator[str]:
    yield "## Frames"
    yield "The columns of the frame that a strategy gets, and of the one that it gives."
    for title, columns in (("Accounts", ACCOUNTS), ("Actions", ACTIONS)):
        yield f"### {title}"
        yield "\n".join(["| column | type | meaning |", "|---|---|---|", *map(_column, columns)])


def _column(column: Column) -> str:
    return f"| `{column.name}` | {column.dtype}{', may be null' if column.nullable else ''} | {column.meaning} |"


def _check_list() -> Iterator[str]:
    yield "## Checks"
    yield (
        "What `conformance(...)` tries of a plugin, and what a violation would do to a debtor or to money. An "
        'exemption names the id and a reason: `conformance(MyPlugin, exemptions={"batch.in-time": "why"})`.'
    )
    for check in CHECKS.values():
        yield f"### {check.id}"
        yield f"{_prose(check.function)} {check.consequence}"


def _prose(documented: object) -> str:
    return " ".join((inspect.getdoc(documented) or "").split())
