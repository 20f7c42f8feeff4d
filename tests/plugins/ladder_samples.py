"""Ladders and accounts of every kind, for property tests of the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from arrears_dunning_ladder import Conditions, LadderConfig, PauseReason, Step
from arrears_sdk import frames
from arrears_sdk.vocabulary import (
    AccountStatus,
    ActionKind,
    CommunicationChannel,
    HoldKind,
    InteractionResult,
    Product,
)

TODAY = date(2026, 3, 2)
STATUSES = (AccountStatus.ACTIVE, AccountStatus.REOPENED, AccountStatus.LEGAL, AccountStatus.CLOSED)
PRODUCTS = (Product.CARD, Product.INVOICE, Product.MEDICAL)
RESULTS = (InteractionResult.SENT, InteractionResult.REFUSES, InteractionResult.TALKED)
CHANNELS = (CommunicationChannel.EMAIL, CommunicationChannel.SMS, CommunicationChannel.LETTER)
HOLDS = (HoldKind.VALIDATION, HoldKind.BANKRUPTCY, HoldKind.DISPUTE)
AMOUNTS = (Decimal(0), Decimal("20.005"), Decimal(100), Decimal("1234.56"))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value or none at all."""
    return st.none() | strategy


def some(*values: Any) -> st.SearchStrategy[frozenset[Any]]:
    """None of them mostly, or a few."""
    return st.just(frozenset()) | st.frozensets(st.sampled_from(values), max_size=2)


def pair(low: str, high: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Two bounds in order, of which either may be missing."""

    def named(bounds: tuple[Any, Any, bool, bool]) -> dict[str, Any]:
        least, most = sorted(bounds[:2])
        return {**({low: least} if bounds[2] else {}), **({high: most} if bounds[3] else {})}

    return st.tuples(values, values, st.booleans(), st.booleans()).map(named)


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    """What a step asks for, mostly nothing."""
    given: dict[str, Any] = {}
    if draw(st.booleans()):
        given |= draw(pair("balance_from", "balance_to", st.sampled_from(AMOUNTS)))
    if draw(st.booleans()):
        given |= draw(pair("score_from", "score_to", st.sampled_from((0.0, 0.3, 0.7, 1.0))))
    if draw(st.booleans()):
        given |= draw(pair("last_contact_days_from", "last_contact_days_to", st.integers(0, 30)))
    if draw(st.booleans()):
        given |= {"statuses": draw(some(*STATUSES)), "products": draw(some(*PRODUCTS))}
    if draw(st.booleans()):
        given["last_results"] = draw(some(*RESULTS))
    return Conditions(**given)


@st.composite
def ladders(draw: st.DrawFn) -> LadderConfig:
    """A ladder of up to five steps."""
    days = sorted(draw(st.lists(st.integers(-20, 90), min_size=1, max_size=5)))
    steps = []
    for place, day in enumerate(days):
        action = draw(st.sampled_from(("CONTACT", "CONTACT", "TASK", ActionKind.CHARGE_FEE.value)))
        channels = draw(st.permutations(CHANNELS))[: draw(st.integers(1, 2))] if action == "CONTACT" else ()
        steps.append(
            Step(
                name=f"step-{place}",
                from_days=day,
                until_days=draw(maybe(st.integers(day, day + 60))),
                action=action,
                channels=tuple(channels),
                template=draw(maybe(st.just(f"template-{place}"))),
                repeat_every_days=draw(maybe(st.integers(1, 40))) if place == len(days) - 1 else None,
                when=draw(conditions()),
            )
        )
    return LadderConfig(
        steps=tuple(steps),
        pause_on=draw(st.frozensets(st.sampled_from(PauseReason))),
        ignored_holds=draw(some(*HOLDS)),
        minimum_gap_days=draw(st.integers(1, 10)),
        at=time(draw(st.integers(0, 23))),
        time_zone=draw(st.sampled_from(("UTC", "America/New_York", "Asia/Kolkata"))),
    )


@st.composite
def rows(draw: st.DrawFn, number: int, debtors: int = 5) -> dict[str, Any]:
    """One account; ladders' templates are among those that were sent."""
    balance = draw(st.sampled_from((-100, 0, 1, 2_000, 2_001, 10_000, 123_456, 10**17)))
    due_on = TODAY - timedelta(days=draw(st.integers(-30, 120)))
    sent = draw(
        st.lists(st.sampled_from([f"{kind}-{n}" for kind in ("step", "template") for n in range(5)]), max_size=3)
    )
    since = draw(st.integers(0, 60)) if sent else None
    contact = draw(st.integers(0, since)) if since is not None else draw(maybe(st.integers(0, 60)))
    owner = draw(st.integers(0, debtors - 1))
    return {
        "account_id": f"acct_{number:032x}",
        "client_id": f"clnt_{owner % 2:032x}",
        "portfolio_id": None,
        "debtor_id": f"dbtr_{owner:032x}",
        "status": draw(st.sampled_from((AccountStatus.ACTIVE, *STATUSES))).value,
        "product": draw(st.sampled_from(PRODUCTS)).value,
        "purpose": "CONSUMER",
        "currency": draw(st.sampled_from(("USD", "JPY", "KWD", "CLF"))),
        "balance_minor": balance,
        "placed_minor": 100_000,
        "due_on": due_on,
        "placed_on": due_on,
        "days_past_due": (TODAY - due_on).days if balance > 0 else 0,
        "days_since_placed": (TODAY - due_on).days,
        "last_payment_on": None,
        "paid_minor": 0,
        "last_contact_at": None if contact is None else datetime(2026, 3, 2, tzinfo=UTC) - timedelta(days=contact),
        "last_contact_channel": None if contact is None else "LETTER",
        "last_result": None if contact is None else draw(st.sampled_from(RESULTS)).value,
        "days_since_contact": contact,
        "contacts": 0 if contact is None else 1,
        "contacts_7_days": 0,
        "right_party_contacts": 0,
        "last_template": sent[-1] if sent else None,
        "days_since_template": since,
        "templates": sent,
        "promise_open": draw(st.sampled_from((False, False, False, True))),
        "dispute_open": draw(st.sampled_from((False, False, False, True))),
        "holds": draw(st.just([]) | st.lists(st.sampled_from([kind.value for kind in HOLDS]), max_size=2, unique=True)),
        "contact_blocked": False,
        "channels": draw(st.lists(st.sampled_from([c.value for c in CHANNELS]), unique=True, max_size=3)),
        "score": draw(maybe(st.sampled_from((0.0, 0.3, 0.5, 0.7, 1.0)))),
    }


@st.composite
def accounts(draw: st.DrawFn, most: int = 12) -> list[dict[str, Any]]:
    """A handful of accounts of a few debtors of two clients."""
    return [draw(rows(number)) for number in range(draw(st.integers(0, most)))]


def frame(given: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """The frame of these accounts."""
    return pl.DataFrame(list(given), schema=frames.schema(frames.ACCOUNTS), orient="row")
