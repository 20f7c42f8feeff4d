"""What a root field's own FROM item may ask for while its SQL is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SourceRequest:
    """Arguments and platform values of a planned root field, as SQL placeholders.

    A source returns the SQL of a FROM item (a table name or a parenthesised select) that has the entity table's
    columns; it must not put text into SQL that came from a caller: `argument` gives typed placeholders.
    """

    placeholder: Callable[[str], str | None]
    structural: Callable[[str], object]
    now: str
    principal: str
    require: Callable[[str | None, str], None]
    computed: Callable[[Callable[..., Any], str, tuple[str, ...]], str]

    def argument(self, name: str) -> str | None:
        """The typed placeholder of an argument (Python name), or None when it is absent or null."""
        return self.placeholder(name)

    def choice(self, name: str) -> object:
        """The value of an enum or boolean argument: part of the plan, so it may decide the shape of the SQL."""
        return self.structural(name)

    def derived(self, make: Callable[..., Any], sql_type: str, *names: str) -> str:
        """The typed placeholder of `make(vault, *values)` over the named arguments, None for an absent one.

        It is called anew for each request, so the value may be anything that one text of SQL serves.
        """
        return self.computed(make, sql_type, names)
