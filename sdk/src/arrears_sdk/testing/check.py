"""What a check is: a stable id, what its violation would do to a debtor or to money, and a function that tries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears_sdk.hooks import HOOKS

if TYPE_CHECKING:
    from arrears_sdk.testing.trial import PluginClass, Trial

_ID = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")


class Violation(AssertionError):  # noqa: N818 - what was found, not a fault of the kit
    """The plugin does what the check forbids. The message says what it did, and what to change."""


class NotApplicable(Exception):  # noqa: N818 - an answer, not an error
    """The check has nothing to look at; the message says what would give it something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that is tried of every plugin that implements one of `hooks` (any plugin when there are none).

    `needs` names checks that have to pass before this one says anything new. One `of_packs` is tried only of plugins
    that name their rule packs.
    """

    id: str
    consequence: str
    hooks: tuple[str, ...]
    needs: tuple[str, ...]
    function: Callable[[Trial], None]
    of_packs: bool = False

    def concerns(self, plugin: PluginClass) -> bool:
        """Whether the plugin implements anything that this check looks at."""
        if self.of_packs and not plugin.packs:
            return False
        return not self.hooks or bool(set(self.hooks) & set(plugin.hooks()))


CHECKS: dict[str, Check] = {}
"""Every check by its id, in the order in which they are made."""


def check(
    id: str, consequence: str, *, hooks: Sequence[str] = (), needs: Sequence[str] = (), of_packs: bool = False
) -> Callable[[Callable[[Trial], None]], Callable[[Trial], None]]:
    """Declares the decorated function as a check. It raises `Violation`, or returns when all is well."""
    if id in CHECKS or not _ID.fullmatch(id):
        raise ValueError(f"{id!r} is taken, or is no id such as batch.law")
    if not consequence.endswith(".") or len(consequence) < 20:
        raise ValueError(f"{id} needs a sentence that says what a violation would do")
    if unknown := (set(hooks) - set(HOOKS)) | (set(needs) - set(CHECKS)):
        raise ValueError(f"{id} names {', '.join(sorted(unknown))}, which is not there (yet)")

    def declare(function: Callable[[Trial], None]) -> Callable[[Trial], None]:
        CHECKS[id] = Check(
            id=id,
            consequence=consequence,
            hooks=tuple(hooks),
            needs=tuple(needs),
            function=function,
            of_packs=of_packs,
        )
        return function

    return declare
