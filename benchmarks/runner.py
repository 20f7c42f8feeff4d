"""What the host adds to a plugin's own work: a batch of attempts ruled on through it, and by the plugin directly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from arrears.plugins.discovery import of_class
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.source import FixedSettings
from arrears_sdk import ContactAttempt, Plugin, Ruling
from arrears_sdk.clock import SystemClock
from arrears_sdk.money import Money
from arrears_sdk.rules import RulePack, chain
from arrears_sdk.testing.hosts import FakeHost
from arrears_sdk.views import Account, Debtor, Interaction
from arrears_sdk.vocabulary import (
    AccountStatus,
    CollectorRole,
    CommunicationChannel,
    DebtorKind,
    Direction,
    Initiator,
    InteractionResult,
    PartyReached,
    Product,
    Purpose,
)
from benchmarks.results import Result, at_most

ATTEMPTS = 1_000
ROUNDS = 40
MOST = 1.5
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PACK: RulePack[ContactAttempt] = RulePack("benchmark")


def _add(number: int, function: Callable[[ContactAttempt], Ruling | None], jurisdiction: str = "US") -> None:
    function.__doc__ = f"Rule {number} of the benchmark."
    PACK.rule(f"benchmark.{number}", citation=f"Section {number}", jurisdiction=jurisdiction)(function)


def _hours(attempt: ContactAttempt) -> Ruling | None:
    late = attempt.at.hour >= 21 or attempt.at.hour < 8
    return Ruling.defer(attempt.at + timedelta(hours=12), "outside the hours") if late else None


def _at_most_seven(attempt: ContactAttempt) -> Ruling | None:
    week = attempt.at - timedelta(days=7)
    calls = sum(one.started_at >= week and one.direction is Direction.OUTBOUND for one in attempt.history)
    return Ruling.deny("seven calls in seven days") if calls >= 7 else None


def _after_talking(attempt: ContactAttempt) -> Ruling | None:
    week = attempt.at - timedelta(days=7)
    for one in attempt.history:
        if one.started_at >= week and one.debt_discussed:
            return Ruling.defer(one.started_at + timedelta(days=7), "talked to this week")
    return None


def _consent(attempt: ContactAttempt) -> Ruling | None:
    if attempt.channel is CommunicationChannel.SMS and not attempt.debtor.consents:
        return Ruling.require("consent.sms", "texts need consent")
    return None


def _holds(attempt: ContactAttempt) -> Ruling | None:
    return Ruling.deny("on hold") if any(account.holds for account in attempt.accounts) else None


def _small(attempt: ContactAttempt) -> Ruling | None:
    owed = sum(account.balance.minor for account in attempt.accounts)
    return Ruling.warn("hardly worth a call") if owed < 1_000 else None


def _declared() -> None:
    for jurisdiction in ("US", "US-NY"):
        for function in (_hours, _at_most_seven, _after_talking, _consent, _holds, _small):
            _add(len(PACK.rules) + 1, function, jurisdiction)


_declared()


class TwelveRules(Plugin):
    """Twelve rules over the history, the hour, consent, holds and the balance."""

    name = "twelve-rules"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        return PACK.rule_on(attempts)


async def measure_runner(attempts: int = ATTEMPTS, rounds: int = ROUNDS) -> list[Result]:
    """The ratio of both, from rounds that take turns."""
    asked = [_attempt(number) for number in range(attempts)]
    places = [DEPLOYMENT] * attempts
    snapshot = SettingsSnapshot(1, {DEPLOYMENT: {"twelve-rules": GroupSettings(enabled=True)}})
    host = PluginHost(FixedSettings(snapshot), clock=SystemClock(), candidates=[of_class(TwelveRules)])
    await host.open()
    plugin = TwelveRules(TwelveRules.config_type(), FakeHost())  # type: ignore[arg-type]
    try:
        direct, through = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            expected = plugin.rule_on_contacts(asked)
            middle = time.perf_counter()
            found = await host.rule("rule_on_contacts", asked, places)
            ended = time.perf_counter()
            assert [one.verdict for one in expected] == [one.verdict for one in found]
            direct.append(middle - began)
            through.append(ended - middle)
    finally:
        await host.close()
    ratio = statistics.median(through) / statistics.median(direct)
    return [at_most(f"{attempts:,} attempts ruled on through the host, to the plugin called directly", ratio, MOST)]


def _attempt(number: int) -> ContactAttempt:
    debtor = Debtor(id=f"dbtr_{number:032x}", kind=DebtorKind.PERSON, time_zones=("America/New_York",))
    history = tuple(
        Interaction(
            id=f"intr_{number:016x}{place:016x}",
            started_at=NOON - timedelta(days=place * 2 + 1),
            channel=CommunicationChannel.PHONE_CALL,
            direction=Direction.OUTBOUND,
            result=InteractionResult.NO_ANSWER,
            party_reached=PartyReached.NONE,
            initiated_by=Initiator.AGENCY,
            debtor_local_date=date(2026, 3, 1),
            debt_discussed=(number + place) % 5 == 0,
        )
        for place in range(number % 8)
    )
    return ContactAttempt(
        at=NOON + timedelta(hours=number % 12),
        channel=CommunicationChannel.SMS if number % 3 else CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(_account(number),),
        jurisdictions=chain("US", "NY" if number % 2 else "TX"),
        history=history,
    )


def _account(number: int) -> Account:
    return Account(
        id=f"acct_{number:032x}",
        client_id=f"clnt_{1:032x}",
        portfolio_id=None,
        debtor_id=f"dbtr_{number:032x}",
        product=Product.CARD,
        purpose=Purpose.CONSUMER,
        status=AccountStatus.ACTIVE,
        collector_role=next(iter(CollectorRole)),
        balance=Money.parse(f"{number % 500}.00", "USD"),
        placed=Money.parse("500.00", "USD"),
        opened_on=date(2024, 5, 1),
        due_on=date(2026, 1, 31),
        placed_on=date(2026, 2, 10),
        days_past_due=30,
        as_of=date(2026, 3, 2),
    )
