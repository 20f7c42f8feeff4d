"""Which rule and rate of interest an account bears on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from arrears.ledger.history import Award, InterestTerms
from arrears.ledger.interest import rate_on, terms_of_count
from arrears.ledger.model import EntryKind
from arrears.ledger.movements import Books


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


def rates_of(books: Books) -> RatePeriods:
    """The rates of an account. Each count's hold from the day after its beginning, which bears none of it itself."""
    counts = list(_counts(books))
    found: list[RateOfDay] = []
    for place, (began_on, award) in enumerate(counts):
        until_on = counts[place + 1][0] if place + 1 < len(counts) else date.max
        rates = _of_count(terms_of_count(books.terms, award), began_on)
        found += [rate for rate in rates if rate.from_on <= until_on]
    return RatePeriods(found)


def award_on(books: Books, day: date) -> Award | None:
    """The judgment that holds at the end of a day."""
    held = [award for began_on, award in _counts(books) if began_on <= day]
    return held[-1] if held else None


def _counts(books: Books) -> Iterator[tuple[date, Award | None]]:
    """From which day on which count runs: the first, one from each judgment, and one from the day that undoes it."""
    movements = books.movements
    opened = [movement.effective_on for movement in movements if movement.kind is EntryKind.OPENING_BALANCE]
    first = min(opened or [movement.effective_on for movement in movements], default=books.opened_on)
    yield max(first, books.accrues_from_on or first), None
    for movement in movements:
        if movement.kind is EntryKind.JUDGMENT:
            yield movement.effective_on, books.awards.get(movement.entry_id)
        elif movement.kind is EntryKind.REVERSAL and movement.original_kind is EntryKind.JUDGMENT:
            yield movement.effective_on, None


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
