"""What else may be done about a debt in Australia: suits, listings, enforcement, sales."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_australia.contacts import GUIDE, bankruptcy
from arrears_australia.limitation import barred_since, expiry, not_barred_yet
from arrears_australia.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_sdk.law.days import days_after
from arrears_sdk.law.debts import allowed_to
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force, notice, recorded, word
from arrears_sdk.law.requirements import notice as notice_required
from arrears_sdk.law.words import ContactPurpose, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, Purpose

SUITS = frozenset({Act.SUE, Act.THREATEN_SUIT, Act.SEEK_DEFAULT_JUDGMENT})
RECOVERY = SUITS | {Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.TERMINATE_AGREEMENT, Act.DEMAND_PAYMENT}
LEAST_LISTED_MINOR = 15_000
LIMITATION_ACTS = (
    "Limitation Act 1969 (NSW) ss.14, 54, 63; Limitation Act 1981 (NT) s.12; and those of the other states"
)


@ACTIONS.rule(
    "au.rg96.dispute",
    citation=f"{GUIDE} s.13",
    jurisdiction="AU",
    confidence="G",
    actions=RECOVERY | {Act.FURNISH, Act.CHARGE_FEE, Act.CHARGE_INTEREST},
)
def dispute(attempt: ActionAttempt) -> Ruling | None:
    """A disputed debt is neither collected, sued for nor listed until the dispute is explained."""
    open_ones = in_force(attempt, FactKind.DISPUTE)
    return Ruling.deny("The debt is disputed; investigate and explain first.") if open_ones else None


@ACTIONS.rule("au.rg96.statute-barred", citation=f"{GUIDE} s.20", jurisdiction="AU", confidence="G", actions=SUITS)
def statute_barred(attempt: ActionAttempt) -> Ruling | None:
    """No threat of suit on a debt that is barred by time."""
    return _barred(attempt) if attempt.kind is Act.THREATEN_SUIT else None


@ACTIONS.rule(
    "au.limitation",
    citation=LIMITATION_ACTS,
    jurisdiction="AU",
    confidence="G",
    actions=RECOVERY | {Act.FURNISH, Act.CHARGE_FEE, Act.CHARGE_INTEREST},
)
def limitation(attempt: ActionAttempt) -> Ruling | None:
    """Six years, three in the Northern Territory; in New South Wales the debt itself ends, and every collection."""
    return _barred(attempt) if attempt.kind in SUITS or "AU-NSW" in attempt.jurisdictions else None


@CONTACTS.rule("au.limitation", citation=LIMITATION_ACTS, jurisdiction="AU", confidence="G")
def extinguished(attempt: ContactAttempt) -> Ruling | None:
    """In New South Wales the right ends with the period: nothing is collected after it."""
    if "AU-NSW" not in attempt.jurisdictions:
        return None
    if attempt.purpose is not ContactPurpose.COLLECT or attempt.at_debtor_request or attempt.required_by_law:
        return None
    expired = barred_since(attempt, attempt.accounts)
    if expired is None:
        return not_barred_yet(attempt, attempt.accounts)
    return Ruling.deny(
        f"The debt ended on {expired.isoformat()} with its limitation period.", facts={"limitation ended": expired}
    )


def _barred(attempt: ActionAttempt) -> Ruling | None:
    expired = barred_since(attempt, (attempt.account,))
    if expired is None:
        return not_barred_yet(attempt, (attempt.account,))
    missing = None if recorded(attempt, FactKind.ACCRUED) else f"fact:{FactKind.ACCRUED}"
    return Ruling.deny(
        f"The debt is barred by time since {expired.isoformat()}.",
        missing_fact=missing,
        facts={"limitation ended": expired},
    )


def outside_the_code(attempt: ActionAttempt) -> bool:
    """Whether the National Credit Code does not reach the debt: business credit, and what is stated to be none."""
    return attempt.account.purpose is Purpose.COMMERCIAL or word(attempt, FactKind.REGULATED_AGREEMENT) == "NO"


@ACTIONS.rule(
    "au.ncc.hardship",
    citation="National Credit Code ss.72, 89A",
    jurisdiction="AU",
    confidence="G",
    actions=RECOVERY | {Act.FURNISH},
)
def hardship(attempt: ActionAttempt) -> Ruling | None:
    """No enforcement while a hardship notice is undecided, and until 14 days after reasons for a refusal."""
    if outside_the_code(attempt):
        return None
    if in_force(attempt, FactKind.HARDSHIP):
        return Ruling.deny("A hardship notice is not decided yet: answer it within 21 days.")
    refused = [fact.on for fact in recorded(attempt, FactKind.HARDSHIP_REFUSED) if fact.on is not None]
    if not refused:
        return None
    free = days_after(max(refused), 15)
    if days(attempt)[0] >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"Hardship was refused on {max(refused).isoformat()}: enforcement waits fourteen days.",
        facts={"refused on": max(refused)},
    )


@ACTIONS.rule(
    "au.ncc.default-notice",
    citation="National Credit Code s.88",
    jurisdiction="AU",
    confidence="G",
    actions={Act.SUE, Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.TERMINATE_AGREEMENT},
)
def default_notice(attempt: ActionAttempt) -> Ruling | None:
    """No enforcement of regulated credit before a default notice and at least 30 days to remedy."""
    if outside_the_code(attempt):
        return None
    if in_force(attempt, FactKind.DEFAULT_REMEDIED):
        return Ruling.deny("The default was remedied.")
    given = notice(attempt, NoticeKind.DEFAULT)
    if given is None:
        return Ruling.require(
            notice_required(NoticeKind.DEFAULT), "A default notice with 30 days to remedy comes first."
        )
    free = days_after(given.received_on or day_of(attempt, given.sent_at), 31)
    if days(attempt)[0] >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        "The 30 days to remedy the default are not over.",
        facts={"default notice": given.received_on or given.sent_at.date()},
    )


@ACTIONS.rule(
    "au.privacy.listing",
    citation="Privacy Act 1988 ss.6Q, 21D; Credit Reporting Code",
    jurisdiction="AU",
    confidence="G",
    actions={Act.FURNISH},
)
def listing(attempt: ActionAttempt) -> Ruling | None:
    """A default is listed only from $150, 60 days overdue, after the written request, 14 days to three months after the
    notice of intent, and neither barred by time nor with a hardship decision pending.
    """
    if _dollars(attempt) and attempt.account.balance < Money(LEAST_LISTED_MINOR, "AUD"):
        return Ruling.deny("Less than $150 is not listed.", facts={"balance": attempt.account.balance})
    if attempt.account.days_past_due < 60:
        return Ruling.deny("The debt is not 60 days overdue.", facts={"days overdue": attempt.account.days_past_due})
    if barred_since(attempt, (attempt.account,)) is not None:
        return _barred(attempt)
    if in_force(attempt, FactKind.HARDSHIP):
        return Ruling.deny("A hardship notice is not decided yet.")
    if notice(attempt, NoticeKind.CREDIT_LISTING_REQUEST) is None:
        return Ruling.require(
            notice_required(NoticeKind.CREDIT_LISTING_REQUEST), "A written request for payment comes first (s.6Q)."
        )
    intent = notice(attempt, NoticeKind.CREDIT_LISTING_INTENT)
    if intent is None:
        return Ruling.require(
            notice_required(NoticeKind.CREDIT_LISTING_INTENT), "A notice of the listing comes first (s.21D)."
        )
    return _in_time(attempt, day_of(attempt, intent.sent_at))


def _in_time(attempt: ActionAttempt, told: date) -> Ruling | None:
    today = attempt.planned_on or days(attempt)[0]
    free = days_after(told, 14)
    if today < free:
        return Ruling.defer(
            start_of_day(free, attempt.debtor.time_zones),
            "The notice of the listing is not 14 days old.",
            facts={"notice": told},
        )
    if today > _months_after(told, 3):
        return Ruling.require(
            notice_required(NoticeKind.CREDIT_LISTING_INTENT),
            "The notice of the listing is older than three months: give another.",
            facts={"notice": told},
        )
    ends = [each for each in (_months_after(told, 3), expiry(attempt, attempt.account)) if each is not None]
    return allowed_to(attempt, min(ends), "A listing is allowed")


def _months_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _dollars(attempt: ActionAttempt) -> bool:
    return attempt.account.balance.currency == "AUD"


@ACTIONS.rule(
    "au.afca",
    citation="AFCA Rules A.7",
    jurisdiction="AU",
    confidence="G",
    actions=RECOVERY | {Act.SELL_OR_PLACE, Act.FURNISH},
)
def open_complaint(attempt: ActionAttempt) -> Ruling | None:
    """No recovery, suit, enforcement or sale while a complaint with the ombudsman is open."""
    if any(fact.word == "OMBUDSMAN" for fact in in_force(attempt, FactKind.COMPLAINT)):
        return Ruling.deny("A complaint with the ombudsman is open: nothing is recovered until it is closed.")
    return None


@ACTIONS.rule(
    "au.bankruptcy",
    citation="Bankruptcy Act 1966 s.58",
    jurisdiction="AU",
    confidence="G",
    actions=RECOVERY | {Act.CHARGE_FEE, Act.CHARGE_INTEREST, Act.FURNISH},
)
def bankrupt(attempt: ActionAttempt) -> Ruling | None:
    """No action for a provable debt during bankruptcy or a debt agreement."""
    return bankruptcy(attempt)


@PAYMENTS.rule("au.bankruptcy", citation="Bankruptcy Act 1966 s.58", jurisdiction="AU", confidence="G")
def no_debit_of_the_bankrupt(attempt: PaymentAttempt) -> Ruling | None:
    """Nothing is taken for a provable debt during bankruptcy or a debt agreement."""
    return bankruptcy(attempt)
