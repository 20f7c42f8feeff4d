"""What lets a port act: made by the platform's gate alone, for one act, and taken back when it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ACTING_METHODS = frozenset({"charge"})
"""The methods of ports that act on a debtor: each takes a request that carries a permit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The gate's leave to do one thing, `what`, before `expires_at`; behind it stands a stored decision.

    A plugin gets it with the request and need not look at it: the platform has redeemed it before.
    """

    id: str
    decision_id: str
    what: str
    expires_at: datetime

    def __post_init__(self) -> None:
        if not self.what:
            raise ValueError("a permit says what it permits: `what` must not be empty")
        if self.expires_at.tzinfo is None:
            raise ValueError("`expires_at` is an instant and needs a time zone")
