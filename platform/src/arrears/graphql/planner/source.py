"""What a root field's own FROM item may ask for while its SQL is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


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

    def argument(self, name: str) -> str | None:
        """The typed placeholder of an argument (Python name), or None when it is absent or null."""
        return self.placeholder(name)

    def choice(self, name: str) -> object:
        """The value of an enum or boolean argument: part of the plan, so it may decide the shape of the SQL."""
        return self.structural(name)
