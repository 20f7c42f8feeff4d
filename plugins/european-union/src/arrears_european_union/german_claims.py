"""Germany: when claims are barred by time, and which may be reported to a bureau."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_european_union.credit import is_consumer_credit
from arrears_european_union.packs import ACTIONS, CONTACTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.days import years_after
from arrears_sdk.law.debts import about, accrued_on, acknowledged, allowed_to, debts, stood_still
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, in_force, notice, notices
from arrears_sdk.law.limitation import expires_on, is_barred
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import notice as notice_requirement
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind

YEARS, TITLED_YEARS, LONGEST_YEARS = 3, 30, 10
_ANY_WORD = frozenset({"SIGNED", "WRITTEN", "ORAL"})
_SMALLEST_REMINDERS = 2


def german_expiry(attempt: Attempt, account: Account) -> date | None:
    """The last day of the period: 31 December of the third year after the one in which the claim arose.

    What restarts it counts from its own day, and only once the period runs. A titled claim has 30 years from the title.
    """
    title = about(attempt, FactKind.JUDGMENT, account)
    restarts = acknowledged(attempt, account, _ANY_WORD)
    tolling = stood_still(attempt, account)
    if title is not None and title.on is not None:
        return expires_on(title.on, TITLED_YEARS, restarts=restarts, tolling=tolling)
    arose = accrued_on(attempt, account)
    late = about(attempt, FactKind.IN_DEFAULT, account)
    if late is not None and late.on is not None and is_consumer_credit(attempt, account):
        # BGB 497(3): from default the period of a consumer loan stands still, at most ten years from when it arose.
        tolling = [*tolling, (late.on, years_after(arose, LONGEST_YEARS))]
    return expires_on(date(arose.year, 12, 31), YEARS, restarts=restarts, tolling=tolling)


@ACTIONS.rule(
    "de.bgb.limitation",
    citation="BGB 195, 197, 199, 203-204, 212, 214",
    jurisdiction="DE",
    confidence="G",
    actions=[Act.SUE, Act.DEMAND_PAYMENT, Act.THREATEN_SUIT],
)
@CONTACTS.rule("de.bgb.limitation", citation="BGB 195, 197, 199, 203-204, 212, 214", jurisdiction="DE", confidence="G")
def limitation(attempt: ActionAttempt | ContactAttempt) -> Ruling | None:
    """A claim is barred three years after the end of the year in which it arose and the creditor knew of it, a titled
    one after 30 years. Acknowledgments and payments begin the period anew from their day. The debtor may then refuse:
    refused when the debtor did, else a warning of a suit or demand.
    """
    contact = isinstance(attempt, ContactAttempt)
    if isinstance(attempt, ContactAttempt) and (not attempt.facts or not pursues(attempt)):
        return None
    soon = None
    for account in debts(attempt):
        pleaded = about(attempt, FactKind.LIMITATION_RAISED, account) is not None
        if contact and not pleaded:
            continue
        ends = german_expiry(attempt, account)
        if not is_barred(days(attempt)[-1], ends):
            soon = allowed_to(attempt, ends) or soon
            continue
        told = {"arose on": accrued_on(attempt, account), "period ended": ends}
        if pleaded:
            return Ruling.deny("The claim is barred by time, and the debtor refuses for that reason.", facts=told)
        return Ruling.warn("The claim seems barred by time: the debtor may refuse to pay.", facts=told)
    return soon


@ACTIONS.rule(
    "de.bdsg.bureau",
    citation="BDSG 31(2)",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.FURNISH],
    configured=True,
)
def bureau(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """A claim is used for scores only if it is titled, or acknowledged, or due and unpaid after two written reminders,
    of which the first was at least four weeks ago, with a warning of the report and undisputed.
    """
    account = attempt.account
    if attempt.debtor.kind is not DebtorKind.PERSON or about(attempt, FactKind.JUDGMENT, account) is not None:
        return None
    if about(attempt, FactKind.ACKNOWLEDGED, account) is not None:
        return None
    if in_force(attempt, FactKind.DISPUTE):
        return Ruling.deny("A disputed claim is not reported.")
    reported = attempt.planned_on or days(attempt)[0]
    if account.balance.minor <= 0 or reported <= account.due_on:
        return Ruling.deny("Only a claim that is due and unpaid is reported.", facts={"due on": account.due_on})
    sent = sorted(
        day for each in notices(attempt, NoticeKind.REMINDER) if (day := day_of(attempt, each.sent_at)) > account.due_on
    )
    if len(sent) < _SMALLEST_REMINDERS:
        return Ruling.deny(
            "Two written reminders after the due day come before a report.",
            missing_fact=notice_requirement(NoticeKind.REMINDER),
            facts={"reminders": len(sent)},
        )
    earliest = sent[0] + timedelta(days=settings.german_bureau_days)
    if reported < earliest:
        return Ruling.deny(
            f"The first reminder has to be four weeks old: from {earliest} on.", facts={"first reminder": sent[0]}
        )
    if notice(attempt, NoticeKind.BUREAU_WARNING) is not None:
        return None
    return Ruling.deny(
        "The debtor was not warned of the report.", missing_fact=notice_requirement(NoticeKind.BUREAU_WARNING)
    )
