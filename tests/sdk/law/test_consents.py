"""What a recorded consent allows: without an end for good, else to the last end."""

from __future__ import annotations

from datetime import UTC, datetime

from arrears_sdk.law.consents import while_in_force
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.views import Fact

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def consent(day: int | None) -> Fact:
    return Fact(
        id=f"f{day}",
        kind=FactKind.THIRD_PARTY_CONSENT,
        source=FactSource.DEBTOR,
        received_at=SINCE,
        starts_at=SINCE,
        ends_at=None if day is None else datetime(2026, 3, day, tzinfo=UTC),
        word="WRITTEN",
    )


def test_a_consent_without_an_end_sets_none() -> None:
    assert while_in_force([consent(2), consent(None)], "consent") is None
    assert while_in_force([], "consent") is None


def test_of_several_consents_the_last_end_counts() -> None:
    ruling = while_in_force([consent(2), consent(9)], "consent")
    assert ruling is not None
    assert ruling.until == datetime(2026, 3, 9, tzinfo=UTC)
