"""Which fees a debt incurs on a day, and how much each is: pure rules, the same whenever they are asked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from arrears.charges.model import Debt, FeePeriod, GivenNotice, KnownFee, Lateness, Occasion
from arrears.charges.settings import FeeRule

_WHOLE = "ONCE"


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee that is to be charged on a day: by which rule, for which period, and how it was computed.

    `computed_minor` is what the rule alone comes to; `cap` says what lowered it, when anything did.
    """

    rule: FeeRule
    occasion: Occasion
    day: date
    computed_minor: int
    amount_minor: int
    cap: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What no account is ever charged twice for."""
        return self.rule.id, self.occasion.period

    @property
    def claim_on(self) -> date:
        """The day from which it is owed."""
        return self.day + timedelta(days=self.rule.quoted_first)


def fees_on(
    debt: Debt, late: Lateness, rules: Sequence[FeeRule], notices: Sequence[GivenNotice], known: Iterable[KnownFee]
) -> list[Fee]:
    """The fees that come about on the day of `late`, in the order of their rules; those that there are never again."""
    fees: list[Fee] = []
    charged = {(fee.rule, fee.period) for fee in known}
    total = sum(fee.counted_minor for fee in known)
    for rule in rules:
        if rule.currency != debt.currency or (rule.products and debt.product not in rule.products):
            continue
        for occasion in occasions(rule, debt, late, notices):
            if (rule.id, occasion.period) in charged:
                continue
            fee = _weighed(rule, occasion, late, total)
            if fee is not None:
                fees.append(fee)
                charged.add(fee.key)
                total += fee.amount_minor
    return fees


def occasions(rule: FeeRule, debt: Debt, late: Lateness, notices: Sequence[GivenNotice]) -> list[Occasion]:
    """What makes a rule charge on a day, whether or not it was charged for that already."""
    oldest = late.oldest_on
    if oldest is None or late.day < debt.placed_on:
        return []
    days = (late.day - oldest).days
    if rule.period is FeePeriod.PER_INSTALMENT:
        found = _of_parts(rule, debt, late)
    elif days < rule.after_days:
        return []
    elif rule.period is FeePeriod.PER_NOTICE:
        found = [
            Occasion(str(notice.notice_id), notice.counts_on, late.overdue_principal_minor, days)
            for notice in notices
            if notice.kind in rule.notices and notice.counts_on <= late.day
        ]
    else:
        since = oldest + timedelta(days=rule.after_days)
        period = _WHOLE
        if rule.period is FeePeriod.MONTHLY:
            since = _latest_return(since, late.day)
            period = f"{since:%Y-%m}"
        found = [Occasion(period, since, late.overdue_principal_minor, days)]
    return [one for one in found if rule.from_on is None or one.since >= rule.from_on]


def _of_parts(rule: FeeRule, debt: Debt, late: Lateness) -> list[Occasion]:
    """Each part that is late enough; instalments that were so before the placement were the creditor's to charge."""
    found = []
    for part in late.overdue:
        since = part.due_on + timedelta(days=rule.after_days)
        if since <= late.day and (since >= debt.placed_on or not late.has_instalments):
            days = (late.day - part.due_on).days
            found.append(Occasion(part.due_on.isoformat(), since, part.principal_minor, days))
    return found


def _latest_return(first: date, day: date) -> date:
    """The last day not after `day` that is so many whole months after the first; in short months their last day."""
    months = (day.year - first.year) * 12 + day.month - first.month
    found = _months_after(first, months)
    return found if found <= day else _months_after(first, months - 1)


def _months_after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _weighed(rule: FeeRule, occasion: Occasion, late: Lateness, total_minor: int) -> Fee | None:
    """The fee after the caps over the whole account; none when these leave nothing, or less than its minimum."""
    computed = amount = rule.of(occasion.base_minor)
    cap = None
    most = rule.most(late.principal_minor)
    if most is not None and amount > most - total_minor:
        amount = most - total_minor
        cap = _CAP
    least = 1 if rule.minimum is None else rule.minor("minimum")
    if amount < least:
        return None
    return Fee(rule, occasion, late.day, computed, amount, cap)


_CAP = "The most that all fees of the account may come to."
