"""Attempts and past contacts for tests of the law, as small as they can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.testing import Builder
from arrears_sdk.views import ContactAttempt, Fact, Interaction
from arrears_sdk.vocabulary import (
    CommunicationChannel,
    Direction,
    Initiator,
    InteractionResult,
    PartyReached,
)

NOON = datetime(2026, 6, 9, 16, tzinfo=UTC)
"""Noon in New York on 9 June 2026."""
DEBT = "acct_1"


def attempt(at: datetime = NOON, **changes: object) -> ContactAttempt:
    """A live call to a debtor in New York about one debt, of which nothing is known."""
    built = Builder().contact_attempt()
    debtor = replace(built.debtor, time_zones=("America/New_York",))
    bare: dict[str, object] = {
        "at": at,
        "channel": CommunicationChannel.PHONE_CALL,
        "debtor": debtor,
        "accounts": (replace(built.accounts[0], id=DEBT),),
        "jurisdictions": frozenset({"US", "US-NY"}),
        **dict.fromkeys(("history", "holds", "facts", "notices", "licences"), ()),
        "attestations": frozenset(),
        "reply_to": None,
        "at_debtor_request": False,
        "initiated_by": Initiator.AGENCY,
    }
    return replace(built, **{**bare, **changes})  # type: ignore[arg-type]


def call(day: date, result: InteractionResult = InteractionResult.NO_ANSWER, **changes: object) -> Interaction:
    """A call placed at noon of a day, about the debt."""
    made = Interaction(
        id=f"intr_{day}_{result}",
        started_at=datetime(day.year, day.month, day.day, 16, tzinfo=UTC),
        channel=CommunicationChannel.PHONE_CALL,
        direction=Direction.OUTBOUND,
        result=result,
        party_reached=PartyReached.NONE,
        initiated_by=Initiator.AGENCY,
        debtor_local_date=day,
        account_ids=(DEBT,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def fact(kind: FactKind, starts_at: datetime = NOON - timedelta(days=1), **changes: object) -> Fact:
    """A fact that the debtor told a day ago."""
    made = Fact(id="fact_1", kind=kind, source=FactSource.DEBTOR, received_at=starts_at, starts_at=starts_at)
    return replace(made, **changes)  # type: ignore[arg-type]
