"""When an Australian claim is barred by time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, recorded
from arrears_sdk.law.limitation import expires_on, is_barred
from arrears_sdk.views import Account, Fact

YEARS = 6
NORTHERN_TERRITORY_YEARS = 3
# A payment may have been any debtor's doing; the record has its day only.
_LASTING = ("WRITTEN", "SIGNED")


def years(attempt: Attempt) -> int:
    """The period at the debtor's: three years in the Northern Territory, else six."""
    return NORTHERN_TERRITORY_YEARS if "AU-NT" in attempt.jurisdictions else YEARS


def expiry(attempt: Attempt, account: Account) -> date | None:
    """The last day of an account's period; None while it stands still."""
    own = [fact for fact in _of(attempt, FactKind.ACCRUED, account) if fact.on is not None]
    accrued = max((fact.on for fact in own if fact.on is not None), default=account.due_on)
    restarts = [
        fact.on
        for fact in _of(attempt, FactKind.ACKNOWLEDGED, account)
        if fact.on is not None and fact.word in _LASTING
    ]
    if account.last_payment_on is not None:
        restarts.append(account.last_payment_on)
    tolling = [
        (day_of(attempt, fact.starts_at), None if fact.ends_at is None else day_of(attempt, fact.ends_at - _MOMENT))
        for fact in _of(attempt, FactKind.TOLLING, account)
    ]
    return expires_on(accrued, years(attempt), restarts=restarts, tolling=tolling)


_MOMENT = timedelta(microseconds=1)


def _of(attempt: Attempt, kind: FactKind, account: Account) -> list[Fact]:
    return [fact for fact in recorded(attempt, kind) if fact.account_id in (None, account.id)]


def barred_since(attempt: Attempt, accounts: Iterable[Account]) -> date | None:
    """The end of the period of the account whose claim is barred; None when none is."""
    today = days(attempt)[0]
    ends = [expiry(attempt, account) for account in accounts]
    return min((end for end in ends if end is not None and is_barred(today, end)), default=None)
