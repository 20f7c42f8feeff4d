"""Late payment between businesses: Directive 2011/7/EU and the laws of Spain and Italy."""

from __future__ import annotations

from decimal import Decimal

from arrears_european_union.packs import ACTIONS
from arrears_european_union.rates import between_businesses, not_late_yet, rule_on_fixed_sum, rule_on_rate
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act

_OWN_BASE_RATE = frozenset({"DE", "AT"})
"""Members whose law counts from a base rate of its own, which rules of theirs read."""


@ACTIONS.rule(
    "eu.latepay.interest",
    citation="Directive 2011/7/EU arts 2(6), 3, 4",
    jurisdiction="EU",
    confidence="G",
    actions=[Act.CHARGE_INTEREST],
    configured=True,
)
def interest(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Between businesses a late payment bears, from the day after it is due, the ECB's reference rate of the half-year
    and eight points, or what the contract says; more where the law of a member says so. Germany and Austria have base
    rates of their own.
    """
    if not between_businesses(attempt) or not _OWN_BASE_RATE.isdisjoint(attempt.jurisdictions):
        return None
    return not_late_yet(attempt) or rule_on_rate(attempt, settings.european_rates, _margin(attempt, settings))


def _margin(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Decimal:
    """The least of the margins of the countries whose law applies."""
    own = [settings.higher_margins[place] for place in attempt.jurisdictions if place in settings.higher_margins]
    return min(own, default=settings.late_payment_margin)


@ACTIONS.rule(
    "eu.latepay.fixed-sum",
    citation="Directive 2011/7/EU art 6",
    jurisdiction="EU",
    confidence="G",
    actions=[Act.CHARGE_FEE],
    configured=True,
)
def fixed_sum(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Between businesses each late invoice allows 40 euros without a reminder, and reasonable costs beyond it, of which
    this rule warns unless the agreement or a law is recorded to allow them.
    """
    if not between_businesses(attempt) or "DE" in attempt.jurisdictions:
        return None
    return not_late_yet(attempt) or rule_on_fixed_sum(attempt, settings.fixed_sum)


@ACTIONS.rule(
    "es.latepay",
    citation="Ley 3/2004 arts 7, 8",
    jurisdiction="ES",
    confidence="G",
    actions=[Act.CHARGE_INTEREST, Act.CHARGE_FEE],
    configured=True,
)
def spain(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """In Spain businesses owe the ECB's reference rate and eight points, and 40 euros."""
    return _national(attempt, settings)


@ACTIONS.rule(
    "it.latepay",
    citation="D.lgs. 231/2002",
    jurisdiction="IT",
    confidence="G",
    actions=[Act.CHARGE_INTEREST, Act.CHARGE_FEE],
    configured=True,
)
def italy(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """In Italy businesses owe the ECB's reference rate and eight points, and 40 euros."""
    return _national(attempt, settings)


def _national(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    if not between_businesses(attempt):
        return None
    early = not_late_yet(attempt)
    if early is not None:
        return early
    if attempt.kind is Act.CHARGE_FEE:
        return rule_on_fixed_sum(attempt, settings.fixed_sum)
    return rule_on_rate(attempt, settings.european_rates, settings.late_payment_margin)
