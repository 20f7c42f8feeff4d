"""Which rows a principal may see, and how the database is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True)
class Scope:
    """The rows that a transaction may touch: everything, or those of the listed clients, teams and accounts.

    A limited scope with nothing listed sees no client's rows. `staff` is true for people of the agency, who also see
    what other clients supplied about a debtor that they may see; `debtor` is the person whose own rows are shown.
    """

    kind: Literal["all", "limited"]
    staff: bool
    clients: tuple[UUID, ...] = ()
    teams: tuple[UUID, ...] = ()
    accounts: tuple[UUID, ...] = ()
    debtor: UUID | None = None

    @classmethod
    def everything(cls) -> Scope:
        """The scope of the agency itself: no limit."""
        return cls(kind="all", staff=True)

    def settings(self) -> dict[str, str]:
        """The settings that the row-level policies read; '' means none."""
        return {
            "app.scope": self.kind,
            "app.staff": "on" if self.staff else "",
            "app.clients": _array(self.clients),
            "app.teams": _array(self.teams),
            "app.accounts": _array(self.accounts),
            "app.debtor": "" if self.debtor is None else str(self.debtor),
        }


def _array(ids: Iterable[UUID]) -> str:
    listed = ",".join(map(str, ids))
    return "{" + listed + "}" if listed else ""
