"""Interest on late payment: reference rates by half-year, margins above them, and what a contract allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import days, in_force
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import Purpose


def half_year(day: date) -> date:
    """The 1 January or 1 July from which the rate of a day counts."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def base_rate(table: Mapping[date, Decimal], day: date) -> tuple[Decimal | None, bool]:
    """The rate of a day and whether the table has it; the last known one beyond the table, None before it."""
    begins = max((first for first in table if first <= day), default=None)
    return (None, False) if begins is None else (table[begins], half_year(day) in table)


def contract_rate(attempt: ActionAttempt) -> Decimal | None:
    """The interest that the agreement or a law allows, in per cent a year."""
    numbers = [fact.number for fact in in_force(attempt, FactKind.AMOUNT_CLAUSE) if fact.word == "INTEREST"]
    return max((Decimal(number) / 100 for number in numbers if number is not None), default=None)


def contract_costs(attempt: ActionAttempt, currency: str) -> Money | None:
    """The costs of collection that the agreement or a law allows."""
    amounts = [fact.amount for fact in in_force(attempt, FactKind.AMOUNT_CLAUSE) if fact.word == "COLLECTION_COST"]
    return max((amount for amount in amounts if amount is not None and amount.currency == currency), default=None)


def rule_on_rate(
    attempt: ActionAttempt, table: Mapping[date, Decimal], margin: Decimal, *, contract: bool = True
) -> Ruling | None:
    """No more than the base rate of the day and a margin, or what the contract says where that is more."""
    wanted = attempt.rate
    if wanted is None:
        return Ruling.deny("Nobody said what rate is to be charged.", missing_fact="rate")
    day = attempt.planned_on or days(attempt)[-1]
    base, known = base_rate(table, day)
    agreed = contract_rate(attempt) if contract else None
    caps = [rate for rate in (None if base is None else base + margin, agreed) if rate is not None]
    told = {"wanted": wanted, "base rate": base, "margin": margin, "contract": agreed or "none", "day": day}
    if not caps:
        return Ruling.deny("The base rate of the day is not known.", missing_fact="base rate", facts=told)
    if wanted > max(caps):
        return Ruling.deny(f"At most {max(caps)} per cent a year may be charged.", facts=told)
    if not known and (agreed is None or wanted > agreed):
        return Ruling.warn("The base rate of this half-year is not in the settings.", facts=told)
    return None


def not_late_yet(attempt: ActionAttempt) -> Ruling | None:
    """Deferred to the day after the debt is due."""
    account = attempt.account
    if days(attempt)[0] > account.due_on:
        return None
    begins = start_of_day(account.due_on + ONE_DAY, attempt.debtor.time_zones)
    return Ruling.defer(begins, "The debt is not late yet.", facts={"due on": account.due_on})


def between_businesses(attempt: ActionAttempt) -> bool:
    """Whether the debt was incurred in business."""
    return attempt.account.purpose is Purpose.COMMERCIAL


def rule_on_fixed_sum(attempt: ActionAttempt, fixed: Decimal) -> Ruling | None:
    """The fixed sum for a late payment, or the costs that the agreement or a law allows; beyond it a warning."""
    wanted = attempt.amount
    if wanted is None:
        return Ruling.deny("Nobody said what is to be charged.", missing_fact="amount")
    if wanted.currency == "EUR" and wanted.amount <= fixed:
        return None
    allowed = contract_costs(attempt, wanted.currency)
    if allowed is not None and wanted <= allowed:
        return None
    return Ruling.warn(
        f"More than {fixed} euros needs proof of reasonable costs.", facts={"wanted": wanted, "fixed sum": fixed}
    )
