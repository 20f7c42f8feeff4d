"""What a consent or another leave that was recorded allows, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Fact


def while_in_force(facts: Iterable[Fact], reason: str) -> Ruling | None:
    """Nothing said when one of the facts has no end; else allowed no longer than to the last of their ends."""
    ends: list[datetime] = []
    for fact in facts:
        if fact.ends_at is None:
            return None
        ends.append(fact.ends_at)
    return Ruling.allow(max(ends), reason=reason) if ends else None
