"""The gate: contacts ruled on by every bundled pack that applies, and stored as decisions.

A debtor in New York with a history of 100 events over a year; one in five has facts. Floor: a bare loop over the same
rule functions, with nothing around it, in the same run.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

from arrears_sdk import ContactAttempt, Plugin, Ruling
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.law.words import Attestation, ContactParty, ContactPurpose
from arrears_sdk.plugin import Config
from arrears_sdk.rules import RulePack, chain
from arrears_sdk.testing import Builder
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.views import Interaction, Licence, Place
from arrears_sdk.vocabulary import CollectorRole, CommunicationChannel, DebtorKind, Initiator, Purpose, ResidenceKind
from arrears_us_federal import UsFederal
from arrears_us_states import UsStates
from benchmarks.results import Result, at_least, at_most

ATTEMPTS = 1_000
EVENTS = 100
ROUNDS = 7
LEAST_RULES, LEAST, MOST = 40, 10_000, 2.0
PLACES = chain("US", "NY", "NEW YORK")
NOON = datetime(2026, 6, 9, 16, tzinfo=UTC)
PACKS: tuple[type[Plugin[Config]], ...] = (UsFederal, UsStates)  # type: ignore[assignment]


def measure_gate(attempts: int = ATTEMPTS, rounds: int = ROUNDS) -> list[Result]:
    """Attempts per second of processor time through the packs, and the ratio to the bare loop."""
    plugins = [plugin(plugin.config_type(), FakeHost(name=plugin.name)) for plugin in PACKS]
    asked = [_attempt(number) for number in range(attempts)]
    functions = [function for plugin in plugins for function in _applied(plugin, asked[0])]
    through, bare = [], []
    for _ in range(rounds):
        through.append(_seconds(lambda batch: [plugin.rule_on_contacts(batch) for plugin in plugins], asked))
        bare.append(_seconds(lambda batch: _loop(functions, batch), asked))
    rate, ratio = attempts / statistics.median(through), statistics.median(through) / statistics.median(bare)
    what = f"contacts through the {len(functions)} rules that apply, history of {EVENTS} events"
    return [
        at_least("rules that apply to a call in New York City", len(functions), LEAST_RULES, digits=0),
        at_least(f"{what}, a second and core", rate, LEAST, digits=0),
        at_most(f"{what}, to a bare loop over the same functions", ratio, MOST),
    ]


def _applied(plugin: Plugin[Config], attempt: ContactAttempt) -> list[Callable[..., Ruling | None]]:
    """The functions of the rules that a plugin asks about such a contact, under its settings."""
    contacts = cast("RulePack[ContactAttempt]", plugin.packs[0]).under(cast("LawConfig", plugin.config))
    return [rule.function for rule in contacts.rules if rule.applies_to(attempt)]


def _loop(functions: Sequence[Callable[..., Ruling | None]], asked: Sequence[ContactAttempt]) -> None:
    for attempt in asked:
        for function in functions:
            function(attempt)


def _seconds(work: Callable[[list[ContactAttempt]], object], asked: Sequence[ContactAttempt]) -> float:
    """Processor time of a piece of work on facts that were loaded just now: nothing of them was looked at before."""
    batch = [replace(attempt, history=(*attempt.history,), facts=(*attempt.facts,)) for attempt in asked]
    # What was loaded is there before the work begins, and is not gone through at each collection.
    gc.collect()
    gc.freeze()
    try:
        began = time.process_time()
        work(batch)
        return time.process_time() - began
    finally:
        gc.unfreeze()


def _attempt(number: int) -> ContactAttempt:
    """A call about one debt of a consumer in New York City, in the middle of a day."""
    build = Builder(number)
    made = build.contact_attempt()
    at = NOON + timedelta(seconds=number)
    accounts = tuple(
        replace(account, purpose=Purpose.CONSUMER, collector_role=CollectorRole.THIRD_PARTY)
        for account in made.accounts[:1]
    )
    home = Place(kind=ResidenceKind.RESIDENCE, country="US", region="NY", city="NEW YORK")
    debtor = replace(
        made.debtor, kind=DebtorKind.PERSON, places=(home,), time_zones=("America/New_York",), deceased_on=None
    )
    return replace(
        made,
        at=at,
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=accounts,
        jurisdictions=PLACES,
        history=_history(build, at, accounts[0].id),
        holds=(),
        facts=made.facts if number % 5 == 0 else (),
        licences=tuple(Licence(place=place, kind="LICENCE", from_on=date(2020, 1, 1)) for place in sorted(PLACES)),
        attestations=frozenset(Attestation),
        purpose=ContactPurpose.COLLECT,
        party=ContactParty.DEBTOR,
        at_debtor_request=False,
        initiated_by=Initiator.AGENCY,
        reply_to=None,
    )


def _history(build: Builder, at: datetime, account_id: str) -> tuple[Interaction, ...]:
    """The contacts of a year, the newest first."""
    events = [build.interaction(at, (account_id,)) for _ in range(EVENTS)]
    starts = sorted((at - timedelta(minutes=build.random.randrange(1, 60 * 24 * 365)) for _ in events), reverse=True)
    return tuple(
        replace(event, started_at=start, debtor_local_date=start.date())
        for event, start in zip(events, starts, strict=True)
    )
