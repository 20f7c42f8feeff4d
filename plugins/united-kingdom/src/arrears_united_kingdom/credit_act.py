"""Regulated agreements (CCA 1974), the pre-action protocol, and reports to credit bureaus."""

from __future__ import annotations

from datetime import timedelta

from arrears_sdk.law.calendars import holiday_test
from arrears_sdk.law.days import ONE_DAY, business_days_after, months_after, years_after
from arrears_sdk.law.debts import about, allowed_to
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force, notice, recorded
from arrears_sdk.law.requirements import notice as notice_requirement
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.rules import first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind
from arrears_united_kingdom.attempts import ENFORCEMENT, may_be_regulated, served_on, zones_of
from arrears_united_kingdom.nations import ENGLAND_AND_WALES, may_be
from arrears_united_kingdom.packs import ACTIONS
from arrears_united_kingdom.settings import UnitedKingdomConfig


@ACTIONS.rule(
    "uk.cca.default-notice",
    citation="CCA 1974 ss.87-89",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.TERMINATE_AGREEMENT, Act.REPOSSESS, Act.SUE],
    configured=True,
)
def default_notice(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Before a regulated agreement is ended, goods are taken or the whole balance is sued for, a default notice is
    served that leaves at least 14 days to remedy; nothing is done before that day, and nothing once it is remedied.
    """
    if not may_be_regulated(attempt, attempt.account):
        return None
    given = notice(attempt, NoticeKind.DEFAULT)
    wanted = notice_requirement(NoticeKind.DEFAULT)
    if given is None:
        return Ruling.require(wanted, "A default notice is served first.")
    remedied = about(attempt, FactKind.DEFAULT_REMEDIED, attempt.account)
    if remedied is not None and remedied.starts_at >= given.sent_at:
        return Ruling.deny("The default that the notice named was remedied.")
    zones = zones_of(attempt.debtor)
    served = max(served_on(given, zone) for zone in zones)
    earliest = served + timedelta(days=settings.default_notice_days)
    remedy_by = given.ends_on or earliest
    told = {"served on": served, "remedy by": remedy_by}
    if remedy_by < earliest:
        return Ruling.require(
            wanted,
            f"The notice left less than {settings.default_notice_days} days to remedy: serve another.",
            facts=told,
        )
    if days(attempt)[0] >= remedy_by:
        return None
    return Ruling.defer(start_of_day(remedy_by, zones), "The time to remedy the default runs still.", facts=told)


@ACTIONS.rule(
    "uk.cca.arrears-notices",
    citation="CCA 1974 ss.86B-86F",
    jurisdiction="GB",
    confidence="G",
    actions=[
        Act.CHARGE_INTEREST,
        Act.CHARGE_FEE,
        Act.SUE,
        Act.SEEK_DEFAULT_JUDGMENT,
        Act.REPOSSESS,
        Act.TERMINATE_AGREEMENT,
    ],
    configured=True,
)
def arrears_notices(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """While a notice of arrears or of a default sum is late nothing is enforced under a regulated agreement, and it
    bears no interest. A notice of arrears follows within 14 days and again every six months until judgment.
    """
    account = attempt.account
    if not may_be_regulated(attempt, account) or about(attempt, FactKind.JUDGMENT, account) is not None:
        return None
    today = days(attempt)[-1]
    late = about(attempt, FactKind.IN_DEFAULT, account)
    since = account.due_on if late is None or late.on is None else late.on
    lasts = since + timedelta(days=settings.arrears_notice_days)
    if today > lasts:
        given = notice(attempt, NoticeKind.ARREARS)
        last = None if given is None else day_of(attempt, given.sent_at)
        if last is not None:
            lasts = months_after(last, settings.arrears_notice_months)
        if today > lasts:
            return Ruling.deny(
                "No notice of arrears was given in time.",
                missing_fact=notice_requirement(NoticeKind.ARREARS),
                facts={"in arrears since": since, "last notice": last or "none"},
            )
    said = (_default_sum(attempt, settings), allowed_to(attempt, lasts, "A notice of arrears is in time"))
    found = [ruling for ruling in said if ruling is not None]
    return Ruling.combine(found) if found else None


def _default_sum(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    charged = about(attempt, FactKind.DEFAULT_CHARGES, attempt.account)
    if charged is None:
        return None
    since = day_of(attempt, charged.starts_at)
    given = notice(attempt, NoticeKind.DEFAULT_SUM)
    if given is not None and given.sent_at >= charged.starts_at:
        return None
    lasts = since + timedelta(days=settings.default_sum_notice_days)
    if days(attempt)[-1] <= lasts:
        return allowed_to(attempt, lasts, "A notice of the default sum is in time")
    return Ruling.deny(
        "No notice of the default sum was given in time.",
        missing_fact=notice_requirement(NoticeKind.DEFAULT_SUM),
        facts={"default sum since": since},
    )


@ACTIONS.rule(
    "uk.cca.time-order",
    citation="CCA 1974 ss.129-130A",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.CHARGE_INTEREST],
)
def time_order(attempt: ActionAttempt) -> Ruling | None:
    """A court may give a debtor of a regulated agreement time, and interest on a judgment needs notices of its own:
    before enforcement, and before interest on a judgment, this rule warns.
    """
    if not may_be_regulated(attempt, attempt.account):
        return None
    if attempt.kind is not Act.CHARGE_INTEREST:
        return Ruling.warn("The debtor may ask the court for a time order.")
    if about(attempt, FactKind.JUDGMENT, attempt.account) is None:
        return None
    return Ruling.warn("Interest on a judgment needs a notice under section 130A.")


@ACTIONS.rule(
    "uk.cca.copy-request",
    citation="CCA 1974 ss.77-79",
    jurisdiction="GB",
    confidence="G",
    actions=ENFORCEMENT,
    configured=True,
)
def copy_request(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """An agreement cannot be enforced while a request for its copy is unmet after 12 working days."""
    asked = in_force(attempt, FactKind.COPY_REQUEST)
    if not asked or not may_be_regulated(attempt, attempt.account):
        return None
    received = min(day_of(attempt, fact.received_at) for fact in asked)
    last = business_days_after(received, settings.copy_request_days, holiday_test("GB-ENG"))
    told = {"asked on": received, "last day to answer": last}
    if days(attempt)[-1] <= last:
        zones = zones_of(attempt.debtor)
        return Ruling.allow(first_of_day(last + ONE_DAY, zones), reason="The copy is not overdue yet.", facts=told)
    return Ruling.deny("The debtor's request for a copy of the agreement is unmet.", facts=told)


@ACTIONS.rule(
    "uk.preaction.individual",
    citation="Pre-Action Protocol for Debt Claims",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.SUE],
    configured=True,
)
def letter_of_claim(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Before a business sues an individual in England or Wales it sends a letter of claim with a reply form and waits
    30 days; a reply that seeks advice or documents adds 30 days from the reply.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON or not may_be(attempt, ENGLAND_AND_WALES):
        return None
    given = notice(attempt, NoticeKind.LETTER_OF_CLAIM)
    if given is None:
        return Ruling.require(
            notice_requirement(NoticeKind.LETTER_OF_CLAIM), "A letter of claim is sent first, with a reply form."
        )
    sent = day_of(attempt, given.sent_at)
    last = sent + timedelta(days=settings.letter_of_claim_days)
    told: dict[str, object] = {"letter of claim": sent}
    for reply in recorded(attempt, FactKind.CLAIM_REPLY):
        if reply.word in ("SEEKS_ADVICE", "WANTS_DOCUMENTS") and reply.received_at >= given.sent_at:
            replied = day_of(attempt, reply.received_at)
            last = max(last, replied + timedelta(days=settings.claim_reply_days))
            told["reply"] = replied
    if days(attempt)[0] > last:
        return None
    zones = zones_of(attempt.debtor)
    return Ruling.defer(start_of_day(last + ONE_DAY, zones), f"The debtor has until {last} to answer.", facts=told)


@ACTIONS.rule(
    "uk.gdpr.furnish",
    citation="SCOR Principles for reporting arrears; UK GDPR",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.FURNISH],
    configured=True,
)
def furnishing(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A default is filed with a credit bureau at least 28 days after a notice of the intention, and drops off six
    years after the default.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    account = attempt.account
    filing = attempt.planned_on or days(attempt)[0]
    late = about(attempt, FactKind.DELINQUENT_SINCE, account)
    since = account.charge_off_on or (account.due_on if late is None or late.on is None else late.on)
    if filing > years_after(since, settings.furnishing_years):
        return Ruling.deny(
            f"A default is not reported {settings.furnishing_years} years after it.", facts={"default": since}
        )
    given = notice(attempt, NoticeKind.FURNISHING_INTENT)
    if given is None:
        return Ruling.require(
            notice_requirement(NoticeKind.FURNISHING_INTENT), "The debtor is told of the filing 28 days before it."
        )
    told = day_of(attempt, given.sent_at)
    earliest = told + timedelta(days=settings.furnishing_notice_days) + ONE_DAY
    if filing >= earliest:
        return None
    return Ruling.defer(
        start_of_day(earliest, zones_of(attempt.debtor)),
        f"The notice leaves the debtor {settings.furnishing_notice_days} whole days.",
        facts={"notice": told, "filing": filing},
    )
