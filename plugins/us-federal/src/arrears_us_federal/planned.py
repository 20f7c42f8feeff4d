"""On which day an act or debit takes place, and until when it may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, days, upcoming
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, Fact, PaymentAttempt
from arrears_us_federal.wishes import first_start

SOON = timedelta(days=62)
"""What changes later than so is not told: no window or permit reaches that far."""


def earliest_day(attempt: ActionAttempt | PaymentAttempt) -> date:
    """The day of the act or debit; of several that it may be for the debtor the earliest."""
    return _not_before(attempt, days(attempt)[0])


def latest_day(attempt: ActionAttempt | PaymentAttempt) -> date:
    """The day of the act or debit; of several that it may be for the debtor the latest."""
    return _not_before(attempt, days(attempt)[-1])


def _not_before(attempt: ActionAttempt | PaymentAttempt, today: date) -> date:
    wanted = attempt.planned_on if isinstance(attempt, ActionAttempt) else attempt.scheduled_on
    return today if wanted is None else max(wanted, today)


def wait_until(attempt: Attempt, day: date, reason: str, **facts: object) -> Ruling:
    """A deferral to the beginning of a day."""
    told = {name.replace("_", " "): value for name, value in facts.items()}
    return Ruling.defer(start_of_day(day, attempt.debtor.time_zones), reason, facts=told)


def until_day_ends(attempt: Attempt, last: date, reason: str) -> Ruling | None:
    """No objection, but no longer than a last day, where that comes soon."""
    if last - days(attempt)[-1] > SOON:
        return None
    return Ruling.allow(first_start(last + timedelta(days=1), attempt.debtor.time_zones), reason=reason)


def until_begins(attempt: Attempt, *kinds: FactKind) -> Ruling | None:
    """No objection, but no longer than until a fact begins that will bar it."""
    if not attempt.facts:
        return None
    begins = min((found for kind in kinds if (found := upcoming(attempt, kind)) is not None), default=None)
    return None if begins is None else Ruling.allow(begins, reason="From then on it is barred.")


def while_held(facts: Iterable[Fact]) -> Ruling | None:
    """No objection, but no longer than the last of the facts that allow it holds."""
    ends = [one.ends_at for one in facts]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return Ruling.allow(max(known), reason="What allows it ends then.")
