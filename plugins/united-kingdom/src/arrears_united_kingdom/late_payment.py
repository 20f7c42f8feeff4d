"""Interest and fixed sums on late payments between businesses: the Act of 1998."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import days, in_force
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act, Purpose
from arrears_united_kingdom.attempts import zones_of
from arrears_united_kingdom.packs import ACTIONS
from arrears_united_kingdom.settings import UnitedKingdomConfig

_FIXED_SUMS = ((Decimal(1_000), Decimal(40)), (Decimal(10_000), Decimal(70)))
_LARGEST_SUM = Decimal(100)


def reference_day(late_from: date) -> date:
    """31 December for interest that begins to run in the first half of a year, 30 June for the second."""
    return date(late_from.year - 1, 12, 31) if late_from.month <= 6 else date(late_from.year, 6, 30)


def bank_rate(day: date, settings: UnitedKingdomConfig) -> Decimal | None:
    """The Bank's rate on a day; None before the table begins."""
    begins = max((first for first in settings.bank_rates if first <= day), default=None)
    return None if begins is None else settings.bank_rates[begins]


@ACTIONS.rule(
    "uk.latepay.interest",
    citation="Late Payment of Commercial Debts (Interest) Act 1998; SI 2002/1675",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.CHARGE_INTEREST, Act.CHARGE_FEE],
    configured=True,
)
def late_payment(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Between businesses a late payment bears the Bank's rate of the reference day and eight points, simple, from the
    day after it was due, unless the contract has a substantial remedy of its own; and a fixed sum of 40, 70 or 100
    pounds by the size of the debt, with costs beyond it where the contract or a law allows them.
    """
    account = attempt.account
    if account.purpose is not Purpose.COMMERCIAL:
        return None
    zones = zones_of(attempt.debtor)
    if days(attempt)[0] <= account.due_on:
        return Ruling.defer(
            start_of_day(account.due_on + ONE_DAY, zones), "The debt is not late yet.", facts={"due on": account.due_on}
        )
    return _interest(attempt, settings) if attempt.kind is Act.CHARGE_INTEREST else _fixed_sum(attempt)


def _interest(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    if attempt.rate is None:
        return Ruling.deny("Nobody said what rate is to be charged.", missing_fact="rate")
    reference = reference_day(attempt.account.due_on + ONE_DAY)
    base = bank_rate(reference, settings)
    clauses = [fact.number for fact in in_force(attempt, FactKind.AMOUNT_CLAUSE) if fact.word == "INTEREST"]
    contract = max((Decimal(number) / 100 for number in clauses if number is not None), default=None)
    statutory = None if base is None else base + settings.late_payment_margin
    cap = contract if contract is not None else statutory
    told = {"wanted": attempt.rate, "cap": cap, "Bank's rate": base, "reference day": reference}
    if cap is None:
        return Ruling.deny("The Bank's rate of the reference day is not known.", missing_fact="bank_rates", facts=told)
    if attempt.rate > cap:
        return Ruling.deny(f"At most {cap} per cent a year may be charged.", facts=told)
    if contract is None and reference > settings.bank_rates_verified_to:
        return Ruling.warn("The table of the Bank's rates is not verified up to the reference day.", facts=told)
    return None


def _fixed_sum(attempt: ActionAttempt) -> Ruling | None:
    size, wanted = attempt.account.placed, attempt.amount
    if wanted is None:
        return Ruling.deny("Nobody said what is to be charged.", missing_fact="amount")
    if wanted.currency != "GBP" or size.currency != "GBP":
        return Ruling.warn("The fixed sums are in pounds.", facts={"wanted": wanted})
    fixed = next((amount for below, amount in _FIXED_SUMS if size.amount < below), _LARGEST_SUM)
    allowed = [
        fact.amount
        for fact in in_force(attempt, FactKind.AMOUNT_CLAUSE)
        if fact.word == "COLLECTION_COST" and fact.amount is not None and fact.amount.currency == "GBP"
    ]
    cap = max([Money.parse(str(fixed), "GBP"), *allowed])
    if wanted <= cap:
        return None
    return Ruling.deny(f"At most {cap} may be charged.", facts={"wanted": wanted, "debt": size, "fixed sum": fixed})
