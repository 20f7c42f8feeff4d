"""What may be reported to credit bureaus by the Fair Credit Reporting Act: 15 USC 1681c, 1681s-2."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_sdk.law.days import days_after, years_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, days, in_force, need_attestation, notice, recorded, word
from arrears_sdk.law.requirements import content, fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, Content, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole as Role, DebtorKind, Product
from arrears_us_federal.money import disputed
from arrears_us_federal.packs import ACTIONS
from arrears_us_federal.planned import earliest_day, latest_day, until_begins, until_day_ends, wait_until
from arrears_us_federal.settings import UsFederalConfig

DATE_WITHIN_DAYS = 90
"""Days from the first report until the month in which delinquency began is due."""
NEGATIVE_NOTICE_DAYS = 30
CHARGE_OFF_DAYS, REPORTED_YEARS = 180, 7
LEAST_MEDICAL = Money(50_000, "USD")
_THEFT = frozenset({"REPORT", "AFFIDAVIT", "BLOCKED"})
"""What a bureau blocked, or the debtor swore to or reported; a mere claim is no reason to believe it."""
_LENDERS = frozenset({Role.FIRST_PARTY, Role.SERVICER_PREDEFAULT, Role.AFFILIATE_OF_CREDITOR})
FURNISH = frozenset({Act.FURNISH})


def about_person(attempt: ActionAttempt) -> bool:
    """Whether the report is about a person: the Act knows no other consumer."""
    return attempt.debtor.kind is DebtorKind.PERSON


def paid(attempt: ActionAttempt) -> bool:
    """Whether the debt is known to be paid or settled."""
    return attempt.account.balance.minor <= 0 or bool(in_force(attempt, FactKind.PAID_OR_SETTLED))


def delinquent_since(attempt: ActionAttempt) -> date | None:
    """The day on which the delinquency began that was never cured, as the creditor said; of several the earliest."""
    known = [one.on for one in in_force(attempt, FactKind.DELINQUENT_SINCE) if one.on is not None]
    return min(known, default=None)


def first_furnished(attempt: ActionAttempt) -> date | None:
    """The day of the first report of the debt."""
    known = [one.on for one in recorded(attempt, FactKind.FURNISHED) if one.on is not None]
    return min(known, default=None)


@ACTIONS.rule("us.fcra.accuracy", citation="15 USC 1681s-2(a)(1),(6)", jurisdiction="US", actions=FURNISH)
def accuracy(attempt: ActionAttempt) -> Ruling | None:
    """Nothing is reported that is known or believed to be inaccurate, nor what was blocked or reported as identity
    theft.
    """
    if not attempt.facts or not about_person(attempt):
        return None
    if in_force(attempt, FactKind.KNOWN_INACCURATE):
        return Ruling.deny("What would be reported is known or believed to be inaccurate.")
    theft = next((one for one in in_force(attempt, FactKind.IDENTITY_THEFT) if one.word in _THEFT), None)
    if theft is not None:
        return Ruling.deny(
            "The debt was reported as identity theft.",
            facts={"identity theft": theft.word, "since": day_of(attempt, theft.starts_at)},
        )
    return until_begins(attempt, FactKind.KNOWN_INACCURATE, FactKind.IDENTITY_THEFT)


@ACTIONS.rule("us.fcra.dispute-notation", citation="15 USC 1681s-2(a)(3); 1692e(8)", jurisdiction="US", actions=FURNISH)
def dispute_notation(attempt: ActionAttempt) -> Ruling | None:
    """A disputed debt is reported only as disputed."""
    if Content.DISPUTE_CODE in attempt.content or not about_person(attempt):
        return None
    if disputed(attempt):
        return Ruling.require(content(Content.DISPUTE_CODE), "The debt is disputed: report it as disputed.")
    return until_begins(attempt, FactKind.DISPUTE)


@ACTIONS.rule(
    "us.fcra.correct-update", citation="15 USC 1681s-2(a)(2)", jurisdiction="US", actions=FURNISH, configured=True
)
def correct_update(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Who reports corrects errors promptly and does not report them again."""
    if not about_person(attempt):
        return None
    return need_attestation(
        attempt,
        Attestation.US_CORRECTIONS_FURNISHED,
        settings,
        "The agency has not stated that it corrects at once what it reported wrongly.",
    )


@ACTIONS.rule(
    "us.fcra.dispute-investigation",
    citation="15 USC 1681s-2(b), 1681i",
    jurisdiction="US",
    confidence="P",
    actions=FURNISH,
    configured=True,
)
def dispute_investigation(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Who reports investigates disputes that a bureau passes on, and answers within its thirty days."""
    if not about_person(attempt):
        return None
    return need_attestation(
        attempt,
        Attestation.US_DISPUTES_INVESTIGATED,
        settings,
        "The agency has not stated that it investigates disputes that bureaus pass on, and answers within 30 days.",
    )


@ACTIONS.rule("us.fcra.dofd", citation="15 USC 1681s-2(a)(5)", jurisdiction="US", actions=FURNISH)
def date_of_first_delinquency(attempt: ActionAttempt) -> Ruling | None:
    """Within ninety days of the first report the month and year is given in which delinquency began, as the creditor
    said; neither placement nor sale makes it younger.
    """
    if not about_person(attempt):
        return None
    since = delinquent_since(attempt)
    if Content.DELINQUENCY_DATE in attempt.content:
        if since is not None:
            return None
        wanted = fact_requirement(FactKind.DELINQUENT_SINCE)
        return Ruling.require(wanted, "The creditor's date of first delinquency is not known.", missing_fact=wanted)
    reported = [one.on for one in recorded(attempt, FactKind.DELINQUENCY_REPORTED) if one.on is not None]
    if reported:
        last = reported[-1] if len(reported) == 1 else _latest_reported(attempt)
        if since is None or (last.year, last.month) <= (since.year, since.month):
            return None
        return Ruling.require(
            content(Content.DELINQUENCY_DATE),
            f"Delinquency was reported as of {last.isoformat()}, but began on {since.isoformat()}: correct it.",
            facts={"reported": last, "began": since},
        )
    return _date_due(attempt)


def _latest_reported(attempt: ActionAttempt) -> date:
    found = max(recorded(attempt, FactKind.DELINQUENCY_REPORTED), key=lambda one: (one.starts_at, one.received_at))
    assert found.on is not None
    return found.on


def _date_due(attempt: ActionAttempt) -> Ruling | None:
    first = first_furnished(attempt)
    if first is None:
        return None
    due = days_after(first, DATE_WITHIN_DAYS)
    if latest_day(attempt) <= due:
        return until_day_ends(attempt, due, f"The month in which delinquency began is due by {due.isoformat()}.")
    return Ruling.require(
        content(Content.DELINQUENCY_DATE),
        f"The month in which delinquency began was due by {due.isoformat()}, 90 days after the first report.",
        facts={"first reported": first, "due": due},
    )


@ACTIONS.rule("us.fcra.obsolete", citation="15 USC 1681c(a),(c)", jurisdiction="US", actions=FURNISH)
def obsolete(attempt: ActionAttempt) -> Ruling | None:
    """A debt is reported for seven years that begin 180 days after delinquency did, and no longer. The ten years of
    bankruptcies are about the case, which an agency does not report.
    """
    if not about_person(attempt):
        return None
    since = delinquent_since(attempt)
    missing = None
    if since is None:
        reported = [one.on for one in recorded(attempt, FactKind.DELINQUENCY_REPORTED) if one.on is not None]
        since = min([*reported, attempt.account.due_on])
        missing = fact_requirement(FactKind.DELINQUENT_SINCE)
    last = years_after(since + timedelta(days=CHARGE_OFF_DAYS), REPORTED_YEARS)
    if latest_day(attempt) <= last:
        return until_day_ends(attempt, last, f"The debt may be reported until {last.isoformat()}.")
    return Ruling.deny(
        f"The debt could be reported until {last.isoformat()}: seven years and 180 days after it became delinquent.",
        missing_fact=missing,
        facts={"delinquent since": since, "last day": last},
    )


@ACTIONS.rule("us.fcra.negative-notice", citation="15 USC 1681s-2(a)(7)", jurisdiction="US", actions=FURNISH)
def negative_notice(attempt: ActionAttempt) -> Ruling | None:
    """A financial institution that extends credit tells its customer in writing before, or within thirty days after,
    it first reports anything negative. Who collects for others extends none.
    """
    if attempt.account.collector_role not in _LENDERS or not about_person(attempt):
        return None
    if word(attempt, FactKind.CREDIT_EXTENDED) == "NO" or notice(attempt, NoticeKind.NEGATIVE_INFORMATION) is not None:
        return None
    first = first_furnished(attempt)
    if first is None:
        return None
    due = days_after(first, NEGATIVE_NOTICE_DAYS)
    if latest_day(attempt) <= due:
        return until_day_ends(attempt, due, f"The notice of negative information is due by {due.isoformat()}.")
    wanted = notice_requirement(NoticeKind.NEGATIVE_INFORMATION)
    return Ruling.require(
        wanted,
        f"The notice of negative information was due by {due.isoformat()}, 30 days after the first report.",
        missing_fact=wanted,
        facts={"first reported": first, "due": due},
    )


@ACTIONS.rule("us.fcra.veteran-medical", citation="15 USC 1681c(a)(7),(8)", jurisdiction="US", actions=FURNISH)
def veteran_medical(attempt: ActionAttempt) -> Ruling | None:
    """A veteran's medical debt is not reported in the first year after the care, nor when it was paid or settled."""
    if not attempt.facts or not about_person(attempt):
        return None
    cared = [one.on for one in in_force(attempt, FactKind.VETERAN_MEDICAL) if one.on is not None]
    if not cared:
        return None
    if paid(attempt):
        return Ruling.deny("A veteran's medical debt that was paid or settled is not reported.")
    free = years_after(max(cared), 1)
    if earliest_day(attempt) >= free:
        return None
    return wait_until(
        attempt, free, f"A veteran's medical debt is not reported before {free.isoformat()}.", care=max(cared)
    )


@ACTIONS.rule(
    "us.fcra.medical-bureau-policy",
    citation="bureau policy 2022-23",
    jurisdiction="US",
    confidence="G",
    actions=FURNISH,
)
def medical_bureau_policy(attempt: ActionAttempt) -> Ruling | None:
    """The nationwide bureaus take no medical debt below $500, paid, or in the first year of its delinquency."""
    if attempt.account.product is not Product.MEDICAL or not about_person(attempt):
        return None
    if paid(attempt):
        return Ruling.warn("The nationwide bureaus take no medical debt that was paid.")
    placed = attempt.account.placed
    if placed.currency == LEAST_MEDICAL.currency and placed < LEAST_MEDICAL:
        return Ruling.warn("The nationwide bureaus take no medical debt below $500.", facts={"placed": placed})
    since = delinquent_since(attempt) or attempt.account.due_on
    if days(attempt)[0] < years_after(since, 1):
        return Ruling.warn(
            "The nationwide bureaus take no medical debt in its first year.", facts={"delinquent since": since}
        )
    return None
