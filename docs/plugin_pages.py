"""The reference page of plugins: hooks with their exact signatures, families, ports and checks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import arrears_sdk.testing.checks  # noqa: F401 - declares every check
from arrears_sdk.frames import ACCOUNTS, ACTIONS, Column
from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.importer import Importer
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.testing import CHECKS

PORTS = (Gateway, Importer, Strategy)


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
        yield f"### {port.__name__}"
        yield _prose(port)
        rows = ["| | |", "|---|---|"]
        for name, member in vars(port).items():
            if name.startswith("_") or not (isinstance(member, property) or inspect.isfunction(member)):
                continue
            shown = name if isinstance(member, property) else signature(member, name)
            rows.append(f"| `{shown.replace('|', chr(92) + '|')}` | {_prose(member)} |")
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
