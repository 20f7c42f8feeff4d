"""Asks about acts and payments: each is about one debt, and the settings of its place decide who is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from arrears.compliance.attempts import Attempt
from arrears.compliance.facts import (
    WantedAction,
    WantedPayment,
    account_places,
    action_attempts,
    facts_digest,
    payment_attempts,
)
from arrears.compliance.gathering import Source
from arrears.compliance.model import ActAnswer, ActQuestion, PaymentAnswer, PaymentQuestion, PlacedRuling
from arrears.compliance.ruling import ACTIONS, PAYMENTS, asked_plugins, rulings_of
from arrears.compliance.state import HOLD_RULE, NEVER_RULE, platform_says
from arrears.debtors.zones import place_code
from arrears.kernel.database import Connection
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.errors import InputError, NotFoundError
from arrears_sdk.ids import decode_id
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ActionAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, HoldBlock, Initiator

MOST_ROUNDS = 50
STOPPED_BY_HOLDS = frozenset({Initiator.AGENCY, Initiator.CLIENT})
"""Whose payments a hold stops: what the debtor wants to pay, nobody refuses."""

_LEGAL = frozenset(
    {
        ActionKind.SUE,
        ActionKind.SEEK_DEFAULT_JUDGMENT,
        ActionKind.ENFORCE_JUDGMENT,
        ActionKind.REPOSSESS,
        ActionKind.THREATEN_SUIT,
        ActionKind.EVICT,
    }
)

AttemptT = TypeVar("AttemptT", PaymentAttempt, ActionAttempt)


@dataclass(frozen=True)
class _Asked(Generic[AttemptT]):
    """How one question is asked: which hook, what the attempt is at an instant, and what the platform says itself."""

    hook: str
    place: Place
    attempt_at: Callable[[datetime], Awaitable[AttemptT]]
    own: Callable[[AttemptT], Ruling]


@dataclass(frozen=True)
class _Said(Generic[AttemptT]):
    """What was answered in the end."""

    attempt: AttemptT
    ruling: Ruling
    until: datetime | None
    rounds: int
    later: Ruling


async def ask_about_act(source: Source, host: PluginHost, question: ActQuestion) -> ActAnswer:
    """Whether something may be done about a debt; nothing is stored. NotFoundError for a debt that is not seen."""
    if question.place is not None:
        question = replace(question, place=_spelt(question.place))
    place = await _place(source, question.account_id)

    async def attempt_at(at: datetime) -> ActionAttempt:
        return (await action_attempts(source, [_wanted_act(question, at)], host))[0]

    block = _block(question.action)
    said = await _ask(host, _Asked(ACTIONS, place, attempt_at, lambda attempt: _held(attempt, block)), question.at)
    snapshot = await host.snapshot()
    asked = asked_plugins(host, snapshot, place, ACTIONS)
    return ActAnswer(
        question=question,
        debtor_id=decode_id("dbtr", said.attempt.debtor.id),
        parts=(PlacedRuling(place, (question.account_id,), said.ruling, asked, said.attempt),),
        until=said.until,
        rounds=said.rounds,
        facts_digest=facts_digest([said.attempt]),
        settings_version=snapshot.version,
        later=platform_says(said.later, snapshot.version),
    )


async def ask_about_payment(source: Source, host: PluginHost, question: PaymentQuestion) -> PaymentAnswer:
    """Whether money may be taken for a debt; nothing is stored. NotFoundError for a debt that is not seen."""
    place = await _place(source, question.account_id)

    async def attempt_at(at: datetime) -> PaymentAttempt:
        return (await payment_attempts(source, [_wanted_payment(question, at)], host))[0]

    block = HoldBlock.PAYMENT_RUN if question.initiated_by in STOPPED_BY_HOLDS else None
    said = await _ask(host, _Asked(PAYMENTS, place, attempt_at, lambda attempt: _held(attempt, block)), question.at)
    snapshot = await host.snapshot()
    asked = asked_plugins(host, snapshot, place, PAYMENTS)
    return PaymentAnswer(
        question=question,
        debtor_id=decode_id("dbtr", said.attempt.debtor.id),
        parts=(PlacedRuling(place, (question.account_id,), said.ruling, asked, said.attempt),),
        until=said.until,
        rounds=said.rounds,
        facts_digest=facts_digest([said.attempt]),
        settings_version=snapshot.version,
        later=platform_says(said.later, snapshot.version),
    )


async def act_shown(connection: Connection, host: PluginHost, question: ActQuestion) -> list[Attempt]:
    """What the rules would be shown of an act."""
    return [*await action_attempts(connection, [_wanted_act(question, question.at)], host)]


async def payment_shown(connection: Connection, host: PluginHost, question: PaymentQuestion) -> list[Attempt]:
    """What the rules would be shown of a payment."""
    return [*await payment_attempts(connection, [_wanted_payment(question, question.at)], host)]


def _spelt(place: str) -> str:
    """A place as rules spell it; InputError for what is none."""
    code = place_code(place)
    if code is None:
        message = f"{place[:60]!r} is no place: give a country and its region, such as US-NY."
        raise InputError(message, field=("place",))
    return code


async def _place(source: Source, account_id: UUID) -> Place:
    place = (await account_places(source, [account_id])).get(account_id)
    if place is None:
        raise NotFoundError("There is no such record (acct) that you may see.", field=("accountId",))
    return place


async def _ask(host: PluginHost, asked: _Asked[AttemptT], at: datetime) -> _Said[AttemptT]:
    """The ruling, and for a DEFER the instant at which everything stands: asked again there, and so on."""
    attempt = await asked.attempt_at(at)
    ruling = await _ruling(host, asked, attempt)
    until, rounds, later = ruling.until, 0, Ruling()
    if ruling.verdict is not Verdict.DEFER:
        return _Said(attempt, ruling, until, 0, later)
    while until is not None and rounds < MOST_ROUNDS:
        rounds += 1
        then = await _ruling(host, asked, await asked.attempt_at(until))
        if then.verdict < Verdict.DEFER:
            return _Said(attempt, ruling, until, rounds, later)
        moved = then.until is not None and then.until > until
        if not moved:
            why = "; ".join(f"{finding.plugin}: {finding.reason}" for finding in then.deciding)
            later = Ruling.deny(
                f"No later instant stands: at {until.isoformat()} it would still not be allowed ({why}).",
                rule=NEVER_RULE,
            )
        until = then.until if moved else None
    if until is not None:
        later = Ruling.deny(f"No later instant stands, after {rounds} rounds.", rule=NEVER_RULE)
    return _Said(attempt, ruling, None, rounds, later)


async def _ruling(host: PluginHost, asked: _Asked[AttemptT], attempt: AttemptT) -> Ruling:
    (said,) = await rulings_of(host, asked.hook, [attempt], [asked.place])
    return said | platform_says(asked.own(attempt), (await host.snapshot()).version)


def _block(action: ActionKind) -> HoldBlock | None:
    """What a hold has to block to stop an act."""
    if action in _LEGAL:
        return HoldBlock.LEGAL
    blocks = {ActionKind.FURNISH: HoldBlock.CREDIT_REPORT, ActionKind.CHARGE_INTEREST: HoldBlock.INTEREST}
    return blocks.get(action)


def _held(attempt: PaymentAttempt | ActionAttempt, block: HoldBlock | None) -> Ruling:
    """What holds in force say; holds are found on the debt and on its debtor."""
    what = "payments that the debtor did not ask for" if block is HoldBlock.PAYMENT_RUN else "this"
    held = [hold for hold in attempt.holds if block is not None and block in hold.blocks]
    return Ruling.combine(
        Ruling.defer(hold.ends_at, f"A hold ({hold.kind}) stops {what}.", rule=HOLD_RULE)
        if hold.ends_at is not None and block is not HoldBlock.PAYMENT_RUN
        else Ruling.deny(f"A hold ({hold.kind}) stops {what}.", rule=HOLD_RULE)
        for hold in held
    )


def _wanted_act(question: ActQuestion, at: datetime) -> WantedAction:
    return WantedAction(
        at=at,
        kind=question.action,
        account_id=question.account_id,
        amount=question.amount,
        debtor_id=question.debtor_id,
        planned_on=question.planned_on,
        rate=question.rate,
        place=question.place,
        content=question.content,
    )


def _wanted_payment(question: PaymentQuestion, at: datetime) -> WantedPayment:
    return WantedPayment(
        at=at,
        account_id=question.account_id,
        amount=question.amount,
        method=question.method,
        gateway=question.gateway,
        initiated_by=question.initiated_by,
        debtor_id=question.debtor_id,
        recurring=question.recurring,
        previous=question.previous,
    )
