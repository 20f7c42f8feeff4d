"""What holds for every hook that hands over ports."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Iterator

from arrears_sdk.hooks import HOOKS
from arrears_sdk.ports.gateway import Gateway
from arrears_sdk.ports.graphql import GraphQLParts
from arrears_sdk.ports.importer import Importer
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.trial import Session, Trial, of_family

REGISTRATIONS = of_family("register_")
PORTS: dict[str, type] = {
    "register_strategies": Strategy,
    "register_gateways": Gateway,
    "register_importers": Importer,
    "register_subscribers": Subscriber,
}
KEYED = tuple(PORTS)
_KEY = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


@check(
    "registration.sync",
    "A registration that has to be awaited hands over nothing, and payments find no gateway.",
    hooks=REGISTRATIONS,
    needs=("plugin.lifecycle", "plugin.hooks"),
)
def registers_at_once(trial: Trial) -> None:
    """Registration hooks are plain methods that answer at once."""
    with trial.session() as session:
        for hook in trial.hooks(REGISTRATIONS):
            method = getattr(session.plugin, hook)
            if inspect.iscoroutinefunction(method):
                raise Violation(f"{hook} is async; make it a plain method and connect in start()")
            began = time.perf_counter()
            answer = session.ask(hook)
            taken = time.perf_counter() - began
            wanted = GraphQLParts if hook == "register_graphql" else (list, tuple)
            if not isinstance(answer, wanted):
                kind = "GraphQLParts" if hook == "register_graphql" else "a list or a tuple"
                raise Violation(f"{hook} gave {type(answer).__name__}, where {kind} is wanted")
            if taken > HOOKS[hook].budget_seconds:
                raise Violation(f"{hook} takes {taken:.1f} s, and has {HOOKS[hook].budget_seconds:g} s")


@check(
    "registration.ports",
    "A port with a method missing fails in the middle of a charge, with the money already on its way.",
    hooks=KEYED,
    needs=("registration.sync",),
)
def ports_are_whole(trial: Trial) -> None:
    """What is handed over has every method of its port, with the same parameters."""
    for hook, port in _ports(trial):
        protocol = PORTS[hook]
        if not isinstance(port, protocol):
            raise Violation(f"{hook} hands over {type(port).__name__}, which is no {protocol.__name__}")
        for name, specified in vars(protocol).items():
            if name.startswith("_") or not inspect.isfunction(specified):
                continue
            method = getattr(port, name)
            wanted, found = (
                list(inspect.signature(specified).parameters)[1:],
                list(inspect.signature(method).parameters),
            )
            if found[: len(wanted)] != wanted:
                raise Violation(f"{type(port).__name__}.{name} takes {found}, where {wanted} is wanted")
            if inspect.iscoroutinefunction(specified) != inspect.iscoroutinefunction(method):
                must = "must be async" if inspect.iscoroutinefunction(specified) else "must not be async"
                raise Violation(f"{type(port).__name__}.{name} {must}")


@check(
    "registration.keys",
    "Two ports under one key let chance decide through which provider a debtor's money goes.",
    hooks=KEYED,
    needs=("registration.ports",),
)
def keys_are_unique(trial: Trial) -> None:
    """Keys are lower-case words, and each stands for one port only."""
    for config in trial.settings:
        with trial.session(config) as session:
            for hook in trial.hooks(KEYED):
                keys = _keys(session, hook)
                if doubled := {key for key in keys if keys.count(key) > 1}:
                    raise Violation(f"{hook} hands over two ports called {', '.join(sorted(map(str, doubled)))}")
                for key in keys:
                    if not isinstance(key, str) or not _KEY.fullmatch(key):
                        raise Violation(f"{hook} hands over a port called {key!r}, where lower-case words are wanted")


@check(
    "registration.pure",
    "What is registered once and not again leaves a client without a gateway after the next change of settings.",
    hooks=REGISTRATIONS,
    needs=("registration.sync",),
)
def registers_the_same_again(trial: Trial) -> None:
    """Asked again, the same object and a new one hand over the same keys."""
    for hook in trial.hooks(REGISTRATIONS):
        with trial.session() as session:
            first, again = _keys(session, hook), _keys(session, hook)
        with trial.session() as session:
            other = _keys(session, hook)
        if not first == again == other:
            raise Violation(f"{hook} hands over {first} at first and {again if first != again else other} later")


def _keys(session: Session, hook: str) -> list[object]:
    if hook != "register_graphql":
        return [getattr(port, "key", None) for port in session.ports(hook)]
    parts = session.ask(hook)
    assert isinstance(parts, GraphQLParts)
    return [*(query.name for query in parts.queries), *(f"{each.on}.{each.name}" for each in parts.extensions)]


def _ports(trial: Trial) -> Iterator[tuple[str, object]]:
    for config in trial.settings:
        with trial.session(config) as session:
            for hook in trial.hooks(KEYED):
                for port in session.ports(hook):
                    yield hook, port
