"""Suits, fees and interest in Canada."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from arrears_canada.hours import ONTARIO, own_debts
from arrears_canada.packs import ACTIONS
from arrears_canada.settings import CanadaConfig
from arrears_sdk.law.debts import about, allowed_to, expiry
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import days, in_force, notice
from arrears_sdk.law.limitation import is_barred
from arrears_sdk.law.requirements import fact, notice as notice_required
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.rules import Confidence
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act, Purpose

SUITS = frozenset({Act.SUE, Act.THREATEN_SUIT})
_WRITTEN = frozenset({"SIGNED", "WRITTEN"})


def _barred(attempt: ActionAttempt, years: int) -> Ruling | None:
    """A denial when the period is over, which names the accrual where that is not recorded; until when a suit is
    allowed where the period ends soon.
    """
    ends = expiry(attempt, attempt.account, years, _WRITTEN)
    if ends is None or not is_barred(days(attempt)[-1], ends):
        return allowed_to(attempt, ends)
    missing = None if about(attempt, FactKind.ACCRUED, attempt.account) else fact(FactKind.ACCRUED)
    return Ruling.deny(
        f"The claim is barred since {ends.isoformat()}, after {years} years.",
        missing_fact=missing,
        facts={"limitation ended": ends, "years": years},
    )


def _limitation(id: str, place: str, years: int, citation: str, confidence: Confidence = "G") -> None:
    @ACTIONS.rule(id, citation=citation, jurisdiction=place, confidence=confidence, actions=SUITS)
    def rule(attempt: ActionAttempt) -> Ruling | None:
        """No suit once the limitation period is over; a signed acknowledgment or a payment before begins it anew."""
        return _barred(attempt, years)


_limitation("ca.on.limitation", "CA-ON", 2, "Limitations Act, 2002 ss.4, 13, 15")
_limitation("ca.bc.limitation", "CA-BC", 2, "Limitation Act (2012) ss.6, 24")
_limitation("ca.ab.limitation", "CA-AB", 2, "Limitations Act, RSA 2000 ss.3, 8")
_limitation("ca.qc.limitation", "CA-QC", 3, "Civil Code of Quebec arts. 2925, 2898")
OTHER_YEARS: Mapping[str, int] = {
    "MB": 2,
    "SK": 2,
    "NS": 2,
    "NB": 2,
    "NL": 2,
    "PE": 6,
    "YT": 6,
    "NT": 6,
    "NU": 6,
}
"""The remaining provinces and territories, with their years (rule sheet, `ca.other.limitation`)."""


@ACTIONS.rule(
    "ca.other.limitation",
    citation="The limitation acts of the provinces",
    jurisdiction="CA",
    confidence="G",
    actions=SUITS,
)
def other_provinces(attempt: ActionAttempt) -> Ruling | None:
    """Two years in Manitoba, Saskatchewan, Nova Scotia, New Brunswick and Newfoundland, six elsewhere."""
    periods = [years for region, years in OTHER_YEARS.items() if f"CA-{region}" in attempt.jurisdictions]
    return _barred(attempt, min(periods)) if periods else None


@ACTIONS.rule("ca.on.suit", citation=f"{ONTARIO} s.24", jurisdiction="CA-ON", confidence="G", actions=SUITS)
def suit(attempt: ActionAttempt) -> Ruling | None:
    """A suit for another needs the creditor's written authority, and notice to the debtor."""
    if own_debts(attempt):
        return None
    if not in_force(attempt, FactKind.LITIGATION_AUTHORITY):
        return Ruling.require(fact(FactKind.LITIGATION_AUTHORITY), "The creditor has not authorised a suit in writing.")
    if notice(attempt, NoticeKind.INTENT_TO_SUE) is None:
        return Ruling.require(notice_required(NoticeKind.INTENT_TO_SUE), "The debtor has not been told of the suit.")
    return None


@ACTIONS.rule(
    "ca.on.fees",
    citation=f"Collection and Debt Settlement Services Act s.22; {ONTARIO} s.25",
    jurisdiction="CA-ON",
    confidence="G",
    actions={Act.CHARGE_FEE},
)
def fees(attempt: ActionAttempt) -> Ruling | None:
    """An agency charges no costs of collection, save those of a dishonoured payment that the agreement allows."""
    if own_debts(attempt):
        return None
    clauses = [one for one in in_force(attempt, FactKind.AMOUNT_CLAUSE) if one.word == "NSF_CHARGE"]
    if not clauses:
        return Ruling.deny("The costs of collection may not be charged to the debtor.")
    caps = [one.amount for one in clauses if one.amount is not None]
    if caps and attempt.amount is not None and attempt.amount > max(caps):
        return Ruling.deny(f"The agreement allows {max(caps)} at most.", facts={"allowed": max(caps)})
    return None


@ACTIONS.rule(
    "ca.criminal.interest",
    citation="Criminal Code s.347",
    jurisdiction="CA",
    confidence="G",
    effective_from=date(2025, 1, 1),
    actions={Act.CHARGE_INTEREST},
    configured=True,
)
def criminal_rate(attempt: ActionAttempt, settings: CanadaConfig) -> Ruling | None:
    """No interest above the criminal rate of 35 per cent a year; large commercial credit is excepted."""
    if attempt.account.purpose is Purpose.COMMERCIAL or attempt.rate is None:
        return None
    if attempt.rate <= Decimal(settings.criminal_rate_percent):
        return None
    return Ruling.deny(
        f"{attempt.rate}% a year is above the criminal rate of {settings.criminal_rate_percent}%.",
        facts={"rate": attempt.rate},
    )
