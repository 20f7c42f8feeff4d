"""Limitation periods as the countries of this pack have them: a claim's age, and who may not collect it then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from arrears_sdk.law import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, recorded
from arrears_sdk.law.limitation import is_barred
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
    return debts.expiry(attempt, account, years, restarting)


def barred(
    attempt: Attempt, account: Account, years: int, *, restarting: Collection[str] = ("SIGNED", "WRITTEN")
) -> Ruling | None:
    """A denial when the period is over, which names the accrual as the missing fact where that is not recorded; until
    when it is allowed where the period ends soon.
    """
    ends = expiry(attempt, account, years, restarting=restarting)
    if ends is None or not is_barred(days(attempt)[-1], ends):
        return debts.allowed_to(attempt, ends)
    known = about(attempt, FactKind.ACCRUED, account)
    return Ruling.deny(
        f"The claim is barred since {ends.isoformat()}, after {years} years.",
        missing_fact=None if known else fact(FactKind.ACCRUED),
        facts={"limitation ended": ends, "years": years},
    )


def strictest(found: Iterable[Ruling | None]) -> Ruling | None:
    """What is ruled of several debts at once: the denial of one, else the earliest end of what is allowed."""
    said = [ruling for ruling in found if ruling is not None]
    return Ruling.combine(said) if said else None
