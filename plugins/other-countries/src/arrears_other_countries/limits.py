"""Limitation periods as the countries of this pack have them: a claim's age, and who may not collect it then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, recorded
from arrears_sdk.law.limitation import expires_on, is_barred
from arrears_sdk.law.requirements import fact
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, Fact


def about(attempt: Attempt, kind: FactKind, account: Account) -> tuple[Fact, ...]:
    """The facts of a kind about one debt, or about all debts of the debtor."""
    return tuple(one for one in recorded(attempt, kind) if one.account_id in (None, account.id))


def expiry(
    attempt: Attempt, account: Account, years: int, *, restarting: Collection[str] = ("SIGNED", "WRITTEN")
) -> date | None:
    """The last day of the period; a payment or an acknowledgment of one of these forms begins it anew."""
    accrued = [one.on for one in about(attempt, FactKind.ACCRUED, account) if one.on is not None]
    restarts = [
        one.on
        for one in about(attempt, FactKind.ACKNOWLEDGED, account)
        if one.on is not None and one.word in restarting
    ]
    if account.last_payment_on is not None:
        restarts.append(account.last_payment_on)
    tolling = [
        (day_of(attempt, one.starts_at), None if one.ends_at is None else day_of(attempt, one.ends_at))
        for one in about(attempt, FactKind.TOLLING, account)
    ]
    return expires_on(max(accrued, default=account.due_on), years, restarts=restarts, tolling=tolling)


def barred(
    attempt: Attempt, account: Account, years: int, *, restarting: Collection[str] = ("SIGNED", "WRITTEN")
) -> Ruling | None:
    """A denial when the period is over; it names the accrual as the missing fact where that is not recorded."""
    ends = expiry(attempt, account, years, restarting=restarting)
    if ends is None or not is_barred(days(attempt)[0], ends):
        return None
    known = about(attempt, FactKind.ACCRUED, account)
    return Ruling.deny(
        f"The claim is barred since {ends.isoformat()}, after {years} years.",
        missing_fact=None if known else fact(FactKind.ACCRUED),
        facts={"limitation ended": ends, "years": years},
    )
