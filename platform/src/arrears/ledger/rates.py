"""Rates of interest that laws set, with the days from which they hold and where they stand.

Where a rate changes by the half-year, the tables beside this module reach to the second half of 2025: 1 July 2025 is
the last change in them. German ones begin in July 2002, Austrian and European ones in 2024, British ones in 2023. After
the last change the last rate goes on; before the first there is none, and so no interest. Whoever needs more days, or
other laws, states dated rates of their own in the settings of the group `debts`.

Facts are those of the project's rule sheet (BGB 247, 288, 497; UGB 456; Directive 2011/7/EU with the laws of Spain and
Italy; the Act of 1998), which asks to verify them before they are relied on; earlier German rates are those that the
Bundesbank announced, judgments in England and Wales bear interest by the Judgments Act 1838, in New York by CPLR 5004.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from arrears.ledger.history import RatePeriod
from arrears_sdk.errors import InputError


@dataclass(frozen=True, slots=True)
class StatutoryRate:
    """A rate set by law: so many points above a table, since a day where the law is younger than the table.

    With `keeps_first` the rate of the first day that bears interest holds for as long as the debt does.
    """

    table: str
    law: str
    points: Decimal = Decimal(0)
    from_on: date = date.min
    keeps_first: bool = False


_DIRECTIVE = "Directive 2011/7/EU arts 2(6), 3"

STATUTORY: Mapping[str, StatutoryRate] = MappingProxyType(
    {
        "at.ugb-456-business": StatutoryRate("at-base-rate", "UGB 456", Decimal("9.2")),
        "de.base-rate": StatutoryRate("de-base-rate", "BGB 247"),
        "de.bgb-288-business": StatutoryRate("de-base-rate", "BGB 288(2)", Decimal(9), from_on=date(2014, 7, 29)),
        "de.bgb-288-consumer": StatutoryRate("de-base-rate", "BGB 288(1)", Decimal(5)),
        "de.bgb-497-consumer-credit": StatutoryRate("de-base-rate", "BGB 497(1)", Decimal(5)),
        "es.ley-3-2004": StatutoryRate("eu-reference-rate", "Ley 3/2004 art 7", Decimal(8)),
        "eu.late-payment": StatutoryRate("eu-reference-rate", _DIRECTIVE, Decimal(8)),
        "it.decreto-231-2002": StatutoryRate("eu-reference-rate", "D.lgs. 231/2002", Decimal(8)),
        "uk.county-court-judgment": StatutoryRate("uk-county-court-judgment", "Judgments in England and Wales"),
        "uk.late-payment": StatutoryRate(
            "uk-reference-rate",
            "Late Payment of Commercial Debts (Interest) Act 1998; SI 2002/1675",
            Decimal(8),
            keeps_first=True,
        ),
        "us-ny.cplr-5004": StatutoryRate("us-ny-judgment", "Judgments in New York"),
        "us-ny.cplr-5004-consumer": StatutoryRate("us-ny-judgment-consumer", "Consumer judgments in New York"),
    }
)
NAMES: tuple[str, ...] = tuple(sorted(STATUTORY))
"""What `statutory` knows, for settings and their documentation."""


@cache
def statutory(name: str) -> tuple[RatePeriod, ...]:
    """The dated rates of a law in per cent a year, the earliest first; raises InputError for a name not in `NAMES`."""
    rate = STATUTORY.get(name)
    if rate is None:
        raise InputError(f"There is no statutory rate {name!r}; there are {', '.join(NAMES)}.")
    return tuple(
        RatePeriod(max(period.from_on, rate.from_on), period.percent + rate.points, f"{rate.law}; {period.source}")
        for period in _since(_table(rate.table), rate.from_on)
    )


def keeps_first(name: str) -> bool:
    """Whether a statutory rate stays for a debt what it was on the first day that bore interest."""
    return STATUTORY[name].keeps_first


def _since(periods: tuple[RatePeriod, ...], day: date) -> tuple[RatePeriod, ...]:
    """The periods that hold on a day or later."""
    passed = sum(period.from_on <= day for period in periods)
    return periods[max(0, passed - 1) :]


@cache
def _table(name: str) -> tuple[RatePeriod, ...]:
    text = files("arrears.ledger").joinpath("rates", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(
        RatePeriod(date.fromisoformat(row["from_on"]), Decimal(row["percent"]), row["source"])
        for row in csv.DictReader(text.splitlines())
    )
