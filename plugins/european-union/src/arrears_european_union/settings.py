"""What an agency chooses where the law of the European Union and its members leaves it open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from arrears_sdk.law.settings import LawConfig

_EUROPEAN_RATES = {
    date(2024, 1, 1): Decimal("4.50"),
    date(2024, 7, 1): Decimal("4.25"),
    date(2025, 1, 1): Decimal("3.15"),
    date(2025, 7, 1): Decimal("2.15"),
}
_GERMAN_RATES = {
    date(2024, 1, 1): Decimal("3.62"),
    date(2024, 7, 1): Decimal("3.37"),
    date(2025, 1, 1): Decimal("2.27"),
    date(2025, 7, 1): Decimal("1.27"),
}
_AUSTRIAN_RATES = {
    date(2024, 1, 1): Decimal("3.88"),
    date(2024, 7, 1): Decimal("3.88"),
    date(2025, 1, 1): Decimal("2.53"),
    date(2025, 7, 1): Decimal("1.53"),
}
RateTable = dict[date, Decimal]


class EuropeanUnionConfig(LawConfig):
    """The choices of this pack. Each description names the rule that reads it."""

    european_rates: RateTable = Field(
        default=_EUROPEAN_RATES,
        description="eu.latepay.interest, es.latepay, it.latepay: the ECB's reference rate from 1 January and 1 July."
        " Beyond the table the last rate counts, with a warning. Keep it current.",
    )
    late_payment_margin: Decimal = Field(
        default=Decimal(8), ge=8, description="eu.latepay.interest, es.latepay, it.latepay: points above that rate."
    )
    higher_margins: dict[str, Decimal] = Field(
        default={},
        description="eu.latepay.interest: points in countries whose own law has more, by country code, such as FR.",
    )
    fixed_sum: Decimal = Field(
        default=Decimal(40),
        ge=40,
        description="eu.latepay.fixed-sum, es.latepay, it.latepay: euros of the sum.",
    )
    information_months: int = Field(
        default=1, ge=0, le=1, description="eu.gdpr.basis: months in which a buyer of debts informs the debtor."
    )
    german_rates: RateTable = Field(
        default=_GERMAN_RATES,
        description="de.bgb.interest, de.bgb.consumer-credit-arrears: the base rate of each 1 January and 1 July."
        " Beyond the table the last rate counts, with a warning. Keep it current.",
    )
    german_default_days: int = Field(
        default=30, ge=30, description="de.bgb.default-start: days after which a business is in default by itself."
    )
    german_termination_days: int = Field(
        default=14, ge=14, description="de.bgb.consumer-credit-arrears: days that the notice leaves before termination."
    )
    german_small_claim_fee: Decimal = Field(
        default=Decimal(30),
        ge=0,
        description="de.rdg.fee-cap: base fee for undisputed claims to 50 euros. The act says 30.50 since June 2025.",
    )
    german_flat_expenses: bool = Field(
        default=False,
        description="de.rdg.fee-cap: whether a fifth of the fee, at most 20 euros, is added for expenses (VV 7002).",
    )
    german_bureau_days: int = Field(
        default=28, ge=28, description="de.bdsg.bureau: days from the first reminder to a report."
    )
    austrian_rates: RateTable = Field(
        default=_AUSTRIAN_RATES,
        description="at.conduct: the Austrian base rate of each 1 January and 1 July. Keep it current.",
    )
    austrian_fees: dict[int, Decimal] = Field(
        default={},
        description="at.conduct: highest fee for claims up to so many euros (BGBl 141/1996). Without it fees warn.",
    )
    spanish_smallest_report: Decimal = Field(
        default=Decimal(50), ge=50, description="es.bureau: euros below which nothing is reported."
    )
    spanish_report_years: int = Field(
        default=5, ge=1, le=5, description="es.bureau: years after which none is reported."
    )
    italian_contacts_a_day: int = Field(
        default=1, ge=1, description="it.hours-code: calls and visits a day from which another one is flagged."
    )
