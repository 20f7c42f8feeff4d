"""When an Australian claim is barred by time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from arrears_sdk.law import debts
from arrears_sdk.law.known import Attempt, days
from arrears_sdk.law.limitation import is_barred
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account

YEARS = 6
NORTHERN_TERRITORY_YEARS = 3
_LASTING = frozenset({"WRITTEN", "SIGNED"})


def years(attempt: Attempt) -> int:
    """The period at the debtor's: three years in the Northern Territory, else six."""
    return NORTHERN_TERRITORY_YEARS if "AU-NT" in attempt.jurisdictions else YEARS


def expiry(attempt: Attempt, account: Account) -> date | None:
    """The last day of an account's period; None while it stands still."""
    return debts.expiry(attempt, account, years(attempt), _LASTING)


def barred_since(attempt: Attempt, accounts: Iterable[Account]) -> date | None:
    """The end of the period of the account whose claim is barred; None when none is."""
    today = days(attempt)[-1]
    ends = [expiry(attempt, account) for account in accounts]
    return min((end for end in ends if end is not None and is_barred(today, end)), default=None)


def not_barred_yet(attempt: Attempt, accounts: Iterable[Account]) -> Ruling | None:
    """Until when it is allowed where the first of the periods ends soon."""
    ends = [end for account in accounts if (end := expiry(attempt, account)) is not None]
    return debts.allowed_to(attempt, min(ends, default=None))
