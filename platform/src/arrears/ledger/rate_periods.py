"""Which rule and rate of interest an account bears on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from arrears.ledger.history import Award, InterestTerms, RatePeriod, Terms
from arrears.ledger.interest import rate_on

AWARDED = "as the court awarded"


@dataclass(frozen=True, slots=True)
class RateOfDay:
    """A rule of interest by its name, and the yearly rate at which it runs, from a day until the next one's."""

    from_on: date
    rule: str
    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class RatePeriods:
    """The rates of an account one after another."""

    periods: Sequence[RateOfDay]

    def on(self, day: date) -> RateOfDay | None:
        """The rate of a day; none on which no rule bears interest."""
        place = bisect_right(self.periods, day, key=lambda period: period.from_on)
        found = self.periods[place - 1] if place else None
        return found if found is not None and found.percent else None


def rate_periods(terms: Terms, awards: Sequence[Award], began_on: date) -> RatePeriods:
    """The rates from the day on which interest began, which bears none itself; a judgment's hold from the day after it.

    `awards` come in the order of their days.
    """
    counts = [(began_on, terms.interest)]
    for award in awards:
        rule = terms.judgment_interest
        if award.percent is not None:
            rule = replace(rule, rates=(RatePeriod(date.min, award.percent, AWARDED),), keeps_first_rate=False)
        counts.append((award.entered_on, rule))
    found: list[RateOfDay] = []
    for place, (began, rule) in enumerate(counts):
        until = counts[place + 1][0] if place + 1 < len(counts) else date.max
        found += [period for period in _of_count(rule, began) if period.from_on <= until]
    return RatePeriods(found)


def _of_count(rule: InterestTerms, began_on: date) -> list[RateOfDay]:
    """The rates of one count; before its first one nothing is borne, which ends what held before."""
    first_on = began_on + timedelta(days=1)
    first = rate_on(rule, first_on)
    later = sorted((rate for rate in rule.rates if rate.from_on > first_on), key=lambda rate: rate.from_on)
    if rule.keeps_first_rate:
        later = [] if first is not None else later[:1]
    nothing = RateOfDay(first_on, rule.name, Decimal(0), "")
    held = nothing if first is None else RateOfDay(first_on, rule.name, first.percent, first.source)
    return [held, *(RateOfDay(rate.from_on, rule.name, rate.percent, rate.source) for rate in later)]
