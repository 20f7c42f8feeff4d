"""The hooks: what each is for, its family, and how answers of many plugins are dealt with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import pluggy

PROJECT = "arrears"
ENTRY_POINT_GROUP = "arrears.plugins"

_spec = pluggy.HookspecMarker(PROJECT)
FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


class Family(StrEnum):
    """What a hook's answers are for, which decides how they are combined and what a failure does."""

    REGISTRATION = "REGISTRATION"
    DECISION = "DECISION"
    CONTRIBUTION = "CONTRIBUTION"
    DATA_DUTY = "DATA_DUTY"

    @property
    def verbs(self) -> tuple[str, ...]:
        """With what the names of its hooks begin."""
        return _VERBS[self]

    @property
    def combined(self) -> str:
        """How answers of several plugins become one."""
        return _COMBINED[self]

    @property
    def on_failure(self) -> str:
        """What happens when a plugin raises, takes too long or answers something else."""
        return _ON_FAILURE[self]


_VERBS: Mapping[Family, tuple[str, ...]] = {
    Family.REGISTRATION: ("register_",),
    Family.DECISION: ("rule_on_",),
    Family.CONTRIBUTION: ("propose_", "score_", "rank_"),
    Family.DATA_DUTY: ("export_", "erase_"),
}
_COMBINED: Mapping[Family, str] = {
    Family.REGISTRATION: "Put side by side; a key that two plugins use stops the start.",
    Family.DECISION: "The strictest wins: allow, warn, require (all), defer (latest), deny. Every finding is kept.",
    Family.CONTRIBUTION: "All are kept, each with its plugin; plugins never see each other's.",
    Family.DATA_DUTY: "All must succeed.",
}
_ON_FAILURE: Mapping[Family, str] = {
    Family.REGISTRATION: "The plugin is disabled with its reason; if it is required, the start stops.",
    Family.DECISION: "Closed: the act is denied, naming the plugin.",
    Family.CONTRIBUTION: "Open: the contribution is left out, logged and shown.",
    Family.DATA_DUTY: "Tried again with growing waits, then handed to a person.",
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook: its name is the name of the method of `Plugin` that implements it.

    `batch` tells whether it is asked about many things at once and answers one for each, in their order.
    `budget_seconds` is how long one call may take before it counts as failed.
    """

    name: str
    family: Family
    batch: bool
    budget_seconds: float


def _hooks() -> dict[str, Hook]:
    registration = ("strategies", "gateways", "importers", "subscribers", "graphql")
    hooks = [Hook(f"register_{what}", Family.REGISTRATION, False, 5.0) for what in registration]
    hooks += [Hook(f"rule_on_{what}", Family.DECISION, True, 2.0) for what in ("contacts", "payments", "actions")]
    hooks += [Hook("score_accounts", Family.CONTRIBUTION, True, 10.0)]
    hooks += [Hook(f"{verb}_personal_data", Family.DATA_DUTY, False, 30.0) for verb in ("export", "erase")]
    return {hook.name: hook for hook in hooks}


HOOKS: Mapping[str, Hook] = _hooks()


def hook(function: FunctionT) -> FunctionT:
    """Marks a method of `Plugin` as the specification of the hook of that name."""
    if function.__name__ not in HOOKS:
        raise ValueError(f"{function.__name__} is no hook")
    return _spec(function)


class HookManager(pluggy.PluginManager):
    """The plugins of a process. A method that overrides one of `Plugin`'s hooks implements it, without decoration."""

    def __init__(self, specifications: type) -> None:
        super().__init__(PROJECT)
        self._base = specifications
        self.add_hookspecs(specifications)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """The options of an implementation; None for everything that overrides no hook."""
        if name not in HOOKS or not implements(type(plugin), self._base, name):
            return None
        return {
            "wrapper": False,
            "hookwrapper": False,
            "optionalhook": False,
            "tryfirst": False,
            "trylast": False,
            "specname": None,
        }


def implements(plugin: type, base: type, hook: str) -> bool:
    """Whether a plugin class has its own implementation of a hook of the base class."""
    found = inspect.getattr_static(plugin, hook, None)
    return found is not None and found is not inspect.getattr_static(base, hook)
