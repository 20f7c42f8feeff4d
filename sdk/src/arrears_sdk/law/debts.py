"""What is known about one debt of an attempt, and when the claim is barred by time."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, timedelta

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, in_force, latest, recorded
from arrears_sdk.law.limitation import Tolling, expires_on
from arrears_sdk.rules import CHANGES_SOON, first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ContactAttempt, Fact

_MOMENT = timedelta(microseconds=1)


def debts(attempt: Attempt) -> tuple[Account, ...]:
    """The debts that an attempt is about."""
    return attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)


def about(attempt: Attempt, kind: FactKind, account: Account) -> Fact | None:
    """The latest fact of a kind in force that is about a debt, or about all of them."""
    if not attempt.facts:
        return None
    return latest(fact for fact in in_force(attempt, kind) if fact.account_id in (None, account.id))


def for_all(attempt: Attempt, kind: FactKind) -> bool:
    """Whether a fact of a kind is in force for every debt of the attempt; where no debt is named, for all there are."""
    if not attempt.facts:
        return False
    named = debts(attempt)
    if not named:
        return any(fact.account_id is None for fact in in_force(attempt, kind))
    return all(about(attempt, kind, account) is not None for account in named)


def accrued_on(attempt: Attempt, account: Account) -> date:
    """The day on which a claim accrued; not recorded, the earliest day on which it can have been due."""
    found = about(attempt, FactKind.ACCRUED, account)
    if found is not None and found.on is not None:
        return found.on
    late = about(attempt, FactKind.DELINQUENT_SINCE, account)
    return account.due_on if late is None or late.on is None else min(late.on, account.due_on)


def acknowledged(attempt: Attempt, account: Account, words: Container[str | None]) -> list[date]:
    """The days of payments, and of acknowledgments in these words."""
    found = [] if account.last_payment_on is None else [account.last_payment_on]
    if attempt.facts:
        found += [
            fact.on
            for fact in recorded(attempt, FactKind.ACKNOWLEDGED)
            if fact.account_id in (None, account.id) and fact.word in words and fact.on is not None
        ]
    return found


def stood_still(attempt: Attempt, account: Account) -> list[Tolling]:
    """The spans in which the limitation period of a debt did not run."""
    if not attempt.facts:
        return []
    return [
        (day_of(attempt, fact.starts_at), None if fact.ends_at is None else day_of(attempt, fact.ends_at - _MOMENT))
        for fact in recorded(attempt, FactKind.TOLLING)
        if fact.account_id in (None, account.id)
    ]


def expiry(
    attempt: Attempt, account: Account, years: int, words: Container[str | None], *, restarts: Sequence[date] = ()
) -> date | None:
    """The last day of a limitation period of so many years; None while it does not run.

    Payments, acknowledgments in these words, and `restarts` begin it anew while it is not over.
    """
    return expires_on(
        accrued_on(attempt, account),
        years,
        restarts=[*acknowledged(attempt, account, words), *restarts],
        tolling=stood_still(attempt, account),
    )


def allowed_to(attempt: Attempt, ends: date | None, what: str = "The limitation period lasts") -> Ruling | None:
    """What is allowed while a period runs is allowed to its last day at most; nothing where that is far."""
    if ends is None or ends - days(attempt)[-1] > CHANGES_SOON:
        return None
    until = first_of_day(ends + ONE_DAY, attempt.debtor.time_zones)
    return Ruling.allow(until, reason=f"{what} to {ends.isoformat()}.")
